import { SshReader } from "./sshWire.ts";

/** Why a file is no key revocation list that counts. Returned, never thrown; repeats nothing of it. */
export class KrlFault {
  readonly why: string;
  /** Where in the file, in bytes from its start, what cannot stand there begins. */
  readonly at: number;

  constructor(why: string, at: number) {
    this.why = why;
    this.at = at;
  }
}

/** How much a list may have. */
export interface KrlLimits {
  /** Ranges, runs of bitmaps, key identities, keys and hashes. */
  readonly entriesMax: number;
  /** Authorities and signatures, whose keys are looked at more closely. */
  readonly namedKeysMax: number;
}

/** What the readers of one file share: the first fault in it, and what may still be listed. */
interface Reading {
  fault: KrlFault | null;
  entriesLeft: number;
  namedKeysLeft: number;
}

/**
 * Reads the wire form of SSH with the place of each byte in the file, and sections within sections.
 * The first fault, wherever it is, leaves nothing more to be read in any of them.
 */
export class KrlReader extends SshReader {
  readonly #view: DataView;
  readonly #start: number;
  readonly #reading: Reading;
  #read = 0;
  #lastAt = 0;

  private constructor(bytes: Uint8Array, start: number, reading: Reading) {
    super(bytes);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#start = start;
    this.#reading = reading;
  }

  /** A reader of a whole file. */
  static ofFile(bytes: Uint8Array, { entriesMax, namedKeysMax }: KrlLimits): KrlReader {
    const reading = { fault: null, entriesLeft: entriesMax, namedKeysLeft: namedKeysMax };
    return new KrlReader(bytes, 0, reading);
  }

  /** How many bytes are still to be read: none after a fault. */
  get left(): number {
    return this.fault === null ? this.#view.byteLength - this.#read : 0;
  }

  /** The first fault of the file. */
  get fault(): KrlFault | null {
    return this.#reading.fault;
  }

  override bytes(length: number, what: string): Uint8Array {
    this.#lastAt = this.#read;
    const bytes = super.bytes(length, what);
    if (bytes.length === length) this.#read += length;
    return bytes;
  }

  override refuse(why: string): void {
    super.refuse(why);
    this.#reading.fault ??= new KrlFault(why, this.#start + this.#lastAt);
  }

  override end(what: string): ReturnType<SshReader["end"]> {
    this.#lastAt = this.#read;
    return super.end(what);
  }

  override uint32(what: string): number {
    return this.bytes(4, what).length === 4 ? this.#view.getUint32(this.#read - 4) : 0;
  }

  /** A `uint64`. */
  uint64(what: string): bigint {
    return this.bytes(8, what).length === 8 ? this.#view.getBigUint64(this.#read - 8) : 0n;
  }

  /**
   * A `string` as OpenSSH takes one of C: one zero byte at its end is not part of it, and there may
   * be none before. Byte by byte as a text, since nothing says that it is UTF-8.
   */
  chars(what: string): string {
    const bytes = this.string(what);
    const chars = withoutLastZero(Buffer.from(bytes).toString("latin1"));
    if (!chars.includes("\0")) return chars;
    this.refuse(`${what} has a zero byte in it`);
    return "";
  }

  /** A `string` that is read as a part of its own. */
  section(what: string): KrlReader {
    return this.within(this.string(what));
  }

  /** A reader of the string that was read last. */
  within(content: Uint8Array): KrlReader {
    return new KrlReader(content, this.#start + this.#read - content.length, this.#reading);
  }

  /** Counts one more entry, and says whether it may be. */
  countsEntry(): boolean {
    this.#reading.entriesLeft -= 1;
    return this.#isWithin(this.#reading.entriesLeft);
  }

  /** Counts one more key that is named, and says whether it may be. */
  countsNamedKey(): boolean {
    this.#reading.namedKeysLeft -= 1;
    return this.#isWithin(this.#reading.namedKeysLeft);
  }

  #isWithin(left: number): boolean {
    if (left < 0) this.refuse("it lists more than is read");
    return this.fault === null;
  }
}

/** A C string that was written with the zero byte that ends it, without that. */
export function withoutLastZero(chars: string): string {
  return chars.endsWith("\0") ? chars.slice(0, -1) : chars;
}
