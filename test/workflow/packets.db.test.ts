import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openHolds } from "#gate/view.ts";
import type { PacketId } from "#packet/name.ts";
import type { Desk } from "#workflow/desk.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { enclave, revocation, unsealed } from "../gate/reports.ts";
import { CONTENTS } from "../gate/train.ts";
import { OLGA, PAUL, REX, RITA } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import {
  GOOD_NEWS,
  accept,
  accepted,
  approvalOf,
  newKey,
  onWire,
  open,
  openReady,
  readyAt,
  settle,
  tell,
} from "./trains.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(database);
});
afterAll(() => database.close());

async function statusOf(packet: PacketId): Promise<string> {
  return accepted(await packetRead(desk, RITA, packet)).state.status;
}

async function holdsOf(packet: PacketId): Promise<string[]> {
  const { state } = accepted(await packetRead(desk, RITA, packet));
  return openHolds(state).map(({ code, subject }) => `${code} ${subject}`);
}

async function report(entry: object, exercise = false, by = PAUL): Promise<PacketId[]> {
  const wish = { idempotencyKey: newKey(), exercise, entries: [onWire(entry)] };
  return accepted(await sharedRecord(desk, by, wish)).appended.map(({ packet }) => packet);
}

async function withdraw(packet: PacketId): Promise<void> {
  const wish = { idempotencyKey: newKey(), packet, reason: "superseded" };
  accepted(await packetWithdraw(desk, OLGA, wish));
}

test("rule 5.3: a successor cites the closed packet and inherits no approval", async () => {
  const first = await openReady(desk, "line");
  accepted(await packetApprove(desk, OLGA, approvalOf(first)));
  expect(await statusOf(first.packet)).toBe("APPROVED");
  await withdraw(first.packet);

  const second = await open(desk, first, { succeeds: first.packet });
  const { state } = accepted(await packetRead(desk, RITA, second.packet));
  expect(state.facts.succeeds).toBe(first.packet);
  expect(state.approval).toBeNull();
  // Evidence about its own subjects is not inherited either; reports on shared ones are (rule 3.3).
  expect(state.status).toBe("ESCALATED");
  expect((await holdsOf(second.packet)).some((hold) => hold.startsWith("ENCLAVE_"))).toBe(false);
  await tell(desk, second.packet, GOOD_NEWS);
  const ready = await readyAt(desk, second);
  expect(await packetApprove(desk, OLGA, approvalOf(first))).toMatchObject({
    code: "PACKET_CLOSED",
  });
  expect(await gateRead(desk, RITA, ready.packet)).toMatchObject({
    status: "CLOSED",
    reasons: ["NOT_APPROVED"],
  });
  expect(await gateRead(desk, RITA, first.packet)).toMatchObject({ status: "CLOSED" });
});

describe("rule 2.3: an exercise and the real thing", () => {
  test("have trains, packets and shared reports of their own", async () => {
    const names = ["twin-north", "twin-south"] as const;
    const real = await openReady(desk, "twin", { enclaves: names });
    const drill = await openReady(desk, "twin", { enclaves: names, exercise: true });
    expect(await report(unsealed("twin-north"), true)).toEqual([drill.packet]);
    expect(await statusOf(drill.packet)).toBe("ON_HOLD");
    expect(await statusOf(real.packet)).toBe("READY_FOR_APPROVAL");
    expect(await report(revocation("ana"), true, REX)).toContain(drill.packet);
    expect(await statusOf(real.packet)).toBe("READY_FOR_APPROVAL");
    expect(await report(unsealed("twin-north"))).toEqual([real.packet]);
    expect(await holdsOf(real.packet)).toEqual(["ENCLAVE_UNSEALED twin-north"]);
  });

  test("are told apart by the gate's own answer", async () => {
    const drill = await openReady(desk, "drill", { exercise: true });
    accepted(await packetApprove(desk, OLGA, approvalOf(drill)));
    expect(await gateRead(desk, RITA, drill.packet)).toMatchObject({
      status: "OPEN",
      rests: { exercise: true },
    });
  });
});

describe("rule 3.6: what is reported once", () => {
  const shared = ["shared-north", "shared-south"] as const;

  test("reaches every open packet that depends on it, and no other, with one revision each", async () => {
    const packets = [];
    for (const train of ["one", "two", "three"]) {
      packets.push(await openReady(desk, train, { enclaves: shared }));
    }
    const apart = await openReady(desk, "apart");
    const closed = await openReady(desk, "shut", { enclaves: shared });
    await withdraw(closed.packet);
    const heads = (await Promise.all(packets.map((packet) => readyAt(desk, packet)))).map(
      ({ packet, revision }) => ({ packet, revision }),
    );

    expect(await report(unsealed("shared-north"))).toEqual(
      heads.map(({ packet }) => packet).toSorted(),
    );
    for (const { packet, revision } of heads) {
      expect(await holdsOf(packet)).toEqual(["ENCLAVE_UNSEALED shared-north"]);
      const [written, ...more] = await desk.ledger.revisions(packet, revision, 10);
      expect(written).toMatchObject({ number: revision + 1, cause: "ENTRIES_RECORDED" });
      expect(more).toEqual([]);
    }
    expect(await statusOf(apart.packet)).toBe("READY_FOR_APPROVAL");
    expect(await statusOf(closed.packet)).toBe("CLOSED");
    await report(enclave("shared-north"));
    for (const { packet } of heads) expect(await statusOf(packet)).toBe("READY_FOR_APPROVAL");
  });

  test("is folded into a packet that opens later (rule 3.3), and into one that comes to depend on it", async () => {
    await report(unsealed("late-north"));
    const late = await open(desk, await settle(desk, "late"));
    expect(await holdsOf(late.packet)).toContain("ENCLAVE_UNSEALED late-north");
    const before = await openReady(desk, "before");
    expect(await report(unsealed("new-enclave"))).toEqual([]);
    const source = onWire({
      ...CONTENTS.REQUIRED_ENCLAVES,
      enclaves: [...before.enclaves, "new-enclave"].map((name) => ({
        enclave: name,
        measurement: CONTENTS.REQUIRED_ENCLAVES.enclaves[0]?.measurement,
      })),
    });
    await accept(desk, before, source);
    expect(await holdsOf(before.packet)).toEqual(["ENCLAVE_UNSEALED new-enclave"]);
  });

  test("about a person's credential takes them out of every train at once", async () => {
    const people = CONTENTS.ROSTER.people.map((person) =>
      person.person === "dan" ? { ...person, person: "dora", roles: ["SIGNER" as const] } : person,
    );
    const sources = [
      onWire({ kind: "ROSTER", people }),
      onWire({ ...CONTENTS.QUORUM_POLICY, seats: [{ role: "SIGNER", count: 4 }] }),
    ];
    const settled = await settle(desk, "people", { sources });
    const { packet } = await open(desk, settled);
    expect(await report(revocation("dora"), false, REX)).toEqual([packet]);
    const { state } = accepted(await packetRead(desk, RITA, packet));
    expect([...state.facts.revoked]).toEqual(["dora"]);
  });
});
