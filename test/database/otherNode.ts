import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Account } from "#database/account.ts";
import type { Holder } from "#database/embeddedFaults.ts";
import { fileOf } from "../programs/program.ts";

/** How opening a directory went for another process. */
export type Answer =
  | { opened: true; url: string }
  | { opened: false; message: string; holder: Holder };

/** Another Node that has a data directory open, or was refused it. */
export interface OtherNode {
  pid: number;
  /** What its first attempt came to. */
  answer: Answer;
  tryAgain(): Promise<Answer>;
  /** Ends it as a crash would, and resolves when the kernel has. */
  kill(): Promise<void>;
  /** Lets it close the database and end by itself. */
  leave(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, "..", "..");

/** Starts a Node process, as another account if given, that opens the directory. */
export async function startOtherNode(directory: string, account?: Account): Promise<OtherNode> {
  const child = spawn(process.execPath, [fileOf("holderProcess"), directory], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout);
  const nextAnswer = async (): Promise<Answer> => {
    const happened: unknown[] = await Promise.race([once(lines, "line"), exited]);
    const [line] = happened;
    if (typeof line !== "string") throw new Error(`the other node ended with ${String(line)}`);
    return JSON.parse(line) as Answer;
  };
  return {
    pid: child.pid ?? 0,
    answer: await nextAnswer(),
    tryAgain() {
      child.stdin.write("\n");
      return nextAnswer();
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async leave() {
      child.stdin.end();
      await exited;
    },
  };
}
