import { createHash } from "node:crypto";
import { type CanonicalValue, type StoredValue, canonical } from "./canonical.ts";
import { hex } from "./digest.ts";
import { readCanonical } from "./readCanonical.ts";

/** What the first line of a bundle says it is (ADR 0052). */
export const BUNDLE_FORMAT = "holdfast/bundle/1";

/** The most bytes of one line, its end included: far above what the largest report becomes. */
export const BUNDLE_LINE_BYTES_MAX = 32 * 1024 * 1024;

/** The most lines of one bundle. */
export const BUNDLE_LINES_MAX = 50_000_000;

/** FULL tells everything and how it was sealed; SHARED withholds what rule 7.1 does not share. */
export type BundleForm = "FULL" | "SHARED";

/** The first line: whose lineage it is. Only FULL gives the packet's salt away, in hexadecimal digits. */
export type BundleStart = {
  readonly kind: "BUNDLE";
  readonly format: typeof BUNDLE_FORMAT;
  readonly deployment: string;
  readonly packet: string;
  readonly exercise: boolean;
} & (
  | { readonly form: "FULL"; readonly train: string; readonly salt: string }
  | { readonly form: "SHARED" }
);

/** The second line: a C2SP checkpoint with its signatures; every revision is proved under it. */
export type BundleCheckpoint = { readonly kind: "CHECKPOINT"; readonly note: string };

/** The content of an accepted source, before the first revision that names it by its digest. */
export type BundleSource = { readonly kind: "SOURCE"; readonly content: CanonicalValue };

/**
 * One revision. Header and body are values whose canonical bytes are the stored ones; SHARED has
 * no body. `position` and `proof` (RFC 6962, 2.1.1, in hexadecimal digits) are its place in the log.
 */
export type BundleRevision = {
  readonly kind: "REVISION";
  readonly position: string;
  readonly proof: readonly string[];
  readonly header: CanonicalValue;
  readonly body?: CanonicalValue;
};

/** Opens the document of the revision on the line before; all its leaves follow, by section and key. */
export type BundleDocument = {
  readonly kind: "DOCUMENT";
  readonly revision: number;
  readonly digest: string;
};

/** A leaf of a FULL document: key, salt and commitment follow from the packet's salt. */
export type BundleLeaf = {
  readonly kind: "LEAF";
  readonly section: string;
  readonly subject: string;
  readonly value: CanonicalValue;
};

/** A leaf of a SHARED document of which nothing is told but that it is there. */
export type BundleHiddenLeaf = {
  readonly kind: "HIDDEN_LEAF";
  readonly section: string;
  readonly key: string;
  readonly commitment: string;
};

/** A leaf of a SHARED document that is told, and the salt that opens its commitment. */
export type BundleDisclosedLeaf = {
  readonly kind: "DISCLOSED_LEAF";
  readonly section: string;
  readonly key: string;
  readonly leafSalt: string;
  readonly subject: string;
  readonly value: CanonicalValue;
};

/** A signed gate statement (rule 5.7) about the head, where the gate is OPEN. */
export type BundleStatement = { readonly kind: "STATEMENT"; readonly note: string };

/** The last line: a signed note with the {@link BundleSum.endText} of all lines before it. */
export type BundleEnd = { readonly kind: "END"; readonly note: string };

/** One line of a bundle. */
export type BundleLine =
  | BundleStart
  | BundleCheckpoint
  | BundleSource
  | BundleRevision
  | BundleDocument
  | BundleLeaf
  | BundleHiddenLeaf
  | BundleDisclosedLeaf
  | BundleStatement
  | BundleEnd;

/** A line that is none of a bundle. What it holds is not repeated. */
export class BundleLineMalformed extends Error {
  override readonly name = "BundleLineMalformed";
}

const END_FORMAT = "holdfast/bundle-end/v1";

/** Counts and hashes the lines of a bundle as they pass, for its END. */
export class BundleSum {
  readonly #hash = createHash("sha256");
  #lines = 0;

