import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "./comparison.ts";
import { play, script } from "./histories.ts";

/** How many random histories are judged in all; CI asks for at least 10,000. */
const HISTORIES = Number(process.env["HOLDFAST_HISTORIES"] ?? "200");

/** Declares the search for a history on which the judges differ: one half of it, so that two workers share it. */
export function searchHalf(): void {
  describe("rule 3.7: two judges written apart", () => {
    test(
      "agree on every random history: state, holds, since, advisories, approval, forecast, gate, arithmetic",
      { timeout: 1_800_000 },
      () => {
        const property = fc.property(script, (history) => {
          const [first] = differences(play(history));
          expect(first?.theirs, first?.question).toEqual(first?.ours);
        });
        const numRuns = Math.ceil(HISTORIES / 2);
        const seed = (Date.now() ^ Math.trunc(performance.now() * 1e6)) | 0;
        process.stdout.write(`${numRuns} random histories from seed ${seed}\n`);
        fc.assert(property, { numRuns, seed });
      },
    );
  });
}
