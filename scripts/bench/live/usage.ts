import { readFile } from "node:fs/promises";

/** Linux tells times in hundredths of a second, whatever its own clock's rate is. */
const TICK_MS = 10;

/** What processes have taken of the machine. */
export interface Usage {
  /** Milliseconds of CPU, of all threads, in the kernel and out of it, since they started. */
  readonly cpuMs: number;
  /** Bytes of memory that are resident now. */
  readonly residentBytes: number;
}

/** What these processes have taken together. Throws where there is no `/proc`. */
export async function usageOf(pids: readonly number[]): Promise<Usage> {
  const each = await Promise.all(pids.map(usageOfOne));
  return {
    cpuMs: each.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    residentBytes: each.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  };
}

async function usageOfOne(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all(
    ["stat", "status"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8")),
  ).catch((fault: unknown) => {
    throw new Error("CPU time is read from /proc: run this on Linux", { cause: fault });
  });
  // What follows the program's name, which may have spaces: proc_pid_stat(5), fields 14 and 15.
  const fields = (stat ?? "").slice((stat ?? "").lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const [, resident] = /^VmRSS:\s+([0-9]+) kB$/m.exec(status ?? "") ?? [];
  return { cpuMs: ticks * TICK_MS, residentBytes: Number(resident) * 1024 };
}

/** Milliseconds by the machine's own clock, which all its processes share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
