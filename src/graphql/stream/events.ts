import { type HoldChange, holdChangesOf } from "#feed/holdChanges.ts";
import type { Cursors } from "#feed/cursor.ts";
import type { Item } from "#feed/feed.ts";
import type { Revision } from "#ledger/ledger.ts";
import { bodyOf } from "../packet/revision.ts";
import type { Placed } from "./source.ts";

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

/** Gives events of one scope their places. */
class Places {
  readonly #cursorAt: (position: bigint) => string;

  constructor(cursors: Cursors, scope: string) {
    this.#cursorAt = cursors.of(scope);
  }

  at(position: bigint, committedAt: Date): Omit<Placed, "kind"> {
    const cursor = this.#cursorAt(position);
    return { cursor, position, mark: `${position}`, committedAt };
  }

  heartbeat(position: bigint, head: bigint): HeartbeatEvent {
    const cursor = this.#cursorAt(position);
    return { kind: "HEARTBEAT", cursor, position, mark: `=${position}`, committedAt: null, head };
  }
}

/** Revisions as events. */
export async function* revisionEvents(
  items: AsyncIterable<Item<Revision>>,
  cursors: Cursors,
  scope: string,
): AsyncGenerator<RevisionEvent | HeartbeatEvent, void, undefined> {
  const places = new Places(cursors, scope);
  for await (const item of items) {
    if (item.kind === "HEARTBEAT") yield places.heartbeat(item.head, item.head);
    else {
      const revision = item.value;
      yield { kind: "REVISION", ...places.at(item.position, revision.at), revision };
    }
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
  const places = new Places(cursors, scope);
  let isCurrent = false;
  for await (const item of items) {
    if (item.kind === "HEARTBEAT") {
      isCurrent = true;
      yield places.heartbeat(holdsPosition(item.head), item.head);
      continue;
    }
    const revision = item.value;
    const changes = holdChangesOf(bodyOf(revision));
    if (isCurrent && changes.length === 0) {
      yield places.heartbeat(holdsPosition(item.position), item.position);
    }
    for (const [index, change] of changes.entries()) {
      const position = item.position * CHANGES + BigInt(index + 1);
      if (position <= after) continue;
      yield { kind: "HOLDS", ...places.at(position, revision.at), revision, change };
    }
  }
}
