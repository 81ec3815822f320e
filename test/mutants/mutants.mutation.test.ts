import { beforeAll, describe, expect, test } from "vitest";
import { OF_APPROVAL } from "./ofApproval.ts";
import { OF_DECISIONS } from "./ofDecisions.ts";
import { OF_EVIDENCE } from "./ofEvidence.ts";
import { OF_HOLDS } from "./ofHolds.ts";
import { OF_PREREQUISITES } from "./ofPrerequisites.ts";
import type { Mutant } from "./mutant.ts";
import { type Found, occurrences, searchAll } from "./workshop.ts";

const MUTANTS = [...OF_PREREQUISITES, ...OF_HOLDS, ...OF_APPROVAL, ...OF_DECISIONS, ...OF_EVIDENCE];
const PREREQUISITES = Array.from({ length: 13 }, (_, index) => `4.1.${index + 1}`);

/** Into how many shares the mutants are dealt, of which one is searched; 1 for all of them. */
const SHARES = Number(process.env["HOLDFAST_MUTANT_SHARES"] ?? "1");

/** No mutant may live longer than this many histories. */
const HISTORIES = 900;
const ALL_MS = 1_800_000;

/** One share at random: every sixth, say, of them all, and at least one of each prerequisite. */
function dealt(): Mutant[] {
  const share = Math.trunc(Math.random() * SHARES);
  process.stdout.write(`mutants of share ${share + 1} of ${SHARES}\n`);
  const ranks = new Map<string, number>();
  return MUTANTS.filter(({ rule }, index) => {
    if (!PREREQUISITES.includes(rule)) return index % SHARES === share;
    const rank = ranks.get(rule) ?? 0;
    ranks.set(rule, rank + 1);
    const shares = Math.min(SHARES, MUTANTS.filter((one) => one.rule === rule).length);
    return rank % shares === share % shares;
  });
}

test("each prerequisite is turned in three ways or more", () => {
  const counts = PREREQUISITES.map((rule) => MUTANTS.filter((one) => one.rule === rule).length);
  expect(counts.every((count) => count >= 3)).toBe(true);
});

test.each(MUTANTS)("what is turned so that $what stands once in $file", async (mutant) => {
  expect(mutant.replace).not.toBe(mutant.find);
  expect(await occurrences(mutant)).toBe(1);
});

describe("the search", () => {
  const mutants = dealt();
  let searched: Promise<Found>[] = [];
  beforeAll(() => {
    searched = searchAll([null, ...mutants], HISTORIES);
  });

  test("finds nothing in the gate as it is", { timeout: ALL_MS }, async () => {
    expect(await searched[0]).toEqual({ fault: null, played: HISTORIES });
  });

  test("has a mutant of each prerequisite", () => {
    const rules = new Set(mutants.map(({ rule }) => rule));
    expect(PREREQUISITES.filter((rule) => !rules.has(rule))).toEqual([]);
  });

  const numbered = mutants.map((mutant, index) => ({ ...mutant, number: index + 1 }));
  test.each(numbered)("rule $rule: notices that $what", { timeout: ALL_MS }, async ({ number }) => {
    const found = await searched[number];
    expect(found?.fault).toBeTypeOf("string");
  });
});
