import { entitle } from "#access/permissions.ts";
import { askedToExercise } from "#gate/emergency.ts";
import { earliestLapse } from "#gate/forecast.ts";
import { type Waiting, waitingFor } from "#gate/review.ts";
import type { PacketState } from "#gate/state.ts";
import { LineageBroken } from "#ledger/fault.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { PacketId } from "#packet/name.ts";
import type { Refusal } from "#packet/refusal.ts";
import { endOf, mappingOf } from "#recovery/mapping.ts";
import type { Desk } from "./desk.ts";

/** Something that waits, and by when. */
export interface Work extends Waiting {
  /** The last epoch at which it helps: before the earliest lapse for a decision, else the window's last. */
  readonly byEpoch: Epoch;
  /** When that epoch ends, for people; null past what a date can tell. */
  readonly byAt: Date | null;
}

/** What waits on one packet. */
export interface PacketWork {
  readonly packet: PacketId;
  /** Null for a packet that cannot be read, on which somebody must look. */
  readonly seen: Viewed | null;
  readonly work: readonly Work[];
}

const PAGE = 200;

/** What waits on the open packets after `after`, in order of packet (rule 5.6); with `mine`, only what the actor can do. */
export async function workList(
  desk: Desk,
  actor: Actor,
  { after, limit, mine }: { after: PacketId | null; limit: number; mine: boolean },
): Promise<PacketWork[] | Refusal> {
  const refused = entitle(actor, "packetRead");
  if (refused !== null) return refused;
  const found: PacketWork[] = [];
  for (let last = after; found.length < limit;) {
    const heads = await desk.ledger.packets({ isOpen: true }, last, PAGE);
    for (const { packet } of heads) {
      const one = await workOn(desk, actor, packet, mine);
      if (one !== null) found.push(one);
    }
    last = heads.at(-1)?.packet ?? last;
    if (heads.length < PAGE) break;
  }
  return found.slice(0, limit);
}

async function workOn(
  { ledger, rate }: Desk,
  actor: Actor,
  packet: PacketId,
  mine: boolean,
): Promise<PacketWork | null> {
  const seen = await ledger.view(packet).catch((fault: unknown) => {
    if (fault instanceof LineageBroken) return null;
    throw fault;
  });
  if (seen === null) return mine ? null : { packet, seen, work: [] };
  const { state, moment } = seen;
  const mapping = mappingOf(moment.clock, rate);
  const waiting = waitingFor(state).filter((one) => !mine || canDo(state, one, actor));
  if (waiting.length === 0) return null;
  const work = waiting.map((one) => {
    const last = lastEpoch(state, one);
    return { ...one, byEpoch: last, byAt: endOf(mapping, last) };
  });
  return { packet, seen, work };
}

function lastEpoch(state: PacketState, { what }: Waiting): Epoch {
  const { last } = state.facts.sources.SHIPMENT_WINDOW.content;
  if (what !== "DECISION") return last;
  const lapse = earliestLapse(state)?.epoch;
  return lapse === undefined || lapse > last ? last : lapse - 1n;
}

/** Whether this actor is one of those for whom it waits. */
function canDo({ facts }: PacketState, { who, named }: Waiting, actor: Actor): boolean {
  if (named !== null) return named === actor.actor;
  const isOnRoster = facts.sources.ROSTER.content.people.some(
    ({ person }) => person === actor.actor,
  );
  switch (who) {
    case "PREPARER":
      return actor.roles.includes("PREPARER");
    case "RELEASE_SECURITY":
      return actor.roles.includes("RELEASE_SECURITY");
    case "SIGNERS":
      return isOnRoster;
    case "CUSTODIANS":
      return isOnRoster;
    case "ACCEPTED_REPORTER":
      return [...facts.reporters.values()].some((names) => names.has(actor.actor));
    case "RESPONDERS":
      return askedToExercise(facts).includes(actor.actor);
    case "APPROVAL_OWNER":
    case "UPSTREAM_AUTHORITY":
      return false;
  }
}
