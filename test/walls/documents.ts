/** What dashboards follow, each with as much as a checker needs. */

const HEARTBEAT = "... on Heartbeat { cursor head }";

const HOLDS = `... on HoldsChanged {
  cursor
  revision { packet number digest }
  change { code transition count }
}`;

/** What makes an event an eighth of a megabyte: what a connection holds by itself is soon full. */
const COPIES = Array.from(
  { length: 100 },
  (_none, copy) => `copy${copy}: document words${copy}: digestWords`,
).join(" ");

/** By the name of what is followed; all of one packet but the last. */
export const DOCUMENTS = {
  REVISIONS: `subscription ($packet: UUID!, $after: Cursor) {
    revisions(packet: $packet, after: $after) {
      kind: __typename
      ${HEARTBEAT}
      ... on RevisionEvent { cursor revision { packet number digest } }
    }
  }`,
  REVISIONS_AT_LENGTH: `subscription ($packet: UUID!, $after: Cursor) {
    revisions(packet: $packet, after: $after) {
      kind: __typename
      ${HEARTBEAT}
      ... on RevisionEvent { cursor revision { packet number digest ${COPIES} } }
    }
  }`,
  HOLD_CHANGES: `subscription ($packet: UUID!, $after: Cursor) {
    holdChanges(packet: $packet, after: $after) { kind: __typename ${HEARTBEAT} ${HOLDS} }
  }`,
  REGISTER: `subscription ($packet: UUID!, $after: Cursor) {
    register(packet: $packet, after: $after) {
      kind: __typename
      ${HEARTBEAT}
      ${HOLDS}
      ... on RegisterSnapshot { cursor packet { packet revision digest openHolds } }
    }
  }`,
  GATE: `subscription ($packet: UUID!, $after: Cursor) {
    gate(packet: $packet, after: $after) {
      kind: __typename
      ${HEARTBEAT}
      ... on GateEvent { cursor gate { packet status reasons revision digest } }
    }
  }`,
  ALL_HOLD_CHANGES: `subscription ($after: Cursor) {
    allHoldChanges(after: $after) { kind: __typename ${HEARTBEAT} ${HOLDS} }
  }`,
} as const;

export type Watched = keyof typeof DOCUMENTS;

/** What a wall shows. */
export const WATCHED = [
  "REVISIONS",
  "HOLD_CHANGES",
  "REGISTER",
  "GATE",
  "ALL_HOLD_CHANGES",
] as const satisfies readonly Watched[];

/** What a node says of a packet: whatever any other node must say too. */
export const STATE = `query ($packet: UUID!) {
  packet(packet: $packet) {
    revision
    digest
    status
    openHolds
    approval { standing }
    holds(first: 500, status: OPEN) { totalCount nodes { code subject ordinal } }
  }
  gate(packet: $packet) { status reasons revision digest }
}`;
