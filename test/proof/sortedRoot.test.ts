import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { MerkleMap } from "#proof/merkleMap.ts";
import { SortedRoot } from "#proof/sortedRoot.ts";

const byKey = (left: readonly Uint8Array[], right: readonly Uint8Array[]): number =>
  Buffer.compare(left[0] ?? Buffer.alloc(0), right[0] ?? Buffer.alloc(0));

test("the root of entries in order of key is that of the map, after each of them", () => {
  for (const size of [0, 1, 2, 3, 17, 200]) {
    const entries = Array.from({ length: size }, () => [randomBytes(32), randomBytes(32)] as const);
    const sorted = new SortedRoot();
    let map = MerkleMap.empty;
    expect(sorted.root()).toEqual(map.root());
    for (const [key, leaf] of entries.toSorted(byKey)) {
      expect(sorted.add(key, leaf)).toBe(true);
      map = map.set(key, leaf);
      expect(sorted.root()).toEqual(map.root());
    }
  }
});

test("keys that differ in single bits make the deepest tries", () => {
  const keys = Array.from({ length: 256 }, (_, bit) => {
    const key = Buffer.alloc(32);
    key.writeUInt8(0x80 >> (bit % 8), bit >> 3);
    return key;
  });
  const sorted = new SortedRoot();
  let map = MerkleMap.empty;
  for (const key of keys.toReversed()) {
    expect(sorted.add(key, key)).toBe(true);
    map = map.set(key, key);
  }
  expect(sorted.root()).toEqual(map.root());
});

test("a key that comes again, or too early, or has another length is not taken", () => {
  const sorted = new SortedRoot();
  const [low, high] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  sorted.add(high, low);
  const root = sorted.root();
  expect([sorted.add(high, high), sorted.add(low, high)]).toEqual([false, false]);
  expect([
    sorted.add(Buffer.alloc(31, 9), low),
    sorted.add(Buffer.alloc(32, 9), high.subarray(1)),
  ]).toEqual([false, false]);
  expect(sorted.root()).toEqual(root);
});
