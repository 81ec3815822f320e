import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";

const run = promisify(execFile);

const SERVER = "/usr/bin/redis-server";

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

/**
 * Starts a server. As root on Debian it is installed where it is missing; elsewhere this
 * throws and says what is needed.
 */
export async function startRedis(): Promise<RedisServer> {
  await install();
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
    const child = spawn(SERVER, args, { stdio: "ignore" });
    this.#child = child;
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

async function install(): Promise<void> {
  if (await isThere(SERVER)) return;
  if (process.getuid?.() !== 0 || !(await isThere("/etc/debian_version"))) {
    throw new Error(
      "this test needs Debian's package redis-server: install it, or run as root there",
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "--quiet"], { env });
  await run("apt-get", ["install", "--yes", "--no-install-recommends", "redis-server"], { env });
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
