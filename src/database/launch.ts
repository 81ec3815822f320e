import { spawn, type ChildProcess } from "node:child_process";
import { open, readFile, rename, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SERVER_ENVIRONMENT } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { ServerNotStarted } from "./embeddedFaults.ts";
import { freePort } from "./freePort.ts";
import {
  isRunning,
  readPostmaster,
  removeMisleadingPidFile,
  runningPostmaster,
} from "./postmaster.ts";

/** A server that accepts connections on 127.0.0.1. */
export interface Served {
  pid: number;
  port: number;
}

const POLL_MS = 20;
/** Ten minutes: what recovery after a crash may take. */
const READY_POLLS_MAX = (600 * 1_000) / POLL_MS;
const START_ATTEMPTS_MAX = 60;
const RETRY_MS = 250;

/** What the server prints where the cause goes away by itself: a rival start, dying children. */
const PASSING_FAULT = /lock file|shared memory block|Address already in use|any TCP\/IP sockets/;

/**
 * Resolves to the server of this cluster: the one that runs already, or one started here, on
 * `port` if given, else on a free one. Throws `ServerNotStarted`.
 */
export async function serve(cluster: Cluster, port?: number): Promise<Served> {
  let lastWords = "";
  for (let attempt = 1; attempt <= START_ATTEMPTS_MAX; attempt += 1) {
    const found = await runningPostmaster(cluster.data);
    const pid = found?.pid ?? (await start(cluster, port ?? (await freePort())));
    const served = await readiness(cluster, pid);
    if (served !== undefined) return served;
    lastWords = await lastLines(cluster.serverLog);
    if (found === undefined && !PASSING_FAULT.test(lastWords)) break;
    await delay(RETRY_MS);
  }
  throw new ServerNotStarted(cluster.directory, lastWords);
}

async function start(cluster: Cluster, port: number): Promise<number> {
  await removeMisleadingPidFile(cluster.data);
  const output = await openLog(cluster.serverLog);
  try {
    const { account, binaries, data } = cluster;
    const child = spawn(
      path.join(binaries.folder, "bin", "postgres"),
      ["-D", data, ...settings(port).flatMap((setting) => ["-c", setting])],
      {
        ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
        cwd: data,
        // A session of its own: Ctrl-C in a terminal must reach Node alone, which drains first.
        detached: true,
        env: SERVER_ENVIRONMENT,
        stdio: ["ignore", output.fd, output.fd],
      },
    );
    child.unref();
    return await pidOf(child, cluster.directory);
  } finally {
    await output.close();
  }
}

/** Keeps the log of the run before as `.1`, so that the two together cannot grow for ever. */
async function openLog(file: string): Promise<FileHandle> {
  await rename(file, `${file}.1`).catch(ignoreAbsent);
  try {
    // Exclusive: root must not follow a link that the server's account could have laid.
    return await open(file, "ax", 0o600);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "EEXIST") return openLog(file);
    throw fault;
  }
}

function pidOf(child: ChildProcess, directory: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid ?? 0));
    child.once("error", (fault) => reject(new ServerNotStarted(directory, fault.message, fault)));
  });
}

/** Given on every start, where they outrank whatever the cluster's own files say. */
function settings(port: number): string[] {
  return [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    // A socket's path has a limit of 107 bytes, which a data directory can exceed.
    "unix_socket_directories=",
    "max_connections=100",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "client_encoding=UTF8",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    // Refused statements are told to the client; in a file they would only grow and leak.
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
    // A statement whose client was killed must not run on for the next process to meet.
    "client_connection_check_interval=1000",
  ];
}

/** Waits for a starting server; undefined if it ended, or was on its way out. */
async function readiness(cluster: Cluster, pid: number): Promise<Served | undefined> {
  for (let poll = 1; poll <= READY_POLLS_MAX; poll += 1) {
    const found = await readPostmaster(cluster.data);
    if (found?.pid === pid && found.ready && found.port !== undefined) {
      return { pid, port: found.port };
    }
    if (!(await isRunning(pid))) return undefined;
    await delay(POLL_MS);
  }
  throw new ServerNotStarted(cluster.directory, "it is alive but never became ready");
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim().split("\n").slice(-5).join(" | ");
}

function ignoreAbsent(fault: NodeJS.ErrnoException): void {
  if (fault.code !== "ENOENT") throw fault;
}
