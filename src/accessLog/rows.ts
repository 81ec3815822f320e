import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  customType,
  index,
  integer,
  pgEnum,
  pgTable,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import { AccessCode } from "#packet/accessEvent.ts";

export const accessCode = pgEnum("access_code", AccessCode.enum);

/** Text that is compared by code points, as everywhere (decision 14). */
const codeText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text COLLATE "C"',
});

/** Who came, was refused, took data out or saw governed data, and whose roles and keys changed. */
export const accessRecord = pgTable(
  "access_record",
  {
    /** Rises; a number may be left out. */
    position: bigint("position", { mode: "bigint" }).primaryKey().generatedAlwaysAsIdentity(),
    code: accessCode("code").notNull(),
    actor: codeText("actor"),
    address: codeText("address"),
    packet: uuid("packet"),
    subject: codeText("subject"),
    before: text("before").array(),
    after: text("after").array(),
    /** How often, within the time before `at` that `over_ms` tells. */
    count: integer("count").notNull(),
    /** 0 for what is recorded by itself. */
    overMs: bigint("over_ms", { mode: "bigint" }).notNull(),
    /** Which process recorded it. */
    node: uuid("node").notNull(),
    /** By the newest step of the clock: a trigger fills it in. */
    epoch: bigint("epoch", { mode: "bigint" }).notNull(),
    /** By the database's clock: a trigger fills it in. */
    at: timestamp("at", { withTimezone: true, precision: 3 }).notNull(),
  },
  (table) => [
    index("access_record_code").on(table.code, table.position),
    index("access_record_actor").on(table.actor, table.code, table.position),
    index("access_record_packet").on(table.packet, table.position),
    check("access_record_count", sql`${table.count} >= 1 AND ${table.overMs} >= 0`),
  ],
);
