import type { CanonicalValue } from "#proof/canonical.ts";

/**
 * A value of ours as the canonical form wants it: members in order of name, absent ones left out,
 * 64-bit values as decimal strings. What still has no canonical form is refused when it is written.
 *
 * @throws {TypeError} for an instance of a class, of which the members are not the whole.
 */
export function arranged(value: unknown): CanonicalValue {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value as CanonicalValue;
  if (Array.isArray(value)) return value.map(arranged);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError("only plain objects and lists can be written to the ledger");
  }
  const members: Record<string, CanonicalValue> = {};
  const given = value as Readonly<Record<string, unknown>>;
  for (const name of namesInOrder(given)) {
    const member = given[name];
    if (member !== undefined) members[name] = arranged(member);
  }
  return members;
}

function namesInOrder(value: object): readonly string[] {
  const names = Object.keys(value);
  for (let at = 1; at < names.length; at += 1) {
    if ((names[at - 1] ?? "") > (names[at] ?? "")) return names.sort();
  }
  return names;
}
