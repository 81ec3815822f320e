import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Landmarks } from "./landmarks.ts";
import { play, script } from "./histories.ts";
import { faultsOf } from "./onlooker.ts";

/** How many random histories are watched; CI asks for at least 10,000. */
const HISTORIES = Number(process.env["HOLDFAST_HISTORIES"] ?? "200");

/** How many histories may pass before everything has been seen to happen. */
const HISTORIES_UNTIL_ALL = 4000;
const FIRST_SEED = 800_000;

describe("whatever happens", () => {
  test(
    "no good state while anything is unmet (rules 3.1 and 6.6), no hold that goes away by itself (rules 3.5 and 4.2.2), no approval that survives a change (rules 5.1, 5.4 and 5.5)",
    { timeout: 1_800_000 },
    () => {
      const property = fc.property(script, (history) => {
        const desk = play(history);
        expect(faultsOf(desk.revisions, desk.epoch)).toEqual([]);
      });
      const seed = Date.now() | 0;
      process.stdout.write(`${HISTORIES} watched histories from seed ${seed}\n`);
      fc.assert(property, { numRuns: HISTORIES, seed });
    },
  );

  test(
    "the random histories open, clear and retire every hold, and come by every state, standing and refusal",
    { timeout: 300_000 },
    () => {
      const landmarks = new Landmarks();
      let played = 0;
      for (; landmarks.unseen().length > 0 && played < HISTORIES_UNTIL_ALL; played += 50) {
        const histories = fc.sample(script, { numRuns: 50, seed: FIRST_SEED + played });
        for (const history of histories) landmarks.visit(play(history));
      }
      process.stdout.write(`everything has happened after ${played} histories\n`);
      expect(landmarks.unseen()).toEqual([]);
    },
  );
});
