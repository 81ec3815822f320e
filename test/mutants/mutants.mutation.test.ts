import { beforeAll, describe, expect, test } from "vitest";
import { OF_APPROVAL } from "./ofApproval.ts";
import { OF_DECISIONS } from "./ofDecisions.ts";
import { OF_HOLDS } from "./ofHolds.ts";
import { OF_PREREQUISITES } from "./ofPrerequisites.ts";
import { type Found, occurrences, searchAll } from "./workshop.ts";

const MUTANTS = [...OF_PREREQUISITES, ...OF_HOLDS, ...OF_APPROVAL, ...OF_DECISIONS];
const PREREQUISITES = Array.from({ length: 12 }, (_, index) => `4.1.${index + 1}`);

/** No mutant may live longer than this many histories. */
const HISTORIES = 600;
const ALL_MS = 1_800_000;

test("each prerequisite is turned in three ways or more", () => {
  const counts = PREREQUISITES.map((rule) => MUTANTS.filter((one) => one.rule === rule).length);
  expect(counts.every((count) => count >= 3)).toBe(true);
});

test.each(MUTANTS)("what is turned so that $what stands once in $file", async (mutant) => {
  expect(mutant.replace).not.toBe(mutant.find);
  expect(await occurrences(mutant)).toBe(1);
});

describe("the search", () => {
  let searched: Promise<Found>[] = [];
  beforeAll(() => {
    searched = searchAll([null, ...MUTANTS], HISTORIES);
  });

  test("finds nothing in the gate as it is", { timeout: ALL_MS }, async () => {
    expect(await searched[0]).toEqual({ fault: null, played: HISTORIES });
  });

  const numbered = MUTANTS.map((mutant, index) => ({ ...mutant, number: index + 1 }));
  test.each(numbered)("rule $rule: notices that $what", { timeout: ALL_MS }, async ({ number }) => {
    const found = await searched[number];
    expect(found?.fault).toBeTypeOf("string");
  });
});
