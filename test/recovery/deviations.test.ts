import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ComponentKind, type Declared, DeviationCode, Standpoint } from "#packet/component.ts";
import {
  type ActualState,
  type RunningWord,
  countingWords,
  deviations,
  standpointOf,
} from "#recovery/deviations.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

const MEANT = digest("a");
const OTHER = digest("b");

const state: fc.Arbitrary<NonNullable<ActualState["refuses"]>> = fc.record({
  floor: fc.nat(4),
  denied: fc.uniqueArray(fc.constantFrom(digest("c"), digest("d"), digest("e")), { maxLength: 3 }),
  trustedKeys: fc.uniqueArray(fc.constantFrom("key-1", "key-2", "key-3"), { maxLength: 3 }),
});

const word: fc.Arbitrary<RunningWord> = fc.record({
  standpoint: fc.constantFrom(...Standpoint.options),
  running: fc.constantFrom(MEANT, OTHER, null),
  isFresh: fc.boolean(),
});

const declared: fc.Arbitrary<Declared> = fc
  .record({ componentKind: fc.constantFrom(...ComponentKind.options), meant: state })
  .map(({ componentKind, meant }) => ({
    componentKind,
    intended: {
      release: "r2",
      digest: MEANT,
      floor: meant.floor,
      denied: [...meant.denied],
      trustedKeys: [...meant.trustedKeys],
    },
    ...(componentKind === "FIRMWARE" ? { keySlots: 4 } : {}),
  }));

const actual: fc.Arbitrary<ActualState> = fc.record({
  refuses: state,
  keySlotsUsed: fc.option(fc.nat(6)),
  words: fc.array(word, { maxLength: 2 }),
});

/** As it was declared, and seen to be so from outside. */
function asMeant({ intended }: Declared): ActualState {
  const { floor, denied, trustedKeys } = intended;
  return {
    refuses: { floor, denied: denied.toReversed(), trustedKeys: trustedKeys.toReversed() },
    keySlotsUsed: null,
    words: [{ standpoint: "OUTSIDE", running: MEANT, isFresh: true }],
  };
}

function codes(meant: Declared, found: ActualState): DeviationCode[] {
  return deviations(meant, found).map(({ code }) => code);
}

const system: Declared = {
  componentKind: "SYSTEM",
  intended: { release: "r2", digest: MEANT, floor: 2, denied: [], trustedKeys: [] },
};

describe("what is as it was declared", () => {
  test("deviates in nothing, in whatever order its lists are", () => {
    fc.assert(
      fc.property(declared, (meant) => {
        expect(deviations(meant, asMeant(meant))).toEqual([]);
      }),
    );
  });

  test("and nothing else is", () => {
    const same = (one: readonly string[], other: readonly string[]): boolean =>
      one.toSorted().join(" ") === other.toSorted().join(" ");
    fc.assert(
      fc.property(declared, actual, fc.nat(7), (meant, other, kept) => {
        const sound = asMeant(meant);
        const found: ActualState = {
          refuses: (kept & 1) === 0 ? other.refuses : sound.refuses,
          keySlotsUsed: (kept & 2) === 0 ? other.keySlotsUsed : sound.keySlotsUsed,
          words: (kept & 4) === 0 ? other.words : sound.words,
        };
        const { intended, componentKind } = meant;
        const { refuses, words } = found;
        const isAsMeant = [
          refuses?.floor === intended.floor,
          same(refuses?.denied ?? [], intended.denied),
          same(refuses?.trustedKeys ?? [], intended.trustedKeys),
          words.every(({ running }) => running !== OTHER),
          words.some(
            ({ running, isFresh, standpoint }) =>
              isFresh &&
              running === MEANT &&
              (componentKind === "APPLICATION" || standpoint === "OUTSIDE"),
          ),
          (found.keySlotsUsed ?? 0) <= (meant.keySlots ?? 6),
        ].every(Boolean);
        expect(deviations(meant, found).length === 0).toBe(isAsMeant);
      }),
    );
  });

  test("each deviation comes once, in the order of the codes, with what would remove it", () => {
    fc.assert(
      fc.property(declared, actual, (meant, found) => {
        const told = deviations(meant, found);
        const places = told.map(({ code }) => DeviationCode.options.indexOf(code));
        expect(places).toEqual([...new Set(places)].toSorted((left, right) => left - right));
        for (const { expected, found: what, repair, about } of told) {
          for (const text of [expected, what, repair]) expect(text).not.toBe("");
          expect(about).toEqual([...new Set(about)].toSorted());
        }
      }),
    );
  });
});

describe("what a component says of itself", () => {
  test("a self-updating one's own word never removes a deviation, whatever it says", () => {
    fc.assert(
      fc.property(
        declared,
        actual,
        fc.constantFrom(MEANT, OTHER, null),
        (meant, found, running) => {
          fc.pre(meant.componentKind !== "APPLICATION" && found.words.length > 0);
          const own = { standpoint: "OWN", running, isFresh: true } as const;
          const without = codes(meant, found);
          const withIt = codes(meant, { ...found, words: [...found.words, own] });
          expect(withIt).toEqual(expect.arrayContaining(without));
        },
      ),
    );
  });

  test("it may reveal one that nobody saw from outside", () => {
    const own = { standpoint: "OWN", running: OTHER, isFresh: true } as const;
    const { words, ...rest } = asMeant(system);
    expect(codes(system, { ...rest, words: [...words, own] })).toEqual(["RUNNING_ANOTHER"]);
  });

  test("an application's own word confirms; a system's leaves it UNCONFIRMED", () => {
    const words = [{ standpoint: "OWN", running: MEANT, isFresh: true }] as const;
    const application: Declared = { ...system, componentKind: "APPLICATION" };
    expect(codes(application, { ...asMeant(application), words })).toEqual([]);
    expect(codes(system, { ...asMeant(system), words })).toEqual(["UNCONFIRMED"]);
  });

  test("a confirmation that is too old is none", () => {
    const words = [{ standpoint: "OUTSIDE", running: MEANT, isFresh: false }] as const;
    expect(codes(system, { ...asMeant(system), words })).toEqual(["UNCONFIRMED"]);
  });

  test("another digest stays another however old the word is", () => {
    const words = [{ standpoint: "OUTSIDE", running: OTHER, isFresh: false }] as const;
    expect(codes(system, { ...asMeant(system), words })).toEqual([
      "RUNNING_ANOTHER",
      "UNCONFIRMED",
    ]);
  });
});

