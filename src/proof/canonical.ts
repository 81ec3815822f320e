/**
 * What has a canonical form: RFC 8785 (JSON Canonicalization Scheme), restricted to what has
 * exactly one spelling. Numbers are safe integers and never -0; a `bigint` is written as a decimal
 * string, so which of the two a string stands for is for the schema of the document to say
 * (decisions 10). A member is present or absent, never undefined.
 */
export type CanonicalValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue };

/**
 * A {@link CanonicalValue} as it is read back: 64-bit values are the decimal strings that they were
 * written as.
 */
export type StoredValue =
  | null
  | boolean
  | number
  | string
  | readonly StoredValue[]
  | { readonly [name: string]: StoredValue };

/**
 * How deep objects and arrays may nest, in levels; no document of ours comes near, and a cycle
 * always gets there.
 */
export const canonicalDepthMax = 64;

/**
 * A value that has no canonical form, or bytes that are not the canonical form of what they say.
 * `path` is an RFC 6901 pointer to the fault ("" is the whole document). The value itself is never
 * repeated (rule 7.3).
 */
export class NotCanonical extends Error {
  override readonly name = "NotCanonical";
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`No canonical form at ${JSON.stringify(path)}: ${reason}`, options);
    this.path = path;
  }
}

/**
 * What one pass of writing knows at each depth: the member it is at, and the last order of names
 * that it sorted.
 */
interface Pass {
  readonly trail: (string | number)[];
  readonly orders: { readonly given: readonly string[]; readonly sorted: readonly string[] }[];
}

// Neither an escape nor a surrogate: such a text is its own canonical form.
const plainText = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/**
 * Writes a value in its canonical form (RFC 8785): no white space, member names in UTF-16 code unit
 * order, the shortest escapes. Equal values give equal text, and different values different text (a
 * bigint and the string of its digits are one value here). Members are the own enumerable ones with
 * a text for a name.
 *
 * @throws {NotCanonical} for anything but a {@link CanonicalValue}: undefined, fractions, unsafe
 * integers, -0, NaN, lone surrogates, holes in arrays, instances of classes, more than {@link
 * canonicalDepthMax} levels.
 */
export function canonical(value: CanonicalValue): string {
  // Once nothing is left to arrange or refuse, the built-in writer writes the same in half the time.
  return isArranged(value, 0) ? JSON.stringify(value) : write(value, 0, { trail: [], orders: [] });
}

/** {@link canonical} as UTF-8: the exact bytes that are hashed and stored. */
export function canonicalBytes(value: CanonicalValue): Uint8Array {
  return Buffer.from(canonical(value), "utf8");
}

function isArranged(value: unknown, depth: number): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return isExactInteger(value);
  if (typeof value === "boolean" || value === null) return true;
  if (typeof value !== "object" || depth >= canonicalDepthMax) return false;
  if (Array.isArray(value)) {
    // Not `every`, which passes over holes.
    for (let index = 0; index < value.length; index += 1)
      if (!isArranged(value[index], depth + 1)) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  let previous = "";
  for (const name of Object.keys(value)) {
    // Comparing strings with < is comparing UTF-16 code units, the order of RFC 8785 section 3.2.3.
    if (name < previous || !name.isWellFormed() || !isArranged(value[name], depth + 1))
      return false;
    previous = name;
  }
  return true;
}

function write(value: unknown, depth: number, pass: Pass): string {
  if (value === null) return "null";
  if (typeof value === "string") return writeString(value, depth, pass);
  if (typeof value === "bigint") return `"${value}"`;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (isExactInteger(value)) return String(value);
    throw fault(
      depth,
      pass,
      "a number must be a safe integer and not -0; write a 64-bit value as bigint",
    );
  }
  if (typeof value !== "object") {
    throw fault(
      depth,
      pass,
      `a value of type ${typeof value} cannot be written; leave the member out`,
    );
  }
  if (depth >= canonicalDepthMax) {
    throw fault(
      depth,
      pass,
      `nested deeper than ${canonicalDepthMax} levels; flatten it or break the cycle`,
    );
  }
  if (Array.isArray(value)) return writeArray(value, depth, pass);
  if (isPlain(value)) return writeObject(value, depth, pass);
  throw fault(
    depth,
    pass,
    "only plain objects and arrays can be written; convert the instance first",
  );
}

function writeString(text: string, depth: number, pass: Pass): string {
  if (plainText.test(text)) return `"${text}"`;
  // JSON.stringify would write a lone surrogate as an escape, which is not the text that was given.
  if (!text.isWellFormed())
    throw fault(depth, pass, "the text has a lone surrogate; send well-formed Unicode");
  return JSON.stringify(text);
}

function writeArray(items: readonly unknown[], depth: number, pass: Pass): string {
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    pass.trail[depth] = index;
    if (index > 0) text += ",";
    text += write(items[index], depth + 1, pass);
  }
  return `${text}]`;
}

function writeObject(object: Readonly<Record<string, unknown>>, depth: number, pass: Pass): string {
  let text = "{";
  for (const name of sortedNames(object, depth, pass)) {
    pass.trail[depth] = name;
    if (text.length > 1) text += ",";
    text += `${writeString(name, depth + 1, pass)}:${write(object[name], depth + 1, pass)}`;
  }
  return `${text}}`;
}

function sortedNames(object: object, depth: number, pass: Pass): readonly string[] {
  const given = Object.keys(object);
  const last = pass.orders[depth];
  // Objects in a list are mostly alike; sorting their names each time takes half of the whole.
  if (
    last !== undefined &&
    last.given.length === given.length &&
    given.every((name, at) => name === last.given[at])
  ) {
    return last.sorted;
  }
  const sorted = given.toSorted();
  pass.orders[depth] = { given, sorted };
  return sorted;
}

function isExactInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function fault(depth: number, pass: Pass, reason: string): NotCanonical {
  const steps = pass.trail
    .slice(0, depth)
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return new NotCanonical(steps.join(""), reason);
}
