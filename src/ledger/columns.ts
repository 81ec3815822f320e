import { bigint, customType, timestamp } from "drizzle-orm/pg-core";

/** Exact bytes: what was hashed, a digest, a salt. */
export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
});

/** Text that is compared by code points, as everywhere (decision 14). */
export const nameText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text COLLATE "C"',
});

/** 64 bits that never pass through a JavaScript number (decision 10). */
export const int64 = (name: string) => bigint(name, { mode: "bigint" });

/** A time for people; by default in milliseconds, as JavaScript has it. */
export const moment = (name: string, precision: 3 | 6 = 3) =>
  timestamp(name, { withTimezone: true, precision }).notNull();
