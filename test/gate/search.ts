import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "./comparison.ts";
import { play, script } from "./histories.ts";
import { faultsOf } from "./onlooker.ts";

/** How many random histories are searched in all; CI asks for at least 10,000. */
const HISTORIES = Number(process.env["HOLDFAST_HISTORIES"] ?? "200");

/** Declares one half of the search, so that two workers share it; each history is played once. */
export function searchHalf(): void {
  describe("whatever happens", () => {
    test(
      "no good state while anything is unmet (rules 3.1 and 6.6), no hold that goes away by itself (rules 3.5 and 4.2.2), no approval that survives a change (rules 5.1, 5.4 and 5.5), and two judges written apart agree on state, holds, since, advisories, approval, forecast, gate, arithmetic (rule 3.7)",
      { timeout: 1_800_000 },
      () => {
        const property = fc.property(script, (history) => {
          const desk = play(history);
          expect(faultsOf(desk.revisions, desk.epoch)).toEqual([]);
          const [first] = differences(desk);
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
