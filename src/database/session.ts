import { setTimeout as delay } from "node:timers/promises";
import type postgres from "postgres";
import { APPLICATION_ROLE, applicationPassword, EMBEDDED_NAME, type Cluster } from "./cluster.ts";
import type { Sql } from "./connect.ts";
import { takeHold, type Hold } from "./hold.ts";
import { serve, type Served } from "./launch.ts";
import { requireServerVersion } from "./serverVersion.ts";
import { stopServer } from "./stop.ts";

/** A running server and this process's claim on it. */
export interface ServerSession {
  served: Served;
  hold: Hold;
  /** Such as `18.4`. */
  version: string;
}

/** How a session is opened: under which name, and where progress goes. */
export interface SessionOptions {
  applicationName: string;
  log: (line: string) => void;
  /** The port that clients know already; a server found on another one is started again. */
  port?: number;
}

/** SQLSTATEs and socket errors of a server that is starting, stopping or restarting. */
const PASSING_FAULTS = new Set([
  "57P01",
  "57P02",
  "57P03",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
]);
/** Ten minutes: what recovery after a crash may take. */
const WAIT_MS_MAX = 600 * 1_000;
const RETRY_MS = 250;
const UNANSWERED_MS = 5_000;

/** The superuser's address of a database of an embedded server, password included. */
export function addressOf(cluster: Cluster, port: number, database: string): string {
  return `postgres://${EMBEDDED_NAME}:${cluster.password}@127.0.0.1:${port}/${database}`;
}

/** The address at which the application's own role signs in, password included. */
export function applicationAddressOf(cluster: Cluster, port: number): string {
  const password = applicationPassword(cluster);
  return `postgres://${APPLICATION_ROLE}:${password}@127.0.0.1:${port}/${EMBEDDED_NAME}`;
}

/**
 * Starts or adopts the server, claims it, and sees to the product's database in it. Throws
 * `DirectoryHeld`, `ServerNotStarted`, or what the server refused with.
 */
export async function openSession(
  cluster: Cluster,
  options: SessionOptions,
): Promise<ServerSession> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      const session = await claimServer(cluster, options);
      if (session !== undefined) return session;
    } catch (fault) {
      const code = codeOf(fault);
      if (!PASSING_FAULTS.has(code) || waitedMs > WAIT_MS_MAX) throw fault;
      if (code === "CONNECT_TIMEOUT") waitedMs += UNANSWERED_MS;
    }
    await delay(RETRY_MS);
  }
}

async function claimServer(
  cluster: Cluster,
  { applicationName, log, port }: SessionOptions,
): Promise<ServerSession | undefined> {
  const served = await serve(cluster, port);
  const url = addressOf(cluster, served.port, "postgres");
  const hold = await takeHold({ url, directory: cluster.directory, applicationName });
  try {
    if (port !== undefined && served.port !== port) {
      await stopServer(cluster, served.pid, log);
      await hold.release();
      return undefined;
    }
    const version = await requireServerVersion(hold.sql);
    await ensureDatabase(hold.sql);
    await ensureRole(hold.sql, applicationPassword(cluster));
    return { served, hold, version };
  } catch (fault) {
    await hold.release();
    throw fault;
  }
}

async function ensureDatabase(sql: Sql): Promise<void> {
  const found = await sql`SELECT FROM pg_database WHERE datname = ${EMBEDDED_NAME}`;
  if (found.length === 0) await sql`CREATE DATABASE ${sql(EMBEDDED_NAME)}`;
}

/** Whatever it was before, it is from now on a role that signs in and is nothing else. */
async function ensureRole(sql: Sql, password: string): Promise<void> {
  const found = await sql`SELECT FROM pg_roles WHERE rolname = ${APPLICATION_ROLE}`;
  const verb = found.length === 0 ? "CREATE" : "ALTER";
  // No statement of this kind takes parameters; the password is hexadecimal.
  await sql.unsafe(`${verb} ROLE ${APPLICATION_ROLE} LOGIN PASSWORD '${password}'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS`);
}

function codeOf(fault: unknown): string {
  const { code } = fault as Partial<postgres.PostgresError>;
  return code ?? "";
}
