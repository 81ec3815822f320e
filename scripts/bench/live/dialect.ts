/** What every dashboard asks to follow, of the product and of each peer that speaks GraphQL. */
export const FOLLOW = `subscription ($packet: UUID!) { revisions(packet: $packet) {
  ... on RevisionEvent { cursor revision { number status openHolds cause actor epoch at digest
    holdChanges { code transition count } } }
  ... on Heartbeat { cursor head } } }`;

/** The same with the whole document of the revision: what fills the buffers of a reader that stalls. */
export const FOLLOW_WHOLE = FOLLOW.replace("digest", "digest digestWords document");

/** The operation's id on every socket. */
export const OPERATION = "1";

/** The field that counts a packet's events, as it stands in the text of each. */
export const NUMBER_KEY = `"number":`;

/** The event of a revision, as the product tells it. */
export interface RevisionEvent {
  readonly cursor: string;
  readonly revision: { readonly number: number } & Readonly<Record<string, unknown>>;
}

/** The event of another revision, alike in all else. */
export function renumbered(event: RevisionEvent, number: number): RevisionEvent {
  return { ...event, revision: { ...event.revision, number } };
}

/** The message that carries an event over graphql-transport-ws. */
export function messageOf(event: RevisionEvent): string {
  const payload = { data: { revisions: event } };
  return JSON.stringify({ id: OPERATION, type: "next", payload });
}

/** The event of such a message. */
export function eventOf(message: string): RevisionEvent {
  const { payload } = JSON.parse(message) as {
    readonly payload: { readonly data: { readonly revisions: RevisionEvent } };
  };
  return payload.data.revisions;
}
