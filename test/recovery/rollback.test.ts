import { describe, expect, test } from "vitest";
import {
  UNRECORDED,
  inadmissibility,
  initialise,
  refusesNoLess,
  union,
} from "#recovery/rollback.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const old = digest("a");
const newer = digest("b");

function release(changed: Partial<Parameters<typeof initialise>[1]> = {}) {
  const empty = { denied: [], trustedKeys: [], signedBy: [] };
  return { release: "r", digest: newer, svn: 3, masvn: 0, ...empty, ...changed };
}

describe("rule 4.1.4: a component once a release has initialised there", () => {
  test("keeps the greater of its floor and the release's minimum", () => {
    expect(initialise({ ...UNRECORDED, floor: 5 }, release({ masvn: 3 })).floor).toBe(5);
    expect(initialise({ ...UNRECORDED, floor: 5 }, release({ masvn: 7 })).floor).toBe(7);
  });

  test("denies what either denied and trusts what either trusted, each once and in order", () => {
    const state = { floor: 0, denied: [newer], trustedKeys: ["key-2"] };
    const after = initialise(
      state,
      release({ denied: [old, newer], trustedKeys: ["key-1", "key-2"] }),
    );
    expect(after.denied).toEqual([old, newer]);
    expect(after.trustedKeys).toEqual(["key-1", "key-2"]);
  });

  test("leaves the state that it came from as it was", () => {
    const state = { floor: 1, denied: [], trustedKeys: [] };
    initialise(state, release({ masvn: 9, denied: [old] }));
    expect(state).toEqual({ floor: 1, denied: [], trustedKeys: [] });
  });
});

describe("rule 4.1.4: why a component refuses a release", () => {
  test("a security version below the floor, and not one at it", () => {
    expect(inadmissibility({ ...UNRECORDED, floor: 3 }, release())).toEqual([]);
    expect(inadmissibility({ ...UNRECORDED, floor: 4 }, release())).toEqual(["BELOW_FLOOR"]);
  });

  test("a denied digest", () => {
    expect(inadmissibility({ ...UNRECORDED, denied: [newer] }, release())).toEqual(["DENIED"]);
  });

  test("no signing key among the trusted, where any are named", () => {
    const trusting = { ...UNRECORDED, trustedKeys: ["key-1"] };
    expect(inadmissibility(trusting, release())).toEqual(["UNTRUSTED_KEY"]);
    expect(inadmissibility(trusting, release({ signedBy: ["key-2"] }))).toEqual(["UNTRUSTED_KEY"]);
    expect(inadmissibility(trusting, release({ signedBy: ["key-2", "key-1"] }))).toEqual([]);
    expect(inadmissibility(UNRECORDED, release())).toEqual([]);
  });

  test("every reason at once", () => {
    const strict = { floor: 9, denied: [newer], trustedKeys: ["key-1"] };
    expect(inadmissibility(strict, release())).toEqual(["BELOW_FLOOR", "DENIED", "UNTRUSTED_KEY"]);
  });
});

describe("rule 3.4: what a component says never admits again what it refused", () => {
  const state = { floor: 3, denied: [old], trustedKeys: ["key-1"] };

  test("a lower floor or a shorter list does", () => {
    expect(refusesNoLess(state, { ...state, floor: 2 })).toBe(false);
    expect(refusesNoLess(state, { ...state, denied: [] })).toBe(false);
    expect(refusesNoLess(state, { ...state, denied: [newer] })).toBe(false);
  });

  test("the same or more does not, whatever becomes of the keys", () => {
    expect(refusesNoLess(state, state)).toBe(true);
    expect(refusesNoLess(state, { floor: 4, denied: [newer, old], trustedKeys: [] })).toBe(true);
  });

  test("a union has each element once, in order of name", () => {
    expect(union(["b", "a"], ["c", "a"])).toEqual(["a", "b", "c"]);
  });
});
