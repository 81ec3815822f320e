import { describe, expect, test } from "vitest";
import type { Report } from "#packet/entry.ts";
import { SourceKind } from "#packet/source.ts";
import { approve, bind, open, standing, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  ages,
  byDigest,
  commitment,
  confirmation,
  enclave,
  held,
  quarantine,
  rebuild,
  safeguard,
  sighting,
  withdrawal,
} from "./reports.ts";
import { CONTENTS, goodNews } from "./train.ts";

function approved(): Desk {
  const desk = new Desk([ages()]);
  approve(desk);
  return desk;
}

function seats(desk: Desk, shift: string): string[] | null {
  const seating = desk.state.material.seating.find((item) => item.shift === shift);
  return seating?.seats?.map((seat) => `${seat.role} ${seat.person}`) ?? null;
}

describe("rule 5.4: what is not material", () => {
  test.each([
    ["refreshed evidence", goodNews().filter((report) => report.kind !== "ENCLAVE_REPORT")],
    ["a refreshed enclave report", [enclave("north"), enclave("south")]],
    ["a spare who withdraws", [withdrawal("eve", "late")]],
    [
      "a spare enclave that becomes unavailable",
      [enclave("south", { availability: "UNAVAILABLE" })],
    ],
    ["a spare enclave that is sealed anew", [enclave("south", { seal: "seal-9" })]],
    ["an added quarantine", [quarantine(byDigest("rogue"))]],
    ["an observation of what a quarantine selects", [sighting("app", "app", "mirror")]],
    ["another confirmer's word", [confirmation("app")]],
  ] as [string, Report[]][])("%s leaves the approval standing", (_, reports) => {
    const desk = approved();
    const { materialDigest } = desk.state;
    const revised = tell(desk, reports, "scout");
    expect(revised.materialChanged).toBe(false);
    expect(desk.state.materialDigest).toBe(materialDigest);
    expect([desk.state.status, standing(desk)]).toEqual(["APPROVED", "STANDING"]);
  });

  test("shifts that have ended are dropped on both sides before comparing", () => {
    const desk = approved();
    const { materialDigest } = desk.state;
    desk.pass(6n);
    tell(desk, [confirmation("app")]);
    expect(desk.state.materialDigest).not.toBe(materialDigest);
    expect(desk.head.materialChanged).toBe(false);
    expect(standing(desk)).toBe("STANDING");
  });

  test("a seat that changes in a shift that has ended does not count", () => {
    const desk = approved();
    desk.pass(6n);
    tell(desk, [withdrawal("ana", "early")]);
    expect(standing(desk)).toBe("STANDING");
  });
});

