const CONSTANT = /^[A-Z][A-Z_]*$/;
const NAME = /^[A-Za-z_]\w*$/;

/** A value as it stands in a document. What is written in capitals is the value of an enum. */
export function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(", ")}]`;
  if (typeof value === "string") return CONSTANT.test(value) ? value : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([name]) => NAME.test(name));
  return `{ ${members.map(([name, member]) => `${name}: ${literalOf(member)}`).join(", ")} }`;
}
