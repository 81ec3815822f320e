import { describe, expect, test } from "vitest";
import type { Revised } from "#gate/revise.ts";
import { earliestLapse, forecast, readinessAt, shiftArithmetic } from "#gate/forecast.ts";
import { openHolds } from "#gate/view.ts";
import { approve, named, open, place, standing, tell, withdraw } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  ages,
  commitment,
  confirmation,
  rebuild,
  revocation,
  safeguard,
  sighting,
  withdrawal,
} from "./reports.ts";
import { CONTENTS, calendar, digestOf, shift } from "./train.ts";

function told({ state, opened, cleared, outOfScope, occurrence }: Revised): unknown {
  return {
    revision: state.revision,
    epoch: state.epoch,
    cause: occurrence.fact.kind,
    status: state.status,
    standing: state.approval?.standing,
    opened: named(opened),
    cleared: named(cleared),
    outOfScope: named(outOfScope),
    materialDigest: state.materialDigest,
  };
}

describe("rule 4.3.4: readiness over time, all else unchanged", () => {
  test("ready now; not ready from an epoch on, because a shift has too few of its seats", () => {
    const desk = new Desk([ages({ availabilityMaxAge: 8n })]);
    desk.pass(2n);
    const everyone = ["ana", "ben", "cleo", "dan", "eve"];
    tell(desk, [
      ...["ben", "dan"].map((name) => commitment(name, "late")),
      ...["cleo", "eve"].map((name) => withdrawal(name, "late")),
      ...everyone.map((name) => commitment(name, "night")),
    ]);
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
    expect(readinessAt(desk.state, 16n).head.status).toBe("READY_FOR_APPROVAL");
    const { head } = readinessAt(desk.state, 17n);
    expect(head.status).toBe("ON_HOLD");
    expect(openHolds(head).map((hold) => hold.why)).toEqual([
      "shift late cannot fill its seats at once: 1 of 2 SIGNER, 2 of 1 CUSTODIAN among 2 people",
    ]);
  });

  test("asking changes nothing", () => {
    const desk = new Desk([ages({ digestMaxAge: 3n })]);
    const before = desk.state;
    readinessAt(before, 20n);
    forecast(before);
    earliestLapse(before);
    shiftArithmetic(before, 20n);
    expect(desk.state).toBe(before);
    expect(open(desk)).toEqual([]);
  });

  test("a forecast is what then happens, revision for revision", () => {
    const desk = new Desk([{ ...CONTENTS.QUORUM_POLICY, handoverEpochs: 0n }]);
    approve(desk);
    desk.pass(1n);
    tell(desk, [
      confirmation("app"),
      safeguard("ADVISORY_TIMING", "ENGAGED"),
      sighting("app", "rogue", "mirror", "GONE"),
    ]);
    const foreseen = forecast(desk.state).map(told);
    const happened = desk.pass(40n).map(told);
    expect(foreseen.length).toBeGreaterThan(5);
    expect(happened).toEqual(foreseen);
    expect(desk.state.status).toBe("CLOSED");
  });

  test("the last of it closes the packet, and a closed packet has none", () => {
    const desk = new Desk([ages()]);
    const lapses = forecast(desk.state);
    expect(lapses.map(({ state }) => [state.epoch, state.closing])).toEqual([
      [25n, "WINDOW_PASSED"],
    ]);
    withdraw(desk);
    expect(forecast(desk.state)).toEqual([]);
    expect(earliestLapse(desk.state)).toBeNull();
  });
});

