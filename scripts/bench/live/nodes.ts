import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { NODE_OPTIONS } from "../started.ts";
import { EPOCH_MS } from "../store.ts";

const BUILT = path.resolve(import.meta.dirname, "..", "..", "..", "dist", "server", "main.js");

/** Where a node finds everything that nodes share, and the file that is its own. */
export interface NodePlace {
  readonly databaseUrl: string;
  readonly migrationUrl: string;
  readonly redisUrl: string;
  readonly principals: string;
  readonly logKey: string;
  readonly checkpoint: string;
}

/** A node of the built product that serves, in a process of its own. */
export interface ProductNode {
  readonly pid: number;
  /** Such as `127.0.0.1:4000`. */
  readonly host: string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts a node in production mode; resolves when it says that it serves. */
export async function startNode(place: NodePlace): Promise<ProductNode> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, BUILT], {
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: place.databaseUrl,
      HOLDFAST_CHECKPOINT: place.checkpoint,
      HOLDFAST_EPOCH_MS: String(EPOCH_MS),
      HOLDFAST_LOG_KEY: place.logKey,
      HOLDFAST_LOG_LEVEL: "info",
      HOLDFAST_MIGRATION_URL: place.migrationUrl,
      HOLDFAST_MODE: "production",
      HOLDFAST_PORT: "0",
      HOLDFAST_PRINCIPALS: place.principals,
      NODE_ENV: "production",
      REDIS_URL: place.redisUrl,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  return {
    host: new URL(await urlTold(child)).host,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function urlTold(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("a node's output is read");
  for await (const line of createInterface(child.stdout)) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (msg !== "serving" || url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error("the node ended before it served");
}
