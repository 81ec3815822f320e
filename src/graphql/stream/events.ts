import { type HoldChange, holdChangesOf } from "#feed/holdChanges.ts";
import type { Cursors } from "#feed/cursor.ts";
import type { Item } from "#feed/feed.ts";
import type { Revision } from "#ledger/ledger.ts";
import { bodyOf } from "../packet/revision.ts";

/** What every event has: where the stream stands with it. */
export interface Placed {
  readonly cursor: string;
}

/** A revision that was appended. */
export interface RevisionEvent extends Placed {
  readonly kind: "REVISION";
  readonly revision: Revision;
}

/** What a revision did to the holds of one code. */
export interface HoldEvent extends Placed {
  readonly kind: "HOLDS";
  readonly revision: Revision;
  readonly change: HoldChange;
}

/** Nothing is missing up to here. */
export interface HeartbeatEvent extends Placed {
  readonly kind: "HEARTBEAT";
  readonly head: bigint;
}

/** A revision has fewer changes than this, so that a position tells which of them. */
const CHANGES = 65_536n;

/** Where hold changes begin again after a position of theirs: after which revision, or place in the log. */
export function holdsResumeAfter(position: bigint): bigint {
  const at = position / CHANGES;
  return position % CHANGES === CHANGES - 1n ? at : at - 1n;
}

/** The position at which nothing of a revision, or place in the log, is left to tell. */
export function holdsPosition(at: bigint): bigint {
  return at * CHANGES + CHANGES - 1n;
}

/** Which revision, or place in the log, a position of hold changes is in. */
export function holdsPlace(position: bigint): bigint {
  return position / CHANGES;
}

/** Revisions as events. */
export async function* revisionEvents(
  items: AsyncIterable<Item<Revision>>,
  cursors: Cursors,
  scope: string,
): AsyncGenerator<RevisionEvent | HeartbeatEvent, void, undefined> {
  for await (const item of items) {
    const cursor = cursors.write(scope, item.kind === "ITEM" ? item.position : item.head);
    if (item.kind === "ITEM") yield { kind: "REVISION", cursor, revision: item.value };
    else yield { kind: "HEARTBEAT", cursor, head: item.head };
  }
}

/**
 * Rule 4.2.5: one event for each revision, transition and code, after a position of theirs. Once
 * the reader is current, a revision that changed no hold is told as a heartbeat: however many
 * of them come, the reader knows how far the silence reaches.
 */
export async function* holdEvents(
  items: AsyncIterable<Item<Revision>>,
  after: bigint,
  cursors: Cursors,
  scope: string,
): AsyncGenerator<HoldEvent | HeartbeatEvent, void, undefined> {
  const heartbeat = (head: bigint): HeartbeatEvent => {
    return { kind: "HEARTBEAT", cursor: cursors.write(scope, holdsPosition(head)), head };
  };
  let isCurrent = false;
  for await (const item of items) {
    if (item.kind === "HEARTBEAT") {
      isCurrent = true;
      yield heartbeat(item.head);
      continue;
    }
    const revision = item.value;
    const changes = holdChangesOf(bodyOf(revision));
    if (isCurrent && changes.length === 0) yield heartbeat(item.position);
    for (const [index, change] of changes.entries()) {
      const position = item.position * CHANGES + BigInt(index + 1);
      if (position <= after) continue;
      yield { kind: "HOLDS", cursor: cursors.write(scope, position), revision, change };
    }
  }
}
