import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** What a process of a benchmark can be asked to do: one argument each, and what is sent travels as JSON. */
export type Calls<C> = { readonly [K in keyof C]: (argument: never) => unknown };

type ArgumentOf<F> = F extends (argument: infer A) => unknown ? A : never;
type AnswerOf<F> = F extends (argument: never) => infer R ? Awaited<R> : never;

interface Question {
  readonly id: number;
  readonly verb: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly fault?: string;
}

/** A process of its own that answers questions over its parent's channel. */
export class Worker<C extends Calls<C>> {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.#name = name;
    this.pid = child.pid ?? 0;
    child.on("message", (message) => {
      const answer = message as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.once("exit", (code, signal) => {
      const fault = `${name} has ended (${signal ?? code})`;
      for (const [id, resolve] of this.#waiting) resolve({ id, fault });
      this.#waiting.clear();
    });
  }

  /** Starts the script of that name beside this one, as a program in production runs. */
  static async start<C extends Calls<C>>(script: string): Promise<Worker<C>> {
    const child = fork(path.join(import.meta.dirname, script), {
      // Warnings of peers in their own configuration are not ours to mend.
      execArgv: ["--import=tsx/esm", "--no-warnings"],
      env: { PATH: process.env["PATH"], NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    await once(child, "spawn");
    return new Worker<C>(child, script);
  }

  /** Resolves to the answer; throws what the other process threw, and when it ends. */
  ask<K extends keyof C & string>(verb: K, argument: ArgumentOf<C[K]>): Promise<AnswerOf<C[K]>> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ answer, fault }) => {
        if (fault === undefined) resolve(answer as AnswerOf<C[K]>);
        else reject(new Error(`${this.#name}: ${fault}`));
      });
      const question: Question = { id, verb, argument };
      this.#child.send(question, (fault) => {
        if (fault === null) return;
        this.#waiting.delete(id);
        reject(fault);
      });
    });
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** Answers the parent's questions for as long as it is there. */
export function serve<C extends Calls<C>>(calls: C): void {
  process.on("message", (message) => {
    const { id, verb, argument } = message as Question;
    const call: unknown = calls[verb as keyof C];
    Promise.resolve()
      .then(() => (call as (argument: unknown) => unknown)(argument))
      .then((answer) => reply({ id, answer }))
      .catch((fault: unknown) => {
        reply({
          id,
          fault: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault),
        });
      });
  });
  process.once("disconnect", () => process.exit());
}

function reply(answer: Answer): void {
  process.send?.(answer);
}
