import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { fileOf } from "../programs/program.ts";

/** A verb to be called in another process. */
export interface Request {
  readonly id: number;
  readonly verb: Verb;
  readonly by: Actor;
  readonly input: unknown;
  /** How long to think before asking, in microseconds. */
  readonly thinkUs: number;
  /** Whether the process is to end as by a crash when it has the answer, before it tells it. */
  readonly dies?: boolean;
}

/** What a verb came to: its answer, or why not; what it threw is told as one code that says so. */
export type Outcome =
  | { readonly done: true; readonly answer: unknown }
  | { readonly done: false; readonly codes: readonly string[] };

/** An outcome with when it was asked for and told, by the machine's one clock that never goes back. */
export interface Told {
  readonly id: number;
  readonly outcome: Outcome;
  readonly askedNs: string;
  readonly answeredNs: string;
}

/** A process with a ledger of its own on one database. */
export interface VerbNode {
  readonly pid: number;
  ask(request: Omit<Request, "id">): Promise<Told>;
  /** Lets it end what runs, and resolves when it is gone. */
  leave(): Promise<void>;
  /** Ends it as a crash would, and resolves when it is gone; what it was asked stays unanswered. */
  kill(): Promise<void>;
  /** Resolves when it is gone, however. */
  readonly gone: Promise<void>;
}

const root = path.resolve(import.meta.dirname, "..", "..");

/** Starts one; resolves when it serves. Its transactions may be idle for so long, else for the usual time. */
export async function startVerbNode(
  url: string,
  idleInTransactionTimeoutMs?: number,
): Promise<VerbNode> {
  const limits = idleInTransactionTimeoutMs === undefined ? [] : [`${idleInTransactionTimeoutMs}`];
  const argv = [fileOf("verbProcess"), url, ...limits];
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout);
  const waiting = new Map<number, (told: Told) => void>();
  await once(lines, "line");
  lines.on("line", (line) => {
    const told = JSON.parse(line) as Told;
    waiting.get(told.id)?.(told);
    waiting.delete(told.id);
  });
  let asked = 0;
  return {
    pid: child.pid ?? 0,
    ask(request) {
      asked += 1;
      const id = asked;
      child.stdin.write(`${JSON.stringify({ ...request, id })}\n`);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    async leave() {
      child.stdin.end();
      await exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    gone: exited.then(() => undefined),
  };
}
