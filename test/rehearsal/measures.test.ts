import { expect, test } from "vitest";
import { Blockers, difference } from "#rehearsal/blockers.ts";
import { type Sample, measuresOf, quantile } from "#rehearsal/measures.ts";
import { on } from "#rehearsal/holdNames.ts";

const nothing = { opened: [], cleared: [], outOfScope: [] };
const none = { missing: [], false: [] };

function sample(revision: number, given: Partial<Sample>): Sample {
  return {
    revision,
    cause: "ENTRIES_RECORDED",
    status: "ON_HOLD",
    materialDigest: "m1",
    seenAfterMs: 1,
    blockers: 1,
    register: none,
    isChangeExact: true,
    opened: [],
    ...given,
  };
}

function lineage(...given: Partial<Sample>[]): Sample[] {
  return given.map((item, index) => sample(index + 1, item));
}

function figuresOf(rule: string, samples: readonly Sample[], gates = [{ isEqual: true }]) {
  return measuresOf(samples, gates).find((measure) => measure.rule === rule)?.figures;
}

test("the books of what truly holds follow what each change truly does", () => {
  const books = new Blockers();
  books.change({ ...nothing, opened: on("OPERATOR_HOLD", "1", "2") });
  books.change({ ...nothing, cleared: on("OPERATOR_HOLD", "1") });
  expect([...books.open]).toEqual(["OPERATOR_HOLD 2"]);
  books.change({ ...nothing, outOfScope: on("OPERATOR_HOLD", "2") });
  expect([...books.open]).toEqual([]);
});

test("a stage that opens what is open, or ends what is not, is itself wrong", () => {
  const books = new Blockers();
  books.change({ ...nothing, opened: on("OPERATOR_HOLD", "1") });
  expect(() => books.change({ ...nothing, opened: on("OPERATOR_HOLD", "1") })).toThrow("is open");
  expect(() => books.change({ ...nothing, cleared: on("OPERATOR_HOLD", "2") })).toThrow("not open");
});

test("a register is compared both ways", () => {
  expect(difference(["b", "a", "c"], ["c", "d"])).toEqual({ missing: ["a", "b"], false: ["d"] });
});

test.each([
  [0.5, [5, 1, 4, 2, 3], 3],
  [0.99, [5, 1, 4, 2, 3], 5],
  [0.5, [7], 7],
  [0.5, [2, 1], 1],
])("so much as %d of the values do not exceed the quantile", (share, values, expected) => {
  expect(quantile(values, share)).toBe(expected);
});

test("what time made counts not in 9.1: nobody sent it", () => {
  const samples = lineage({ seenAfterMs: 4 }, { seenAfterMs: null }, { seenAfterMs: 8 });
  expect(figuresOf("9.1", samples)).toEqual({ revisions: 2, p50Ms: 4, p99Ms: 8 });
});

test("every missing and every false blocker counts in 9.2", () => {
  const samples = lineage(
    { blockers: 3, register: { missing: ["a"], false: [] } },
    { blockers: 1, register: { missing: [], false: ["x", "y"] } },
  );
  expect(figuresOf("9.2", samples)).toEqual({ share: 0.75, blockers: 4, missing: 1, false: 2 });
});

test("a first ready revision counts in 9.3 once the owner decides on it, and only if approved unchanged as agreed", () => {
  const samples = lineage(
    { status: "READY_FOR_APPROVAL" },
    { status: "ON_HOLD" },
    { status: "READY_FOR_APPROVAL" },
    { status: "ON_HOLD", cause: "PACKET_REJECTED" },
    { status: "READY_FOR_APPROVAL", materialDigest: "m2" },
    { status: "READY_FOR_APPROVAL", materialDigest: "m2" },
    { status: "APPROVED", cause: "PACKET_APPROVED", materialDigest: "m2" },
    { status: "READY_FOR_APPROVAL", materialDigest: "m3" },
    { status: "READY_FOR_APPROVAL", materialDigest: "m4" },
    { status: "APPROVED", cause: "PACKET_APPROVED", materialDigest: "m4" },
    { status: "ON_HOLD", materialDigest: "m4" },
  );
  expect(figuresOf("9.3", samples, [{ isEqual: true }, { isEqual: false }])).toEqual({
    share: 1 / 3,
    begun: 4,
    approvedUnchanged: 1,
    approvedChanged: 1,
    rejected: 1,
    overtaken: 1,
    gateAnswers: 2,
    gateAnswersEqual: 1,
  });
});

test("a hold that time opens again flaps in 9.4 only when nothing new was said", () => {
  const stale = (...evidence: string[]) => ({
    cause: "EPOCH_REACHED",
    opened: [{ hold: "DIGEST_CONFIRMATION_STALE a", evidence }],
  });
  const renewed = lineage(stale("e1"), {}, stale("e2"));
  expect(figuresOf("9.4", renewed)).toMatchObject({ flapped: 0, share: 1 });
  const flapping = lineage(stale("e1"), { isChangeExact: false }, stale("e1"), {});
  expect(figuresOf("9.4", flapping)).toMatchObject({ flapped: 1, exact: 3, share: 0.75 });
});
