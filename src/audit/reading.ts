import postgres from "postgres";
import { faultText } from "./finding.ts";

/** The raw client: `int8` comes and goes as bigint, `timestamptz` as Date. */
export type Sql = postgres.Sql<{ bigint: bigint }>;

/** A statement that was not sent yet. */
export type Statement<T> = postgres.PendingQuery<T[] & postgres.MaybeRow[]>;

/** Rows fetched at a time. */
export const READ_PAGE = 500;

/** How long a statement waits for a lock, which here only a change of the schema holds. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Rows that are hidden are a fault, no time is too long, and rows come in the order of an index, from
 * the first one on, not sorted first. The driver leaves out of a connection what is 0 or false.
 */
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL row_security = off;
  SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0;
  SET LOCAL enable_sort = off;
  SET LOCAL jit = off`;

/** The database read its rows and could not make sense of them, or refused to: a finding. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";

  constructor(fault: unknown) {
    super(`SQLSTATE ${codeOf(fault)}: ${faultText(fault)}`, { cause: fault });
  }
}

/** The database could not be asked to the end: nothing is known of what was not read. */
export class CouldNotCheck extends Error {
  override readonly name = "CouldNotCheck";
}

/**
 * SQLSTATE classes that say nothing about the rows: connections (08), rights (28, 42501),
 * transactions (25, 40), resources (53, 54), locks (55), the operator (57), a server without
 * this feature (0A).
 */
const OF_THE_WAY = /^(?:08|0A|25|28|40|42501|53|54|55|57)/;

/**
 * Two sessions that see one and the same snapshot for as long as they are open, whatever a running
 * service writes meanwhile, and in which nothing can be written: one streams, the other looks up.
 */
export class Reading {
  readonly #streaming: Session;
  readonly #looking: Session;

  private constructor(streaming: Session, looking: Session) {
    this.#streaming = streaming;
    this.#looking = looking;
  }

  /**
   * Opens the database of a `postgres://` URL.
   *
   * @throws {CouldNotCheck}
   */
  static async open(url: string): Promise<Reading> {
    let reading: Reading | null = null;
    try {
      const streaming = new Session(url);
      const looking = new Session(url);
      reading = new Reading(streaming, looking);
      await looking.begin(await streaming.begin(null));
      return reading;
    } catch (fault) {
      await reading?.close();
      throw fault instanceof CouldNotCheck
        ? fault
        : new CouldNotCheck(`the database cannot be read: ${faultText(fault)}`, { cause: fault });
    }
  }

  /**
   * The rows of one statement, a page at a time; only one such stream may be open.
   *
   * @throws {Unreadable} where the database cannot read on.
   * @throws {CouldNotCheck} if it went away.
   */
  stream<T extends object>(build: (sql: Sql) => Statement<T>): AsyncGenerator<readonly T[]> {
    return this.#streaming.pages(build);
  }

  /**
   * All rows of a statement that has few; also while a stream is open.
   *
   * @throws {Unreadable} if the database cannot read them.
   * @throws {CouldNotCheck} if it went away.
   */
  async rows<T extends object>(build: (sql: Sql) => Statement<T>): Promise<readonly T[]> {
    const rows: T[] = [];
    for await (const page of this.#looking.pages(build)) rows.push(...page);
    return rows;
  }

  /** Ends both sessions. */
  async close(): Promise<void> {
    await Promise.all([this.#streaming.close(), this.#looking.close()]);
  }
}

class Session {
  readonly #sql: Sql;
  #isLost = false;

  constructor(url: string) {
    this.#sql = postgres(url, {
      max: 1,
      max_lifetime: null,
      idle_timeout: 0,
      connect_timeout: 10,
      types: { bigint: postgres.BigInt },
      fetch_types: false,
      onnotice: () => undefined,
      // A connection that was made again would not be in the transaction.
      onclose: () => {
        this.#isLost = true;
      },
      connection: {
        application_name: "holdfast verify",
        TimeZone: "UTC",
        // Whatever the role's own path says: every operator, function and cast is that of Postgres,
        // whatever stands in public, so statements name our tables and types with their schema.
        search_path: "pg_catalog, pg_temp",
        bytea_output: "hex",
        default_transaction_read_only: true,
        lock_timeout: LOCK_TIMEOUT_MS,
      },
    });
  }

  /** Begins, in the snapshot of that name or in one of its own, and resolves to its name. */
  async begin(snapshot: string | null): Promise<string> {
    await this.#sql.unsafe(BEGIN);
    if (snapshot !== null) {
      await this.#sql.unsafe(`SET TRANSACTION SNAPSHOT '${snapshot.replaceAll("'", "''")}'`);
      return snapshot;
    }
    const [row] = await this.#sql<{ name: string }[]>`SELECT pg_export_snapshot() AS name`;
    return row?.name ?? "";
  }

  async *pages<T extends object>(build: (sql: Sql) => Statement<T>): AsyncGenerator<readonly T[]> {
    this.#requireThere();
    try {
      await this.#sql.unsafe("SAVEPOINT reading");
      for await (const page of oneAhead(build(this.#sql).cursor(READ_PAGE))) {
        // A page of a lost connection ends the driver's iteration as if it were the last one.
        this.#requireThere();
        yield page;
      }
      this.#requireThere();
      await this.#sql.unsafe("RELEASE SAVEPOINT reading");
    } catch (fault) {
      await this.#explain(fault);
    }
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }

  #requireThere(): void {
    if (this.#isLost) throw new CouldNotCheck("the connection to the database was lost");
  }

  /** @throws {Unreadable | CouldNotCheck} as what the fault says is one or the other. */
  async #explain(fault: unknown): Promise<never> {
    if (fault instanceof CouldNotCheck) throw fault;
    if (this.#isLost || !(fault instanceof postgres.PostgresError)) {
      throw new CouldNotCheck(`the database went away: ${faultText(fault)}`, { cause: fault });
    }
    if (OF_THE_WAY.test(fault.code)) {
      const why = `the database did not let itself be read: ${fault.message}`;
      throw new CouldNotCheck(why, { cause: fault });
    }
    await this.#sql.unsafe("ROLLBACK TO SAVEPOINT reading");
    throw new Unreadable(fault);
  }
}

/** The pages of a cursor, the next one being fetched while one is looked at. */
async function* oneAhead<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  const cursor = pages[Symbol.asyncIterator]();
  const fetchNext = (): Promise<IteratorResult<T>> => {
    const fetching = Promise.resolve(cursor.next());
    // Whoever looks at the page before it is told of a fault afterwards.
    fetching.catch(() => undefined);
    return fetching;
  };
  let next = fetchNext();
  try {
    for (;;) {
      const page = await next;
      if (page.done === true) return;
      next = fetchNext();
      yield page.value;
    }
  } finally {
    // The driver can close a cursor only between two pages.
    await next.catch(() => undefined);
    await cursor.return?.();
  }
}

function codeOf(fault: unknown): string {
  return fault instanceof postgres.PostgresError ? fault.code : "unknown";
}