  /** How many lines have passed. */
  get lines(): number {
    return this.#lines;
  }

  /** One whole line, its line feed included. */
  add(line: Uint8Array | string): void {
    this.#hash.update(line);
    this.#lines += 1;
  }

  /**
   * What is signed in the END after these lines, as the text of a note: the format's name, their
   * number, and the SHA-256 of all their bytes. No line can then be cut off by anybody else.
   */
  endText(): string {
    return `${END_FORMAT}\n${this.#lines}\n${hex(this.#hash.copy().digest())}\n`;
  }
}

/** Writes the lines of one bundle in the order in which they are asked for. */
export class BundleWriter {
  readonly #sum = new BundleSum();

  /** The line as it stands in the file, with its line feed. */
  line(line: BundleLine): string {
    const text = `${canonical(line)}\n`;
    this.#sum.add(text);
    return text;
  }

  /** The last line; `sign` makes a signed note with a text. */
  end(sign: (text: string) => string): string {
    return this.line({ kind: "END", note: sign(this.#sum.endText()) });
  }
}

type Check = (value: StoredValue | undefined) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === "string";
const isDigest: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isPosition: Check = (value) =>
  typeof value === "string" && /^[1-9][0-9]{0,18}$/.test(value) && BigInt(value) < 2n ** 63n;
const isCount: Check = (value) => typeof value === "number" && value >= 0;
const isFlag: Check = (value) => typeof value === "boolean";
const isObject: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** A tree of 2^63 leaves has no longer path. */
const isProof: Check = (value) =>
  Array.isArray(value) && value.length <= 63 && value.every((each: StoredValue) => isDigest(each));
const only =
  (word: string): Check =>
  (value) =>
    value === word;

const START: Shape = {
  format: only(BUNDLE_FORMAT),
  deployment: isText,
  packet: isText,
  exercise: isFlag,
};
const REVISION: Shape = { position: isPosition, proof: isProof, header: isObject };

/** The members of each kind beside `kind`; a line has all of one shape and no others. */
const SHAPES: Readonly<Record<string, readonly Shape[]>> = {
  BUNDLE: [
    { ...START, form: only("FULL"), train: isText, salt: isDigest },
    { ...START, form: only("SHARED") },
  ],
  CHECKPOINT: [{ note: isText }],
  SOURCE: [{ content: isObject }],
  REVISION: [REVISION, { ...REVISION, body: isObject }],
  DOCUMENT: [{ revision: isCount, digest: isDigest }],
  LEAF: [{ section: isText, subject: isText, value: isObject }],
  HIDDEN_LEAF: [{ section: isText, key: isDigest, commitment: isDigest }],
  DISCLOSED_LEAF: [
    { section: isText, key: isDigest, leafSalt: isDigest, subject: isText, value: isObject },
  ],
  STATEMENT: [{ note: isText }],
  END: [{ note: isText }],
};

/**
 * Reads one line without its line feed. Its members have the shape of its kind; what headers,
 * bodies, contents and values hold is not looked at.
 *
 * @throws {NotCanonical} if the bytes are not the canonical form of what they say.
 * @throws {BundleLineMalformed} if that is no line of a bundle.
 */
export function readBundleLine(bytes: Uint8Array): BundleLine {
  const value: unknown = readCanonical(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BundleLineMalformed("a line is one object");
  }
  const members = new Map<string, StoredValue>(Object.entries(value));
  const kind = members.get("kind");
  if (typeof kind !== "string" || !Object.hasOwn(SHAPES, kind)) {
    throw new BundleLineMalformed("the line is of no known kind");
  }
  if (SHAPES[kind]?.some((shape) => isShaped(members, shape)) !== true) {
    throw new BundleLineMalformed(`the line lacks or exceeds what a ${kind} has`);
  }
  return value as BundleLine;
}

function isShaped(members: ReadonlyMap<string, StoredValue>, shape: Shape): boolean {
  const names = Object.keys(shape);
  return (
    members.size === names.length + 1 && names.every((name) => shape[name]?.(members.get(name)))
  );
}
