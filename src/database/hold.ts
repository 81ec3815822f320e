import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";
import type { Sql } from "./connect.ts";
import { DirectoryHeld, type Holder } from "./embeddedFaults.ts";
import { ADVISORY_LOCK } from "./locks.ts";
import { isRunning } from "./postmaster.ts";

/** One process's claim on a data directory: a session that holds an advisory lock. */
export interface Hold {
  sql: Sql;
  /** Resolves when the session is over, for whatever reason. */
  ended: Promise<void>;
  release(): Promise<void>;
}

/** What to claim, and under which name. */
export interface HoldRequest {
  /** The server's maintenance database: claims are taken there, whatever else it holds. */
  url: string;
  directory: string;
  applicationName: string;
}

const POLL_MS = 50;
/** Five seconds, for the server to notice that a killed holder's connection is gone. */
const POLLS_MAX = (5 * 1_000) / POLL_MS;

/**
 * Takes the claim, or throws `DirectoryHeld` with its holder. A crash of the holder ends its
 * session and so frees the claim. The network's own errors are thrown as they are.
 */
export async function takeHold(request: HoldRequest): Promise<Hold> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const sql = postgres(request.url, {
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: 5,
    fetch_types: false,
    types: { bigint: postgres.BigInt },
    onnotice: () => undefined,
    onclose: () => end(),
    connection: { application_name: nameOf(request.applicationName) },
  });
  const release = () => sql.end({ timeout: 1 });
  try {
    await claim(sql, request.directory);
  } catch (fault) {
    await release();
    throw fault;
  }
  return { sql, ended, release };
}

async function claim(sql: Sql, directory: string): Promise<void> {
  for (let poll = 1; ; poll += 1) {
    const [row] = await sql<{ taken: boolean }[]>`
      SELECT pg_try_advisory_lock(${ADVISORY_LOCK.directory}) AS taken`;
    if (row?.taken === true) return;
    const holder = await findHolder(sql);
    const gone = holder === undefined || (await hasDiedHere(holder));
    if (holder !== undefined && (!gone || poll > POLLS_MAX)) {
      throw new DirectoryHeld(directory, holder);
    }
    await delay(POLL_MS);
  }
}

async function findHolder(sql: Sql): Promise<Holder | undefined> {
  const [row] = await sql<{ applicationName: string; since: string }[]>`
    SELECT application_name AS "applicationName",
           to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = ${ADVISORY_LOCK.directory}`;
  if (row === undefined) return undefined;
  const parts = / pid (\d+) on (.+)$/.exec(row.applicationName);
  return { ...row, pid: parts === null ? null : Number(parts[1]), host: parts?.[2] ?? null };
}

async function hasDiedHere({ pid, host }: Holder): Promise<boolean> {
  return pid !== null && host === shortHost() && !(await isRunning(pid));
}

function nameOf(applicationName: string): string {
  const suffix = ` pid ${process.pid} on ${shortHost()}`;
  // Postgres cuts the name at 63 bytes; the part that tells who must stay whole.
  return applicationName.slice(0, 63 - suffix.length) + suffix;
}

function shortHost(): string {
  return hostname().slice(0, 32);
}
