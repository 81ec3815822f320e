import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileOf } from "../programs/program.ts";

/** The product's own process. */
export interface MainProcess {
  readonly pid: number;
  /** Everything it has said so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves when standard output has this; throws if the process ends before. */
  says(text: string | RegExp): Promise<void>;
  signal(name: "SIGINT" | "SIGTERM"): void;
  /** Resolves to its exit code when it is gone. */
  readonly exited: Promise<number | null>;
}

const root = path.resolve(import.meta.dirname, "..", "..");

/** Starts `src/main.ts`, built, in an environment of nothing but these variables. */
export function startMain(environment: Readonly<Record<string, string>>): MainProcess {
  const child = spawn(process.execPath, [fileOf("main")], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = once(child, "close");
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(text) {
      const isSaid = (): boolean =>
        typeof text === "string" ? stdout.includes(text) : text.test(stdout);
      while (!isSaid()) {
        const more = once(child.stdout, "data");
        const isOver = await Promise.race([more.then(() => false), closed.then(() => true)]);
        if (!isOver || isSaid()) continue;
        throw new Error(`it ended with ${child.exitCode} and said\n${stdout}${stderr}`);
      }
    },
    signal(name) {
      child.kill(name);
    },
    exited: closed.then(() => child.exitCode),
  };
}

/** The address that a process in development mode has told. */
export function urlOf(main: MainProcess): string {
  return /^ {2}API {9}(http:\S+)\/graphql$/m.exec(main.stdout())?.[1] ?? "";
}

/** The bearer token that it has told. */
export function tokenOf(main: MainProcess): string {
  return /^ {2}TOKEN=(hf_\S+)$/m.exec(main.stdout())?.[1] ?? "";
}
