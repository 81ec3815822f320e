import { describe, expect, test } from "vitest";
import { escalations, prerequisiteStatus } from "#gate/view.ts";
import { decideAcknowledge } from "#gate/decide/packet.ts";
import { Refusal, WrongStatus } from "#packet/refusal.ts";
import { open, place, record, security } from "./acts.ts";
import { Desk } from "./desk.ts";
import { CONTENTS } from "./train.ts";

const declared = CONTENTS.OUTAGE_DECLARATION;

describe("rule 4.1.1: the outage", () => {
  test("stands while the newest declaration declares it and covers the train", () => {
    const desk = new Desk([{ ...declared, fallbackTrains: ["train-0", "train-1"] }]);
    expect(prerequisiteStatus(desk.state, "OUTAGE")).toBe("MET");
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
  });

  test("does not stand once the declaration has ended", () => {
    const desk = new Desk();
    desk.accept({ ...declared, status: "ENDED" });
    expect(open(desk)).toEqual(["OUTAGE_NOT_STANDING outage-1"]);
    expect(prerequisiteStatus(desk.state, "OUTAGE")).toBe("ESCALATED");
  });

  test("does not stand for a train that the fallback scope leaves out", () => {
    const desk = new Desk([{ ...declared, fallbackTrains: ["train-11", "train-2"] }]);
    expect(open(desk)).toEqual(["OUTAGE_NOT_STANDING outage-1"]);
  });

  test("is judged by the newest declaration, whatever an earlier one said", () => {
    const desk = new Desk();
    desk.accept({ ...declared, declaration: "outage-2", status: "ENDED" });
    expect(open(desk)).toEqual(["OUTAGE_NOT_STANDING outage-2"]);
    desk.accept({ ...declared, declaration: "outage-3" });
    expect(open(desk)).toEqual([]);
    const ended = desk.state.register.get("OUTAGE_NOT_STANDING outage-2");
    expect(ended?.status).toBe("OUT_OF_SCOPE");
  });
});

describe("rule 3.1: the state follows from the holds", () => {
  test("an open B hold escalates, whatever else is open", () => {
    const desk = new Desk();
    place(desk);
    expect(desk.state.status).toBe("ON_HOLD");
    desk.accept({ ...declared, status: "ENDED" });
    expect(desk.state.status).toBe("ESCALATED");
    desk.accept(declared);
    expect(desk.state.status).toBe("ON_HOLD");
  });
});

describe("rule 3.8: an escalation", () => {
  test("names the source, the version accepted and the authority that must settle it", () => {
    const desk = new Desk();
    desk.accept({ ...declared, status: "ENDED" });
    const [escalation, ...others] = escalations(desk.state);
    expect(others).toEqual([]);
    expect(escalation).toMatchObject({
      source: "OUTAGE_DECLARATION",
      bound: null,
      accepted: 2,
      authority: "uma",
    });
  });

  test("is acknowledged on the record, and nothing is cleared by that", () => {
    const desk = new Desk();
    desk.accept({ ...declared, status: "ENDED" });
    const before = open(desk);
    const revised = record(desk, decideAcknowledge(desk.state, "seen by the desk"), security);
    expect(revised.occurrence.fact.kind).toBe("ESCALATION_ACKNOWLEDGED");
    expect(open(desk)).toEqual(before);
    expect(desk.state.status).toBe("ESCALATED");
  });

  test("cannot be acknowledged where there is none", () => {
    const desk = new Desk();
    place(desk);
    const decided = decideAcknowledge(desk.state, "seen");
    expect(decided).toBeInstanceOf(WrongStatus);
    expect(decided instanceof Refusal ? decided.message : "").toContain("ON_HOLD");
  });
});
