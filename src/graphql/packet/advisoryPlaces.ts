import { advisories } from "#gate/view.ts";
import type { PacketState } from "#gate/state.ts";
import { type Advisory, AdvisoryCode } from "#packet/hold.ts";
import type { PacketId } from "#packet/name.ts";
import { framed, hmacSha256 } from "#proof/digest.ts";

/** An advisory with its place, which it keeps while others come and go, and which names nothing. */
export interface PlacedAdvisory {
  readonly advisory: Advisory;
  readonly position: bigint;
}

const SUBJECT_BYTES = 15;
const SUBJECT_BITS = 8n * BigInt(SUBJECT_BYTES);
const CODES = AdvisoryCode.options.toSorted();

const known = new WeakMap<PacketState, readonly PlacedAdvisory[]>();

/**
 * Every advisory of a packet in order of place: of code, and among those of one code in the
 * order of a keyed hash of the subject, because a cursor must not hold a name.
 */
export function placedAdvisories(state: PacketState, key: () => Uint8Array) {
  const placed = known.get(state) ?? place(state, key());
  known.set(state, placed);
  return placed;
}

function place(state: PacketState, key: Uint8Array): PlacedAdvisory[] {
  const placed = advisories(state).map((advisory) => ({
    advisory,
    position: positionOf(state.facts.packet, advisory, key),
  }));
  return placed.toSorted((left, right) => (left.position < right.position ? -1 : 1));
}

/** The packet is in it, so that no cursor tells that two packets have a subject in common. */
function positionOf(packet: PacketId, { code, subject }: Advisory, key: Uint8Array): bigint {
  const hash = hmacSha256(key, framed("holdfast/advisory-place/2", [packet, subject]));
  const low = BigInt(`0x${Buffer.from(hash.subarray(0, SUBJECT_BYTES)).toString("hex")}`);
  return (BigInt(CODES.indexOf(code)) << SUBJECT_BITS) | low;
}
