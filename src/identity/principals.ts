import { stat } from "node:fs/promises";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { tokenDigestOf } from "./bearer.ts";
import {
  type Principal,
  type PrincipalsRead,
  PrincipalsUnusable,
  readPrincipals,
  stampOf,
  unreadable,
} from "./principalsFile.ts";

/** How long the file is taken to be what it was, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

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
  /** Looks at the file if that is due; resolves to what is wrong with it, or null. */
  fault(): Promise<PrincipalsUnusable | null>;
  /** How many are known as of the last look; none during a fault. */
  current(): number;
  /** Lets nobody in from here on. */
  close(): void;
}

/** Opens the desk. Throws {@link PrincipalsUnusable} for a file that is faulty at the start. */
export async function openPrincipals(options: PrincipalsOptions): Promise<Principals> {
  return new PassportDesk(options, await readPrincipals(options.file));
}

class PassportDesk implements Principals {
  readonly #options: PrincipalsOptions;
  #known: ReadonlyMap<string, Actor>;
  #stamp: string;
  /** False after a change, until one more read: two writes can fall into one tick of the file's clock. */
  #isSettled = false;
  #fault: PrincipalsUnusable | null = null;
  #lookedAt: number;
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: PrincipalsOptions, read: PrincipalsRead) {
    this.#options = options;
    this.#lookedAt = options.now();
    this.#known = byToken(read.principals);
    this.#stamp = read.stamp;
  }

  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    const digest = tokenDigestOf(authorization);
    if (digest === null) return null;
    await this.#look();
    return this.#isClosed ? null : (this.#known.get(digest) ?? null);
  }

  async fault(): Promise<PrincipalsUnusable | null> {
    await this.#look();
    return this.#fault;
  }

  current(): number {
    return this.#known.size;
  }

  close(): void {
    this.#isClosed = true;
    this.#known = new Map();
  }

  async #look(): Promise<void> {
    const sinceMs = this.#options.now() - this.#lookedAt;
    if (this.#isClosed || (sinceMs >= 0 && sinceMs < LOOK_AGAIN_MS)) {
      // Whoever comes while a look is under way waits for it: its answer may be that they are out.
      await this.#looking;
      return;
    }
    this.#looking ??= this.#lookAgain().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  async #lookAgain(): Promise<void> {
    this.#lookedAt = this.#options.now();
    const { file } = this.#options;
    try {
      const state = await stat(file, { bigint: true }).catch((fault: unknown) => {
        throw unreadable(file, fault);
      });
      const isSame = this.#fault === null && stampOf(state) === this.#stamp;
      if (isSame && this.#isSettled) return;
      this.#take(await readPrincipals(file), isSame);
    } catch (fault) {
      if (!(fault instanceof PrincipalsUnusable)) throw fault;
      this.#refuseAll(fault);
    }
  }

  #take(read: PrincipalsRead, isSame: boolean): void {
    if (this.#isClosed) return;
    this.#known = byToken(read.principals);
    this.#isSettled = isSame && read.stamp === this.#stamp;
    this.#stamp = read.stamp;
    if (!isSame) {
      const { file, log } = this.#options;
      log.info({ file, principals: this.#known.size }, "the principals file was read again");
    }
    this.#fault = null;
  }

  #refuseAll(fault: PrincipalsUnusable): void {
    if (this.#fault?.message !== fault.message) {
      const { file, log } = this.#options;
      log.error(
        { file, faults: fault.faults },
        "nobody is let in until the principals file is mended",
      );
    }
    this.#known = new Map();
    this.#fault = fault;
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
