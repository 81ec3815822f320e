import type { StoredValue } from "#proof/canonical.ts";

/** Where two documents differ first, and what each says there. */
export interface Difference {
  /** Members and list places, apart by points. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** How much of a value is repeated in a finding, in characters. */
const SHOWN_MAX = 200;

/** The first member in which two documents that are not the same differ. */
export function differingMember(expected: StoredValue, found: StoredValue): Difference {
  return search(expected, found, []) ?? { path: "", expected: "other bytes", found: "these" };
}

type Value = StoredValue | undefined;

function search(expected: Value, found: Value, path: readonly string[]): Difference | null {
  if (isBranch(expected) && isBranch(found) && Array.isArray(expected) === Array.isArray(found)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
    for (const name of names) {
      const difference = search(memberOf(expected, name), memberOf(found, name), [...path, name]);
      if (difference !== null) return difference;
    }
    return null;
  }
  if (expected === found) return null;
  return { path: path.join("."), expected: shown(expected), found: shown(found) };
}

function isBranch(value: Value): value is Exclude<StoredValue, null | boolean | number | string> {
  return typeof value === "object" && value !== null;
}

function memberOf(value: object, name: string): Value {
  return Object.hasOwn(value, name) ? (value as Record<string, StoredValue>)[name] : undefined;
}

function shown(value: Value): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}...`;
}
