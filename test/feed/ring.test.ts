import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "#feed/ring.ts";

test("a ring has the newest items, as many as it may, each at its position", () => {
  const anySizes = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 });
  fc.assert(
    fc.property(anySizes, fc.bigInt({ min: 0n, max: 10n ** 12n }), (sizes, floor) => {
      const ring = new Ring<{ size: number }>(floor, ({ size }) => size, { items: 5, bytes: 100 });
      const items = sizes.map((size) => ({ size }));
      for (const item of items) ring.push(item);
      expect(ring.newest).toBe(floor + BigInt(items.length));
      const kept = items.filter((item, index) => {
        const found = ring.after(floor + BigInt(index));
        expect([undefined, item]).toContain(found);
        return found !== undefined;
      });
      expect(kept).toEqual(kept.length === 0 ? [] : items.slice(-kept.length));
      const bytes = kept.reduce((sum, { size }) => sum + size, 0);
      expect(kept.length <= 5 && bytes <= 100).toBe(true);
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(items.length, 2));
      expect(ring.after(ring.newest)).toBeUndefined();
      expect(ring.after(floor - 1n)).toBeUndefined();
    }),
  );
});

test("an item larger than all that may be kept is kept while it is the newest", () => {
  const ring = new Ring<number>(0n, (size) => size, { items: 5, bytes: 100 });
  ring.push(1);
  ring.push(1000);
  expect([ring.after(0n), ring.after(1n)]).toEqual([undefined, 1000]);
  ring.push(2);
  expect([ring.after(1n), ring.after(2n)]).toEqual([undefined, 2]);
});
