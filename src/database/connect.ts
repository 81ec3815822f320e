import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { dialler } from "./dial.ts";

/** How many connections to open and how long anything on one of them may take. */
export interface ConnectOptions {
  /** Shown in `pg_stat_activity`; Postgres keeps the first 63 bytes. */
  applicationName: string;
  /** Upper bound for each of the two clients; both open connections only when used. */
  connectionsMax: number;
  /** A statement that waits longer for a lock fails with SQLSTATE 55P03. Default 5,000. */
  lockTimeoutMs?: number;
  /** A statement that runs longer fails with SQLSTATE 57014. Default 30,000. */
  statementTimeoutMs?: number;
  /** A transaction left idle for longer loses its session (25P03). Default 10,000. */
  idleInTransactionTimeoutMs?: number;
  /** Whole seconds, rounded up, to reach the server before a query fails. Default 5,000. */
  connectTimeoutMs?: number;
  /** A role that every session takes on, so that its grants and no others apply. */
  role?: string;
  /** Receives the server's notices; dropped when absent. */
  log?: (line: string) => void;
}

/** The raw client: `int8` comes and goes as bigint, `timestamptz` as Date. */
export type Sql = postgres.Sql<{ bigint: bigint }>;

/** One server, reached in two ways that share no connection. */
export interface Database {
  sql: Sql;
  /** Typed queries without a schema: `select().from(table)` and its kin. */
  drizzle: ReturnType<typeof openDrizzle>;
  /** Waits for running queries, at most 5 s, then ends every connection. */
  close(): Promise<void>;
}

const CLOSE_SECONDS_MAX = 5;

/**
 * How long after a connection was refused the next is tried. The driver's own pauses grow to 20 s
 * each, in which nobody would hear that the server is back, or that it is not.
 */
const RECONNECT_SECONDS = 0.25;

/**
 * Opens the two clients of a Postgres named by a `postgres://` URL. Nothing is sent before
 * the first query, so a server that is away shows there and not here.
 */
export function connect(url: string, options: ConnectOptions): Database {
  const sql = openSql(url, options);
  // drizzle() rewrites the json and date serializers of the client it is given,
  // after which raw SQL with such values fails: it gets a client of its own.
  const client = openSql(url, options);
  return {
    sql,
    drizzle: openDrizzle(client),
    async close() {
      const timeout = { timeout: CLOSE_SECONDS_MAX };
      await Promise.all([sql.end(timeout), client.end(timeout)]);
    },
  };
}

function openDrizzle(client: Sql) {
  return drizzle(client);
}

/** An option of the driver that its types do not have. */
function dialled(connectionsMax: number): object {
  return { socket: dialler(connectionsMax) };
}

function openSql(url: string, options: ConnectOptions): Sql {
  return postgres(url, {
    max: options.connectionsMax,
    connect_timeout: Math.ceil((options.connectTimeoutMs ?? 5_000) / 1_000),
    idle_timeout: 0,
    backoff: () => RECONNECT_SECONDS,
    types: { bigint: postgres.BigInt },
    // Nothing here needs the types of arrays, and a connection that is lost while the driver
    // asks it for them would end the process by a rejection that nobody can handle.
    fetch_types: false,
    ...dialled(options.connectionsMax),
    onnotice: (notice) => options.log?.(`${notice["severity"]}: ${notice["message"]}`),
    connection: {
      application_name: options.applicationName,
      TimeZone: "UTC",
      // Every statement is a few lookups by index: planning it for its values costs more than it saves.
      plan_cache_mode: "force_generic_plan",
      lock_timeout: options.lockTimeoutMs ?? 5_000,
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
      ...(options.role === undefined ? {} : { role: options.role }),
    },
  });
}
