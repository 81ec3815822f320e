import { randomInt } from "node:crypto";

/** Numbers that one seed gives, the same ones each time. */
export interface Chance {
  readonly seed: number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
}

/**
 * Chance by a seed, which is printed; a new one when none is given. Weyl's sequence with a
 * mixing step, enough to draw delays.
 */
export function chance(what: string, seed: number = randomInt(2 ** 31)): Chance {
  process.stderr.write(`${what}: seed ${seed}\n`);
  let state = seed >>> 0;
  return {
    seed,
    below(limit) {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed ^= mixed >>> 15;
      mixed = Math.imul(mixed, 0x735a2d97);
      mixed ^= mixed >>> 15;
      return (mixed >>> 0) % limit;
    },
  };
}
