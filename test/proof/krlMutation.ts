/** Numbers by chance, from 0 to below a limit. */
type Draw = (limit: number) => number;

/** Numbers that stand at the edge of what a length, a type or a bitmap may be. */
const EDGES = [0, 1, 0x20, 0x22, 0x39, 0x7f, 0x80, 0xff];

/** A copy of a file with one to three changes of the kinds that break readers. */
export function mutated(bytes: Uint8Array, below: Draw): Uint8Array {
  let changed = Buffer.from(bytes);
  for (let left = below(3); left >= 0; left -= 1) changed = changedOnce(changed, below);
  return changed;
}

function changedOnce(bytes: Buffer<ArrayBuffer>, below: Draw): Buffer<ArrayBuffer> {
  const at = below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + below(16));
  const copy = Buffer.from(bytes);
  switch (below(6)) {
    case 0:
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
      return copy;
    case 1:
      if (at < copy.length) copy[at] = EDGES[below(EDGES.length)] ?? 0;
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(end)]);
    case 4:
      return Buffer.concat([copy.subarray(0, end), copy.subarray(at)]);
    default:
      return lengthChanged(copy, at, below);
  }
}

/** With four bytes that may be a length one off, doubled or the largest there is. */
function lengthChanged(bytes: Buffer<ArrayBuffer>, at: number, below: Draw): Buffer<ArrayBuffer> {
  if (at + 4 > bytes.length) return bytes;
  const length = bytes.readUInt32BE(at);
  const others = [length + 1, length - 1, length * 2, 2 ** 31, 2 ** 32 - 1];
  bytes.writeUInt32BE((others[below(others.length)] ?? 0) >>> 0, at);
  return bytes;
}
