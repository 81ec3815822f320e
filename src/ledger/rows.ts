import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { ActorKind } from "#packet/actor.ts";
import { PacketStatus } from "#packet/approval.ts";
import { SharedEntryKind } from "#packet/entry.ts";
import { SourceKind } from "#packet/source.ts";
import { CLOCK_BREAKS, FACT_KINDS } from "./causes.ts";
import { bytea, int64, moment, nameText } from "./columns.ts";

export const actorKind = pgEnum("actor_kind", ActorKind.enum);
export const packetStatus = pgEnum("packet_status", PacketStatus.enum);
export const sourceKind = pgEnum("source_kind", SourceKind.enum);
export const sharedKind = pgEnum("shared_kind", SharedEntryKind.enum);
export const factKind = pgEnum("fact_kind", FACT_KINDS);
export const clockBreak = pgEnum("clock_break", CLOCK_BREAKS);

/** Only rows of a train that is there. */
const ofTrain = (table: { exercise: AnyPgColumn; train: AnyPgColumn }) =>
  foreignKey({
    columns: [table.exercise, table.train],
    foreignColumns: [train.exercise, train.train],
  });

const ofPacket = () => uuid("packet").references((): AnyPgColumn => packet.id);

/** Who this deployment is: one row, made at the first start. Its lock orders openings against breaks of the clock. */
export const deployment = pgTable(
  "deployment",
  {
    only: boolean("only").primaryKey().default(true),
    id: uuid("id").notNull(),
    /** 32 random bytes that every node shares and that no answer shows (decision 7). */
    secret: bytea("secret").notNull(),
    createdAt: moment("created_at"),
  },
  (table) => [check("deployment_only", sql`${table.only} AND octet_length(${table.secret}) = 32`)],
);

/** The epoch's own history (rule 6.1). The newest row is the clock; `epochMs` is null until a rate is recorded. */
export const clockStep = pgTable(
  "clock_step",
  {
    /** From 1, without gaps. */
    seq: int64("seq").primaryKey(),
    epoch: int64("epoch").notNull(),
    frozen: boolean("frozen").notNull(),
    generation: integer("generation").notNull(),
    steppedAt: moment("stepped_at"),
    anchorEpoch: int64("anchor_epoch").notNull(),
    anchorAt: moment("anchor_at"),
    epochMs: integer("epoch_ms"),
    change: clockBreak("change"),
    /** Null for what the ticker did by itself. */
    actor: nameText("actor"),
    reason: nameText("reason"),
    /** By the database's clock, when the epoch reached its value: a trigger fills it in. */
    reachedAt: moment("reached_at", 6),
  },
  (table) => [check("clock_step_epoch", sql`${table.epoch} >= 0 AND ${table.seq} >= 1`)],
);

/** A patch train, real or in an exercise: a row to lock. */
export const train = pgTable(
  "train",
  { exercise: boolean("exercise").notNull(), train: nameText("train").notNull() },
  (table) => [primaryKey({ columns: [table.exercise, table.train] })],
);

/** A lane that one person proposed and another may confirm (rule 2.1). */
export const laneProposal = pgTable(
  "lane_proposal",
  {
    id: uuid("id").primaryKey(),
    exercise: boolean("exercise").notNull(),
    train: nameText("train").notNull(),
    digest: bytea("digest").notNull(),
    content: bytea("content").notNull(),
    proposedBy: nameText("proposed_by").notNull(),
    proposedEpoch: int64("proposed_epoch").notNull(),
    proposedAt: moment("proposed_at"),
  },
  (table) => [
    ofTrain(table),
    check("lane_digest", sql`${table.digest} = sha256(${table.content})`),
  ],
);

/** Every accepted version of every source of a train. */
export const source = pgTable(
  "source",
  {
    exercise: boolean("exercise").notNull(),
    train: nameText("train").notNull(),
    kind: sourceKind("kind").notNull(),
    /** From 1, without gaps, for each train and kind. */
    version: integer("version").notNull(),
    /** SHA-256 of `content`, which is the exact canonical bytes. */
    digest: bytea("digest").notNull(),
    content: bytea("content").notNull(),
    acceptedBy: nameText("accepted_by").notNull(),
    proposedBy: nameText("proposed_by"),
    /** The proposal that was confirmed, each at most once. */
    proposal: uuid("proposal")
      .unique()
      .references(() => laneProposal.id),
    acceptedEpoch: int64("accepted_epoch").notNull(),
    acceptedAt: moment("accepted_at"),
  },
  (table) => [
    primaryKey({ columns: [table.exercise, table.train, table.kind, table.version] }),
    ofTrain(table),
    index("source_content").on(table.digest),
    check("source_digest", sql`${table.digest} = sha256(${table.content})`),
    check(
      "source_two_people",
      sql`(${table.kind} = 'APPROVAL_LANE') = (${table.proposedBy} IS NOT NULL)
        AND ${table.proposedBy} IS DISTINCT FROM ${table.acceptedBy}`,
    ),
  ],
);

/** What never changes about a packet. */
export const packet = pgTable(
  "packet",
  {
    id: uuid("id").primaryKey(),
    exercise: boolean("exercise").notNull(),
    train: nameText("train").notNull(),
    preparer: nameText("preparer").notNull(),
    succeeds: uuid("succeeds").references((): AnyPgColumn => packet.id),
    /** 32 random bytes that seal the leaves of every section; given away in full exports only. */
    salt: bytea("salt").notNull(),
    openedAt: moment("opened_at"),
  },
  (table) => [ofTrain(table), check("packet_salt", sql`octet_length(${table.salt}) = 32`)],
);

