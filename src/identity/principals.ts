import { stat } from "node:fs/promises";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { tokenDigestOf } from "./bearer.ts";
import { Looks } from "./looks.ts";
import {
  type Principal,
  type PrincipalsText,
  PrincipalsUnusable,
  parsePrincipals,
  readPrincipalsText,
  stampOf,
  unreadable,
} from "./principalsFile.ts";

/** How long the file is taken to be what it was, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/** The longest tick of a file's clock, that of FAT: two writes within one leave the same stamp. */
const FILE_TICK_MS_MAX = 2_000;

/** Which file, who is told of its faults, and a clock in milliseconds. */
export interface PrincipalsOptions {
  readonly file: string;
  readonly log: Log;
  /** Only differences count; a step back makes the file be looked at again. */
  readonly now: () => number;
}

/**
 * The passport desk: who a bearer token shows the caller to be. The file is looked at again on
 * use, at most once a second, so that whoever is added or removed counts without a restart.
 * While the file cannot be read or has a fault, nobody is let in, not even those who were in it
 * before: it may have been meant to remove them, and what is unknown is held.
 */
export interface Principals {
  /** Takes an `Authorization` header; null for whoever is not known, and for everybody during a fault. */
  authenticate(authorization: string | undefined): Promise<Actor | null>;
  /**
   * Looks at the file now, whenever it was looked at last: who was removed before this call is
   * not let in after it. Calls made while a look is under way share the next one. Resolves to a
   * number that is another one whenever anybody's rights may be other than before, also when a
   * fault comes or goes; it costs one `stat` where nothing changed.
   */
  look(): Promise<number>;
  /** Looks at the file if that is due; resolves to what is wrong with it, or null. */
  fault(): Promise<PrincipalsUnusable | null>;
  /** How many are known as of the last look; none during a fault. */
  current(): number;
  /** Lets nobody in from here on. */
  close(): void;
}

/** Opens the desk. Throws {@link PrincipalsUnusable} for a file that is faulty at the start. */
export async function openPrincipals(options: PrincipalsOptions): Promise<Principals> {
  const openedAt = options.now();
  const read = await readPrincipalsText(options.file);
  return new PassportDesk(options, read, openedAt);
}

class PassportDesk implements Principals {
  readonly #options: PrincipalsOptions;
  readonly #looks = new Looks(() => this.#lookAgain());
  #known: ReadonlyMap<string, Actor>;
  /** The text that is known, or the fault for which nobody is let in. */
  #content: string | PrincipalsUnusable;
  #stamp: string;
  #stampSeenAt: number;
  /** Whether the text was read when a write could no longer leave the same stamp. */
  #isSettled = false;
  #generation = 1;
  #lookedAt: number;
  #isClosed = false;

  constructor(options: PrincipalsOptions, read: PrincipalsText, readAt: number) {
    this.#options = options;
    this.#known = byToken(parsePrincipals(options.file, read.text));
    this.#content = read.text;
    this.#stamp = read.stamp;
    this.#stampSeenAt = readAt;
    this.#lookedAt = readAt;
  }

  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    const digest = tokenDigestOf(authorization);
    if (digest === null) return null;
    await this.#lookIfDue();
    return this.#isClosed ? null : (this.#known.get(digest) ?? null);
  }

  async look(): Promise<number> {
    if (!this.#isClosed) await this.#looks.anew();
    return this.#generation;
  }

  async fault(): Promise<PrincipalsUnusable | null> {
    await this.#lookIfDue();
    return typeof this.#content === "string" ? null : this.#content;
  }

  current(): number {
    return this.#known.size;
  }

  close(): void {
    this.#isClosed = true;
    this.#know(new Map());
  }

  async #lookIfDue(): Promise<void> {
    const sinceMs = this.#options.now() - this.#lookedAt;
    const isFresh = sinceMs >= 0 && sinceMs < LOOK_AGAIN_MS;
    // Whoever comes while a look is under way waits for it: its answer may be that they are out.
    if (this.#isClosed || isFresh) await this.#looks.underWay;
    else await this.#looks.anew();
  }

  async #lookAgain(): Promise<void> {
    const { file, now } = this.#options;
    const at = now();
    this.#lookedAt = at;
    try {
      const state = await stat(file, { bigint: true }).catch((fault: unknown) => {
        throw unreadable(file, fault);
      });
      if (this.#isSettled && stampOf(state) === this.#stamp) return;
      this.#take(await readPrincipalsText(file), at);
    } catch (fault) {
      if (!(fault instanceof PrincipalsUnusable)) throw fault;
      this.#refuseAll(fault);
    }
  }

  #take({ text, stamp }: PrincipalsText, at: number): void {
    if (this.#isClosed) return;
    if (stamp !== this.#stamp || at < this.#stampSeenAt) {
      this.#stamp = stamp;
      this.#stampSeenAt = at;
    }
    if (text !== this.#content) {
      const { file, log } = this.#options;
      const principals = parsePrincipals(file, text);
      this.#content = text;
      this.#know(byToken(principals));
      log.info({ file, principals: this.#known.size }, "the principals file was read again");
    }
    this.#isSettled = at - this.#stampSeenAt > FILE_TICK_MS_MAX;
  }

  #refuseAll(fault: PrincipalsUnusable): void {
    if (this.#isClosed) return;
    const before = this.#content;
    if (typeof before === "string" || before.message !== fault.message) {
      const { file, log } = this.#options;
      log.error(
        { file, faults: fault.faults },
        "nobody is let in until the principals file is mended",
      );
    }
    this.#content = fault;
    this.#isSettled = false;
    if (typeof before === "string") this.#know(new Map());
  }

  #know(known: ReadonlyMap<string, Actor>): void {
    this.#known = known;
    this.#generation += 1;
  }
}

function byToken(principals: readonly Principal[]): ReadonlyMap<string, Actor> {
  return new Map(
    principals.map(({ name, kind, roles, tokenSha256 }) => [
      tokenSha256,
      Object.freeze({ actor: name, kind, roles: Object.freeze([...roles]) }),
    ]),
  );
}
