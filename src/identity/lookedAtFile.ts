import { statSync } from "node:fs";
import type { Log } from "#packet/log.ts";
import {
  ABSENT_STAMP,
  type FileKind,
  type FileText,
  FileUnusable,
  readText,
  stampOf,
  unreadable,
} from "./fileKind.ts";
import { Looks } from "./looks.ts";

/** How long a file is taken to be what it was, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/** The longest tick of a file's clock, that of FAT: two writes within one leave the same stamp. */
const FILE_TICK_MS_MAX = 2_000;

/** Which file, who is told of its faults, and a clock in milliseconds. */
export interface LookedAtFileOptions<T> {
  readonly kind: FileKind<T>;
  readonly file: string;
  readonly log: Log;
  /** Only differences count; a step back makes the file be looked at again. */
  readonly now: () => number;
  /** What of a new content goes into the log. */
  readonly shown: (value: T) => object;
  /** What a fault means until it is mended, for the log. */
  readonly withheld: string;
}

/**
 * A file that is looked at again on use, at most once a second, so that a change of it counts
 * without a restart. While it cannot be read or has a fault it says nothing, not even what it said
 * before: it may have been meant to take that back, and what is unknown is held.
 */
export class LookedAtFile<T> {
  readonly #options: LookedAtFileOptions<T>;
  readonly #looks = new Looks(() => this.#lookAgain());
  #value: T | null;
  /** The text that is known, or the fault for which nothing is. */
  #content: string | FileUnusable;
  #stamp: string;
  #stampSeenAt: number;
  /** Whether the text was read when a write could no longer leave the same stamp. */
  #isSettled = false;
  #generation = 1;
  #lookedAt: number;
  #isClosed = false;

  private constructor(options: LookedAtFileOptions<T>, read: FileText, readAt: number) {
    this.#options = options;
    this.#value = options.kind.parse(options.file, read.text);
    this.#content = read.text;
    this.#stamp = read.stamp;
    this.#stampSeenAt = readAt;
    this.#lookedAt = readAt;
  }

  /** Reads the file. Throws {@link FileUnusable} for one that is faulty at the start. */
  static async open<T>(options: LookedAtFileOptions<T>): Promise<LookedAtFile<T>> {
    const openedAt = options.now();
    const read = await readText(options.kind, options.file);
    return new LookedAtFile(options, read, openedAt);
  }

  /** Looks if that is due; resolves to what the file says, or null during a fault and once closed. */
  async present(): Promise<T | null> {
    await this.#lookIfDue();
    return this.#value;
  }

  /** What it said at the last look. */
  get value(): T | null {
    return this.#value;
  }

  /** What was wrong with it at the last look, or null. */
  get faultSeen(): FileUnusable | null {
    return typeof this.#content === "string" ? null : this.#content;
  }

  /** Whether there was a file at the last look that could be read. */
  get wasThere(): boolean {
    return this.#stamp !== ABSENT_STAMP;
  }

  /**
   * Looks now, whenever it was looked at last: what was taken out before this call is not there
   * after it. Calls made while a look is under way share the next one. Resolves to a number that
   * grows whenever the file says something else, also when a fault comes or goes; it costs one
   * `stat` where nothing changed.
   */
  async look(): Promise<number> {
    if (!this.#isClosed) await this.#looks.anew();
    return this.#generation;
  }

  /** Looks if that is due; resolves to what is wrong with the file, or null. */
  async fault(): Promise<FileUnusable | null> {
    await this.#lookIfDue();
    return this.faultSeen;
  }

  /** The file says nothing from here on. */
  close(): void {
    this.#isClosed = true;
    this.#know(null);
  }

  async #lookIfDue(): Promise<void> {
    const sinceMs = this.#options.now() - this.#lookedAt;
    const isFresh = sinceMs >= 0 && sinceMs < LOOK_AGAIN_MS;
    // Whoever comes while a look is under way waits for it: its answer may be that they are out.
    if (this.#isClosed || isFresh) await this.#looks.underWay;
    else await this.#looks.anew();
  }

  async #lookAgain(): Promise<void> {
    const { kind, file, now } = this.#options;
    const at = now();
    this.#lookedAt = at;
    try {
      if (this.#isSettled && this.#stampNow() === this.#stamp) return;
      this.#take(await readText(kind, file), at);
    } catch (fault) {
      if (!(fault instanceof FileUnusable)) throw fault;
      this.#withhold(fault);
    }
  }

  /** At once: a look is paid for each event that is told, and a way through the thread pool takes several times as long. */
  #stampNow(): string {
    const { kind, file } = this.#options;
    // What may be absent is told so without a fault, which would cost more than the look.
    const options = { bigint: true, throwIfNoEntry: kind.absent !== null } as const;
    try {
      const state = statSync(file, options);
      return state === undefined ? ABSENT_STAMP : stampOf(state);
    } catch (fault) {
      throw unreadable(kind, file, fault);
    }
  }

  #take({ text, stamp }: FileText, at: number): void {
    if (this.#isClosed) return;
    if (stamp !== this.#stamp || at < this.#stampSeenAt) {
      this.#stamp = stamp;
      this.#stampSeenAt = at;
    }
    if (text !== this.#content) {
      const { kind, file, log, shown } = this.#options;
      const value = kind.parse(file, text);
      this.#content = text;
      this.#know(value);
      log.info({ file, ...shown(value) }, `${kind.what} was read again`);
    }
    this.#isSettled = at - this.#stampSeenAt > FILE_TICK_MS_MAX;
  }

  #withhold(fault: FileUnusable): void {
    if (this.#isClosed) return;
    const before = this.#content;
    if (typeof before === "string" || before.message !== fault.message) {
      const { kind, file, log, withheld } = this.#options;
      log.error({ file, faults: fault.faults }, `${withheld} until ${kind.what} is mended`);
    }
    this.#content = fault;
    this.#isSettled = false;
    if (typeof before === "string") this.#know(null);
  }

  #know(value: T | null): void {
    this.#value = value;
    this.#generation += 1;
  }
}
