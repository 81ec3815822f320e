/** The subscriptions that are followed here, each with as much as tells one event from another. */

const HEARTBEAT = "... on Heartbeat { cursor head }";

const HOLDS = `... on HoldsChanged {
  cursor
  revision { packet number }
  change {
    code
    transition
    count
    holds(first: 500) { totalCount pageInfo { hasNextPage endCursor } edges { node { ordinal subject } } }
  }
}`;

export const REVISIONS = `subscription ($packet: UUID!, $after: Cursor) {
  revisions(packet: $packet, after: $after) {
    kind: __typename
    ${HEARTBEAT}
    ... on RevisionEvent { cursor revision { number digest predecessor cause } }
  }
}`;

export const HOLD_CHANGES = `subscription ($packet: UUID!, $after: Cursor) {
  holdChanges(packet: $packet, after: $after) { kind: __typename ${HEARTBEAT} ${HOLDS} }
}`;

export const ALL_HOLD_CHANGES = `subscription ($after: Cursor) {
  allHoldChanges(after: $after) { kind: __typename ${HEARTBEAT} ${HOLDS} }
}`;

export const REGISTER = `subscription ($packet: UUID!, $after: Cursor) {
  register(packet: $packet, after: $after) {
    kind: __typename
    ${HEARTBEAT}
    ${HOLDS}
    ... on RegisterSnapshot {
      cursor
      packet { status currentRevision { number } holds(first: 500) { edges { node { code status } } } }
    }
  }
}`;

export const GATE = `subscription ($packet: UUID!, $after: Cursor) {
  gate(packet: $packet, after: $after) {
    kind: __typename
    ${HEARTBEAT}
    ... on GateEvent { cursor gate { status reasons revision approval { standing approvedBy } } }
  }
}`;

/** Each with its name, all of one packet but the last. */
export const ALL = { REVISIONS, HOLD_CHANGES, REGISTER, GATE, ALL_HOLD_CHANGES } as const;
