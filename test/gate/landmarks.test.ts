import fc from "fast-check";
import { expect, test } from "vitest";
import { Landmarks } from "./landmarks.ts";
import { play, script } from "./histories.ts";

/** How many histories may pass before everything has been seen to happen. */
const HISTORIES_UNTIL_ALL = 4000;
const FIRST_SEED = 800_000;

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
