import { hex } from "#proof/digest.ts";
import type { Query } from "./moment.ts";

/** Object ids of arrays of Postgres's own types, the same in every database. */
const ARRAY = { bool: 1000, bytea: 1001, int8: 1016, int4: 1007, text: 1009, uuid: 2951 } as const;

type Value = string | number | bigint | boolean | Uint8Array | null;

/**
 * An array parameter, written out here: the driver would have to ask each new connection for
 * the types of arrays first, and ends the process when that connection is lost meanwhile. A text
 * among bytes is their hexadecimal digits.
 */
export function arrayOf(sql: Query, type: keyof typeof ARRAY, values: readonly Value[]) {
  const write = type === "bytea" ? bytesElement : element;
  return sql.typed(`{${values.map(write).join(",")}}`, ARRAY[type]);
}

/** Makes one array parameter for each column of some items, to be put side by side by `unnest`. */
export function columnsOf<T>(sql: Query, items: readonly T[]) {
  return (type: keyof typeof ARRAY, pick: (item: T) => Value) =>
    arrayOf(sql, type, items.map(pick));
}

const ESCAPED = /["\\]/;

/** One element of an array's text form: quoted, because a text may hold any character. */
function element(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value !== "string") return String(value);
  if (!ESCAPED.test(value)) return `"${value}"`;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function bytesElement(value: Value): string {
  if (value === null) return "NULL";
  return `"\\\\x${value instanceof Uint8Array ? hex(value) : String(value)}"`;
}
