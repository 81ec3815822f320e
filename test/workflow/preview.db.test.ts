import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Preview } from "#gate/preview.ts";
import type { PacketState } from "#gate/state.ts";
import type { Actor } from "#packet/actor.ts";
import type { Hold } from "#packet/hold.ts";
import { changePreview } from "#workflow/changePreview.ts";
import type { Desk } from "#workflow/desk.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetBind } from "#workflow/packetBind.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { packetReject } from "#workflow/packetReject.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import {
  byDigest,
  component,
  confirmation,
  enclave,
  enclaves,
  manifest,
  quarantine,
  revocation,
  rollbackScope,
  sighting,
  unsealed,
  withdrawal,
} from "../gate/reports.ts";
import { CONTENTS } from "../gate/train.ts";
import { IVAN, OLGA, PAUL, PIA, REX, RITA, RUTH } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import {
  BINDINGS,
  LANE,
  type Opened,
  type Wire,
  accept,
  accepted,
  approvalOf,
  calendarOf,
  newKey,
  onWire,
  openReady,
  settleLane,
  tell,
} from "./trains.ts";
import { written } from "./written.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(database);
});
afterAll(() => database.close());

/** A change that can be previewed, and how it then is made. */
interface Row {
  readonly what: string;
  readonly as?: Actor;
  readonly change: (ready: Opened) => Wire | Promise<Wire>;
  readonly make: (ready: Opened, change: Wire) => Promise<unknown>;
  /** Whether the packet is approved before; READY_FOR_APPROVAL when not. */
  readonly isApproved?: boolean;
  readonly first?: (ready: Opened) => Promise<unknown>;
}

function onPacket({ packet }: Opened, more: Wire): Wire {
  return { idempotencyKey: newKey(), packet, ...more };
}

function source(what: string, of: (ready: Opened) => object | Promise<object>): Row {
  return {
    what,
    change: async (ready) => ({ kind: "SOURCE", source: onWire(await of(ready)) }),
    make: (ready, change) => accept(desk, ready, change["source"] as Wire),
    isApproved: true,
  };
}

function entries(what: string, ...reports: object[]): Row {
  return {
    what,
    as: PAUL,
    change: () => ({ kind: "ENTRIES", entries: reports.map(onWire) }),
    make: (ready) => tell(desk, ready.packet, reports),
    isApproved: true,
  };
}

function shared(what: string, by: Actor, of: (ready: Opened) => object): Row {
  return {
    what,
    as: by,
    change: (ready) => ({ kind: "SHARED_ENTRIES", entries: [onWire(of(ready))] }),
    make: (_ready, { entries: reports }) =>
      sharedRecord(desk, by, { idempotencyKey: newKey(), exercise: false, entries: reports }),
    isApproved: true,
  };
}

