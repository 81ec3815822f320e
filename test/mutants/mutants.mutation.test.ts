import { describe, expect, test } from "vitest";
import { OF_APPROVAL } from "./ofApproval.ts";
import { OF_DECISIONS } from "./ofDecisions.ts";
import { OF_HOLDS } from "./ofHolds.ts";
import { OF_PREREQUISITES } from "./ofPrerequisites.ts";
import { occurrences, searchIn } from "./workshop.ts";

const MUTANTS = [...OF_PREREQUISITES, ...OF_HOLDS, ...OF_APPROVAL, ...OF_DECISIONS];
const PREREQUISITES = Array.from({ length: 12 }, (_, index) => `4.1.${index + 1}`);

/** No mutant may live longer than this many histories. */
const HISTORIES = 600;

test("each prerequisite is turned in three ways or more", () => {
  const counts = PREREQUISITES.map((rule) => MUTANTS.filter((one) => one.rule === rule).length);
  expect(counts.every((count) => count >= 3)).toBe(true);
});

test.each(MUTANTS)("what is turned for '$what' stands once in $file", async (mutant) => {
  expect(mutant.replace).not.toBe(mutant.find);
  expect(await occurrences(mutant)).toBe(1);
});

describe.concurrent("the search", () => {
  test("finds nothing in the gate as it is", { timeout: 300_000 }, async () => {
    expect(await searchIn(null, HISTORIES)).toEqual({ fault: null, played: HISTORIES });
  });

  test.each(MUTANTS)("rule $rule: notices that $what", { timeout: 300_000 }, async (mutant) => {
    const { fault } = await searchIn(mutant, HISTORIES);
    expect(fault).not.toBeNull();
  });
});