describe("which words count", () => {
  const report = (reporter: string, standpoint?: Standpoint) => ({
    component: "core",
    reporter,
    standpoint,
  });

  test("the newest from outside, and the newest own word told after it", () => {
    const early = report("core");
    const own = [report("agent"), report("core", "OWN")];
    const seen = [report("ana", "OUTSIDE"), report("ben", "OUTSIDE")];
    expect(countingWords([early, ...seen])).toEqual([seen[1]]);
    expect(countingWords([...seen, ...own])).toEqual([seen[1], own[1]]);
    expect(countingWords(own)).toEqual([own[1]]);
    expect(countingWords([])).toEqual([]);
  });

  test("a report without a standpoint is the component's own, and so is whatever it says itself", () => {
    expect(standpointOf(report("ana"))).toBe("OWN");
    expect(standpointOf(report("ana", "OUTSIDE"))).toBe("OUTSIDE");
    expect(standpointOf(report("core", "OUTSIDE"))).toBe("OWN");
  });

  test("what the newest look from outside leaves unsaid is unknown", () => {
    const words = [{ standpoint: "OUTSIDE", running: null, isFresh: true }] as const;
    expect(codes(system, { ...asMeant(system), words })).toEqual(["UNCONFIRMED"]);
  });
});

describe("the repairs", () => {
  const firmware: Declared = {
    componentKind: "FIRMWARE",
    intended: { release: "r2", digest: MEANT, floor: 2, denied: [], trustedKeys: ["key-2"] },
    keySlots: 2,
  };

  function repairs(meant: Declared, changed: Partial<ActualState>): Record<string, string> {
    const found = deviations(meant, { ...asMeant(meant), ...changed });
    return Object.fromEntries(found.map(({ code, repair }) => [code, repair]));
  }

  const refusing = (
    changed: Partial<NonNullable<ActualState["refuses"]>>,
  ): Partial<ActualState> => ({
    refuses: { floor: 2, denied: [], trustedKeys: ["key-2"], ...changed },
  });

  test("of a floor that is too low, a release that raises it; of one too high, only another declaration", () => {
    expect(repairs(firmware, refusing({ floor: 1 }))["FLOOR_TOO_LOW"]).toMatch(/MASVN 2/);
    const high = repairs(firmware, refusing({ floor: 3 }))["FLOOR_TOO_HIGH"];
    expect(high).toMatch(/^none on the component: a floor never goes down\. Declare floor 3$/);
  });

  test("of a deny entry that nobody declared, and of a denied intended release, none on the component", () => {
    const denying = repairs(firmware, refusing({ denied: [MEANT, OTHER] }));
    expect(Object.keys(denying)).toEqual(["INTENDED_DENIED", "DENY_ENTRY_UNDECLARED"]);
    for (const repair of Object.values(denying)) expect(repair).toMatch(/^none on the component/);
    const running: RunningWord = { standpoint: "OUTSIDE", running: OTHER, isFresh: true };
    const another = repairs(firmware, { ...refusing({ denied: [MEANT] }), words: [running] });
    expect(another["RUNNING_ANOTHER"]).toMatch(/^none by installing/);
  });

  test("of a missing key, a release that brings it, while a slot is left for it", () => {
    const missing = refusing({ trustedKeys: ["key-1"] });
    const left = repairs(firmware, { ...missing, keySlotsUsed: 1 });
    expect(left["KEY_MISSING"]).toMatch(/takes a slot for good/);
    const full = repairs(firmware, { ...missing, keySlotsUsed: 2 });
    expect(full["KEY_MISSING"]).toMatch(/^none on the component: 2 of its 2 slots are used/);
    expect(full["KEY_UNDECLARED"]).toMatch(/slots, which stay used/);
  });

  test("a component without a key list trusts every key, which is not what a list means", () => {
    const open = repairs(firmware, { ...refusing({ trustedKeys: [] }), keySlotsUsed: 0 });
    expect(Object.keys(open)).toEqual(["EVERY_KEY_TRUSTED"]);
    const restricted = repairs(system, refusing({ trustedKeys: ["key-1"] }));
    expect(restricted["KEY_UNDECLARED"]).toMatch(/^declare the keys/);
  });

  test("more slots used than there are can only be declared", () => {
    const used = repairs(firmware, { keySlotsUsed: 3 });
    expect(used["KEY_SLOTS_EXCEEDED"]).toMatch(/^none on the component/);
  });

  test("of nothing reported, a report", () => {
    const unknown = repairs(system, { refuses: null, words: [] });
    expect(Object.keys(unknown)).toEqual(["UNREPORTED"]);
  });
});
