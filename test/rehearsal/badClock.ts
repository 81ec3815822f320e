import { chmodSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findFaketime } from "../debianPackages.ts";

/** A clock that processes see instead of the machine's, and that can be set at any time. */
export class BadClock {
  readonly #file: string;
  readonly #library: string;
  #aheadSeconds = 0;

  private constructor(file: string, library: string) {
    this.#file = file;
    this.#library = library;
  }

  /** Shows the machine's time at first. */
  static async make(folder: string, name: string): Promise<BadClock> {
    const library = await findFaketime();
    if (library === null) throw new Error("Debian's package libfaketime is not installed");
    const clock = new BadClock(path.join(folder, name), library);
    clock.set(0);
    return clock;
  }

  /**
   * For the environment of a process that is to see it, within a second of its setting. Only the
   * clock of the day is another: timers go by the machine's own, so that it neither hangs nor hurries.
   */
  get environment(): Readonly<Record<string, string>> {
    return { ...this.#preloaded, FAKETIME_CACHE_DURATION: "1" };
  }

  /** The same for several processes that have one clock: all see it at once, which costs each a file at each look. */
  get sharedEnvironment(): Readonly<Record<string, string>> {
    return { ...this.#preloaded, FAKETIME_NO_CACHE: "1" };
  }

  get #preloaded(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** From now on it is so far ahead of the machine's, or behind it. */
  set(aheadSeconds: number): void {
    this.#aheadSeconds = aheadSeconds;
    // Nobody may see half of it.
    writeFileSync(`${this.#file}.new`, `${aheadSeconds < 0 ? "" : "+"}${aheadSeconds}\n`);
    chmodSync(`${this.#file}.new`, 0o644);
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** It jumps by so much. */
  jump(seconds: number): void {
    this.set(this.#aheadSeconds + seconds);
  }
}
