import { Id, type PacketId } from "#packet/name.ts";
import { CursorFuture, Refusal, UnknownPacket } from "#packet/refusal.ts";
import { read } from "#workflow/ask.ts";
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
import { gateEvents, type GateSource } from "./gateEvents.ts";
import { REGISTER_BEHIND_MAX } from "../limits.ts";
import { refusalError, requireEntitled } from "../loading.ts";
import { Source } from "./source.ts";

/** Where a stream of a packet, or of all of them, can begin. */
interface Beginning {
  readonly scope: string;
  readonly after: string | null | undefined;
  /** Which revision, or place in the log, a position is in. */
  readonly placeOf: (position: bigint) => bigint;
  /** The position at which nothing up to a head is left to tell. */
  readonly positionAt: (head: bigint) => bigint;
  /** The newest there is; read anew where what is known does not reach so far. */
  readonly headFor: (atLeast: bigint) => Promise<bigint>;
}

/** What a reader of server-sent events says comes first, then `after`, else now. */
async function startOf(context: Context, beginning: Beginning): Promise<bigint> {
  const { placeOf, positionAt, headFor } = beginning;
  const given = givenIn(context, beginning);
  const head = await headFor(typeof given === "bigint" ? placeOf(given) : 0n);
  if (given instanceof Refusal) throw refusalError(given);
  if (given !== null && placeOf(given) > head) throw refusalError(new CursorFuture());
  return given ?? positionAt(head);
}

function givenIn(
  { cursors, lastEventId }: Context,
  { scope, after }: Pick<Beginning, "scope" | "after">,
): bigint | Refusal | null {
  const text = lastEventId ?? after ?? null;
  return text === null ? null : cursors.read(scope, text);
}

/**
 * The newest revision of a packet that the reader may see. What is no id is refused here: it is read
 * in one statement with what others ask for, which would fail for all of them.
 */
function headsOf(
  context: Context,
  given: PacketId,
  verb: "gateRead" | "packetRead",
): Beginning["headFor"] {
  requireEntitled(context, verb);
  const packet = read(Id, given);
  if (packet instanceof Refusal) throw refusalError(packet);
  return async (atLeast) => {
    const head = await context.feed.head(packet, atLeast);
    if (head === 0n) throw refusalError(new UnknownPacket());
    context.reads.lookedAt(packet);
    return head;
  };
}

const asItIs = (position: bigint): bigint => position;

