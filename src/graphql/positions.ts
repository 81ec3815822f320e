import type { Id } from "#packet/name.ts";

/** A UUID as a position: 128 bits in the order of its text. */
export function idPosition(id: Id): bigint {
  return BigInt(`0x${id.replaceAll("-", "")}`);
}

/** The UUID at a position that {@link idPosition} gave. */
export function idAt(position: bigint): Id {
  const digits = position.toString(16).padStart(32, "0");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join("-");
}

/** What the id of a packet's numbered part says, such as `<packet>.7`; null for what is no such id. */
export function numberedPart(id: string): { readonly packet: Id; readonly number: number } | null {
  const [, packet, number] = /^([^.]+)\.([1-9][0-9]{0,8})$/.exec(id) ?? [];
  return packet === undefined ? null : { packet, number: Number(number) };
}
