import type { Chance } from "../faults/chance.ts";

/** Bytes that are not the given ones: turned, taken out, put in, doubled, or cut off somewhere. */
export function mutated(bytes: Uint8Array, chance: Chance): Uint8Array {
  const at = chance.below(bytes.length);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const length = 1 + chance.below(8);
  switch (chance.below(6)) {
    case 0:
      return turned(bytes, at, 1 << chance.below(8));
    case 1:
      return turned(bytes, at, 1 + chance.below(255));
    case 2:
      return Buffer.concat([before, after.subarray(length)]);
    case 3:
      return Buffer.concat([before, Buffer.alloc(length, chance.below(256)), after]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at + 1), after]);
    default:
      return before;
  }
}

function turned(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const other = Uint8Array.from(bytes);
  other[at] = (other[at] ?? 0) ^ mask;
  return other;
}