describe("rule 5.4: what is material", () => {
  test.each([
    ["a seat taken by another", [withdrawal("ana", "late")]],
    ["the selected enclave's seal", [enclave("north", { seal: "seal-9" })]],
    ["another enclave being selected", [enclave("north", { availability: "UNAVAILABLE" })]],
    ["a further custodian", [held("cleo")]],
    ["a custodian less", [held("ben", { status: "RELEASED" })]],
    ["a bag sealed anew", [held("ben", { seal: "bag-9" })]],
    ["a lifted quarantine", [quarantine(byDigest("rogue"), "LIFTED")]],
  ] as [string, Report[]][])("%s makes the approval lapse, with no hold open", (_, reports) => {
    const desk = approved();
    const revised = tell(desk, reports);
    expect(open(desk)).toEqual([]);
    expect(revised.materialChanged).toBe(true);
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", "LAPSED"]);
  });

  test("the bindings", () => {
    const desk = approved();
    desk.accept(CONTENTS.TRUSTED_BRANCH);
    expect(standing(desk)).toBe("LAPSED");
    approve(bound(desk));
    bind(desk, { TRUSTED_BRANCH: 1 });
    expect(standing(desk)).toBe("LAPSED");
  });

  function bound(desk: Desk): Desk {
    bind(desk);
    return desk;
  }

  test("a safeguard that disengages and engages again stays lapsed", () => {
    const desk = approved();
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")]);
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED")]);
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", "LAPSED"]);
  });

  test.each(SourceKind.options)("the digest of every source, %s among them", (kind) => {
    const desk = approved();
    expect(desk.state.material.sources[kind]).toBe(desk.state.facts.sources[kind].digest);
    const { materialDigest } = desk.state;
    desk.accept(changedContent(kind));
    expect(desk.state.materialDigest).not.toBe(materialDigest);
    expect(standing(desk)).toBe("LAPSED");
  });

  /** The small train's content of a kind with one harmless difference. */
  function changedContent(kind: SourceKind): (typeof CONTENTS)[SourceKind] {
    const contents = { ...CONTENTS };
    const { people } = contents.ROSTER;
    const { enclaves } = contents.REQUIRED_ENCLAVES;
    const changed: { readonly [K in SourceKind]: (typeof CONTENTS)[K] } = {
      ...contents,
      APPROVAL_LANE: { ...contents.APPROVAL_LANE, owner: "otto" },
      OUTAGE_DECLARATION: { ...contents.OUTAGE_DECLARATION, services: ["signing", "attestation"] },
      TRUSTED_BRANCH: { ...contents.TRUSTED_BRANCH, branch: "fix" },
      MANIFEST: { ...contents.MANIFEST, artifacts: contents.MANIFEST.artifacts.slice(1) },
      REPRODUCIBILITY_POLICY: { ...contents.REPRODUCIBILITY_POLICY, rebuilders: ["probe"] },
      ROLLBACK_SCOPE: { ...contents.ROLLBACK_SCOPE, minCustodians: 2 },
      REQUIRED_ENCLAVES: { ...contents.REQUIRED_ENCLAVES, enclaves: enclaves.slice(0, 1) },
      ROSTER: { ...contents.ROSTER, people: people.slice(0, 4) },
      SHIFT_CALENDAR: {
        ...contents.SHIFT_CALENDAR,
        shifts: contents.SHIFT_CALENDAR.shifts.slice(1),
      },
      QUORUM_POLICY: { ...contents.QUORUM_POLICY, handoverEpochs: 2n },
      FRESHNESS_POLICY: ages({ digestMaxAge: 999n }),
      PUBLICATION_SCOPE: {
        ...contents.PUBLICATION_SCOPE,
        targets: [{ target: "registry", safeguards: ["ADVISORY_TIMING"] }],
      },
      ACCEPTED_REPORTERS: {
        ...contents.ACCEPTED_REPORTERS,
        accepted: contents.ACCEPTED_REPORTERS.accepted.toReversed(),
      },
      SHIPMENT_WINDOW: { ...contents.SHIPMENT_WINDOW, last: 23n },
    };
    return changed[kind];
  }

  test("a source accepted again with the same content is the same digest, but a binding to compare", () => {
    const desk = approved();
    desk.accept(CONTENTS.ROSTER);
    expect(standing(desk)).toBe("STANDING");
    desk.accept(CONTENTS.MANIFEST);
    expect(standing(desk)).toBe("LAPSED");
  });
});

describe("rule 5.4: a shift's seating", () => {
  test("is the least in policy seat order and person", () => {
    expect(seats(new Desk(), "late")).toEqual(["SIGNER ana", "SIGNER ben", "CUSTODIAN cleo"]);
  });

  test("stays the approved one while it is valid, though a lesser one becomes possible", () => {
    const desk = new Desk([ages()]);
    tell(desk, [withdrawal("ana", "late")]);
    expect(seats(desk, "late")).toEqual(["SIGNER ben", "SIGNER cleo", "CUSTODIAN dan"]);
    approve(desk);
    tell(desk, [commitment("ana", "late")]);
    expect(seats(desk, "late")).toEqual(["SIGNER ben", "SIGNER cleo", "CUSTODIAN dan"]);
    expect(standing(desk)).toBe("STANDING");
  });

  test("else the previous revision's while that is valid", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    tell(desk, [withdrawal("ana", "late")]);
    tell(desk, [commitment("ana", "late")]);
    expect(standing(desk)).toBe("LAPSED");
    expect(seats(desk, "late")).toEqual(["SIGNER ben", "SIGNER cleo", "CUSTODIAN dan"]);
  });

  test("else the least again", () => {
    const desk = new Desk([ages()]);
    tell(desk, [withdrawal("ana", "late")]);
    tell(desk, [commitment("ana", "late"), withdrawal("dan", "late")]);
    expect(seats(desk, "late")).toEqual(["SIGNER ana", "SIGNER ben", "CUSTODIAN cleo"]);
  });

  test("stays through ageing, so that a refresh can restore the approval (reading 20)", () => {
    const desk = new Desk([ages({ availabilityMaxAge: 2n })]);
    approve(desk);
    desk.pass(3n);
    expect(open(desk)).toContain("SIGNER_QUORUM_MISSING late");
    expect(seats(desk, "late")).toEqual(["SIGNER ana", "SIGNER ben", "CUSTODIAN cleo"]);
  });

  test("is none where not even aged commitments could fill it", () => {
    const desk = new Desk([ages()]);
    tell(
      desk,
      ["ana", "cleo", "eve"].map((name) => withdrawal(name, "late")),
    );
    expect(seats(desk, "late")).toBeNull();
    expect(seats(desk, "night")).not.toBeNull();
  });

  test("rebuilds and confirmations never touch it", () => {
    const desk = approved();
    const before = desk.state.material;
    tell(desk, [rebuild("app"), confirmation("app")]);
    expect(desk.state.material).toEqual(before);
  });
});
