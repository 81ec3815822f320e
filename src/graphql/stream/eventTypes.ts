import type { HoldChange } from "#feed/holdChanges.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { Gate } from "#workflow/gateRead.ts";
import { builder, shared } from "../builder.ts";
import type { HeartbeatEvent, HoldEvent, RevisionEvent } from "./events.ts";
import { GateRef } from "../packet/gate.ts";
import { HoldChangeRef } from "../packet/holdChange.ts";
import { PacketRef } from "../packet/packet.ts";
import { RevisionRef } from "../packet/revision.ts";
import type { Placed } from "./source.ts";

/** The register as it was when the stream began. */
export interface SnapshotEvent extends Placed {
  readonly kind: "SNAPSHOT";
  readonly seen: Viewed;
}

/** What the gate answers now. */
export interface GateEvent extends Placed {
  readonly kind: "GATE";
  readonly gate: Gate;
}

type AnyEvent = RevisionEvent | HoldEvent | HeartbeatEvent | SnapshotEvent | GateEvent;

const CURSOR = "Where the stream stands with this event: give it as `after` to go on from here.";

const HeartbeatRef = builder.objectRef<HeartbeatEvent>("Heartbeat").implement({
  description: "Nothing is missing up to the head: the reader is current.",
  fields: (t) => ({
    cursor: t.field({
      ...shared,
      type: "Cursor",
      description: CURSOR,
      resolve: ({ cursor }) => cursor,
    }),
    head: t.string({
      ...shared,
      description:
        "The newest revision of the packet, or place in the log of all packets, as a decimal string.",
      resolve: ({ head }) => head.toString(),
    }),
  }),
});

const RevisionEventRef = builder.objectRef<RevisionEvent>("RevisionEvent").implement({
  description: "A revision was appended.",
  fields: (t) => ({
    cursor: t.field({
      ...shared,
      type: "Cursor",
      description: CURSOR,
      resolve: ({ cursor }) => cursor,
    }),
    revision: t.field({
      ...shared,
      type: RevisionRef,
      description: "The revision.",
      resolve: ({ revision }) => revision,
    }),
  }),
});

const HoldsChangedRef = builder.objectRef<HoldEvent>("HoldsChanged").implement({
  description: "A revision opened, cleared or put out of scope the holds of one code (rule 4.2.5).",
  fields: (t) => ({
    cursor: t.field({
      ...shared,
      type: "Cursor",
      description: CURSOR,
      resolve: ({ cursor }) => cursor,
    }),
    revision: t.field({
      ...shared,
      type: RevisionRef,
      description: "The revision, which names its packet.",
      resolve: ({ revision }) => revision,
    }),
    change: t.field({
      ...shared,
      type: HoldChangeRef,
      description: "What changed.",
      resolve: ({
        revision,
        change,
      }): { revision: RevisionEvent["revision"]; change: HoldChange } => ({ revision, change }),
    }),
  }),
});

const RegisterSnapshotRef = builder.objectRef<SnapshotEvent>("RegisterSnapshot").implement({
  description: "The packet as it is; what follows changed after it.",
  fields: (t) => ({
    cursor: t.field({
      ...shared,
      type: "Cursor",
      description: CURSOR,
      resolve: ({ cursor }) => cursor,
    }),
    packet: t.field({
      ...shared,
      type: PacketRef,
      description: "The packet with its register.",
      resolve: ({ seen }) => seen,
    }),
  }),
});

const GateEventRef = builder.objectRef<GateEvent>("GateEvent").implement({
  description:
    "What the gate answers now. In-between answers may be passed over, the newest never is.",
  fields: (t) => ({
    cursor: t.field({
      ...shared,
      type: "Cursor",
      description: CURSOR,
      resolve: ({ cursor }) => cursor,
    }),
    gate: t.field({
      ...shared,
      type: GateRef,
      description: "The answer.",
      resolve: ({ gate }) => gate,
    }),
  }),
});

const TYPES = {
  REVISION: RevisionEventRef,
  HOLDS: HoldsChangedRef,
  HEARTBEAT: HeartbeatRef,
  SNAPSHOT: RegisterSnapshotRef,
  GATE: GateEventRef,
} as const;

/** The types' names, by what tells events apart. */
const NAMES = {
  REVISION: "RevisionEvent",
  HOLDS: "HoldsChanged",
  HEARTBEAT: "Heartbeat",
  SNAPSHOT: "RegisterSnapshot",
  GATE: "GateEvent",
} as const satisfies Readonly<Record<AnyEvent["kind"], string>>;

/** A stream's events: its own, and heartbeats. */
export function eventUnion<K extends keyof typeof TYPES>(
  name: string,
  description: string,
  kinds: readonly K[],
) {
  return builder.unionType(name, {
    description,
    types: [...kinds.map((kind) => TYPES[kind]), HeartbeatRef],
    resolveType: (event) => NAMES[event.kind],
  });
}
