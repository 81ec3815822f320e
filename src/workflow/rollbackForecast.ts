import { entitle } from "#access/permissions.ts";
import { knownOf, rotationRefusal } from "#gate/decide/components.ts";
import { ofComponent } from "#gate/dependencies.ts";
import {
  type RollbackEntry,
  type RollbackImpact,
  plannedEntry,
  rollbackImpact,
} from "#gate/rollbackForecast.ts";
import type { Actor } from "#packet/actor.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { RollbackForecast } from "#packet/wish.ts";
import { inputDigest, read } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { openPackets } from "./openPackets.ts";

/** What a planned change would do to one packet. */
export interface ForecastPacket extends RollbackImpact {
  readonly packet: PacketId;
}

/** What a planned change of one component's rollback control would do to every open packet that it concerns. */
export interface Forecast {
  /** In order of packet; those to which nothing would happen are left out. */
  readonly packets: readonly ForecastPacket[];
  /** Packets that cannot be read, of which nothing can be said. */
  readonly unreadable: readonly PacketId[];
}

/** A planned floor, deny entry or rotation, before it happens: which packages would be refused, and which packets held. */
export async function rollbackForecast(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Forecast | Refusal> {
  const refused = entitle(actor, "rollbackForecast");
  if (refused !== null) return refused;
  const wish = read(RollbackForecast, input);
  if (wish instanceof Refusal) return wish;
  const digest = inputDigest(wish);
  if (digest instanceof Refusal) return digest;
  const { epoch } = await desk.ledger.moment();
  const entry = plannedEntry(wish, {
    entry: desk.newId(),
    reporter: actor.actor,
    reporterKind: actor.kind,
    observedEpoch: epoch,
    recordedEpoch: epoch,
    reportNumber: null,
  });
  const impossible = await refusalOf(desk, wish.exercise, entry);
  if (impossible !== null) return impossible;
  const packets: ForecastPacket[] = [];
  const unreadable: PacketId[] = [];
  for await (const { packet, seen } of openPackets(desk.ledger, wish.exercise)) {
    if (seen === null) {
      unreadable.push(packet);
      continue;
    }
    const impact = rollbackImpact(seen.state, entry, { actor, epoch: seen.moment.epoch });
    if (impact === null || isNothing(impact)) continue;
    packets.push({ packet, ...impact });
  }
  return { packets, unreadable };
}

function isNothing({ packages, opened, cleared }: RollbackImpact): boolean {
  return packages.length + opened.length + cleared.length === 0;
}

/** What no component of that state would do is no plan. */
async function refusalOf(
  { ledger }: Desk,
  exercise: boolean,
  entry: RollbackEntry,
): Promise<Refusal | null> {
  if (entry.kind !== "KEY_ROTATION") return null;
  const { entries } = await ledger.shared(exercise, ofComponent(entry.component));
  return rotationRefusal(knownOf(entry.component, entries), entry, ["change"]);
}