describe("rule 5.7: the earliest lapse, and what to renew first", () => {
  test("names the epoch and the evidence behind the holds that will open", () => {
    const desk = new Desk([ages({ digestMaxAge: 5n, custodyMaxAge: 9n })]);
    desk.pass(1n);
    const fresh = tell(desk, [confirmation("lib"), confirmation("tool")]);
    expect(fresh.occurrence.fact.kind).toBe("ENTRIES_RECORDED");
    const lapse = earliestLapse(desk.state);
    expect(lapse?.epoch).toBe(14n);
    expect(named(lapse?.revised.opened ?? [])).toEqual([
      `DIGEST_CONFIRMATION_STALE app ${digestOf("app")}`,
    ]);
    const behind = desk.state.facts.evidence
      .get("DIGEST_CONFIRMATION app")
      ?.map(({ entry }) => entry);
    expect(lapse?.renewFirst).toEqual(behind);
    tell(desk, [confirmation("app")]);
    expect(earliestLapse(desk.state)?.epoch).toBe(15n);
  });

  test("lists what to renew oldest first", () => {
    const desk = new Desk([ages({ digestMaxAge: 6n, reproducibilityMaxAge: 4n })]);
    desk.pass(2n);
    tell(desk, [
      rebuild("app", { observedEpoch: 10n }),
      rebuild("lib", { observedEpoch: 10n }),
      rebuild("tool", { observedEpoch: 10n }),
    ]);
    const lapse = earliestLapse(desk.state);
    expect(lapse?.epoch).toBe(15n);
    const entries = desk.state.facts.evidence.valuesArray().flat();
    const observed = (lapse?.renewFirst ?? []).map(
      (id) => entries.find((entry) => entry.entry === id)?.observedEpoch,
    );
    expect(observed).toEqual([8n, 8n, 8n, 10n, 10n, 10n]);
  });

  test("passes over lapses that only end something", () => {
    const desk = new Desk([ages({ safeguardMaxAge: 12n })]);
    tell(
      desk,
      ["ana", "ben", "cleo", "eve"].map((name) => withdrawal(name, "early")),
    );
    expect(forecast(desk.state)[0]?.state.epoch).toBe(14n);
    expect(earliestLapse(desk.state)?.epoch).toBe(21n);
  });

  test("is the window's end where nothing ages", () => {
    expect(earliestLapse(new Desk([ages()]).state)?.epoch).toBe(25n);
  });
});

describe("rule 4.1.6: how many absences each shift survives", () => {
  test("the people who count, the absences, and whose absence would break it", () => {
    const desk = new Desk([ages()]);
    tell(desk, [withdrawal("eve", "late"), withdrawal("cleo", "late")]);
    expect(shiftArithmetic(desk.state, desk.epoch)).toEqual([
      { shift: "early", people: 5, absencesSurvived: 1, breakingAbsences: [] },
      { shift: "late", people: 3, absencesSurvived: 0, breakingAbsences: ["ana", "ben", "dan"] },
      { shift: "night", people: 5, absencesSurvived: 1, breakingAbsences: [] },
    ]);
  });

  test("a shift that is short survives none, and no single absence is to blame", () => {
    const desk = new Desk([ages()]);
    tell(
      desk,
      ["ana", "eve", "cleo"].map((name) => withdrawal(name, "late")),
    );
    expect(shiftArithmetic(desk.state, desk.epoch)[1]).toEqual({
      shift: "late",
      people: 2,
      absencesSurvived: -1,
      breakingAbsences: [],
    });
  });

  test("groups count: with two signers of one group, the only one of another is needed", () => {
    const desk = new Desk([ages()]);
    tell(desk, [withdrawal("ben", "late")]);
    const late = shiftArithmetic(desk.state, desk.epoch)[1];
    expect(late).toMatchObject({ people: 4, absencesSurvived: 0, breakingAbsences: ["eve"] });
  });

  test("at a later epoch only the shifts that are left, and only commitments that still count", () => {
    const desk = new Desk([
      ages({ availabilityMaxAge: 7n }),
      calendar([shift("early", 8n, 13n), shift("late", 14n, 24n)]),
    ]);
    expect(shiftArithmetic(desk.state, 15n).map(({ shift: name }) => name)).toEqual(["late"]);
    expect(shiftArithmetic(desk.state, 15n)[0]?.people).toBe(5);
    expect(shiftArithmetic(desk.state, 16n)[0]).toMatchObject({ people: 0, absencesSurvived: -1 });
  });

  test("a revoked signer is absent from every shift", () => {
    const desk = new Desk([ages()]);
    tell(desk, [revocation("ana")]);
    place(desk);
    expect(shiftArithmetic(desk.state, desk.epoch).map(({ people }) => people)).toEqual([4, 4, 4]);
    expect(standing(desk)).toBeNull();
  });
});
