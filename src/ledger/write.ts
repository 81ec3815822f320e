import type { Epoch } from "#packet/epoch.ts";
import type { Name } from "#packet/name.ts";
import type { Answer } from "./asker.ts";
import { bytesOf } from "./bytes.ts";
import type { Draft, Folded } from "./draft.ts";
import type { Head } from "./lineages.ts";
import type { Query } from "./moment.ts";
import { columnsOf } from "./arrays.ts";
import { rowsOf } from "./rowsOf.ts";

/** Where a head is to move from, and to. */
export interface Move {
  readonly from: Head;
  readonly to: Folded;
  readonly nextDue: Epoch | null;
}

/** An automated reporter's next number, after the one that was its last (rule 4.3.2). */
export interface NextNumber {
  readonly exercise: boolean;
  readonly reporter: Name;
  readonly number: bigint;
  readonly previous: bigint | null;
}

/** Everything that one change writes beside its own rows. */
export interface Writing {
  readonly moves: readonly Move[];
  readonly drafts: readonly Draft[];
  readonly answers: readonly Answer[];
  readonly numbers: readonly NextNumber[];
  /** The step of the clock at which it was judged. */
  readonly clockSeq: bigint;
  readonly at: Date;
}

/**
 * Compares and swaps heads, and with them writes revisions, answers and numbers, in one
 * statement: either all of it is there, or nothing. Resolves to the number of heads swapped;
 * where a head has moved, or the clock has (rule 6.6), that one's revisions are not written.
 */
export async function swapHeads(sql: Query, writing: Writing): Promise<number> {
  const column = columnsOf(sql, writing.moves);
  const [row] = await rowsOf(sql<{ swapped: number }[]>`
    WITH swapped AS (
      UPDATE packet_head AS h
      SET number = w.number, digest = w.digest, status = w.status,
        closed = w.status = 'CLOSED', next_due = w.next_due
      FROM unnest(
        ${column("uuid", ({ from }) => from.identity.packet)}::uuid[],
        ${column("int4", ({ from }) => from.number)}::int4[],
        ${column("bytea", ({ from }) => from.digest)}::bytea[],
        ${column("int4", ({ to }) => to.state.revision)}::int4[],
        ${column("bytea", ({ to }) => to.digest)}::bytea[],
        ${column("text", ({ to }) => to.state.status)}::packet_status[],
        ${column("int8", ({ nextDue }) => nextDue)}::int8[]
      ) AS w(packet, was, was_digest, number, digest, status, next_due)
      WHERE h.packet = w.packet AND h.number = w.was AND h.digest = w.was_digest
        AND (SELECT max(seq) FROM clock_step) = ${writing.clockSeq}
      RETURNING h.packet
    ), written AS (
      INSERT INTO revision ${revisionColumns(sql)}
      SELECT r.* FROM ${revisionRows(sql, writing)} JOIN swapped USING (packet)
      ORDER BY r.packet, r.number
    ), answered AS (
      ${insertAnswers(sql, writing)} WHERE EXISTS (SELECT FROM swapped)
    ), numbered AS (
      ${insertNumbers(sql, writing)} WHERE EXISTS (SELECT FROM swapped)
    )
    SELECT count(*)::int4 AS swapped FROM swapped`);
  return row?.swapped ?? 0;
}

/** What a batch writes to one packet. */
export interface HeadWriting extends Omit<Writing, "moves"> {
  readonly from: Pick<Folded, "identity" | "state" | "digest">;
  readonly to: Folded;
  readonly nextDue: Epoch | null;
  /** When it is too late to write this, by the database's clock; null for never. */
  readonly staleAt: Date | null;
}

/**
 * {@link swapHeads} for one packet, at half the cost. Resolves to the time by the database's clock,
 * or to null where the head or the clock has moved, or this came too late: then nothing is written.
 */
export async function swapHead(sql: Query, writing: HeadWriting): Promise<Date | null> {
  const { from, to, nextDue, clockSeq, staleAt, at, drafts } = writing;
  const { packet } = from.identity;
  const { revision, status } = to.state;
  const [row] = await rowsOf(sql<{ now: Date }[]>`
    WITH swapped AS (
      UPDATE packet_head SET number = ${revision}, digest = ${bytesOf(to.digest)},
        status = ${status}, closed = ${status === "CLOSED"}, next_due = ${nextDue}
      WHERE packet = ${packet} AND number = ${from.state.revision}
        AND digest = ${bytesOf(from.digest)}
        AND (SELECT max(seq) FROM clock_step) = ${clockSeq}
        AND (clock_timestamp() < ${staleAt}) IS NOT FALSE
      RETURNING packet
    ), written AS (
      INSERT INTO revision ${revisionColumns(sql)}
      SELECT r.* FROM ${revisionRows(sql, { drafts, at })} WHERE EXISTS (SELECT FROM swapped)
    ), answered AS (
      ${insertAnswers(sql, writing)} WHERE EXISTS (SELECT FROM swapped)
    )${numbered(sql, writing)}
    SELECT clock_timestamp() AS now FROM swapped`);
  return row?.now ?? null;
}

