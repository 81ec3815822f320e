import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChangeKind } from "#packet/change.ts";
import { EPOCH_MAX } from "#packet/epoch.ts";
import { Policy } from "#pace/policy.ts";
import { type Granted, review } from "#pace/review.ts";
import { DEPLOYMENT, policyText } from "./paceWorld.ts";

const policyOf = (said: Parameters<typeof policyText>[0] = {}): Policy =>
  Policy.parse(JSON.parse(policyText(said)));
const policy = policyOf();
const freeze = { deployment: DEPLOYMENT, kind: "EPOCH_FREEZE" } as const;

function granted(first: bigint, last: bigint, kind: ChangeKind = "EPOCH_FREEZE"): Granted {
  return { deployment: DEPLOYMENT, kind, firstEpoch: first, lastEpoch: last };
}

function codesOf(reviewed: ReturnType<typeof review>): readonly string[] {
  return reviewed.isAllowed ? [] : reviewed.reasons.map(({ code }) => code);
}

describe("a change", () => {
  test("is allowed for as many epochs as the policy says, from the one that is asked for", () => {
    expect(review(policy, [], freeze, 100n)).toEqual({
      isAllowed: true,
      firstEpoch: 100n,
      lastEpoch: 102n,
    });
  });

  test("is not before there is a policy", () => {
    expect(codesOf(review(null, [], freeze, 100n))).toEqual(["NO_POLICY"]);
  });

  test("gets every reason at once, and no epoch where only another policy allows it", () => {
    const strict = policyOf({ frozen: true, simultaneousMax: 1 });
    const other = { deployment: "0198f5a0-0000-7000-8000-000000000009", kind: "DENY_ENTRIES" };
    const given = [{ ...granted(100n, 102n), deployment: other.deployment }];
    const reviewed = review(strict, given, { ...other, kind: "DENY_ENTRIES" }, 100n);
    expect(codesOf(reviewed)).toEqual([
      "OTHER_DEPLOYMENT",
      "FROZEN",
      "KIND_NOT_ALLOWED",
      "TOO_MANY_AT_ONCE",
    ]);
    expect(reviewed).toMatchObject({ possibleFrom: null });
  });

  test("waits until what was given before can no longer be used within the same epochs", () => {
    const given = [granted(100n, 102n)];
    const refused = review(policy, given, freeze, 105n);
    expect(refused).toMatchObject({ isAllowed: false, possibleFrom: 112n });
    expect(codesOf(refused)).toEqual(["RATE_EXCEEDED"]);
    expect(codesOf(review(policy, given, freeze, 111n))).toEqual(["RATE_EXCEEDED"]);
    expect(codesOf(review(policy, given, freeze, 112n))).toEqual([]);
    // One that was given for later counts as well.
    expect(codesOf(review(policy, given, freeze, 90n))).toEqual(["RATE_EXCEEDED"]);
    expect(codesOf(review(policy, given, freeze, 88n))).toEqual([]);
  });

  test("waits while too many others may be made at the same epoch", () => {
    const given = ["EPOCH_THAW", "EPOCH_ADVANCE", "EPOCH_RATE"].map((kind) =>
      granted(100n, 102n, kind as ChangeKind),
    );
    const refused = review(policy, given, freeze, 102n);
    expect(codesOf(refused)).toEqual(["TOO_MANY_AT_ONCE"]);
    expect(refused).toMatchObject({ possibleFrom: 103n });
  });

  test("has no epochs beyond the last one that can be counted", () => {
    expect(codesOf(review(policy, [], freeze, EPOCH_MAX - 1n))).toEqual(["BEYOND_TIME"]);
  });
});

test("whatever is asked in whatever order, no stretch of epochs ever sees more than its rate, and the epoch that is named is the first", () => {
  const asked = fc.record({
    kind: fc.constantFrom("EPOCH_FREEZE" as const, "EPOCH_THAW" as const),
    epoch: fc.bigInt({ min: 0n, max: 60n }),
  });
  const numbers = fc.record({
    changesMax: fc.integer({ min: 1, max: 3 }),
    epochs: fc.integer({ min: 1, max: 12 }),
    simultaneousMax: fc.integer({ min: 1, max: 4 }),
    tokenEpochs: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(numbers, fc.array(asked, { maxLength: 40 }), (limits, asks) => {
      const { changesMax, epochs, simultaneousMax, tokenEpochs } = limits;
      const rate = { changesMax, epochs: String(epochs) };
      const rates = { EPOCH_FREEZE: rate, EPOCH_THAW: rate };
      const tried = policyOf({ rates, simultaneousMax, tokenEpochs: String(tokenEpochs) });
      const given: Granted[] = [];
      for (const { kind, epoch } of asks) {
        const change = { deployment: DEPLOYMENT, kind };
        const reviewed = review(tried, given, change, epoch);
        if (reviewed.isAllowed) given.push({ ...change, ...reviewed });
        else expect(reviewed.possibleFrom).toBe(firstAllowed(limits, given, kind, epoch));
      }
      expect(isKept(limits, given)).toBe(true);
    }),
  );
});

interface Limits {
  readonly changesMax: number;
  readonly epochs: number;
  readonly simultaneousMax: number;
  readonly tokenEpochs: number;
}

/** The rates, looked at epoch by epoch. */
function isKept(limits: Limits, given: readonly Granted[]): boolean {
  for (let start = -20n; start < 200n; start += 1n) {
    const end = start + BigInt(limits.epochs) - 1n;
    const usable = (last: bigint, kind?: ChangeKind): number =>
      given.filter(
        (each) =>
          (kind === undefined || each.kind === kind) &&
          each.firstEpoch <= last &&
          each.lastEpoch >= start,
      ).length;
    if (usable(start) > limits.simultaneousMax) return false;
    if (usable(end, "EPOCH_FREEZE") > limits.changesMax) return false;
    if (usable(end, "EPOCH_THAW") > limits.changesMax) return false;
  }
  return true;
}

function firstAllowed(
  limits: Limits,
  given: readonly Granted[],
  kind: ChangeKind,
  from: bigint,
): bigint | null {
  for (let first = from + 1n; first < 300n; first += 1n) {
    const last = first + BigInt(limits.tokenEpochs) - 1n;
    if (isKept(limits, [...given, granted(first, last, kind)])) return first;
  }
  return null;
}
