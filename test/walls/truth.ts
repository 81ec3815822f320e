import type { Sql } from "#database/connect.ts";
import { holdChangesOf } from "#feed/holdChanges.ts";
import { readBody } from "#ledger/document.ts";
import { hex } from "#proof/digest.ts";

/** What the database has of one revision in the end. */
export interface TrueRevision {
  readonly packet: string;
  readonly number: number;
  readonly digest: string;
  /** Its place in the log of all packets. */
  readonly position: bigint;
  /** What it did to holds, one text for each event of it, in order (rule 4.2.5). */
  readonly changes: readonly string[];
}

/** What is true in the end, by which everything is judged that anybody was told. */
export interface Truth {
  /** In the order of the log. */
  readonly log: readonly TrueRevision[];
  /** Of each packet, in order. */
  readonly packets: ReadonlyMap<string, readonly TrueRevision[]>;
}

interface Row {
  readonly packet: string;
  readonly number: number;
  readonly digest: Uint8Array;
  readonly body: Uint8Array;
  readonly position: bigint | null;
}

/** Reads everything out of the database, of one snapshot; every revision must have its place. */
export async function truthOf(sql: Sql): Promise<Truth> {
  const rows = await sql<Row[]>`
    SELECT packet, number, digest, body, position
    FROM revision LEFT JOIN log_position USING (packet, number)
    ORDER BY position`;
  const packets = new Map<string, TrueRevision[]>();
  const log = rows.map(({ packet, number, digest, body, position }) => {
    if (position === null) throw new Error(`${packet} ${number} has no place in the log`);
    const changes = holdChangesOf(readBody(body)).map(
      ({ transition, code, count }) => `${transition} ${code} ${count}`,
    );
    const revision = { packet, number, digest: hex(digest), position, changes };
    const own = packets.get(packet) ?? [];
    packets.set(packet, own);
    own.push(revision);
    return revision;
  });
  return { log, packets };
}
