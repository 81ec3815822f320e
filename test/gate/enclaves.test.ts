import { describe, expect, test } from "vitest";
import { bind, open, shown, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, enclave, enclaves, unsealed } from "./reports.ts";
import { digestOf, goodNews } from "./train.ts";

const evil = { measurement: digestOf("evil") };
const away = { availability: "UNAVAILABLE" as const };

function unreported(accepted = enclaves(["north", "south"])): Desk {
  return new Desk(
    [accepted],
    goodNews().filter((report) => report.kind !== "ENCLAVE_REPORT"),
  );
}

function about(code: string, items: readonly string[]): string[] {
  return items.filter((item) => item.startsWith(code));
}

describe("rule 4.1.5: enough enclaves are fit", () => {
  test("with one needed and one fit, what the spare lacks is an advisory", () => {
    const desk = unreported();
    tell(desk, [enclave("north")]);
    expect(open(desk)).toEqual([]);
    expect(about("ENCLAVE_", shown(desk))).toEqual(["ENCLAVE_UNREPORTED south"]);
  });

  test("while too few are fit, the same codes are holds on every enclave concerned", () => {
    const desk = unreported();
    expect(open(desk)).toEqual(["ENCLAVE_UNREPORTED north", "ENCLAVE_UNREPORTED south"]);
    expect(about("ENCLAVE_", shown(desk))).toEqual([]);
    tell(desk, [enclave("north", away)]);
    expect(open(desk)).toEqual(["ENCLAVE_UNAVAILABLE north", "ENCLAVE_UNREPORTED south"]);
  });

  test("a second needed enclave turns the spare's advisory into a hold", () => {
    const desk = unreported();
    tell(desk, [enclave("north")]);
    desk.accept(enclaves(["north", "south"], 2));
    expect(open(desk)).toEqual(["ENCLAVE_UNREPORTED south"]);
    tell(desk, [enclave("south")]);
    expect(open(desk)).toEqual([]);
  });

  test("an unsealed spare holds although enough others are fit", () => {
    const desk = new Desk();
    tell(desk, [unsealed("south")]);
    expect(open(desk)).toEqual(["ENCLAVE_UNSEALED south"]);
  });

  test("a spare of another measurement holds although enough others are fit", () => {
    const desk = new Desk();
    tell(desk, [enclave("south", evil)]);
    expect(open(desk)).toEqual(["ENCLAVE_MEASUREMENT_MISMATCH south"]);
  });

  test("every code that applies opens at once", () => {
    const desk = new Desk([enclaves(["north"])]);
    tell(desk, [enclave("north", { ...evil, ...away, sealing: "UNSEALED", seal: null })]);
    expect(open(desk)).toEqual([
      "ENCLAVE_MEASUREMENT_MISMATCH north",
      "ENCLAVE_UNAVAILABLE north",
      "ENCLAVE_UNSEALED north",
    ]);
  });

  test("a report counts at exactly its greatest age, and not one epoch later", () => {
    const desk = new Desk([ages({ attestationMaxAge: 4n })]);
    desk.pass(4n);
    expect(open(desk)).toEqual([]);
    desk.pass(1n);
    expect(open(desk)).toEqual([
      "ENCLAVE_ATTESTATION_STALE north",
      "ENCLAVE_ATTESTATION_STALE south",
    ]);
  });

  test("an aged spare is an advisory while enough others are fit", () => {
    const desk = new Desk([ages({ attestationMaxAge: 4n })]);
    desk.pass(3n);
    tell(desk, [enclave("north")]);
    desk.pass(2n);
    expect(open(desk)).toEqual([]);
    expect(about("ENCLAVE_", shown(desk))).toEqual(["ENCLAVE_ATTESTATION_STALE south"]);
  });

  test("an aged report on an enclave that would not be fit anyway is not called stale", () => {
    const desk = new Desk([enclaves(["north"]), ages({ attestationMaxAge: 1n })]);
    tell(desk, [enclave("north", away)]);
    desk.pass(3n);
    expect(open(desk)).toEqual(["ENCLAVE_UNAVAILABLE north"]);
  });
});

