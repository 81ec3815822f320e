import { compareNames } from "#packet/name.ts";
import type { HoldChange, HoldName } from "./told.ts";

/** How what the register shows differs from what truly holds. */
export interface Difference {
  readonly missing: readonly string[];
  readonly false: readonly string[];
}

/** A hold as one text. */
export function holdText({ code, subject }: HoldName): string {
  return `${code} ${subject}`;
}

/** What is expected and not there, and what is there and not expected; both in order. */
export function difference(expected: Iterable<string>, shown: Iterable<string>): Difference {
  const wanted = new Set(expected);
  const found = new Set(shown);
  return {
    missing: [...wanted].filter((text) => !found.has(text)).toSorted(compareNames),
    false: [...found].filter((text) => !wanted.has(text)).toSorted(compareNames),
  };
}

/** True when nothing is missing and nothing false. */
export function isExact({ missing, false: falseOnes }: Difference): boolean {
  return missing.length + falseOnes.length === 0;
}

/**
 * The rehearsal's own books of what truly holds the packet. They are kept from what the author of
 * each stage says will change, never from what the product answers.
 */
export class Blockers {
  readonly #open = new Set<string>();

  /** The true blockers now. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /**
   * Takes down what a change truly does.
   *
   * @throws {Error} if it opens what is open or ends what is not: then the stage itself is wrong.
   */
  change({ opened, cleared, outOfScope }: HoldChange): void {
    for (const text of [...cleared, ...outOfScope].map(holdText)) {
      if (!this.#open.delete(text)) throw new Error(`the stage ends ${text}, which is not open`);
    }
    for (const text of opened.map(holdText)) {
      if (this.#open.has(text)) throw new Error(`the stage opens ${text}, which is open`);
      this.#open.add(text);
    }
  }
}
