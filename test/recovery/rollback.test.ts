import { describe, expect, test } from "vitest";
import {
  UNRECORDED,
  admits,
  denyEntries,
  initialise,
  patchLacks,
  refusesNoLess,
  reported,
  rotate,
  slotBudget,
  union,
} from "#recovery/rollback.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const old = digest("a");
const newer = digest("b");

function release(changed: Partial<Parameters<typeof initialise>[1]> = {}) {
  const empty = { denied: [], trustedKeys: [], signedBy: [] };
  return { release: "r", digest: newer, svn: 3, masvn: 0, ...empty, ...changed };
}

const signed = (...signedBy: string[]) => release({ signedBy });

describe("rule 4.1.4: a component once a release has initialised there", () => {
  test("keeps the greater of its floor and the release's minimum", () => {
    expect(initialise({ ...UNRECORDED, floor: 5 }, release({ masvn: 3 })).floor).toBe(5);
    expect(initialise({ ...UNRECORDED, floor: 5 }, release({ masvn: 7 })).floor).toBe(7);
  });

  test("denies what either denied and trusts what either trusted, each once and in order", () => {
    const state = { ...UNRECORDED, denied: [newer], trustedKeys: ["key-2"] };
    const after = initialise(
      state,
      release({ denied: [old, newer], trustedKeys: ["key-1", "key-2"] }),
    );
    expect(after.denied).toEqual([old, newer]);
    expect(after.trustedKeys).toEqual(["key-1", "key-2"]);
  });

  test("leaves the state that it came from as it was", () => {
    const state = { ...UNRECORDED, floor: 1 };
    initialise(state, release({ masvn: 9, denied: [old] }));
    expect(state).toEqual({ ...UNRECORDED, floor: 1 });
  });
});

describe("rule 4.1.4: why a component refuses a release", () => {
  test("a security version below the floor, and not one at it", () => {
    expect(admits({ ...UNRECORDED, floor: 3 }, release())).toEqual([]);
    expect(admits({ ...UNRECORDED, floor: 4 }, release())).toEqual(["BELOW_FLOOR"]);
  });

  test("a denied digest", () => {
    expect(admits({ ...UNRECORDED, denied: [newer] }, release())).toEqual(["DENIED"]);
  });

  test("no signing key among the trusted, where any are named", () => {
    const trusting = { ...UNRECORDED, trustedKeys: ["key-1"] };
    expect(admits(trusting, release())).toEqual(["UNTRUSTED_KEY"]);
    expect(admits(trusting, signed("key-2"))).toEqual(["UNTRUSTED_KEY"]);
    expect(admits(trusting, signed("key-2", "key-1"))).toEqual([]);
    expect(admits(UNRECORDED, release())).toEqual([]);
  });

  test("every reason at once", () => {
    const strict = { ...UNRECORDED, floor: 9, denied: [newer], trustedKeys: ["key-1"] };
    expect(admits(strict, release())).toEqual(["BELOW_FLOOR", "DENIED", "UNTRUSTED_KEY"]);
  });
});

describe("rule 3.4: what a component says never admits again what it refused", () => {
  const state = { floor: 3, denied: [old] };

  test("a lower floor or a shorter list does", () => {
    expect(refusesNoLess(state, { ...state, floor: 2 })).toBe(false);
    expect(refusesNoLess(state, { ...state, denied: [] })).toBe(false);
    expect(refusesNoLess(state, { ...state, denied: [newer] })).toBe(false);
  });

  test("the same or more does not", () => {
    expect(refusesNoLess(state, state)).toBe(true);
    expect(refusesNoLess(state, { floor: 4, denied: [newer, old] })).toBe(true);
  });

  test("a report that says less lowers nothing that is recorded", () => {
    const after = reported({ ...UNRECORDED, floor: 4, denied: [old] }, { ...UNRECORDED });
    expect(after).toMatchObject({ floor: 4, denied: [old] });
  });

  test("a union has each element once, in order of name", () => {
    expect(union(["b", "a"], ["c", "a"])).toEqual(["a", "b", "c"]);
  });
});

