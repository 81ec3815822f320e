import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry } from "#packet/entry.ts";
import type { ComponentState, Release } from "#packet/rollback.ts";
import { isRecording, purposeOf, stateAfter } from "#gate/components.ts";
import { UNRECORDED, admits, initialise, patchLacks } from "#recovery/rollback.ts";
import { reasonsAgainst } from "../judge/rollback.ts";

const KEYS = ["key-1", "key-2", "key-3", "key-4"];
const DIGESTS = ["a", "b", "c"].map((letter) => `sha256:${letter.repeat(64)}`);

const key = fc.constantFrom(...KEYS);
const keys = fc.uniqueArray(key, { maxLength: 3 });
const denied = fc.uniqueArray(fc.constantFrom(...DIGESTS), { maxLength: 2 });
const svn = fc.nat(6);

const release: fc.Arbitrary<Release> = fc.record({
  release: fc.constant("r"),
  digest: fc.constantFrom(...DIGESTS),
  svn,
  masvn: svn,
  denied,
  trustedKeys: keys,
  signedBy: keys,
});

const receipt = {
  entry: "00000000-0000-7000-8000-000000000001",
  reporter: "rex",
  reporterKind: "PERSON",
  observedEpoch: 1n,
  recordedEpoch: 1n,
  reportNumber: null,
} as const;
const component = "core";

type Recorded = Extract<
  Entry,
  {
    kind: "COMPONENT_STATE" | "COMPONENT_DECLARATION" | "RELEASE_INITIALISATION" | "KEY_ROTATION";
  }
>;

const entry: fc.Arbitrary<Recorded> = fc.oneof(
  fc
    .record({ floor: svn, denied, trustedKeys: keys })
    .map((said) => ({ kind: "COMPONENT_STATE" as const, component, ...said, ...receipt })),
  release.map((ran) => ({
    kind: "RELEASE_INITIALISATION" as const,
    component,
    release: ran,
    ...receipt,
  })),
  fc
    .record({
      mode: fc.constantFrom("OVERLAP" as const, "OVERLAP_END" as const, "SUDDEN" as const),
      outgoing: key,
      incoming: key,
    })
    .map((said) => ({ kind: "KEY_ROTATION" as const, component, ...said, ...receipt })),
  fc.boolean().map((hasSpareParts) => ({
    kind: "COMPONENT_DECLARATION" as const,
    component,
    componentKind: "FIRMWARE" as const,
    intended: {
      release: "r",
      digest: DIGESTS[0] ?? "",
      floor: 0,
      denied: [],
      trustedKeys: [],
    },
    keySlots: 9,
    ...(hasSpareParts ? { spareParts: [{ release: "r0", svn: 1 }] } : {}),
    ...receipt,
  })),
);
const history = fc.array(entry, { maxLength: 12 });

function fold(entries: readonly Entry[], from: ComponentState = UNRECORDED): ComponentState {
  return entries.filter(isRecording).reduce(stateAfter, from);
}

const isWithin = (some: readonly string[], others: readonly string[]): boolean =>
  some.every((one) => others.includes(one));

function refusesNoLessThan(before: ComponentState, after: ComponentState): boolean {
  return (
    after.floor >= before.floor &&
    isWithin(before.denied, after.denied) &&
    isWithin(before.retiredKeys, after.retiredKeys) &&
    isWithin(before.everTrusted, after.everTrusted)
  );
}

describe("in any history", () => {
  test("floor, deny list and retired keys never go down, whatever is installed or reported", () => {
    fc.assert(
      fc.property(history, entry, (before, next) => {
        const state = fold(before);
        expect(refusesNoLessThan(state, fold([next], state))).toBe(true);
      }),
    );
  });

  test("nor by restoring an older copy and hearing everything again, in part, doubled or reordered", () => {
    const heard = history.chain((told) =>
      fc.record({
        told: fc.constant(told),
        again: told.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...told)),
        copied: fc.nat(told.length),
        order: fc.shuffledSubarray(told, { minLength: told.length }),
      }),
    );
    fc.assert(
      fc.property(heard, ({ told, again, copied, order }) => {
        const state = fold(told);
        expect(refusesNoLessThan(state, fold(again, state))).toBe(true);
        const restored = fold(told.slice(copied), fold(told.slice(0, copied)));
        expect(restored).toEqual(state);
        const { floor, denied: listed, retiredKeys, everTrusted } = fold(order);
        expect({ floor, denied: listed, retiredKeys, everTrusted }).toEqual({
          floor: state.floor,
          denied: state.denied,
          retiredKeys: state.retiredKeys,
          everTrusted: state.everTrusted,
        });
      }),
    );
  });

  test("a release that is refused by floor, list or a key that is out is refused ever after", () => {
    fc.assert(
      fc.property(history, history, release, (before, after, one) => {
        const state = fold(before);
        const later = admits(fold(after, state), one);
        const isFinal = (reason: string): boolean => reason !== "UNTRUSTED_KEY";
        expect(isWithin(admits(state, one).filter(isFinal), later)).toBe(true);
        const isOut = one.signedBy.length > 0 && isWithin(one.signedBy, state.retiredKeys);
        if (isOut) expect(later).toContain("UNTRUSTED_KEY");
      }),
    );
  });

  test("the gate's reasons are those of the judge that was written apart from it", () => {
    fc.assert(
      fc.property(history, fc.option(release), release, (told, patch, one) => {
        const state = fold(told);
        const declaration = told.findLast((each) => each.kind === "COMPONENT_DECLARATION");
        const patched = patch === null ? state : initialise(state, patch);
        const purpose = purposeOf(declaration);
        const own = admits(patched, one, purpose);
        const reasons = patch === null ? own : [...own, ...patchLacks(state, patch, purpose)];
        expect([...new Set(reasons)]).toEqual(reasonsAgainst(told, patch, one));
      }),
      { numRuns: 2_000 },
    );
  });
});