describe("rule 4.1.5: unsealed or of another measurement, it holds until the enclave is fit again", () => {
  test("sealing it alone is not enough while it is unavailable", () => {
    const desk = new Desk();
    tell(desk, [unsealed("south")]);
    tell(desk, [enclave("south", away)]);
    expect(open(desk)).toEqual(["ENCLAVE_UNSEALED south"]);
    tell(desk, [enclave("south", { seal: "seal-2" })]);
    expect(open(desk)).toEqual([]);
  });

  test("the right measurement alone is not enough while it is unsealed", () => {
    const desk = new Desk();
    tell(desk, [enclave("south", evil)]);
    tell(desk, [unsealed("south")]);
    expect(open(desk)).toEqual(["ENCLAVE_MEASUREMENT_MISMATCH south", "ENCLAVE_UNSEALED south"]);
    tell(desk, [enclave("south")]);
    expect(open(desk)).toEqual([]);
  });

  test("rule 4.3.4: it does not go away by ageing", () => {
    const desk = new Desk([ages({ attestationMaxAge: 1n })]);
    tell(desk, [unsealed("south")]);
    desk.pass(1n);
    tell(desk, [enclave("north")]);
    desk.pass(1n);
    expect(open(desk)).toEqual(["ENCLAVE_UNSEALED south"]);
  });

  test("an old observation of a fit enclave that has aged already does not end it", () => {
    const desk = new Desk([enclaves(["north", "west"]), ages({ attestationMaxAge: 2n })]);
    tell(desk, [{ ...unsealed("west"), observedEpoch: 8n }]);
    desk.pass(3n);
    tell(desk, [enclave("north"), enclave("west", { observedEpoch: 8n })]);
    expect(open(desk)).toEqual(["ENCLAVE_UNSEALED west"]);
    tell(desk, [enclave("west")]);
    expect(open(desk)).toEqual([]);
  });

  test("dropping the enclave puts it out of scope, and taking it back starts from its newest word", () => {
    const desk = new Desk();
    tell(desk, [unsealed("south")]);
    tell(desk, [enclave("south", away)]);
    desk.accept(enclaves(["north"]));
    expect(desk.head.outOfScope.map((hold) => hold.code)).toEqual(["ENCLAVE_UNSEALED"]);
    desk.accept(enclaves(["north", "south"]));
    expect(open(desk)).toEqual([]);
  });

  test("a newly accepted measurement makes the old attestation a mismatch", () => {
    const desk = new Desk();
    const better = digestOf("better");
    const accepted = ["north", "south"].map((name) => ({ enclave: name, measurement: better }));
    desk.accept({ kind: "REQUIRED_ENCLAVES", enclaves: accepted, requiredEnclaves: 1 });
    expect(open(desk)).toEqual([
      "ENCLAVE_MEASUREMENT_MISMATCH north",
      "ENCLAVE_MEASUREMENT_MISMATCH south",
    ]);
    tell(desk, [enclave("north", { measurement: better })]);
    expect(open(desk)).toEqual(["ENCLAVE_MEASUREMENT_MISMATCH south"]);
  });

  test("rule 3.4: with its reporter no longer accepted, an unsealed enclave stays held", () => {
    const desk = new Desk();
    tell(desk, [unsealed("south")]);
    desk.accept({
      kind: "ACCEPTED_REPORTERS",
      accepted: [{ kind: "ENCLAVE_REPORT", reporters: ["scout"] }],
    });
    expect(about("ENCLAVE_", open(desk))).toEqual([
      "ENCLAVE_UNREPORTED north",
      "ENCLAVE_UNREPORTED south",
      "ENCLAVE_UNSEALED south",
    ]);
  });
});

describe("rule 5.4 and reading 20: the enclaves that would be used", () => {
  function selected(desk: Desk): string[] {
    return desk.state.material.enclaves.map((item) => `${item.enclave} ${item.seal}`);
  }

  test("are the first fit ones in accepted order", () => {
    expect(selected(new Desk([enclaves(["south", "north"])]))).toEqual(["south seal-1"]);
    expect(selected(new Desk([enclaves(["south", "north"], 2)]))).toEqual([
      "south seal-1",
      "north seal-1",
    ]);
  });

  test("stay the previous ones while these are fit, though an earlier one becomes fit again", () => {
    const desk = new Desk();
    tell(desk, [enclave("north", away)]);
    expect(selected(desk)).toEqual(["south seal-1"]);
    tell(desk, [enclave("north")]);
    expect(selected(desk)).toEqual(["south seal-1"]);
  });

  test("change with the seal", () => {
    const desk = new Desk();
    tell(desk, [enclave("south", { seal: "seal-9" })]);
    expect(selected(desk)).toEqual(["north seal-1"]);
    tell(desk, [enclave("north", { seal: "seal-2" })]);
    expect(selected(desk)).toEqual(["north seal-2"]);
  });

  test("are those that were fit but for age when too few are, and none when too few again", () => {
    const desk = new Desk([ages({ attestationMaxAge: 1n })]);
    desk.pass(2n);
    bind(desk);
    expect(selected(desk)).toEqual(["north seal-1"]);
    tell(desk, [enclave("north", away), enclave("south", away)]);
    expect(selected(desk)).toEqual([]);
  });
});