describe("the keys of a component", () => {
  const exchanged = { outgoing: "key-1", incoming: "key-2" };
  const trusting = { ...UNRECORDED, trustedKeys: ["key-1"] };
  const overlapping = rotate(trusting, { mode: "OVERLAP", ...exchanged });

  test("in an overlap either signature is enough to be admitted, and the patch carries both", () => {
    expect(admits(overlapping, signed("key-1"))).toEqual([]);
    expect(admits(overlapping, signed("key-2"))).toEqual([]);
    expect(patchLacks(overlapping, signed("key-1"))).toEqual(["PATCH_IN_ROTATION"]);
    expect(patchLacks(overlapping, signed("key-2"))).toEqual(["PATCH_IN_ROTATION"]);
    expect(patchLacks(overlapping, signed("key-1", "key-2"))).toEqual([]);
  });

  test("a release with both signatures is admitted before, in and after the overlap", () => {
    const both = signed("key-1", "key-2");
    const after = rotate(overlapping, { mode: "OVERLAP_END", ...exchanged });
    for (const state of [trusting, overlapping, after]) expect(admits(state, both)).toEqual([]);
    expect(admits(after, signed("key-1"))).toEqual(["UNTRUSTED_KEY"]);
    expect(after.overlaps).toEqual([]);
  });

  test("a sudden rotation refuses at once what carries the outgoing signature only", () => {
    const after = rotate(trusting, { mode: "SUDDEN", ...exchanged });
    expect(admits(after, signed("key-1"))).toEqual(["UNTRUSTED_KEY"]);
    expect(admits(after, signed("key-2"))).toEqual([]);
  });

  test("a key that is out comes back by no release, no report and no overlap told late", () => {
    const after = rotate(trusting, { mode: "SUDDEN", ...exchanged });
    const tries = [
      initialise(after, release({ trustedKeys: ["key-1"] })),
      reported(after, { ...UNRECORDED, trustedKeys: ["key-1", "key-2"] }),
      rotate(after, { mode: "OVERLAP", ...exchanged }),
    ];
    for (const state of tries) {
      expect(admits(state, signed("key-1"))).toEqual(["UNTRUSTED_KEY"]);
      expect(state.overlaps).toEqual([]);
    }
  });

  test("a component whose last key is out trusts nobody, and not everybody again", () => {
    const after = rotate(trusting, { mode: "SUDDEN", ...exchanged });
    const emptied = reported(after, UNRECORDED);
    expect(emptied.trustedKeys).toEqual([]);
    expect(admits(emptied, signed("key-2"))).toEqual(["UNTRUSTED_KEY"]);
  });

  test("spare parts need an old and a new signature as soon as a key is being rotated", () => {
    const purpose = { hasSpareParts: true };
    const after = rotate(overlapping, { mode: "OVERLAP_END", ...exchanged });
    expect(admits(trusting, signed("key-1"), purpose)).toEqual([]);
    for (const state of [overlapping, after]) {
      expect(admits(state, signed("key-2"), purpose)).toEqual(["SPARE_PARTS"]);
      expect(admits(state, signed("key-1"), purpose)).toContain("SPARE_PARTS");
      expect(admits(state, signed("key-1", "key-2"), purpose)).toEqual([]);
      expect(patchLacks(state, signed("key-2"), purpose)).toContain("SPARE_PARTS");
      expect(patchLacks(state, signed("key-1", "key-2"), purpose)).toEqual([]);
    }
  });

  test("every key that was ever trusted takes a slot, and one must stay free", () => {
    const next = { outgoing: "key-2", incoming: "key-3" };
    const once = rotate(trusting, { mode: "SUDDEN", ...exchanged });
    expect(slotBudget(once, 4, 0, next)).toEqual({ slots: 4, used: 2, isEnough: true });
    expect(slotBudget(once, 3, 0, next)).toEqual({ slots: 3, used: 2, isEnough: false });
    expect(slotBudget(once, 4, 3, next)).toEqual({ slots: 4, used: 3, isEnough: false });
    expect(slotBudget(once, 2, 2, { outgoing: "key-2", incoming: "key-1" }).isEnough).toBe(true);
  });
});

describe("a component's deny list", () => {
  test("shows an entry as redundant when the floor refuses its release anyway", () => {
    const state = { ...UNRECORDED, floor: 4, denied: [old, newer, digest("c")] };
    const known = [release({ release: "r1", digest: old }), release({ release: "r2", svn: 4 })];
    expect(denyEntries(state, known)).toEqual([
      { digest: old, release: "r1", isRedundant: true },
      { digest: newer, release: "r2", isRedundant: false },
      { digest: digest("c"), release: null, isRedundant: false },
    ]);
  });
});
