import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileOf } from "../programs/program.ts";

/** A change-rate service's own process. */
export interface PaceProcess {
  readonly url: string;
  /** Resolves to its exit code, null after a kill, when it is gone. */
  end(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

const root = path.resolve(import.meta.dirname, "..", "..");

/** Starts `src/pace.ts`, and resolves when it decides; rejects with what it said if it does not. */
export async function startPace(
  environment: Readonly<Record<string, string>>,
): Promise<PaceProcess> {
  const child = spawn(process.execPath, [fileOf("pace")], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOLDFAST_PACE_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = await begun(child);
  return {
    url: /^ {2}address {2}(http:\S+)$/m.exec(said)?.[1] ?? "",
    async end(signal) {
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

function begun(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.endsWith("\n\n") && stdout.includes("  data ")) resolve(stdout);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("close", (code) => reject(new Error(`it ended with ${code} and said\n${stderr}`)));
  });
}
