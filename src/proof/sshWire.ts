/** Why a text, a key or a signature is not taken. Returned, never thrown; repeats nothing of the input. */
export class SshFault {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/**
 * Reads the wire form of SSH (RFC 4251, section 5) from the front. The first fault sticks: whatever
 * is read after it is empty, and {@link SshReader.end} tells it, so that a caller asks only once.
 */
export class SshReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #fault: SshFault | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next `length` bytes as they stand. */
  bytes(length: number, what: string): Uint8Array {
    if (this.#bytes.length - this.#at < length) this.refuse(`${what} ends too early`);
    if (this.#fault !== null) return new Uint8Array();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A `byte`. */
  byte(what: string): number {
    return this.bytes(1, what)[0] ?? 0;
  }

  /** A `uint32`. */
  uint32(what: string): number {
    return this.bytes(4, what).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** A `string` of bytes, whose length is told before it. */
  string(what: string): Uint8Array {
    return this.bytes(this.uint32(what), what);
  }

  /** A `string` of printable ASCII without spaces; may be empty. */
  text(what: string): string {
    const text = Buffer.from(this.string(what)).toString("latin1");
    if (/^[!-~]*$/.test(text)) return text;
    this.refuse(`${what} is no printable text`);
    return "";
  }

  /**
   * An `mpint` greater than zero, big-endian, without the zero byte that may stand before it. Only
   * the shortest form is taken: equal numbers have one spelling.
   */
  positive(what: string): Uint8Array {
    const bytes = this.string(what);
    const [first, second] = bytes;
    if (first === undefined || first >= 0x80) this.refuse(`${what} is not above zero`);
    if (first !== 0) return bytes;
    if (second === undefined || second < 0x80) this.refuse(`${what} is longer than it need be`);
    return bytes.subarray(1);
  }

  /** Makes this the fault, unless there is one already. */
  refuse(why: string): void {
    this.#fault ??= new SshFault(why);
  }

  /** The first fault, or null; bytes that are left over are one. */
  end(what: string): SshFault | null {
    if (this.#at < this.#bytes.length) this.refuse(`${what} has bytes after its end`);
    return this.#fault;
  }
}

/** A `string` in wire form: four bytes of length, big-endian, and the bytes; a text is taken as UTF-8. */
export function sshString(content: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
