import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "./comparison.ts";
import { ACT_COUNT, type Step, play } from "./histories.ts";

/** How many random histories are judged; CI asks for at least 10,000. */
const HISTORIES = Number(process.env["HOLDFAST_HISTORIES"] ?? "600");

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.nat(ACT_COUNT - 1),
  a: fc.nat(20),
  b: fc.nat(20),
  c: fc.nat(20),
});

describe("rule 3.7: two judges written apart", () => {
  test(
    "agree on every random history: state, holds, since, advisories, approval, forecast, gate, arithmetic",
    { timeout: 900_000 },
    () => {
      const property = fc.property(
        fc.array(step, { maxLength: 30, size: "max" }),
        step,
        (steps, start) => {
          const [first] = differences(play(steps, start));
          expect(first?.theirs, first?.question).toEqual(first?.ours);
        },
      );
      const seed = Date.now() | 0;
      process.stdout.write(`${HISTORIES} random histories from seed ${seed}\n`);
      fc.assert(property, { numRuns: HISTORIES, seed });
    },
  );
});
