import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { fileOf } from "../programs/program.ts";

/** A request by its key. */
export interface Asked {
  readonly key: string;
  readonly verb: Verb;
  readonly by: Actor;
  readonly input: unknown;
}

/** What an appending process tells of itself, in order. */
export type Heard =
  | { readonly step: "opening" }
  | { readonly step: "opened"; readonly url: string }
  | { readonly step: "refused"; readonly message: string; readonly pid: number | null }
  | ({ readonly step: "asked" } & Asked)
  | { readonly step: "acknowledged"; readonly key: string; readonly answer: unknown }
  | {
      readonly step: "unknown";
      readonly key: string;
      readonly fault: string;
      readonly name: string;
    };

/** A process that appends under load. */
export interface AppendNode {
  readonly pid: number;
  /** Everything heard so far. */
  readonly heard: readonly Heard[];
  /** Lets it append so many times more. */
  allow(appends: number): void;
  /** Resolves when what was heard fits; rejects when the process ends before. */
  until(fits: (heard: readonly Heard[]) => boolean): Promise<void>;
  /** Ends it as a crash would; resolves when all that it said was heard. */
  kill(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, "..", "..");

/** Starts a process that opens a directory, or a database by its address, and appends to it. */
export function startAppendNode(place: string, round: string): AppendNode {
  const argv = [fileOf("appendProcess"), place, round];
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const heard: Heard[] = [];
  const lines = createInterface(child.stdout);
  const closed = Promise.all([once(child, "exit"), once(lines, "close")]);
  let isClosed = false;
  let look = (): void => undefined;
  const end = closed.finally(() => {
    isClosed = true;
    look();
  });
  lines.on("line", (line) => {
    heard.push(JSON.parse(line) as Heard);
    look();
  });
  return {
    pid: child.pid ?? 0,
    heard,
    allow(appends) {
      child.stdin.write(`${appends}\n`);
    },
    until(fits) {
      return new Promise((resolve, reject) => {
        look = () => {
          if (fits(heard)) resolve();
          else if (isClosed) reject(new Error(`it ended after ${JSON.stringify(heard.at(-1))}`));
        };
        look();
      });
    },
    async kill() {
      child.kill("SIGKILL");
      await end;
    },
  };
}
