import type { BundleLine } from "#proof/bundle.ts";

/** A line in which one value is another. */
interface ChangedLine {
  /** Members and list places, apart by points. */
  readonly path: string;
  readonly changed: BundleLine;
}

/** The line with each of its values changed in turn, all else left as it is. */
export function changedValues(line: BundleLine): ChangedLine[] {
  return changes(line).map(({ path, value }) => ({
    path: path.join("."),
    changed: value as BundleLine,
  }));
}

interface Change {
  readonly path: readonly string[];
  readonly value: unknown;
}

function changes(value: unknown): Change[] {
  if (Array.isArray(value)) {
    const inside = value.flatMap((each: unknown, at) =>
      changes(each).map((change) => ({
        path: [String(at), ...change.path],
        value: value.with(at, change.value),
      })),
    );
    return [...inside, { path: ["+"], value: [...(value as unknown[]), "x"] }];
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, each]) =>
      changes(each).map((change) => ({
        path: [name, ...change.path],
        value: { ...value, [name]: change.value },
      })),
    );
  }
  return [{ path: [], value: otherThan(value) }];
}

function otherThan(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (typeof value !== "string") return "x";
  if (/^[0-9]+$/.test(value)) return `${BigInt(value) + 1n}`;
  return value.startsWith("0") ? `1${value.slice(1)}` : `0${value.slice(1)}`;
}
