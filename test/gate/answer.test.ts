import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gateAnswer } from "#gate/answer.ts";
import { approve, place, reject, release, tell, withdraw } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, confirmation } from "./reports.ts";
import { ARTIFACTS, calendar, shift, window } from "./train.ts";

function gate(desk: Desk, doubt: Parameters<typeof gateAnswer>[2] = null) {
  return gateAnswer(desk.state, desk.epoch, doubt);
}

/** Approved, and the window has begun. */
function opened(...contents: ConstructorParameters<typeof Desk>[0] & {}): Desk {
  const desk = new Desk([ages(), ...contents]);
  approve(desk);
  desk.pass(2n);
  return desk;
}

describe("rule 5.7: the gate is OPEN while a standing approval covers the current revision", () => {
  test("with the epoch and the last epoch through which it lasts by itself", () => {
    expect(gate(opened())).toEqual({
      status: "OPEN",
      reasons: [],
      epoch: 10n,
      validThroughEpoch: 24n,
    });
  });

  test("CLOSED says nothing about how long", () => {
    expect(gate(new Desk())).toMatchObject({ status: "CLOSED", validThroughEpoch: null });
  });

  test("through the last epoch before the earliest forecast lapse", () => {
    expect(gate(opened(ages({ digestMaxAge: 7n }))).validThroughEpoch).toBe(15n);
    expect(gate(opened(window(10n, 20n))).validThroughEpoch).toBe(20n);
  });

  test("no further than the next NO_SIGNING interval", () => {
    const shifts = [shift("early", 8n, 13n), shift("night", 17n, 24n)];
    const desk = opened(calendar(shifts, [{ first: 14n, last: 16n }]));
    expect(gate(desk).validThroughEpoch).toBe(13n);
    desk.pass(7n);
    expect(gate(desk)).toMatchObject({ status: "OPEN", epoch: 17n, validThroughEpoch: 24n });
  });
});

describe("rule 5.7: otherwise it is CLOSED, with every reason", () => {
  test("nobody has approved", () => {
    const desk = new Desk();
    desk.pass(2n);
    expect(gate(desk).reasons).toEqual(["NOT_APPROVED"]);
  });

  test("holds are open and the approval lapsed", () => {
    const desk = opened();
    place(desk);
    expect(gate(desk).reasons).toEqual(["HOLDS_OPEN", "APPROVAL_LAPSED"]);
    release(desk, 1);
    expect(gate(desk).reasons).toEqual(["APPROVAL_LAPSED"]);
  });

  test("the approval is suspended, and the gate opens again with the refresh", () => {
    const desk = opened(ages({ digestMaxAge: 3n }));
    desk.pass(2n);
    expect(gate(desk).reasons).toEqual(["HOLDS_OPEN", "APPROVAL_SUSPENDED"]);
    tell(
      desk,
      ARTIFACTS.map((name) => confirmation(name)),
    );
    expect(gate(desk).status).toBe("OPEN");
  });

  test("the window has not begun", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    desk.pass(1n);
    expect(gate(desk).reasons).toEqual(["WINDOW_NOT_OPEN"]);
    desk.pass(1n);
    expect(gate(desk).status).toBe("OPEN");
  });

  test("rule 4.2.1: the calendar says NO_SIGNING", () => {
    const shifts = [shift("early", 8n, 13n), shift("night", 17n, 24n)];
    const desk = opened(calendar(shifts, [{ first: 14n, last: 16n }]));
    desk.pass(4n);
    expect(gate(desk).reasons).toEqual(["NO_SIGNING"]);
    desk.pass(2n);
    expect(gate(desk).reasons).toEqual(["NO_SIGNING"]);
    expect(desk.state.status).toBe("APPROVED");
  });

  test("rule 6.5: the epoch is frozen or stalls", () => {
    expect(gate(opened(), "EPOCH_FROZEN").reasons).toEqual(["EPOCH_FROZEN"]);
    expect(gate(opened(), "EPOCH_STALLED").reasons).toEqual(["EPOCH_STALLED"]);
  });

  test("the packet is closed", () => {
    const desk = opened();
    withdraw(desk);
    expect(gate(desk).reasons).toEqual(["PACKET_CLOSED", "APPROVAL_LAPSED"]);
    const passed = opened();
    passed.pass(15n);
    expect(gate(passed).reasons).toEqual(["PACKET_CLOSED", "APPROVAL_LAPSED"]);
  });

  test("all that apply at once", () => {
    const desk = new Desk();
    reject(desk);
    withdraw(desk);
    expect(gate(desk, "EPOCH_STALLED").reasons).toEqual([
      "PACKET_CLOSED",
      "HOLDS_OPEN",
      "NOT_APPROVED",
      "WINDOW_NOT_OPEN",
      "EPOCH_STALLED",
    ]);
  });
});

describe("rule 5.7: validThroughEpoch", () => {
  const limits = [
    "digestMaxAge",
    "attestationMaxAge",
    "availabilityMaxAge",
    "safeguardMaxAge",
  ] as const;
  const worlds = fc.record({
    limit: fc.constantFrom(...limits),
    age: fc.bigInt({ min: 3n, max: 20n }),
    shiftEnds: fc.bigInt({ min: 11n, max: 22n }),
    rest: fc.bigInt({ min: 0n, max: 3n }),
    waits: fc.bigInt({ min: 0n, max: 3n }),
  });

  test("is the last epoch at which the gate is still OPEN when time really passes", () => {
    fc.assert(
      fc.property(worlds, ({ limit, age, shiftEnds, rest, waits }) => {
        const night = shift("night", shiftEnds + rest + 1n, 30n);
        const noSigning = rest === 0n ? [] : [{ first: shiftEnds + 1n, last: shiftEnds + rest }];
        const desk = new Desk([
          ages({ [limit]: age }),
          calendar([shift("early", 8n, shiftEnds), night], noSigning),
        ]);
        approve(desk);
        desk.pass(2n);
        desk.pass(waits);
        let answer = gate(desk);
        if (answer.status === "CLOSED") return;
        const through = answer.validThroughEpoch;
        let lastOpen = desk.epoch;
        while (answer.status === "OPEN") {
          lastOpen = desk.epoch;
          expect(answer.validThroughEpoch).toBe(through);
          desk.pass(1n);
          answer = gate(desk);
        }
        expect(through).toBe(lastOpen);
      }),
      { numRuns: 30 },
    );
  });
});
