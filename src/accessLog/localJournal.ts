import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  AccessCode,
  type AccessEvent,
  type AccessLog,
  AccessUnrecorded,
} from "#packet/accessEvent.ts";
import type { Log } from "#packet/log.ts";

/** What a journal stands before, and where it is. */
export interface LocalJournalOptions {
  readonly access: AccessLog;
  readonly file: string;
  /** Rejects while the database is away, without a word in the log. */
  readonly asked: () => Promise<unknown>;
  readonly log: Log;
}

/** The subject of what is read from a node's own copies. */
const LAST_KNOWN_READ = "LastKnownPacket";

/**
 * The records of access for when the database is away: what the emergency way needs, and nothing
 * else, is then written to a file of this node, and told to the database when it is back. Where
 * neither takes it nobody is let in.
 */
export class LocalJournal implements AccessLog {
  readonly #options: LocalJournalOptions;
  /** One writer at a time. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LocalJournalOptions) {
    this.#options = options;
  }

  note(event: AccessEvent): void {
    this.#options.access.note(event);
  }

  async record(event: AccessEvent): Promise<void> {
    const { access } = this.#options;
    try {
      await access.record(event);
    } catch (fault) {
      if (!isOfEmergency(event) || !isAway(fault)) throw fault;
      await this.#inTurn(() => this.#append(event)).catch((err: unknown) => {
        this.#options.log.error({ err }, "the journal of access takes nothing");
        throw fault;
      });
    }
  }

  /** Tells the database what only this file has; resolves to how many, null for none. Rejects while it is away. */
  tell(): Promise<number | null> {
    return this.#inTurn(async () => {
      const { access, file, asked } = this.#options;
      const told = await readFile(file, "utf8").catch((fault: unknown) => {
        if ((fault as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw fault;
      });
      if (told === null) return null;
      await asked();
      const events = told.split("\n").flatMap(eventIn);
      for (const event of events) await access.record(event);
      // After a crash before this they are told twice, and never not at all.
      await rename(file, `${file}.told`);
      await rm(`${file}.told`, { force: true });
      return events.length;
    });
  }

  async #append(event: AccessEvent): Promise<void> {
    const { file } = this.#options;
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(file, "a", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(event)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(step);
    this.#writing = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}

function isOfEmergency({ code, subject = "" }: AccessEvent): boolean {
  if (code === "SIGNED_IN_OFFLINE") return true;
  return code === "GOVERNED_READ" && subject.startsWith(LAST_KNOWN_READ);
}

/** Whether the database does not answer; one that answers and refuses is no emergency. */
function isAway(fault: unknown): boolean {
  const cause = fault instanceof AccessUnrecorded ? fault.cause : fault;
  if (!(cause instanceof Error)) return false;
  if (cause.name === "TooSlow") return true;
  const { code = "" } = cause as NodeJS.ErrnoException;
  return /^(?:E[A-Z]|CONNECT|08|57P)/.test(code);
}

/** What one line says; nothing for the end of a line that a crash cut off. */
function eventIn(line: string): AccessEvent[] {
  try {
    const event = JSON.parse(line) as AccessEvent;
    return AccessCode.safeParse(event.code).success ? [event] : [];
  } catch {
    return [];
  }
}
