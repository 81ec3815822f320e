import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/** What a server's `postmaster.pid` tells of it. */
export interface Postmaster {
  pid: number;
  /** Undefined during the first moments of a start. */
  port: number | undefined;
  /** Whether it accepts connections. */
  ready: boolean;
}

const run = promisify(execFile);

/** Reads `postmaster.pid`; undefined where there is none, so no server and no crashed one. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(data), "utf8").catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === "ENOENT") return "";
    throw fault;
  });
  const [pid, , , port, , , , status] = text.split("\n");
  if (pid === undefined || pid.trim() === "") return undefined;
  return {
    pid: Number(pid),
    port: port === undefined || port === "" ? undefined : Number(port),
    ready: status?.trim() === "ready",
  };
}

/** The server that runs on this data directory, if one does. */
export async function runningPostmaster(data: string): Promise<Postmaster | undefined> {
  const found = await readPostmaster(data);
  if (found === undefined) return undefined;
  return (await isServerOf(found.pid, data)) ? found : undefined;
}

/**
 * Removes a `postmaster.pid` whose process number now belongs to something else, or to a dead
 * child that nobody has waited for: Postgres takes either for a running server and never starts.
 */
export async function removeMisleadingPidFile(data: string): Promise<void> {
  const found = await readPostmaster(data);
  if (found === undefined || !signalReaches(found.pid)) return;
  if (await isServerOf(found.pid, data)) return;
  await rm(pidFile(data), { force: true });
}

/** Whether a process lives; one that has ended and was not yet waited for does not. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!signalReaches(pid)) return false;
  if (process.platform !== "linux") return true;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name before the state is in brackets and may itself hold any character.
  return !/^[ZX]?$/.test(stat.slice(stat.lastIndexOf(")") + 2).slice(0, 1));
}

function pidFile(data: string): string {
  return path.join(data, "postmaster.pid");
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  if (!(await isRunning(pid))) return false;
  const command = await commandOf(pid);
  // Where the machine hides other accounts' command lines, the file's word has to do.
  return command === "" || (command.includes("postgres") && command.includes(data));
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === "linux") {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return text.replaceAll("\0", " ");
  }
  const { stdout } = await run("/bin/ps", ["-p", String(pid), "-o", "command="]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim();
}
