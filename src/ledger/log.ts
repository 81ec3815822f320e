import type { Connections } from "./connections.ts";
import type { LoggedRevision } from "./ledger.ts";
import { LOCK_IDLE_MS_MAX, REVISIONS_PAGE_MAX, SEQUENCE_PAGE } from "./limits.ts";
import type { LogExtent } from "./logForm.ts";
import type { Query, Transaction } from "./moment.ts";
import { type RevisionRow, revisionOf, revisionReading } from "./reads.ts";
import { rowsOf } from "./rowsOf.ts";

/**
 * The advisory lock under which positions are given: whoever waits for it sees, once it has
 * it, what the one before gave. The room below has the two keys before this one.
 */
const LOG_LOCK = 7_308_895_133_202_047_491n;

/**
 * Decision 6: gives every committed revision that has none a place in the log, and resolves to
 * the newest one. A revision is only seen once it is committed and so are all before it, so
 * whatever commits late comes later in the log and nothing is passed over.
 */
export async function sequenceLog(connections: Connections): Promise<bigint> {
  const { position, revisions } = await connections.read(readExtent);
  if (position === revisions) return position;
  for (;;) {
    const { given, newest } = await connections.transaction(givePositions);
    if (given < SEQUENCE_PAGE) return newest;
  }
}

/** The newest position; 0 while there is none. */
export async function logHead(sql: Query): Promise<bigint> {
  const [row] = await rowsOf(sql<{ newest: bigint }[]>`
    SELECT coalesce(max(position), 0) AS newest FROM log_position`);
  return row?.newest ?? 0n;
}

/** Revisions after a position, in order. */
export async function readLogged(
  sql: Query,
  after: bigint,
  limit: number,
): Promise<LoggedRevision[]> {
  // Each revision is looked up by itself, because a join may be planned over the whole table.
  const rows = await rowsOf(sql<(RevisionRow & { readonly position: bigint })[]>`
    SELECT l.position, r.* FROM (
      SELECT position, packet, number FROM log_position WHERE position > ${after}
      ORDER BY position LIMIT ${Math.min(limit, REVISIONS_PAGE_MAX)}
    ) AS l CROSS JOIN LATERAL (
      SELECT ${revisionReading(sql)} FROM revision
      WHERE packet = l.packet AND number = l.number LIMIT 1
    ) AS r ORDER BY l.position`);
  return rows.map(revisionOf);
}

/** Neither positions nor the numbers of a packet have gaps: the sums are equal if nothing waits. */
export async function readExtent(sql: Query): Promise<LogExtent> {
  const [row] = await rowsOf(sql<LogExtent[]>`
    SELECT (SELECT coalesce(max(position), 0) FROM log_position) AS position,
      (SELECT coalesce(sum(number), 0)::int8 FROM packet_head) AS revisions`);
  if (row === undefined) throw new Error("the extent of the log is one row");
  return row;
}

/**
 * Gives at most a page of positions, in the order of time as far as the order of each packet
 * allows: the database's clock may have been set back between two revisions.
 */
async function givePositions(tx: Transaction): Promise<{ given: number; newest: bigint }> {
  // The lock by a statement of its own, so that the next one sees what was committed meanwhile.
  await tx`SELECT pg_advisory_xact_lock(${LOG_LOCK}), set_config('enable_seqscan', 'off', true),
    set_config('idle_in_transaction_session_timeout', ${String(LOCK_IDLE_MS_MAX)}, true)`;
  const [row] = await rowsOf(tx<{ given: number; newest: bigint }[]>`
    WITH behind AS MATERIALIZED (
      SELECT h.packet, l.number AS sequenced
      FROM packet_head AS h CROSS JOIN LATERAL (
        SELECT coalesce(max(number), 0) AS number FROM log_position WHERE packet = h.packet
      ) AS l WHERE h.number > l.number
    ), waiting AS (
      SELECT r.packet, r.number,
        max(r.at) OVER (PARTITION BY r.packet ORDER BY r.number) AS at
      FROM behind AS b CROSS JOIN LATERAL (
        SELECT packet, number, at FROM revision
        WHERE packet = b.packet AND number > b.sequenced ORDER BY number LIMIT ${SEQUENCE_PAGE}
      ) AS r
    ), newest AS (
      SELECT coalesce(max(position), 0) AS position FROM log_position
    ), given AS (
      INSERT INTO log_position (position, packet, number)
      SELECT n.position + row_number() OVER (ORDER BY w.at, w.packet, w.number) AS position,
        w.packet, w.number
      FROM waiting AS w, newest AS n ORDER BY position LIMIT ${SEQUENCE_PAGE}
      RETURNING position
    )
    SELECT count(g.position)::int4 AS given,
      coalesce(max(g.position), (SELECT position FROM newest)) AS newest
    FROM given AS g`);
  if (row === undefined) throw new Error("what was given is told by one row");
  return row;
}
