import type { Desk } from "#workflow/desk.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { lanePropose } from "#workflow/lanePropose.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { operatorHoldRelease } from "#workflow/operatorHoldRelease.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetReject } from "#workflow/packetReject.ts";
import { packetResubmit } from "#workflow/packetResubmit.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { component, declaration, revocation } from "../gate/reports.ts";
import { IVAN, OLGA, PIA, PROBE, REX } from "./cast.ts";
import {
  LANE,
  type Opened,
  type Train,
  accepted,
  approvalOf,
  newKey,
  onWire,
  open,
  openReady,
  readyAt,
  settle,
  settleLane,
} from "./trains.ts";
import { nextNumber } from "./verbs.ts";

/** Packets and trains in which a refusal can be asked for: none of them changes by one. */
export interface Situations {
  readonly ready: Opened;
  /** As it was when revision 3 was READY_FOR_APPROVAL; a later one opened a hold, since cleared. */
  readonly overtaken: Opened;
  readonly held: Opened;
  /** At the revision that was approved. */
  readonly approved: Opened;
  readonly rejected: Opened;
  readonly closed: Opened;
  /** Its owner's credential is revoked. */
  readonly revoked: Opened;
  /** Sources are accepted, no packet is open. */
  readonly settled: Train;
  /** A lane that waits to be confirmed, one that was confirmed, and one of a packet's train. */
  readonly waiting: Proposed;
  readonly confirmed: Proposed;
  readonly onReady: Proposed;
}

/** A proposed lane as its proposer was told. */
export interface Proposed {
  readonly train: string;
  readonly exercise: boolean;
  readonly proposal: string;
  readonly digest: string;
}

/** Resolves when the clock has taken one more step; the database is asked until it has. */
export async function passEpoch(desk: Desk): Promise<void> {
  for (;;) if (accepted(await epochTick(desk)) !== null) return;
}

async function propose(
  desk: Desk,
  { train, exercise }: Omit<Train, "enclaves">,
): Promise<Proposed> {
  const wish = { idempotencyKey: newKey(), train, exercise, lane: onWire(LANE) };
  const { proposal, digest } = accepted(await lanePropose(desk, REX, wish));
  return { train, exercise, proposal, digest };
}

async function overtaken(desk: Desk): Promise<Opened> {
  const ready = await openReady(desk, "overtaken");
  const wish = { packet: ready.packet, reason: "odd noise" };
  accepted(await operatorHoldPlace(desk, IVAN, { idempotencyKey: newKey(), ...wish }));
  const release = { idempotencyKey: newKey(), ...wish, placement: 1 };
  accepted(await operatorHoldRelease(desk, REX, release));
  await readyAt(desk, ready);
  return ready;
}

async function revokedOwner(desk: Desk): Promise<Opened> {
  const settled = await settle(desk, "revoked");
  await settleLane(desk, settled, onWire({ ...LANE, owner: "omar" }));
  const opened = await open(desk, settled);
  const entries = [onWire(revocation("omar"))];
  accepted(await sharedRecord(desk, REX, { idempotencyKey: newKey(), exercise: false, entries }));
  return opened;
}

async function after(
  desk: Desk,
  train: string,
  act: (ready: Opened) => Promise<unknown>,
): Promise<Opened> {
  const ready = await openReady(desk, train);
  accepted(await act(ready));
  return ready;
}

/** Makes every situation, each on a train of its own, an epoch after the first. */
export async function situations(desk: Desk): Promise<Situations> {
  await passEpoch(desk);
  const key = (): { idempotencyKey: string } => ({ idempotencyKey: newKey() });
  const ready = await openReady(desk, "ready");
  const entries = [
    component(3, { component: "core-of-ready", standpoint: "OUTSIDE", keySlotsUsed: 2 }),
  ];
  accepted(await sharedRecord(desk, REX, { ...key(), exercise: false, entries }));
  const replayed = { ...key(), exercise: false, entries, reportNumber: nextNumber() };
  accepted(await sharedRecord(desk, { ...PROBE, roles: ["RELEASE_SECURITY"] }, replayed));
  const slots = { component: "slots-of-ready", componentKind: "FIRMWARE", keySlots: 2 } as const;
  const declaring = { ...key(), exercise: false, entries: [declaration(slots)] };
  accepted(await sharedRecord(desk, REX, declaring));
  const settled = await settle(desk, "settled");
  const confirmed = await propose(desk, settled);
  await settleLane(desk, settled);
  return {
    ready,
    overtaken: await overtaken(desk),
    held: await after(desk, "held", ({ packet }) =>
      operatorHoldPlace(desk, IVAN, { ...key(), packet, reason: "odd noise" }),
    ),
    approved: await after(desk, "approved", (packet) =>
      packetApprove(desk, OLGA, approvalOf(packet)),
    ),
    rejected: await after(desk, "rejected", ({ packet }) =>
      packetReject(desk, OLGA, { ...key(), packet, reason: "why two bags?" }),
    ),
    closed: await after(desk, "closed", async ({ packet }) => {
      await packetReject(desk, OLGA, { ...key(), packet, reason: "why two bags?" });
      await packetResubmit(desk, PIA, { ...key(), packet, answer: "spare" });
      return packetWithdraw(desk, OLGA, { ...key(), packet, reason: "superseded" });
    }),
    revoked: await revokedOwner(desk),
    settled,
    waiting: await propose(desk, settled),
    confirmed,
    onReady: await propose(desk, ready),
  };
}
