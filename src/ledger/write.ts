import type { Epoch } from "#packet/epoch.ts";
import type { Name } from "#packet/name.ts";
import type { Answer } from "./asker.ts";
import { bytesOf } from "./bytes.ts";
import type { Draft, Folded } from "./draft.ts";
import type { Head } from "./lineages.ts";
import type { Query } from "./moment.ts";
import { OID } from "./oids.ts";

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
  const { moves, clockSeq } = writing;
  const [row] = await sql<{ swapped: number }[]>`
    WITH swapped AS (
      UPDATE packet_head AS h
      SET number = w.number, digest = w.digest, status = w.status, next_due = w.next_due
      FROM unnest(
        ${sql.array(
          moves.map((move) => move.from.identity.packet),
          OID.uuid,
        )}::uuid[],
        ${sql.array(
          moves.map((move) => move.from.number),
          OID.int4,
        )}::int4[],
        ${sql.array(
          moves.map((move) => bytesOf(move.from.digest)),
          OID.bytea,
        )}::bytea[],
        ${sql.array(
          moves.map((move) => move.to.state.revision),
          OID.int4,
        )}::int4[],
        ${sql.array(
          moves.map((move) => bytesOf(move.to.digest)),
          OID.bytea,
        )}::bytea[],
        ${sql.array(
          moves.map((move) => move.to.state.status),
          OID.text,
        )}::packet_status[],
        ${sql.array(
          moves.map((move) => move.nextDue),
          OID.int8,
        )}::int8[]
      ) AS w(packet, was, was_digest, number, digest, status, next_due)
      WHERE h.packet = w.packet AND h.number = w.was AND h.digest = w.was_digest
        AND (SELECT max(seq) FROM clock_step) = ${clockSeq}
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
    SELECT count(*)::int4 AS swapped FROM swapped`;
  return row?.swapped ?? 0;
}

/** The columns of a revision, in the order of {@link revisionRows}. */
export function revisionColumns(sql: Query) {
  return sql`(packet, number, predecessor, digest, header, body, cause, actor, actor_kind, epoch,
    at, status, open_holds, steady_since, material_digest, approves_number, approves_digest)`;
}

/** Revisions to be written, as table `r`. */
export function revisionRows(sql: Query, { drafts, at }: Pick<Writing, "drafts" | "at">) {
  const bytes = (digits: string | null | undefined): Uint8Array | null =>
    digits === null || digits === undefined ? null : bytesOf(digits);
  return sql`(
    SELECT u.packet, u.number, u.predecessor, u.digest, u.header, u.body, u.cause, u.actor,
      u.actor_kind, u.epoch, ${at}::timestamptz AS at, u.status, u.open_holds, u.steady_since,
      u.material_digest, u.approves_number, u.approves_digest
    FROM unnest(
      ${sql.array(
        drafts.map((draft) => draft.packet),
        OID.uuid,
      )}::uuid[],
      ${sql.array(
        drafts.map((draft) => draft.number),
        OID.int4,
      )}::int4[],
      ${sql.array(
        drafts.map((draft) => bytes(draft.predecessor)),
        OID.bytea,
      )}::bytea[],
      ${sql.array(
        drafts.map((draft) => bytesOf(draft.digest)),
        OID.bytea,
      )}::bytea[],
      ${sql.array(
        drafts.map((draft) => draft.header),
        OID.bytea,
      )}::bytea[],
      ${sql.array(
        drafts.map((draft) => draft.body),
        OID.bytea,
      )}::bytea[],
      ${sql.array(
        drafts.map((draft) => draft.cause),
        OID.text,
      )}::fact_kind[],
      ${sql.array(
        drafts.map((draft) => draft.actor.actor),
        OID.text,
      )}::text[],
      ${sql.array(
        drafts.map((draft) => draft.actor.kind),
        OID.text,
      )}::actor_kind[],
      ${sql.array(
        drafts.map((draft) => draft.epoch),
        OID.int8,
      )}::int8[],
      ${sql.array(
        drafts.map((draft) => draft.status),
        OID.text,
      )}::packet_status[],
      ${sql.array(
        drafts.map((draft) => draft.openHolds),
        OID.int4,
      )}::int4[],
      ${sql.array(
        drafts.map((draft) => draft.steadySince),
        OID.int4,
      )}::int4[],
      ${sql.array(
        drafts.map((draft) => bytesOf(draft.materialDigest)),
        OID.bytea,
      )}::bytea[],
      ${sql.array(
        drafts.map((draft) => draft.approves?.revision ?? null),
        OID.int4,
      )}::int4[],
      ${sql.array(
        drafts.map((draft) => bytes(draft.approves?.digest)),
        OID.bytea,
      )}::bytea[]
    ) AS u(packet, number, predecessor, digest, header, body, cause, actor, actor_kind, epoch,
      status, open_holds, steady_since, material_digest, approves_number, approves_digest)
  ) AS r`;
}

/** Keeps answers under their keys; a `WHERE` may follow. */
export function insertAnswers(sql: Query, { answers, at }: Pick<Writing, "answers" | "at">) {
  return sql`
    INSERT INTO idempotency (actor, key, verb, input, answer, at)
    SELECT a.actor, a.key, a.verb, a.input, a.answer, ${at}::timestamptz FROM unnest(
      ${sql.array(
        answers.map(({ asker }) => asker.actor.actor),
        OID.text,
      )}::text[],
      ${sql.array(
        answers.map(({ asker }) => asker.idempotencyKey),
        OID.text,
      )}::text[],
      ${sql.array(
        answers.map(({ asker }) => asker.verb),
        OID.text,
      )}::text[],
      ${sql.array(
        answers.map(({ asker }) => asker.input),
        OID.text,
      )}::text[],
      ${sql.array(
        answers.map(({ answer }) => answer),
        OID.text,
      )}::text[]
    ) AS a(actor, key, verb, input, answer)`;
}

/** Keeps reporters' numbers; a `WHERE` may follow. */
export function insertNumbers(sql: Query, { numbers }: Pick<Writing, "numbers">) {
  return sql`
    INSERT INTO report_number (exercise, reporter, number, previous)
    SELECT n.* FROM unnest(
      ${sql.array(
        numbers.map((next) => next.exercise),
        OID.bool,
      )}::bool[],
      ${sql.array(
        numbers.map((next) => next.reporter),
        OID.text,
      )}::text[],
      ${sql.array(
        numbers.map((next) => next.number),
        OID.int8,
      )}::int8[],
      ${sql.array(
        numbers.map((next) => next.previous),
        OID.int8,
      )}::int8[]
    ) AS n(exercise, reporter, number, previous)`;
}
