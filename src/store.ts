import path from "node:path";
import { awayDatabase } from "#database/away.ts";
import { type Database, connect } from "#database/connect.ts";
import { type EmbeddedDatabase, openEmbedded } from "#database/embedded.ts";
import { migrate } from "#database/migrate.ts";
import { type DatabaseRole, readRights, requireRights } from "#database/rights.ts";
import type { Opened } from "#door/opened.ts";
import { startTicker } from "#door/ticker.ts";
import { type KnownDeployment, readKnownDeployment } from "#identity/knownDeployment.ts";
import type { Log } from "#packet/log.ts";
import { knownFileOf } from "./copyKeeping.ts";
import { type Config, userOf } from "./config.ts";

const APPLICATION_NAME = "holdfast server";

/** One that writes records of access, and one that reads them. */
const RECORDS_CONNECTIONS = 2;

/** How soon a database that is away is looked for again, in milliseconds. */
const LOOK_PAUSE_MS = 1_000;

/** The ways out for words. */
interface StoreNeeds {
  readonly log: Log;
  /** Told of the progress of the start, a line at a time. */
  readonly tell: (line: string) => void;
}

/** The external Postgres does not let us in. */
export class DatabaseUnreachable extends Error {
  override readonly name = "DatabaseUnreachable";

  constructor(variable: "DATABASE_URL" | "HOLDFAST_MIGRATION_URL", cause: Error) {
    const { code } = cause as NodeJS.ErrnoException;
    super(
      `the Postgres of ${variable} cannot be used (${code ?? cause.name}): ${cause.message}`.trim(),
      { cause },
    );
  }
}

/** A migrated database to serve from, reached as the role that serves. */
export interface Store {
  readonly database: Database;
  /** The same for records of access, which must not wait for what they are about. */
  readonly records: Database;
  readonly name: string;
  readonly role: DatabaseRole;
  readonly lost: Promise<Error>;
  /** What the node knew before of its deployment, where the database is away; null where that answers. */
  readonly known: KnownDeployment | null;
  /** Resolves when a database that was away at the start answers; pending for ever where it did then. */
  readonly back: Promise<"BACK">;
}

/**
 * Opens the database, or stands in for it where it is away and this node knew its deployment
 * before. Only the server of an external one can be away; what it answers and refuses is no absence.
 *
 * @throws {DatabaseUnreachable} or `RoleUnfit`, and what migrating throws.
 */
export async function openStore(config: Config, needs: StoreNeeds, opened: Opened): Promise<Store> {
  try {
    return await openPresent(config, needs, opened);
  } catch (fault) {
    const isAway = fault instanceof DatabaseUnreachable && isSilence(fault.cause);
    const known = isAway ? await knownBefore(config, needs) : null;
    if (known === null) throw fault;
    needs.tell("the database is away: serving apart, from this node's own files, until it is back");
    return openApart(config, known, needs, opened);
  }
}

async function knownBefore(config: Config, { log }: StoreNeeds): Promise<KnownDeployment | null> {
  try {
    return await readKnownDeployment(knownFileOf(config));
  } catch (err) {
    log.error({ err }, "what this node knew of its deployment cannot be used");
    return null;
  }
}

