import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "#database/freePort.ts";

/** A Redis that keeps nothing. */
export interface RedisServer {
  /** Such as `redis://127.0.0.1:6390`. */
  readonly url: string;
  /** Such as `7.0.15`. */
  readonly version: string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts the machine's redis-server on a free port, in a folder that is there. Throws where there is none. */
export async function startRedis(folder: string): Promise<RedisServer> {
  const program = await findProgram();
  const port = await freePort();
  const address = ["--bind", "127.0.0.1", "--port", String(port)];
  const keeping = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", folder];
  const child = spawn(program, [...address, ...keeping], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let version = "";
  for await (const line of createInterface(child.stdout)) {
    version = /Redis version=([0-9.]+)/.exec(line)?.[1] ?? version;
    if (!line.includes("Ready to accept connections")) continue;
    child.stdout.resume();
    return {
      url: `redis://127.0.0.1:${port}`,
      version,
      async stop() {
        child.kill("SIGTERM");
        await exited;
      },
    };
  }
  throw new Error("redis-server ended before it served");
}

async function findProgram(): Promise<string> {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const program = path.join(folder, "redis-server");
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  throw new Error("there is no redis-server on the PATH: on Debian, apt-get install redis-server");
}
