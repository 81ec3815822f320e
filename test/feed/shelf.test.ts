import { expect, test } from "vitest";
import { PAGE_ITEMS } from "#feed/limits.ts";
import { pageStart, Shelf } from "#feed/shelf.ts";

interface Item {
  readonly name: string;
  readonly size: number;
}

const items = (count: number, size = 1): Item[] =>
  Array.from({ length: count }, (_none, n) => ({ name: `item ${n}`, size }));

const shelf = (bytesMax: number): Shelf<Item> => new Shelf(({ size }) => size, bytesMax);

test("a page begins at a multiple of its length", () => {
  const length = BigInt(PAGE_ITEMS);
  expect([0n, 1n, length - 1n, length, 3n * length + 5n].map(pageStart)).toEqual([
    0n,
    0n,
    0n,
    length,
    3n * length,
  ]);
});

test("an item is found by its stream and the position before it, also beyond the end of a page", () => {
  const kept = shelf(1_000);
  const [first, ...rest] = kept.keep("a", BigInt(PAGE_ITEMS - 1), items(3));
  expect(kept.after("a", BigInt(PAGE_ITEMS - 1))).toBe(first);
  expect(kept.after("a", BigInt(PAGE_ITEMS))).toBe(rest[0]);
  expect(kept.after("a", BigInt(PAGE_ITEMS + 1))).toBe(rest[1]);
  expect(kept.after("a", BigInt(PAGE_ITEMS - 2))).toBeUndefined();
  expect(kept.after("a", BigInt(PAGE_ITEMS + 2))).toBeUndefined();
  expect(kept.after("b", BigInt(PAGE_ITEMS))).toBeUndefined();
});

test("whoever reads a position again gets the object that is kept", () => {
  const kept = shelf(1_000);
  const [second] = kept.keep("a", 1n, items(1));
  const again = kept.keep("a", 0n, items(3));
  expect(again[1]).toBe(second);
  expect([0n, 1n, 2n].map((position) => kept.after("a", position))).toEqual(again);
  expect(kept.bytes).toBe(3);
});

test("what was used the longest ago goes when there are too many bytes, and the newest stays whatever its size", () => {
  const kept = shelf(25);
  const start = (page: number): bigint => BigInt(page * PAGE_ITEMS);
  for (const page of [0, 1]) kept.keep("a", start(page), items(1, 10));
  expect(kept.after("a", start(0))).toBeDefined();
  kept.keep("a", start(2), items(1, 10));
  expect([0, 1, 2].map((page) => kept.after("a", start(page)) !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  expect(kept.bytes).toBe(20);
  kept.keep("b", 0n, items(1, 99));
  expect(kept.bytes).toBe(99);
  expect(kept.after("b", 0n)).toBeDefined();
});
