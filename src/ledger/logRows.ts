import { sql } from "drizzle-orm";
import { check, integer, pgTable, primaryKey, unique, uuid } from "drizzle-orm/pg-core";
import { bytea, int64 } from "./columns.ts";

/**
 * The order of the revisions of all packets, given after the commit (decision 6). A trigger looks
 * the revision up: a foreign key would lock, and so write, each revision's row once more.
 */
export const logPosition = pgTable(
  "log_position",
  {
    /** From 1, without gaps. */
    position: int64("position").primaryKey(),
    packet: uuid("packet").notNull(),
    number: integer("number").notNull(),
  },
  (table) => [unique("log_position_revision").on(table.packet, table.number)],
);

/**
 * Hashes of complete subtrees of the Merkle log (RFC 6962), so that a proof need not read it all: a
 * cache of what the revisions in the order of their positions say.
 */
export const logSubtree = pgTable(
  "log_subtree",
  {
    /** A multiple of 8: the subtree has 2^level leaves. */
    level: integer("level").notNull(),
    /** Its place among those of its level, from 0. */
    index: int64("index").notNull(),
    hash: bytea("hash").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.level, table.index] }),
    check(
      "log_subtree_form",
      sql`${table.level} > 0 AND ${table.level} % 8 = 0 AND ${table.index} >= 0
        AND octet_length(${table.hash}) = 32`,
    ),
  ],
);
