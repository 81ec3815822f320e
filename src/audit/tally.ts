import type { RevisionDigest } from "#packet/name.ts";

const DIGITS = 32;
const MASK = (1n << 128n) - 1n;

/** A set of revisions as their number and the sum of their digests: equal sets have equal tallies. */
export class Tally {
  #count = 0;
  #sum = 0n;

  add(digest: RevisionDigest): void {
    this.#count += 1;
    this.#sum = (this.#sum + BigInt(`0x${digest.slice(0, DIGITS)}`)) & MASK;
  }

  equals(other: Tally): boolean {
    return this.#count === other.#count && this.#sum === other.#sum;
  }

  get count(): number {
    return this.#count;
  }
}
