import type { Viewed } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { CursorFuture, Refusal, UnknownPacket } from "#packet/refusal.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { builder, shared } from "../builder.ts";
import type { Context } from "../context.ts";
import {
  type HeartbeatEvent,
  type HoldEvent,
  type RevisionEvent,
  holdEvents,
  holdsPlace,
  holdsPosition,
  holdsResumeAfter,
  revisionEvents,
} from "./events.ts";
import { type GateEvent, type SnapshotEvent, eventUnion } from "./eventTypes.ts";
import { gateEvents } from "./gateEvents.ts";
import { loadPacket, refusalError, requireEntitled } from "../loading.ts";
import { abortable } from "./stream.ts";

/** Where to begin: what a reader of server-sent events says comes first, then `after`, else now. */
function startOf(
  context: Context,
  after: string | null | undefined,
  scope: string,
  // Without a head nobody knows what would be beyond it.
  { head, placeOf }: { head: bigint | null; placeOf: (position: bigint) => bigint },
): bigint | null {
  const text = context.lastEventId ?? after ?? null;
  if (text === null) return null;
  const position = context.cursors.read(scope, text);
  if (position instanceof Refusal) throw refusalError(position);
  if (head !== null && placeOf(position) > head) throw refusalError(new CursorFuture());
  return position;
}

/** The newest revision of a packet that the reader may see. */
async function headOf(context: Context, packet: PacketId): Promise<bigint> {
  const seen = await loadPacket(context, packet);
  if (seen === null) throw refusalError(new UnknownPacket());
  return BigInt(seen.state.revision);
}

const packetArg = { description: "The packet." } as const;
const AFTER = "Only what came after this cursor, and then live; only live when left out.";

function packetStreams(): void {
  builder.subscriptionField("revisions", (t) =>
    t.field({
      ...shared,
      type: eventUnion("RevisionStream", "What the stream of revisions tells.", ["REVISION"]),
      description: "Every revision of a packet, in order, none lost and none doubled.",
      args: {
        packet: t.arg({ type: "UUID", ...packetArg }),
        after: t.arg({ type: "Cursor", required: false, description: AFTER }),
      },
      subscribe: async (_root, { packet, after }, context) => {
        const head = await headOf(context, packet);
        const scope = `revisions ${packet}`;
        const start = startOf(context, after, scope, { head, placeOf: (position) => position });
        const { feed, cursors } = context;
        return abortable((signal) =>
          revisionEvents(feed.revisions(packet, start ?? head, signal), cursors, scope),
        );
      },
      resolve: (event: RevisionEvent | HeartbeatEvent) => event,
    }),
  );
  builder.subscriptionField("holdChanges", (t) =>
    t.field({
      ...shared,
      type: eventUnion("HoldStream", "What a stream of hold changes tells.", ["HOLDS"]),
      description: "Every change of a packet's holds, in order, none lost and none doubled.",
      args: {
        packet: t.arg({ type: "UUID", ...packetArg }),
        after: t.arg({ type: "Cursor", required: false, description: AFTER }),
      },
      subscribe: async (_root, { packet, after }, context) => {
        const head = await headOf(context, packet);
        const scope = `holds of ${packet}`;
        const start =
          startOf(context, after, scope, { head, placeOf: holdsPlace }) ?? holdsPosition(head);
        return abortable((signal) => holdsAfter(context, packet, start, signal));
      },
      resolve: (event: HoldEvent | HeartbeatEvent) => event,
    }),
  );
}

function holdsAfter(context: Context, packet: PacketId, start: bigint, signal: AbortSignal) {
  const { feed, cursors } = context;
  const items = feed.revisions(packet, holdsResumeAfter(start), signal);
  return holdEvents(items, start, cursors, `holds of ${packet}`);
}

/** The packet as it is, then what changes; only the latter where the reader resumes. */
async function* registerEvents(
  context: Context,
  { packet, start, snapshot }: Beginning,
  signal: AbortSignal,
): AsyncGenerator<SnapshotEvent | HoldEvent | HeartbeatEvent, void, undefined> {
  if (snapshot.length > 0) {
    const cursor = context.cursors.write(`holds of ${packet}`, start);
    // Let go of here: a packet of ten thousand artifacts is not kept for as long as it is followed.
    for (const seen of snapshot.splice(0)) yield { kind: "SNAPSHOT", cursor, seen };
  }
  yield* holdsAfter(context, packet, start, signal);
}

