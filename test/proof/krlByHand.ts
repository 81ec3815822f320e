import { sshString } from "#proof/sshWire.ts";

/** What stands in the head of a list; version 1 of the form where nothing is said. */
interface Head {
  readonly form?: number;
  readonly version?: bigint;
  readonly flags?: bigint;
  readonly reserved?: Uint8Array | string;
  readonly comment?: Uint8Array | string;
}

/** A list with these sections, byte by byte as PROTOCOL.krl says. */
export function krlOf(sections: readonly Uint8Array[], head: Head = {}): Uint8Array {
  const form = Buffer.alloc(4);
  form.writeUInt32BE(head.form ?? 1);
  return Buffer.concat([
    Buffer.from("SSHKRL\n\0", "latin1"),
    form,
    uint64(head.version ?? 1n),
    uint64(1_767_225_600n),
    uint64(head.flags ?? 0n),
    sshString(head.reserved ?? ""),
    sshString(head.comment ?? ""),
    ...sections,
  ]);
}

/** A section, or a part of one: its type and what is in it. */
export function section(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(type), sshString(Buffer.concat(content))]);
}

/** A section on the certificates of one authority; of any, where its key is empty. */
export function certificates(authority: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return section(1, sshString(authority), sshString(""), ...parts);
}

/** A part that lists serial numbers. */
export function serials(...listed: readonly bigint[]): Uint8Array {
  return section(0x20, ...listed.map(uint64));
}

/** A part that names a range of serial numbers. */
export function range(low: bigint, high: bigint): Uint8Array {
  return section(0x21, uint64(low), uint64(high));
}

/** A part that has the bits of a number, as hexadecimal digits, stand for serial numbers. */
export function bitmap(offset: bigint, digits: string): Uint8Array {
  return section(0x22, uint64(offset), sshString(Buffer.from(digits, "hex")));
}

/** A part that lists key identities. */
export function keyIds(...listed: readonly string[]): Uint8Array {
  return section(0x23, ...listed.map(sshString));
}

/** An extension, of a list or of a certificates section by its type. */
export function extension(type: number, name: string, isCritical: boolean): Uint8Array {
  return section(type, sshString(name), Uint8Array.of(isCritical ? 1 : 0), sshString("any"));
}

/** Eight bytes, big-endian. */
export function uint64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