async function openApart(
  { databaseUrl, connectionsMax }: Config,
  known: KnownDeployment,
  { log }: StoreNeeds,
  opened: Opened,
): Promise<Store> {
  const options = { applicationName: APPLICATION_NAME, connectionsMax };
  const database = awayDatabase(options);
  opened.keep("database that is away", () => database.close());
  const present = connect(databaseUrl ?? "", { ...options, connectionsMax: 1 });
  opened.keep("connection of the look for the database", () => present.close());
  let tellBack: (back: "BACK") => void = () => undefined;
  const back = new Promise<"BACK">((resolve) => {
    tellBack = resolve;
  });
  const look = await startTicker({
    name: "the look for the database",
    tick: async () => {
      await present.sql`SELECT 1`;
      tellBack("BACK");
    },
    pauseMs: LOOK_PAUSE_MS,
    log,
  });
  opened.keep("look for the database", () => Promise.resolve(look.stop()));
  return {
    database,
    records: database,
    name: "EXTERNAL, away",
    role: known.databaseRole,
    lost: never(),
    known,
    back,
  };
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/**
 * Opens the database that the configuration names, the embedded one where it names none, and
 * brings its schema and its grants up to date. What is opened is kept to be closed.
 *
 * @throws {DatabaseUnreachable} or `RoleUnfit`, and what migrating throws.
 */
async function openPresent(config: Config, needs: StoreNeeds, opened: Opened): Promise<Store> {
  const { tell, log } = needs;
  const embedded = config.databaseUrl === null ? await openOwn(config, tell) : null;
  if (embedded !== null) opened.keep("embedded database", () => embedded.close());
  const { owner, url, role } = embedded === null ? addressesOf(config) : ownAddresses(embedded);
  tell("bringing the schema up to date");
  await migrate(owner, {
    applicationName: APPLICATION_NAME,
    log: tell,
    ...(role === null ? {} : { applicationRole: role }),
  }).catch(unreachable(role === null ? "DATABASE_URL" : "HOLDFAST_MIGRATION_URL"));
  const database = connect(url, {
    applicationName: APPLICATION_NAME,
    connectionsMax: config.connectionsMax,
    log: (line) => log.info({}, line),
  });
  opened.keep("database connections", () => database.close());
  const records = connect(url, {
    applicationName: `${APPLICATION_NAME}, records`,
    connectionsMax: RECORDS_CONNECTIONS,
  });
  opened.keep("connections for records", () => records.close());
  const rights = await readRights(database.sql).catch(unreachable("DATABASE_URL"));
  return {
    database,
    records,
    name: embedded === null ? "EXTERNAL" : `EMBEDDED (Postgres ${embedded.version})`,
    role: requireRights(rights, { required: config.mode === "production" }),
    lost: embedded?.lost ?? never(),
    known: null,
    back: never(),
  };
}

/** Who migrates, who serves, and the role that is to be restricted for it; null to serve as the owner. */
interface Addresses {
  readonly owner: string;
  readonly url: string;
  readonly role: string | null;
}

function addressesOf({ databaseUrl, migrationUrl }: Config): Addresses {
  const url = databaseUrl ?? "";
  if (migrationUrl === null) return { owner: url, url, role: null };
  return { owner: migrationUrl, url, role: userOf(url) };
}

function ownAddresses({ url, applicationUrl, applicationRole }: EmbeddedDatabase): Addresses {
  return { owner: url, url: applicationUrl, role: applicationRole };
}

/** Tells a fault of the way from one of the database. */
function unreachable(variable: "DATABASE_URL" | "HOLDFAST_MIGRATION_URL") {
  return (fault: unknown): never => {
    throw isOfTheWay(fault) ? new DatabaseUnreachable(variable, fault) : fault;
  };
}

function openOwn(config: Config, tell: (line: string) => void) {
  // A folder of its own: the server's account owns it, and must not own the principals file.
  const directory = path.join(config.data, "database");
  return openEmbedded({ directory, applicationName: APPLICATION_NAME, log: tell });
}

/** Faults of the network, of a server that starts (57P03), of the sign-in (class 28), of the database's name (3D000) and of rights (42501). */
function isOfTheWay(fault: unknown): fault is Error {
  return fault instanceof Error && (isSilence(fault) || /^(?:28|3D000|42501)/.test(codeOf(fault)));
}

/** Whether nobody answered, or a server that does not serve yet. */
function isSilence(fault: unknown): boolean {
  return /^(?:E[A-Z]|CONNECT|57P03)/.test(codeOf(fault));
}

function codeOf(fault: unknown): string {
  return (fault as NodeJS.ErrnoException | undefined)?.code ?? "";
}
