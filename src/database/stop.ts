import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { isRunning, runningPostmaster } from "./postmaster.ts";

const POLL_MS = 20;
const FAST_STOP_MS_MAX = 30_000;
const IMMEDIATE_STOP_MS_MAX = 10_000;

/**
 * Ends the server with this process id and resolves when it is gone. Sessions are cut off and
 * their transactions rolled back; a server too stuck for that is ended without a checkpoint,
 * which costs a recovery at the next start and no committed row.
 */
export async function stopServer(
  cluster: Cluster,
  pid: number,
  log: (line: string) => void,
): Promise<void> {
  // After a crash the number may belong to someone else by now.
  if ((await runningPostmaster(cluster.data))?.pid !== pid) return;
  process.kill(pid, "SIGINT");
  if (await endsWithin(pid, FAST_STOP_MS_MAX)) return;
  log(`Postgres process ${pid} did not stop in ${FAST_STOP_MS_MAX} ms; ending it at once`);
  process.kill(pid, "SIGQUIT");
  if (await endsWithin(pid, IMMEDIATE_STOP_MS_MAX)) return;
  throw new Error(`Postgres process ${pid} in ${cluster.directory} does not stop`);
}

async function endsWithin(pid: number, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += POLL_MS) {
    if (!(await isRunning(pid))) return true;
    await delay(POLL_MS);
  }
  return !(await isRunning(pid));
}
