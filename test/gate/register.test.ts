import { describe, expect, test } from "vitest";
import { openHolds } from "#gate/view.ts";
import { named, open, place, release, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, confirmation, enclave, sighting, unsealed, withdrawal } from "./reports.ts";
import { ARTIFACTS, CONTENTS, digestOf } from "./train.ts";

const other = digestOf("other");
const app = `app ${digestOf("app")}`;

function mismatched(): Desk {
  const desk = new Desk([ages()]);
  tell(desk, [confirmation("app", { observed: other })], "scout");
  return desk;
}

describe("rule 4.2.2: a hold is identified by code and subject", () => {
  test("it keeps its since and its ordinal while it stays open", () => {
    const desk = mismatched();
    const [before] = openHolds(desk.state);
    desk.pass(3n);
    tell(desk, [confirmation("app", { observed: digestOf("third") })], "scout");
    const [after] = openHolds(desk.state);
    expect(after).toMatchObject({ ordinal: before?.ordinal, sinceRevision: 2, sinceEpoch: 8n });
  });

  test("new evidence under an open hold is no transition", () => {
    const desk = mismatched();
    const [before] = openHolds(desk.state);
    const revised = tell(desk, [confirmation("app", { observed: digestOf("third") })], "scout");
    expect([revised.opened, revised.cleared, revised.outOfScope]).toEqual([[], [], []]);
    expect(named(revised.amended)).toEqual([`DIGEST_MISMATCH ${app}`]);
    expect(revised.amended[0]?.evidence).not.toEqual(before?.evidence);
    expect(revised.amended[0]?.status).toBe("OPEN");
  });

  test("a further person behind an open hold amends it, with the sentence that names both", () => {
    const desk = mismatched();
    const revised = tell(desk, [confirmation("app", { observed: other })], "probe");
    expect(named(revised.amended)).toEqual([`DIGEST_MISMATCH ${app}`]);
    expect(revised.amended[0]?.why).toMatch(/scout.*probe/);
    expect(revised.amended[0]?.evidence).toHaveLength(2);
  });

  test("what does not bear on a hold leaves it untouched", () => {
    const desk = mismatched();
    const [before] = openHolds(desk.state);
    const revised = tell(desk, [enclave("north")]);
    expect(revised.amended).toEqual([]);
    expect(openHolds(desk.state)[0]).toBe(before);
  });

  test("cleared and opened again, it is a new opening with an ordinal of its own", () => {
    const desk = mismatched();
    tell(desk, [confirmation("app")], "scout");
    desk.pass(2n);
    const revised = tell(desk, [confirmation("app", { observed: other })], "scout");
    expect(revised.opened).toMatchObject([
      { ordinal: 2, status: "OPEN", sinceRevision: 4, sinceEpoch: 10n, endedRevision: null },
    ]);
  });

  test("an opening after it went out of scope is new as well", () => {
    const desk = new Desk();
    tell(desk, [unsealed("south")]);
    const { enclaves, ...rest } = CONTENTS.REQUIRED_ENCLAVES;
    desk.accept({ ...rest, enclaves: enclaves.slice(0, 1) });
    const revised = desk.accept(CONTENTS.REQUIRED_ENCLAVES);
    expect(revised?.opened).toMatchObject([{ code: "ENCLAVE_UNSEALED", ordinal: 2 }]);
  });

  test("ordinals run from 1 without gaps, and name nothing", () => {
    const desk = new Desk([], []);
    place(desk);
    const ordinals = openHolds(desk.state).map((hold) => hold.ordinal);
    expect(ordinals.toSorted((left, right) => left - right)).toEqual(
      ordinals.map((_, at) => at + 1),
    );
  });

  test("it says since which revision and epoch, and when it ended", () => {
    const desk = mismatched();
    desk.pass(1n);
    tell(desk, [confirmation("app")], "scout");
    expect(desk.head.cleared).toMatchObject([
      { sinceRevision: 2, sinceEpoch: 8n, endedRevision: 3, endedEpoch: 9n, status: "CLEARED" },
    ]);
  });
});

describe("rule 3.5: each operator hold is its own subject", () => {
  test("releasing one releases no other", () => {
    const desk = new Desk();
    place(desk, "first worry");
    place(desk, "second worry");
    expect(open(desk)).toEqual(["OPERATOR_HOLD 1", "OPERATOR_HOLD 2"]);
    release(desk, 1);
    expect(open(desk)).toEqual(["OPERATOR_HOLD 2"]);
    place(desk, "third worry");
    expect(open(desk)).toEqual(["OPERATOR_HOLD 2", "OPERATOR_HOLD 3"]);
  });

  test("its sentence is the reason that was given", () => {
    const desk = new Desk();
    place(desk, "the bag looked opened");
    expect(openHolds(desk.state)[0]?.why).toBe("the bag looked opened");
  });
});

describe("rule 3.2: every blocker at once", () => {
  test("an early failure never hides a later one", () => {
    const desk = new Desk([{ ...CONTENTS.OUTAGE_DECLARATION, status: "ENDED" }], []);
    tell(desk, [sighting("app", "rogue", "mirror")]);
    const rows = new Set(openHolds(desk.state).map((hold) => hold.prerequisite));
    expect([...rows].toSorted()).toEqual([
      "DIGEST_CONFIRMATION",
      "ENCLAVES",
      "OUTAGE",
      "PUBLICATION_SAFEGUARDS",
      "QUARANTINE",
      "REPRODUCIBILITY",
      "ROLLBACK_CUSTODY",
      "SIGNER_QUORUM",
    ]);
  });

  test("rule 3.4: a packet about which nothing is known is held for all of it", () => {
    const desk = new Desk([], []);
    expect(desk.state.status).toBe("ESCALATED");
    const missing = open(desk).filter((hold) => hold.startsWith("DIGEST_CONFIRMATION_MISSING"));
    expect(missing).toHaveLength(ARTIFACTS.length);
  });

  test("the register lists holds in one order: code, then subject", () => {
    const holds = open(new Desk([], []));
    expect(holds).toEqual(holds.toSorted());
  });
});

describe("rule 3.3: a revision records what it changed", () => {
  test("what it opened, cleared and put out of scope is the difference of the registers", () => {
    const desk = new Desk();
    tell(desk, [withdrawal("ben", "late"), withdrawal("dan", "late"), withdrawal("cleo", "late")]);
    desk.pass(20n);
    let before: string[] = [];
    for (const { state, opened, cleared, outOfScope } of desk.revisions) {
      const ended = new Set(named([...cleared, ...outOfScope]));
      const expected = [...before.filter((hold) => !ended.has(hold)), ...named(opened)];
      expect(named(openHolds(state))).toEqual(expected.toSorted());
      before = named(openHolds(state));
    }
    expect(desk.revisions.map(({ state }) => state.revision)).toEqual(
      desk.revisions.map((_, index) => index + 1),
    );
  });

  test("opening takes scope, bindings and first entries together, as revision 1", () => {
    const desk = new Desk();
    expect(desk.state.revision).toBe(1);
    expect(desk.head.occurrence.fact.kind).toBe("PACKET_OPENED");
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
  });
});