/** Most batches have no numbers, and each part of a statement costs whether it has rows or not. */
function numbered(sql: Query, writing: Pick<Writing, "numbers">) {
  if (writing.numbers.length === 0) return sql``;
  return sql`, numbered AS (
      ${insertNumbers(sql, writing)} WHERE EXISTS (SELECT FROM swapped)
    )`;
}

/** The columns of a revision, in the order of {@link revisionRows}. */
export function revisionColumns(sql: Query) {
  return sql`(packet, number, predecessor, digest, header, body, cause, actor, actor_kind, epoch,
    at, status, open_holds, steady_since, material_digest, approves_number, approves_digest)`;
}

/** Revisions to be written, as table `r`. */
export function revisionRows(sql: Query, { drafts, at }: Pick<Writing, "drafts" | "at">) {
  const column = columnsOf(sql, drafts);
  return sql`(
    SELECT u.packet, u.number, u.predecessor, u.digest, u.header, u.body, u.cause, u.actor,
      u.actor_kind, u.epoch, ${at}::timestamptz AS at, u.status, u.open_holds, u.steady_since,
      u.material_digest, u.approves_number, u.approves_digest
    FROM unnest(
      ${column("uuid", ({ packet }) => packet)}::uuid[],
      ${column("int4", ({ number }) => number)}::int4[],
      ${column("bytea", ({ predecessor }) => predecessor)}::bytea[],
      ${column("bytea", ({ digest }) => digest)}::bytea[],
      ${column("bytea", ({ header }) => header)}::bytea[],
      ${column("bytea", ({ body }) => body)}::bytea[],
      ${column("text", ({ cause }) => cause)}::fact_kind[],
      ${column("text", ({ actor }) => actor.actor)}::text[],
      ${column("text", ({ actor }) => actor.kind)}::actor_kind[],
      ${column("int8", ({ epoch }) => epoch)}::int8[],
      ${column("text", ({ status }) => status)}::packet_status[],
      ${column("int4", ({ openHolds }) => openHolds)}::int4[],
      ${column("int4", ({ steadySince }) => steadySince)}::int4[],
      ${column("bytea", ({ materialDigest }) => materialDigest)}::bytea[],
      ${column("int4", ({ approves }) => approves?.revision ?? null)}::int4[],
      ${column("bytea", ({ approves }) => approves?.digest ?? null)}::bytea[]
    ) AS u(packet, number, predecessor, digest, header, body, cause, actor, actor_kind, epoch,
      status, open_holds, steady_since, material_digest, approves_number, approves_digest)
  ) AS r`;
}

/** Keeps answers under their keys; a `WHERE` may follow. */
export function insertAnswers(sql: Query, { answers, at }: Pick<Writing, "answers" | "at">) {
  const column = columnsOf(sql, answers);
  return sql`
    INSERT INTO idempotency (actor, key, verb, input, answer, at)
    SELECT a.actor, a.key, a.verb, a.input, a.answer, ${at}::timestamptz FROM unnest(
      ${column("text", ({ asker }) => asker.actor.actor)}::text[],
      ${column("text", ({ asker }) => asker.idempotencyKey)}::text[],
      ${column("text", ({ asker }) => asker.verb)}::text[],
      ${column("text", ({ asker }) => asker.input)}::text[],
      ${column("text", ({ answer }) => answer)}::text[]
    ) AS a(actor, key, verb, input, answer)`;
}

/** Keeps reporters' numbers; a `WHERE` may follow. */
export function insertNumbers(sql: Query, { numbers }: Pick<Writing, "numbers">) {
  const column = columnsOf(sql, numbers);
  return sql`
    INSERT INTO report_number (exercise, reporter, number, previous)
    SELECT n.* FROM unnest(
      ${column("bool", ({ exercise }) => exercise)}::bool[],
      ${column("text", ({ reporter }) => reporter)}::text[],
      ${column("int8", ({ number }) => number)}::int8[],
      ${column("int8", ({ previous }) => previous)}::int8[]
    ) AS n(exercise, reporter, number, previous)`;
}
