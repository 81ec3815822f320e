import type { ClockBreak } from "#packet/fact.ts";
import type { Name, PacketId } from "#packet/name.ts";
import { readHeader } from "#ledger/document.ts";
import type { Identity } from "#ledger/draft.ts";
import type { Findings } from "./findings.ts";
import { CouldNotCheck, type Reading } from "./reading.ts";

/** What is recorded once of a packet. */
export interface PacketRow {
  readonly id: PacketId;
  readonly exercise: boolean;
  readonly train: Name;
  readonly preparer: Name;
  readonly succeeds: PacketId | null;
  readonly salt: Uint8Array;
  readonly openedAt: Date;
}

/** How many revisions of a packet the table holds, read without an index. */
export interface Extent {
  readonly packet: PacketId;
  readonly count: bigint;
  readonly least: number;
  readonly most: number;
}

/** A step of the clock that packets are told of. */
export interface ClockBreakStep {
  readonly change: ClockBreak | null;
  readonly epoch: bigint;
  readonly frozen: boolean;
  readonly actor: Name | null;
  readonly anchorAt: Date;
}

/** What the whole database says of itself, read before the lineages. */
export interface Ground {
  readonly deployment: string;
  readonly packets: ReadonlyMap<PacketId, PacketRow>;
  readonly extents: ReadonlyMap<PacketId, Extent>;
  readonly revisions: bigint;
  /** By generation: the step with which each began. */
  readonly generations: ReadonlyMap<number, ClockBreakStep>;
  /** The newest step's. */
  readonly epoch: bigint;
  readonly generation: number;
}

/** The identity under which a packet's revisions are checked. */
export function identityOf(ground: Ground, row: PacketRow): Identity {
  const { id: packet, exercise, train, salt } = row;
  return { deployment: ground.deployment, packet, exercise, train, salt };
}

/** Reads who the deployment is; one id is in every header. */
export async function readDeployment(
  reading: Reading,
  findings: Findings,
  pinned: string | null,
): Promise<string> {
  let deployment = pinned ?? "";
  await findings.reading({ table: "deployment" }, async () => {
    const rows = await reading.rows<{ only: boolean; id: string; secret: Uint8Array }>(
      (sql) => sql`SELECT "only", id, secret FROM public.deployment`,
    );
    const [row] = rows;
    if (rows.length !== 1 || row === undefined || !row.only || row.secret.length !== 32) {
      findings.add({
        place: { table: "deployment" },
        kind: rows.length === 0 ? "MISSING" : "EXTRA",
        expected: "one row with a secret of 32 bytes",
        found: `${rows.length} rows`,
      });
    }
    if (pinned !== null && row !== undefined && row.id !== pinned) {
      findings.add({
        place: { table: "deployment", column: "id" },
        kind: "IDENTITY",
        expected: pinned,
        found: row.id,
      });
    }
    deployment = pinned ?? row?.id ?? "";
  });
  return deployment === "" ? firstTold(reading) : deployment;
}

/** Whose the revisions say that they are, where the deployment itself does not say who it is. */
async function firstTold(reading: Reading): Promise<string> {
  try {
    const [row] = await reading.rows<{ header: Uint8Array }>(
      (sql) => sql`SELECT header FROM public.revision ORDER BY packet, number LIMIT 1`,
    );
    return row === undefined ? "" : readHeader(row.header).deployment;
  } catch (fault) {
    if (fault instanceof CouldNotCheck) throw fault;
    return "";
  }
}

/** Reads what there is of every packet, but for its revisions. */
export async function readPackets(
  reading: Reading,
  findings: Findings,
): Promise<Map<PacketId, PacketRow>> {
  const packets = new Map<PacketId, PacketRow>();
  await findings.reading({ table: "packet" }, async () => {
    const pages = reading.stream<PacketRow>(
      (sql) => sql`
        SELECT id, exercise, train, preparer, succeeds, salt, opened_at AS "openedAt"
        FROM public.packet`,
    );
    for await (const page of pages) for (const row of page) packets.set(row.id, row);
  });
  return packets;
}

/** Counts revisions from the rows themselves, so that none can hide from an index. */
export async function readExtents(
  reading: Reading,
  findings: Findings,
): Promise<Map<PacketId, Extent>> {
  const extents = new Map<PacketId, Extent>();
  await findings.reading({ table: "revision" }, async () => {
    await reading.rows(
      (sql) => sql`
      SELECT set_config('enable_indexscan', 'off', true),
        set_config('enable_indexonlyscan', 'off', true),
        set_config('enable_bitmapscan', 'off', true)`,
    );
    try {
      const rows = await reading.rows<Extent>(
        (sql) => sql`
          SELECT packet, count(*) AS count, min(number) AS least, max(number) AS most
          FROM public.revision GROUP BY packet`,
      );
      for (const row of rows) extents.set(row.packet, row);
    } finally {
      await reading.rows(
        (sql) => sql`
        SELECT set_config('enable_indexscan', 'on', true),
          set_config('enable_indexonlyscan', 'on', true),
          set_config('enable_bitmapscan', 'on', true)`,
      );
    }
  });
  return extents;
}
