import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { type Dial, dialler } from "./dial.ts";
import { type Line, openLine } from "./line.ts";

/** How many connections to open and how long anything on one of them may take. */
export interface ConnectOptions {
  /** Shown in `pg_stat_activity`; Postgres keeps the first 63 bytes. */
  applicationName: string;
  /** Upper bound for each of the two clients, and for the lines; all connect only when used. */
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
  /** Opens every socket; by itself at a pace, to the hosts of the URL. */
  dial?: Dial;
  /** Receives the server's notices; dropped when absent. */
  log?: (line: string) => void;
}

/** The raw client: `int8` comes and goes as bigint, `timestamptz` as Date. */
export type Sql = postgres.Sql<{ bigint: bigint }>;

/** Connections of one's own, for whoever must be able to give one up. */
export interface Lines {
  /** How many should be open at once. */
  linesMax: number;
  /** One that connects when it is used. */
  openLine(): Line;
}

/** One server, reached in three ways that share no connection. */
export interface Database extends Lines {
  sql: Sql;
  /** Typed queries without a schema: `select().from(table)` and its kin. */
  drizzle: ReturnType<typeof openDrizzle>;
  /** Waits for running queries, at most 5 s, then ends every connection. */
  close(): Promise<void>;
}

const CLOSE_SECONDS_MAX = 5;

/** Connections of a client beyond those that are opened at once. */
const DIAL_EVERY_MS = 250;

/** The same for lines, each of which dials once: many that fail must not wait for each other. */
const LINE_EVERY_MS = 25;

/** How soon the driver has a silent connection asked whether it is there. */
const KEEP_ALIVE_SECONDS = 1;

/**
 * What a session's own server does about a client that is gone without a word: within 11 s it
 * finds out on a connection that is idle, in 10 s where it has sent something, and in 1 s where
 * it works and the end of the connection has reached it.
 */
const CLIENT_GONE = {
  client_connection_check_interval: 1_000,
  tcp_keepalives_idle: 5,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 10_000,
} as const;

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
  const { connectionsMax: linesMax } = options;
  const dialLine = options.dial ?? dialler({ burst: linesMax, everyMs: LINE_EVERY_MS });
  const lines = new Set<Line>();
  return {
    sql,
    drizzle: openDrizzle(client),
    linesMax,
    openLine() {
      const line = openLine(
        dialLine,
        (own) => postgres(url, { ...settingsOf(options), ...own, max: 1, max_lifetime: null }),
        () => lines.delete(line),
      );
      lines.add(line);
      return line;
    },
    async close() {
      const timeout = { timeout: CLOSE_SECONDS_MAX };
      const closing = [...lines].map((line) => line.close(CLOSE_SECONDS_MAX));
      await Promise.all([sql.end(timeout), client.end(timeout), ...closing]);
    },
  };
}

function openDrizzle(client: Sql) {
  return drizzle(client);
}

function openSql(url: string, options: ConnectOptions): Sql {
  const pace = { burst: options.connectionsMax, everyMs: DIAL_EVERY_MS };
  const socket = options.dial ?? dialler(pace);
  return postgres(url, { ...settingsOf(options), ...dialled(socket) });
}

/** An option of the driver that its types do not have. */
function dialled(socket: Dial): object {
  return { socket };
}

function settingsOf(options: ConnectOptions) {
  return {
    max: options.connectionsMax,
    connect_timeout: Math.ceil((options.connectTimeoutMs ?? 5_000) / 1_000),
    idle_timeout: 0,
    keep_alive: KEEP_ALIVE_SECONDS,
    backoff: () => RECONNECT_SECONDS,
    types: { bigint: postgres.BigInt },
    // Nothing here needs the types of arrays, and a connection that is lost while the driver
    // asks it for them would end the process by a rejection that nobody can handle.
    fetch_types: false,
    onnotice: (notice: postgres.Notice) =>
      options.log?.(`${notice["severity"]}: ${notice["message"]}`),
    connection: {
      application_name: options.applicationName,
      TimeZone: "UTC",
      // Every statement is a few lookups by index: planning it for its values costs more than it saves.
      plan_cache_mode: "force_generic_plan",
      lock_timeout: options.lockTimeoutMs ?? 5_000,
      statement_timeout: options.statementTimeoutMs ?? 30_000,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
      ...CLIENT_GONE,
      ...(options.role === undefined ? {} : { role: options.role }),
    },
  };
}
