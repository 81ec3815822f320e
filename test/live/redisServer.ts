import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { freePort } from "#database/freePort.ts";
import { REDIS_SERVER } from "../debianPackages.ts";

/** A Redis of Debian's with nothing in it, on a free port of this machine. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Resolves once it answers on the same port as before. */
  start(): Promise<void>;
  /** Ends it at once, as a crash does; resolves when it is gone. */
  stop(): Promise<void>;
  /** From now on it takes what is sent and answers nothing: a connection that is open at one end. */
  pause(): void;
  resume(): void;
  /** Sends one command over a connection of its own. */
  command(name: string, ...args: string[]): Promise<unknown>;
  /** Ends it if it runs, and leaves nothing. */
  remove(): Promise<void>;
}

/** Starts a server; throws where Debian's package redis-server is not installed. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-redis-"));
  const server = new DebianRedis(folder, await freePort());
  await server.start();
  return server;
}

class DebianRedis implements RedisServer {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const log = path.join(this.#folder, "redis.log");
    const settings = {
      port: String(this.port),
      bind: "127.0.0.1",
      dir: this.#folder,
      logfile: log,
      save: "",
      appendonly: "no",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(REDIS_SERVER, args, { stdio: "ignore" });
    this.#child = child;
    // Where there is no such program, this rejects with that.
    const failed = once(child, "exit").then(async () => {
      throw new Error(`redis-server ended: ${await readFile(log, "utf8")}`);
    });
    failed.catch(() => undefined);
    await Promise.race([this.#answers(), failed]);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  async command(name: string, ...args: string[]): Promise<unknown> {
    const redis = this.#client();
    try {
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #client(): Redis {
    const redis = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    // Until the server is there, each attempt says that it is not.
    redis.on("error", () => undefined);
    return redis;
  }

  async #answers(): Promise<void> {
    await this.command("PING");
  }
}
