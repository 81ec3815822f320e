import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fact } from "#packet/fact.ts";
import { HoldCode, type Prerequisite } from "#packet/hold.ts";
import type { EntryKind } from "#packet/entry.ts";
import type { SourceKind } from "#packet/source.ts";
import type { Revised } from "#gate/revise.ts";
import { forecast } from "#gate/forecast.ts";
import { openHolds } from "#gate/view.ts";
import { named } from "./acts.ts";
import { Desk } from "./desk.ts";
import { HOLD_SCENARIOS } from "./scenarios.ts";
import { played, scripts } from "./script.ts";

/** Section 4.1 read as a table: which rows may depend on an entry of each kind. */
const ROWS_OF_ENTRY: Readonly<Record<EntryKind, readonly Prerequisite[]>> = {
  DIGEST_CONFIRMATION: ["DIGEST_CONFIRMATION"],
  REPRODUCIBILITY_CHECK: ["REPRODUCIBILITY"],
  AVAILABILITY: ["SIGNER_QUORUM", "ROLLBACK_CUSTODY"],
  CUSTODY: ["ROLLBACK_CUSTODY"],
  SAFEGUARD: ["PUBLICATION_SAFEGUARDS"],
  OBSERVATION: ["QUARANTINE"],
  QUARANTINE: ["QUARANTINE"],
  ENCLAVE_REPORT: ["ENCLAVES"],
  CREDENTIAL_REVOCATION: ["SIGNER_QUORUM", "ROLLBACK_CUSTODY"],
  COMPONENT_STATE: ["ROLLBACK_SCOPE"],
  COMPONENT_DECLARATION: ["ROLLBACK_SCOPE"],
  RELEASE_INITIALISATION: ["ROLLBACK_SCOPE"],
  KEY_ROTATION: ["ROLLBACK_SCOPE"],
  EMERGENCY_PLAN: ["EMERGENCY_ACCESS"],
  EMERGENCY_EXERCISE: ["EMERGENCY_ACCESS"],
};

/** What rests on evidence that ages. */
const EVIDENCE = [...new Set(Object.values(ROWS_OF_ENTRY).flat())];
/** And rests on who reported it: of a component everybody counts who may report at all. */
const REPORTED = EVIDENCE.filter((row) => row !== "ROLLBACK_SCOPE");

/** And on a source of each kind. */
const ROWS_OF_SOURCE: Readonly<Record<SourceKind, readonly Prerequisite[]>> = {
  APPROVAL_LANE: REPORTED,
  OUTAGE_DECLARATION: ["OUTAGE"],
  TRUSTED_BRANCH: ["MANIFEST_BINDING"],
  MANIFEST: [
    "MANIFEST_BINDING",
    "REPRODUCIBILITY",
    "DIGEST_CONFIRMATION",
    "PUBLICATION_SCOPE",
    "QUARANTINE",
  ],
  REPRODUCIBILITY_POLICY: ["REPRODUCIBILITY"],
  ROLLBACK_SCOPE: ["ROLLBACK_SCOPE", "ROLLBACK_CUSTODY"],
  REQUIRED_ENCLAVES: ["ENCLAVES"],
  ROSTER: ["SIGNER_QUORUM", "ROLLBACK_CUSTODY"],
  SHIFT_CALENDAR: ["SIGNER_QUORUM", "ROLLBACK_CUSTODY", "TIME"],
  QUORUM_POLICY: ["SIGNER_QUORUM"],
  FRESHNESS_POLICY: EVIDENCE,
  PUBLICATION_SCOPE: ["PUBLICATION_SCOPE", "PUBLICATION_SAFEGUARDS"],
  ACCEPTED_REPORTERS: REPORTED,
  SHIPMENT_WINDOW: ["SIGNER_QUORUM", "ROLLBACK_CUSTODY", "TIME"],
};

/** What time alone may change: evidence ages and shifts end. */
function rowsOf(fact: Fact): readonly Prerequisite[] {
  switch (fact.kind) {
    case "ENTRIES_RECORDED":
      return fact.entries.flatMap((entry) => ROWS_OF_ENTRY[entry.kind]);
    case "SOURCE_ACCEPTED":
      return [
        ...ROWS_OF_SOURCE[fact.source.kind],
        ...fact.entries.flatMap((entry) => ROWS_OF_ENTRY[entry.kind]),
      ];
    case "PACKET_BOUND":
      return ["MANIFEST_BINDING", "REPRODUCIBILITY", "ROLLBACK_SCOPE"];
    case "CLOCK_CHANGED":
      return ["TIME"];
    case "EPOCH_REACHED":
      return EVIDENCE;
    case "PACKET_OPENED":
      return [];
    default:
      return ["PLACED"];
  }
}

function touched({ opened, cleared, outOfScope, amended }: Revised): Prerequisite[] {
  return [...opened, ...cleared, ...outOfScope, ...amended].map((hold) => hold.prerequisite);
}

/** What changed in rows that the cause has nothing to do with. */
function strays(revisions: readonly Revised[]): string[] {
  return revisions.slice(1).flatMap((revised) => {
    const { fact } = revised.occurrence;
    const allowed = new Set(rowsOf(fact));
    return touched(revised)
      .filter((row) => !allowed.has(row))
      .map((row) => `${fact.kind} changed ${row}`);
  });
}

describe("measure 9.4 and rule 3.2: a change in one prerequisite changes only the holds that depend on it", () => {
  test.each(HoldCode.options)(
    "whatever opens and clears %s touches no other row's holds",
    (code) => {
      const scenario = HOLD_SCENARIOS[code];
      const desk = scenario.start?.() ?? new Desk();
      scenario.happens(desk);
      scenario.clears(desk);
      expect(strays(desk.revisions)).toEqual([]);
    },
  );

  test("nor while every other row is held as well", () => {
    for (const { happens, clears, leaves } of Object.values(HOLD_SCENARIOS)) {
      const desk = new Desk([], []);
      happens(desk);
      if (desk.state.closing === null) clears(desk);
      if (desk.state.closing === null) leaves?.(desk);
      expect(strays(desk.revisions)).toEqual([]);
    }
  });

  test("in any history", () => {
    fc.assert(
      fc.property(scripts, (lines) => {
        const desk = played(lines);
        expect(strays(desk.revisions)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("measure 9.4 and rule 4.2.2: no flapping without new evidence", () => {
  test("by time alone a hold opens at most once, and none that ended comes back", () => {
    fc.assert(
      fc.property(scripts, (lines) => {
        const desk = played(lines);
        const opened = forecast(desk.state).flatMap((revised) => named(revised.opened));
        expect(opened).toHaveLength(new Set(opened).size);
      }),
      { numRuns: 15 },
    );
  });

  test("evidence that says the same again moves nothing", () => {
    const desk = new Desk();
    HOLD_SCENARIOS.ENCLAVE_UNSEALED.happens(desk);
    const [before] = openHolds(desk.state);
    HOLD_SCENARIOS.ENCLAVE_UNSEALED.happens(desk);
    const [after] = openHolds(desk.state);
    expect(desk.head.opened).toEqual([]);
    expect([after?.ordinal, after?.sinceRevision]).toEqual([
      before?.ordinal,
      before?.sinceRevision,
    ]);
  });
});