/** One row for each revision, with the exact bytes under its digest. Every other column is a copy of what they say. */
export const revision = pgTable(
  "revision",
  {
    // A trigger looks it up: a foreign key would once for each row, and write a lock on the packet's.
    packet: uuid("packet").notNull(),
    number: integer("number").notNull(),
    predecessor: bytea("predecessor"),
    digest: bytea("digest").notNull(),
    header: bytea("header").notNull(),
    body: bytea("body").notNull(),
    cause: factKind("cause").notNull(),
    actor: nameText("actor").notNull(),
    actorKind: actorKind("actor_kind").notNull(),
    epoch: int64("epoch").notNull(),
    at: moment("at"),
    status: packetStatus("status").notNull(),
    openHolds: integer("open_holds").notNull(),
    /** The newest revision that opened a hold or changed the material (rule 5.1). */
    steadySince: integer("steady_since").notNull(),
    materialDigest: bytea("material_digest").notNull(),
    approvesNumber: integer("approves_number"),
    approvesDigest: bytea("approves_digest"),
  },
  (table) => [
    primaryKey({ columns: [table.packet, table.number] }),
    // The digest first: no planner then takes these for a lookup by number.
    unique("revision_one_successor").on(table.predecessor, table.packet),
    unique("revision_digest").on(table.digest, table.packet),
    check("revision_first", sql`(${table.number} = 1) = (${table.predecessor} IS NULL)`),
    check("revision_header", sql`${table.digest} = sha256(${table.header})`),
    check(
      "revision_approves",
      sql`(${table.cause} = 'PACKET_APPROVED') = (${table.approvesNumber} IS NOT NULL)
        AND (${table.approvesNumber} IS NULL) = (${table.approvesDigest} IS NULL)`,
    ),
  ],
);

/** The newest revision of each packet: a cache, and the row that an append compares and swaps. */
export const packetHead = pgTable(
  "packet_head",
  {
    packet: ofPacket().primaryKey(),
    exercise: boolean("exercise").notNull(),
    train: nameText("train").notNull(),
    number: integer("number").notNull(),
    digest: bytea("digest").notNull(),
    status: packetStatus("status").notNull(),
    closed: boolean("closed").notNull(),
    /** The earliest epoch at which something may lapse by itself. */
    nextDue: int64("next_due"),
  },
  // No index holds what a swap changes, so that a swap stays on its page.
  (table) => [
    uniqueIndex("packet_head_one_open")
      .on(table.exercise, table.train)
      .where(sql`NOT ${table.closed}`),
    check("packet_head_closed", sql`${table.closed} = (${table.status} = 'CLOSED')`),
  ],
);

/** Something that several packets share, about which is reported once (rule 3.6): a row to lock. */
export const sharedSubject = pgTable(
  "shared_subject",
  {
    exercise: boolean("exercise").notNull(),
    kind: sharedKind("kind").notNull(),
    name: nameText("name").notNull(),
  },
  (table) => [primaryKey({ columns: [table.exercise, table.kind, table.name] })],
);

/** Every report on a shared subject. Within a subject `seq` is the order of the ledger. */
export const sharedReport = pgTable(
  "shared_report",
  {
    entry: uuid("entry").primaryKey(),
    seq: int64("seq").notNull().generatedAlwaysAsIdentity(),
    exercise: boolean("exercise").notNull(),
    kind: sharedKind("kind").notNull(),
    name: nameText("name").notNull(),
    reporter: nameText("reporter").notNull(),
    /** The exact canonical bytes of the entry. */
    body: bytea("body").notNull(),
    recordedEpoch: int64("recorded_epoch").notNull(),
    recordedAt: moment("recorded_at"),
  },
  (table) => [
    foreignKey({
      name: "shared_report_subject_fk",
      columns: [table.exercise, table.kind, table.name],
      foreignColumns: [sharedSubject.exercise, sharedSubject.kind, sharedSubject.name],
    }),
    index("shared_report_newest").on(table.exercise, table.kind, table.name, table.seq),
  ],
);

/** Which packets ever depended on which shared subject: where to look, not what is so. */
export const packetDependency = pgTable(
  "packet_dependency",
  {
    kind: sharedKind("kind").notNull(),
    name: nameText("name").notNull(),
    packet: ofPacket().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.name, table.packet] })],
);

/**
 * The numbers that automated reporters gave their reports (rule 4.3.2). Each names the one
 * before it, so that two at once cannot both follow the same.
 */
export const reportNumber = pgTable(
  "report_number",
  {
    exercise: boolean("exercise").notNull(),
    reporter: nameText("reporter").notNull(),
    number: int64("number").notNull(),
    previous: int64("previous"),
  },
  (table) => [
    primaryKey({ columns: [table.exercise, table.reporter, table.number] }),
    unique("report_number_one_successor")
      .on(table.exercise, table.reporter, table.previous)
      .nullsNotDistinct(),
    foreignKey({
      name: "report_number_previous_fk",
      columns: [table.exercise, table.reporter, table.previous],
      foreignColumns: [table.exercise, table.reporter, table.number],
    }),
    check("report_number_rises", sql`${table.number} > coalesce(${table.previous}, 0)`),
  ],
);

/** The first answer to each key, for accepted changes alone (decision 12). */
export const idempotency = pgTable(
  "idempotency",
  {
    actor: nameText("actor").notNull(),
    key: nameText("key").notNull(),
    verb: nameText("verb").notNull(),
    /** Digest of the canonical input. */
    input: nameText("input").notNull(),
    /** Canonical JSON: what the caller was told. */
    answer: nameText("answer").notNull(),
    at: moment("at"),
  },
  (table) => [primaryKey({ columns: [table.actor, table.key] })],
);
