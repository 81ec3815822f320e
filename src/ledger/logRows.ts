import { integer, pgTable, unique, uuid } from "drizzle-orm/pg-core";
import { int64 } from "./columns.ts";

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