const rows: readonly Row[] = [
  source("a manifest without one of the artifacts", () => manifest(["lib", "tool"])),
  source("a manifest with another digest", () => manifest(["app", "lib", "tool"], { app: "new" })),
  source("the same freshness policy once more", () => CONTENTS.FRESHNESS_POLICY),
  source("a looser quorum", () => ({ ...CONTENTS.QUORUM_POLICY, minCustodyGroups: 1 })),
  source("a rollback scope whose release the train would deny", () => rollbackScope({ svn: 1 })),
  source("the end of the outage", () => ({ ...CONTENTS.OUTAGE_DECLARATION, status: "ENDED" })),
  source("a calendar with a gap", () => calendarOf(desk, [["early", 0, 900]])),
  {
    ...source("enclaves of which one was reported unsealed before", ({ enclaves: [north] }) =>
      enclaves([north, "west"]),
    ),
    first: () => report(unsealed("west")),
  },
  {
    ...source("enclaves of which all were reported sealed before", () => enclaves(["east"])),
    first: () => report(enclave("east")),
  },
  {
    what: "a lane with another owner",
    as: RUTH,
    change: () => ({ kind: "LANE", lane: { ...LANE, owner: "omar" } }),
    make: (ready, { lane }) => settleLane(desk, ready, lane as Wire),
    isApproved: true,
  },
  {
    what: "bindings to what was re-frozen",
    as: PIA,
    first: (ready) => accept(desk, ready, onWire(CONTENTS.MANIFEST)),
    change: () => ({ kind: "BINDINGS", bindings: { ...BINDINGS, MANIFEST: 2 } }),
    make: (ready, { bindings }) => packetBind(desk, PIA, onPacket(ready, { bindings })),
  },
  entries("a refresh", confirmation("app")),
  entries("a digest that disagrees", confirmation("app", { observed: `sha256:${"0".repeat(64)}` })),
  entries(
    "signers who withdraw",
    ...["ana", "cleo", "eve"].map((name) => withdrawal(name, "late")),
  ),
  entries("a rogue artifact", sighting("app", "rogue", "mirror")),
  entries("a quarantine of a manifest artifact", quarantine(byDigest("app"))),
  {
    ...entries("a quarantine that selects the rogue artifact", quarantine(byDigest("rogue"))),
    isApproved: false,
    first: ({ packet }) => tell(desk, packet, [sighting("app", "rogue", "mirror")]),
  },
  shared("an enclave that is unsealed", PAUL, ({ enclaves: [north] }) => unsealed(north)),
  shared("an enclave with another seal", PAUL, ({ enclaves: [north] }) =>
    enclave(north, { seal: "seal-2" }),
  ),
  {
    what: "the approval",
    as: OLGA,
    change: ({ revision, digest }) => ({ kind: "APPROVAL", revision, digest }),
    make: (ready) => packetApprove(desk, OLGA, approvalOf(ready)),
  },
  {
    what: "the rejection of what is approved",
    as: OLGA,
    change: () => ({ kind: "REJECTION", reason: "why two bags?" }),
    make: (ready, { reason }) => packetReject(desk, OLGA, onPacket(ready, { reason })),
    isApproved: true,
  },
  {
    what: "an operator hold",
    as: IVAN,
    change: () => ({ kind: "OPERATOR_HOLD", reason: "odd noise" }),
    make: (ready, { reason }) => operatorHoldPlace(desk, IVAN, onPacket(ready, { reason })),
    isApproved: true,
  },
  {
    what: "the withdrawal",
    as: OLGA,
    change: () => ({ kind: "WITHDRAWAL", reason: "superseded" }),
    make: (ready, { reason }) => packetWithdraw(desk, OLGA, onPacket(ready, { reason })),
    isApproved: true,
  },
  // These two reach every packet of the file, so they come last.
  shared("a signer's credential, revoked", REX, () => revocation("ana")),
  shared("a component that denies the package", REX, () => component(9)),
];

async function report(entry: object): Promise<unknown> {
  const wish = { idempotencyKey: newKey(), exercise: false, entries: [onWire(entry)] };
  return accepted(await sharedRecord(desk, PAUL, wish));
}

/** What a revision did, as a preview tells it; ids of entries are given when they are recorded. */
function whatHappened(before: PacketState, after: PacketState): Preview {
  const ended = (status: Hold["status"]): Hold[] =>
    after.register
      .valuesArray()
      .filter((hold) => hold.status === status && hold.endedRevision === after.revision);
  return {
    status: after.status,
    opened: after.register
      .valuesArray()
      .filter((hold) => hold.status === "OPEN" && hold.sinceRevision === after.revision),
    cleared: ended("CLEARED"),
    outOfScope: ended("OUT_OF_SCOPE"),
    materialChanged: before.materialDigest !== after.materialDigest,
    standingBefore: before.approval?.standing ?? null,
    standingAfter: after.approval?.standing ?? null,
  };
}

function withoutEvidence(preview: Preview): unknown {
  const bare = (holds: readonly Hold[]): unknown[] =>
    holds
      .map(({ evidence: _ids, ...hold }) => hold)
      .toSorted((left, right) => left.ordinal - right.ordinal);
  const { opened, cleared, outOfScope } = preview;
  return { ...preview, opened: bare(opened), cleared: bare(cleared), outOfScope: bare(outOfScope) };
}

test.each(rows.map((row, index) => ({ ...row, train: `preview-${index}` })))(
  "rule 4.2.7: what is foretold of $what is what then happens, and foretelling records nothing",
  async ({ train, as, change, make, isApproved, first }) => {
    const ready = await openReady(desk, train);
    if (isApproved === true) accepted(await packetApprove(desk, OLGA, approvalOf(ready)));
    await first?.(ready);
    const { state: before } = accepted(await packetRead(desk, RITA, ready.packet));
    const proposed = await change(ready);

    const untouched = await written(database.sql);
    const asked = { packet: ready.packet, change: proposed, ...(as && { as: as.actor }) };
    const foretold = accepted(await changePreview(desk, RITA, asked));
    expect(await written(database.sql)).toEqual(untouched);

    const made = await make(ready, proposed);
    if (made !== undefined) accepted(made);
    const { state: after } = accepted(await packetRead(desk, RITA, ready.packet));
    expect(after.revision).toBe(before.revision + 1);
    expect(withoutEvidence(foretold)).toEqual(withoutEvidence(whatHappened(before, after)));
  },
);
