import { charsOf, readNamedKey } from "./krlKey.ts";
import { type KrlReader, withoutLastZero } from "./krlReader.ts";
import { bitmapFits, runsOf, SerialCollector, type SerialSet } from "./krlSerials.ts";

const AUTHORITY = "the key of an authority";

/** What is collected of one authority's certificates. */
interface Collected {
  readonly serials: SerialCollector;
  readonly keyIds: Set<string>;
}

type PartReader = (part: KrlReader, into: Collected) => void;

/** The parts of a certificates section by their types (PROTOCOL.krl, section 2). */
const PARTS = new Map<number, PartReader>([
  [0x20, (part, into) => readSerialList(part, into.serials)],
  [0x21, (part, into) => readSerialRange(part, into.serials)],
  [0x22, (part, into) => readSerialBitmap(part, into.serials)],
  [0x23, (part, into) => readKeyIds(part, into.keyIds)],
  [0x39, readExtension],
]);

/** Which certificates of one authority, or of any, are revoked. */
export interface RevokedCertificates {
  readonly serials: SerialSet;
  readonly keyIds: ReadonlySet<string>;
}

/** Collects revoked certificates by the wire form of who signed them; the empty one is everybody. */
export class CertificateCollector {
  readonly #byAuthority = new Map<string, Collected>();

  /** Reads a certificates section; what is said twice of an authority counts together. */
  read(section: KrlReader): void {
    const collected = this.#authority(section);
    section.string("what is reserved");
    while (section.left > 0) {
      const readPart = PARTS.get(section.byte("the type of a part"));
      if (readPart === undefined) section.refuse("a part of certificates is of no known type");
      else readPart(section.section("a part of certificates"), collected);
    }
  }

  /** All that was read. */
  all(): Map<string, RevokedCertificates> {
    return new Map(
      [...this.#byAuthority].map(([authority, { serials, keyIds }]) => [
        authority,
        { serials: serials.union(), keyIds },
      ]),
    );
  }

  #authority(section: KrlReader): Collected {
    const wire = section.string(AUTHORITY);
    const chars = charsOf(wire);
    const known = this.#byAuthority.get(chars);
    if (known !== undefined) return known;
    if (section.countsNamedKey() && wire.length > 0) readNamedKey(section.within(wire), AUTHORITY);
    const collected = { serials: new SerialCollector(), keyIds: new Set<string>() };
    this.#byAuthority.set(chars, collected);
    return collected;
  }
}

/** A key identity as it is looked up. */
export function keyIdForm(keyId: Uint8Array): string {
  return withoutLastZero(charsOf(keyId));
}

/**
 * Reads an extension (PROTOCOL.krl, sections 2.5 and 5). None is known here: one that must be
 * understood is a fault, every other is passed over.
 */
export function readExtension(section: KrlReader): void {
  section.chars("the name of an extension");
  const isCritical = section.byte("whether an extension is critical") !== 0;
  if (isCritical) section.refuse("an extension that must be understood is not known");
  section.string("the content of an extension");
  section.end("an extension");
}

function readSerialList(part: KrlReader, into: SerialCollector): void {
  while (part.left > 0) {
    const serial = part.uint64("a serial number");
    takeIn(part, serial, serial, into);
  }
}

function readSerialRange(part: KrlReader, into: SerialCollector): void {
  const low = part.uint64("the least of a range");
  const high = part.uint64("the greatest of a range");
  if (low > high) part.refuse("a range of serial numbers ends before it starts");
  takeIn(part, low, high, into);
  part.end("a range of serial numbers");
}

function readSerialBitmap(part: KrlReader, into: SerialCollector): void {
  const offset = part.uint64("the offset of a bitmap");
  const bitmap = part.string("a bitmap");
  if ((bitmap[0] ?? 0) >= 0x80) part.refuse("a bitmap is below zero");
  if (!bitmapFits(offset, bitmap)) part.refuse("a bitmap goes beyond the last serial number");
  for (const [first, last] of runsOf(bitmap)) {
    if (!takeIn(part, offset + BigInt(first), offset + BigInt(last), into)) return;
  }
  part.end("a bitmap of serial numbers");
}

function takeIn(part: KrlReader, low: bigint, high: bigint, into: SerialCollector): boolean {
  // Zero is what an authority gives that numbers nothing: it would revoke all of its certificates.
  if (low === 0n) part.refuse("zero is no serial number that can be revoked");
  if (!part.countsEntry()) return false;
  into.add(low, high);
  return true;
}

function readKeyIds(part: KrlReader, into: Set<string>): void {
  while (part.left > 0) {
    const keyId = part.chars("a key identity");
    if (part.countsEntry()) into.add(keyId);
  }
}
