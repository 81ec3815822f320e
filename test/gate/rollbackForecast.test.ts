import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Report } from "#packet/entry.ts";
import type { RollbackForecast } from "#packet/wish.ts";
import { plannedEntry, rollbackImpact } from "#gate/rollbackForecast.ts";
import { inadmissiblePackages } from "#gate/scope.ts";
import type { Facts } from "#gate/state.ts";
import { openHolds } from "#gate/view.ts";
import { Desk } from "./desk.ts";
import { play, script } from "./histories.ts";
import { KEYS } from "./remedies.ts";
import { initialisation, rotation } from "./reports.ts";
import { digestOf, system } from "./train.ts";

type Change = RollbackForecast["change"];

const key = fc.constantFrom(...KEYS);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.nat(8).map((floor) => ({ kind: "FLOOR" as const, floor })),
  fc
    .uniqueArray(fc.constantFrom("r0", "r1", "e1"), { minLength: 1 })
    .map((names) => ({ kind: "DENY" as const, denied: names.map(digestOf) })),
  fc
    .record({
      mode: fc.constantFrom("OVERLAP" as const, "OVERLAP_END" as const, "SUDDEN" as const),
      outgoing: key,
      incoming: key,
    })
    .map((told) => ({ kind: "ROTATION" as const, ...told })),
);

/** The change as it then happens: with a release that every component admits that admits any. */
function happening(component: string, planned: Change): Report {
  if (planned.kind === "ROTATION") {
    const { mode, outgoing, incoming } = planned;
    return rotation({ component, mode, outgoing, incoming });
  }
  const asks =
    planned.kind === "FLOOR" ? { masvn: planned.floor } : { masvn: 0, denied: planned.denied };
  const ran = { release: "r9", digest: digestOf("r9"), svn: 99, signedBy: [...KEYS], ...asks };
  return initialisation(ran, component);
}

const names = (facts: Facts): string[] =>
  inadmissiblePackages(facts).map(
    ({ item, reasons }) => `${item.package} ${item.release.digest} ${reasons.join()}`,
  );

const packageOf = (told: string): string => told.split(" ").slice(0, 2).join(" ");

const codes = (holds: readonly { code: string; subject: string }[]): string[] =>
  holds.map(({ code, subject }) => `${code} ${subject}`);

describe("a forecast of a floor, a deny entry or a rotation", () => {
  test("equals what then happens, whatever happened before", () => {
    let happened = 0;
    let opened = 0;
    const planning = fc.tuple(fc.constantFrom("core", "edge"), change);
    const several = fc.array(planning, { minLength: 1, maxLength: 5 });
    const property = fc.property(script, several, (history, plans) => {
      const desk = play(history);
      // One after the other: each is foreseen of what the ones before it left.
      for (const [component, planned] of plans) {
        const report = happening(component, planned);
        if (!desk.canSpeakOf(report)) continue;
        const { epoch, state: before } = desk;
        const receipt = {
          entry: desk.newId(),
          reporter: "probe",
          reporterKind: "SYSTEM",
          observedEpoch: epoch,
          recordedEpoch: epoch,
          reportNumber: null,
        } as const;
        const entry = plannedEntry({ component, change: planned }, receipt);
        const impact = rollbackImpact(before, entry, { actor: system("probe"), epoch });
        const revised = desk.report([report]);
        if (impact === null || revised === null) {
          expect(impact).toBeNull();
          expect(revised).toBeNull();
          continue;
        }
        happened += 1;
        opened += impact.packages.length;
        const known = new Set(names(before.facts).map(packageOf));
        const after = names(revised.state.facts).filter((told) => !known.has(packageOf(told)));
        expect(
          impact.packages.map(
            ({ item, reasons }) => `${item.package} ${item.release.digest} ${reasons.join()}`,
          ),
        ).toEqual(after);
        expect(codes(impact.opened)).toEqual(codes(revised.opened));
        expect(codes(impact.cleared)).toEqual(codes(revised.cleared));
        const isHeld = openHolds(desk.state).length > 0;
        expect(impact.isNewlyHeld).toBe(isHeld && before.openHolds === 0);
      }
    });
    fc.assert(property, { numRuns: 220 });
    expect(happened).toBeGreaterThan(100);
    expect(opened).toBeGreaterThan(10);
  });

  test("says nothing of a packet that does not go back on that component", () => {
    const desk = new Desk();
    const { epoch } = desk;
    const receipt = {
      entry: desk.newId(),
      reporter: "probe",
      reporterKind: "SYSTEM",
      observedEpoch: epoch,
      recordedEpoch: epoch,
      reportNumber: null,
    } as const;
    const planned = { component: "elsewhere", change: { kind: "FLOOR", floor: 9 } } as const;
    const entry = plannedEntry(planned, receipt);
    expect(rollbackImpact(desk.state, entry, { actor: system("probe"), epoch })).toBeNull();
  });
});
