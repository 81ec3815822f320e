import type { Lines } from "#database/connect.ts";
import { type AccessEvent, type AccessLog, AccessUnrecorded } from "#packet/accessEvent.ts";
import type { Log } from "#packet/log.ts";
import { FLUSH_MS, WINDOW_MS } from "./limits.ts";
import { RecordWriter } from "./recordWriter.ts";
import { Tallies, type Tally } from "./tallies.ts";

/** What records are written with. */
export interface AccessLogOptions {
  /** A line of its own is opened: at most one statement of records is under way on it. */
  readonly lines: Pick<Lines, "openLine">;
  /** The id of this process, which each record names. */
  readonly node: string;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  readonly log: Log;
}

/** The records of access of one process; see `AccessLog`. */
export interface OpenAccessLog extends AccessLog {
  /** Resolves when what was recorded or noted before is written, or known not to be. */
  settled(): Promise<void>;
  /** Writes what was only counted, if the database takes it, and ends. */
  close(): Promise<void>;
}

/** Opens the records. Nothing is sent before there is one. */
export function openAccessLog(options: AccessLogOptions): OpenAccessLog {
  return new CountingLog(options);
}

class CountingLog implements OpenAccessLog {
  readonly #options: AccessLogOptions;
  readonly #writer: RecordWriter;
  readonly #tallies = new Tallies();
  readonly #flushing: NodeJS.Timeout;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#writer = new RecordWriter(options.lines, options.node);
    this.#flushing = setInterval(() => {
      this.#flush(options.now()).catch((err: unknown) => {
        options.log.error({ err }, "counted access could not be told");
      });
    }, FLUSH_MS).unref();
  }

  async record(event: AccessEvent): Promise<void> {
    const tally = WINDOW_MS[event.code] === 0 ? null : this.#tallies.of(event, this.#now);
    try {
      if (tally === null) await this.#writer.write({ event, count: 1, overMs: 0 });
      else await this.#covered(tally);
    } catch (fault) {
      this.#options.log.error({ err: fault, code: event.code }, "an access was not recorded");
      throw new AccessUnrecorded(fault);
    }
  }

  note(event: AccessEvent): void {
    const tally =
      this.#tallies.of(event, this.#now) ?? this.#tallies.ofOthers(event.code, this.#now);
    if (tally.kept !== null) {
      tally.count += 1;
      return;
    }
    tally.kept = this.#writer.write({ event: tally.event, count: 1, overMs: 0 }).catch(() => {
      // It is told of with those that follow.
      this.#tallies.restore(tally, 1);
    });
  }

  settled(): Promise<void> {
    return this.#writer.settled();
  }

  async close(): Promise<void> {
    clearInterval(this.#flushing);
    await this.#writer.settled();
    await this.#flush(null);
    await this.#writer.ended();
  }

  get #now(): number {
    return this.#options.now();
  }

  /** Where the first of its kind cannot be recorded, none is let in, and none is counted. */
  async #covered(tally: Tally): Promise<void> {
    if (tally.kept !== null) tally.count += 1;
    tally.kept ??= this.#writer.write({ event: tally.event, count: 1, overMs: 0 });
    try {
      await tally.kept;
    } catch (fault) {
      this.#tallies.end(tally);
      throw fault;
    }
  }

  /** Writes the windows that are over by then, or all. */
  async #flush(nowMs: number | null): Promise<void> {
    const counted = this.#tallies.endAll(nowMs).filter(({ count }) => count > 0);
    await Promise.all(counted.map((tally) => this.#tell(tally)));
  }

  async #tell(tally: Tally): Promise<void> {
    const { event, sinceMs, count } = tally;
    const overMs = Math.max(0, this.#now - sinceMs);
    try {
      await this.#writer.write({ event, count, overMs });
    } catch (err) {
      this.#tallies.restore(tally, count);
      this.#options.log.warn({ err, code: event.code, count }, "counted access is not written yet");
    }
  }
}