/** Where hold changes of a packet begin. */
function holdsBeginning(
  context: Context,
  packet: PacketId,
  after: string | null | undefined,
): Beginning {
  const headFor = headsOf(context, packet, "packetRead");
  const places = { placeOf: holdsPlace, positionAt: holdsPosition };
  return { scope: `holds of ${packet}`, after, ...places, headFor };
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
        const { feed, cursors } = context;
        const scope = `revisions ${packet}`;
        const places = { placeOf: asItIs, positionAt: asItIs };
        const beginning = {
          scope,
          after,
          ...places,
          headFor: headsOf(context, packet, "packetRead"),
        };
        const start = await startOf(context, beginning);
        const goOn = (position: bigint, signal: AbortSignal) =>
          revisionEvents(feed.revisions(packet, position, signal), cursors, scope);
        const newest = (): Promise<bigint> => feed.head(packet, 0n);
        return new Source({ kind: "LOG", begin: (signal) => goOn(start, signal), newest, goOn });
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
        const start = await startOf(context, holdsBeginning(context, packet, after));
        const goOn = (position: bigint, signal: AbortSignal) =>
          holdsAfter(context, packet, position, signal);
        const newest = (): Promise<bigint> => holdsNewest(context, packet);
        return new Source({ kind: "LOG", begin: (signal) => goOn(start, signal), newest, goOn });
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

/** The position at which all hold changes of a packet were told. */
async function holdsNewest({ feed }: Context, packet: PacketId): Promise<bigint> {
  return holdsPosition(await feed.head(packet, 0n));
}

/** The packet as it is, then what changes. */
async function* registerEvents(
  context: Context,
  packet: PacketId,
  signal: AbortSignal,
): AsyncGenerator<SnapshotEvent | HoldEvent | HeartbeatEvent, void, undefined> {
  let position = 0n;
  const snapshots = [await snapshotOf(context, packet)];
  // Let go of here: a packet of ten thousand artifacts is not kept for as long as it is followed.
  for (const snapshot of snapshots.splice(0)) {
    position = snapshot.position;
    yield snapshot;
  }
  yield* holdsAfter(context, packet, position, signal);
}

async function snapshotOf(context: Context, packet: PacketId): Promise<SnapshotEvent> {
  const { value: seen, order } = await context.presence.view(context, packet);
  if (seen === null) throw refusalError(new UnknownPacket());
  const position = holdsPosition(BigInt(seen.state.revision));
  const cursor = context.cursors.write(`holds of ${packet}`, position);
  return { kind: "SNAPSHOT", cursor, position, mark: `${order}`, committedAt: null, seen };
}

/** Only what changed, unless that is too much: then the packet as it is comes in its place. */
async function* registerAfter(
  context: Context,
  packet: PacketId,
  position: bigint,
  signal: AbortSignal,
): AsyncGenerator<SnapshotEvent | HoldEvent | HeartbeatEvent, void, undefined> {
  const head = await context.feed.head(packet, 0n);
  if (head - holdsPlace(position) > REGISTER_BEHIND_MAX) {
    yield* registerEvents(context, packet, signal);
  } else yield* holdsAfter(context, packet, position, signal);
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
        "The packet as it is, then every change of its holds: one operation to know the present and stay current. A reader who falls far behind is told the packet as it is again, in place of what they missed.",
      args: {
        packet: t.arg({ type: "UUID", ...packetArg }),
        after: t.arg({
          type: "Cursor",
          required: false,
          description: "Without a snapshot, only what came after this cursor, and then live.",
        }),
      },
      subscribe: async (_root, { packet, after }, context) => {
        const given = holdsBeginning(context, packet, after);
        const start = await startOf(context, given);
        const isResumed = givenIn(context, given) !== null;
        return new Source<SnapshotEvent | HoldEvent | HeartbeatEvent>({
          kind: "LOG",
          begin: (signal) =>
            isResumed
              ? holdsAfter(context, packet, start, signal)
              : registerEvents(context, packet, signal),
          newest: () => holdsNewest(context, packet),
          goOn: (position, signal) => registerAfter(context, packet, position, signal),
        });
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
        const places = { placeOf: asItIs, positionAt: asItIs };
        const headFor = headsOf(context, packet, "gateRead");
        const given = { scope: `gate of ${packet}`, after, ...places, headFor };
        const start = await startOf(context, given);
        const { feed, cursors, presence } = context;
        const gate: GateSource = {
          read: () => presence.gate(context, packet),
          stirs: (signal) => feed.stirs(packet, signal),
          cursorAt: (head) => cursors.write(given.scope, head),
        };
        const open = (signal: AbortSignal) => gateEvents(gate, signal);
        return new Source<GateEvent | HeartbeatEvent>({
          kind: "STATE",
          resumedFrom: givenIn(context, given) === null ? undefined : start,
          begin: open,
          goOn: (_position, signal) => open(signal),
        });
      },
      resolve: (event: GateEvent | HeartbeatEvent) => event,
    }),
  );
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
        const { feed, cursors } = context;
        const scope = "holds of all";
        const places = { placeOf: holdsPlace, positionAt: holdsPosition };
        const headFor = (atLeast: bigint) => feed.logHead(atLeast);
        const start = await startOf(context, { scope, after, ...places, headFor });
        const goOn = (position: bigint, signal: AbortSignal) => {
          const items = feed.log(holdsResumeAfter(position), signal);
          return holdEvents(items, position, cursors, scope);
        };
        const newest = async (): Promise<bigint> => holdsPosition(await feed.logHead(0n));
        return new Source({ kind: "LOG", begin: (signal) => goOn(start, signal), newest, goOn });
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