/** Where a register's stream begins. */
interface Beginning {
  readonly packet: PacketId;
  readonly start: bigint;
  /** The packet as it is, to be told once; empty for a reader who resumes. */
  readonly snapshot: Viewed[];
}

async function beginningOf(
  context: Context,
  packet: PacketId,
  after: string | null | undefined,
): Promise<Beginning> {
  const seen = await loadPacket(context, packet);
  if (seen === null) throw refusalError(new UnknownPacket());
  const head = BigInt(seen.state.revision);
  const start = startOf(context, after, `holds of ${packet}`, { head, placeOf: holdsPlace });
  if (start !== null) return { packet, start, snapshot: [] };
  return { packet, start: holdsPosition(head), snapshot: [seen] };
}

function presentStreams(): void {
  builder.subscriptionField("register", (t) =>
    t.field({
      ...shared,
      type: eventUnion("RegisterStream", "What the stream of a register tells.", [
        "SNAPSHOT",
        "HOLDS",
      ]),
      description:
        "The packet as it is, then every change of its holds: one operation to know the present and stay current.",
      args: {
        packet: t.arg({ type: "UUID", ...packetArg }),
        after: t.arg({
          type: "Cursor",
          required: false,
          description: "Without a snapshot, only what came after this cursor, and then live.",
        }),
      },
      subscribe: async (_root, { packet, after }, context) => {
        const beginning = await beginningOf(context, packet, after);
        return abortable((signal) => registerEvents(context, beginning, signal));
      },
      resolve: (event: SnapshotEvent | HoldEvent | HeartbeatEvent) => event,
    }),
  );
  builder.subscriptionField("gate", (t) =>
    t.field({
      ...shared,
      type: eventUnion("GateStream", "What the stream of a gate tells.", ["GATE"]),
      description: "What the gate of a packet answers now, and whenever that becomes another.",
      args: {
        packet: t.arg({ type: "UUID", ...packetArg }),
        after: t.arg({
          type: "Cursor",
          required: false,
          description: "Where the reader left off. The newest answer is told first all the same.",
        }),
      },
      subscribe: async (_root, { packet, after }, context) => {
        const placeOf = (position: bigint): bigint => position;
        const head = await gateHead(context, packet);
        startOf(context, after, `gate of ${packet}`, { head, placeOf });
        return abortable((signal) => gateEvents(context, packet, signal));
      },
      resolve: (event: GateEvent | HeartbeatEvent) => event,
    }),
  );
}

/** The revision that the gate rests on; null for a packet that cannot be read, whose gate is CLOSED. */
async function gateHead({ desk, actor }: Context, packet: PacketId): Promise<bigint | null> {
  const gate = await gateRead(desk, actor, packet);
  if (gate instanceof Refusal) throw refusalError(gate);
  return gate.rests === null ? null : BigInt(gate.rests.revision);
}

function logStream(): void {
  builder.subscriptionField("allHoldChanges", (t) =>
    t.field({
      ...shared,
      type: eventUnion("AllHoldsStream", "What the stream of all hold changes tells.", ["HOLDS"]),
      description:
        "Every change of the holds of all packets that you may see, in one order that all readers share, none lost and none doubled.",
      args: { after: t.arg({ type: "Cursor", required: false, description: AFTER }) },
      subscribe: async (_root, { after }, context) => {
        requireEntitled(context, "packetRead");
        const { desk, feed, cursors } = context;
        const head = await desk.ledger.sequence();
        const start =
          startOf(context, after, "holds of all", { head, placeOf: holdsPlace }) ??
          holdsPosition(head);
        return abortable((signal) =>
          holdEvents(feed.log(holdsResumeAfter(start), signal), start, cursors, "holds of all"),
        );
      },
      resolve: (event: HoldEvent | HeartbeatEvent) => event,
    }),
  );
}

/** Adds every subscription. */
export function addSubscriptions(): void {
  builder.subscriptionType({
    description:
      "Everything that can be followed. Each event carries a cursor, from which a reader goes on without a gap or a double.",
  });
  packetStreams();
  presentStreams();
  logStream();
}
