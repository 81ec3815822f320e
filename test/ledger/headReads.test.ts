import { expect, test } from "vitest";
import { HeadReads, type HeadSeen } from "#ledger/headReads.ts";

const NONE: ReadonlyMap<string, HeadSeen> = new Map();

interface Answer {
  readonly resolve: (heads: ReadonlyMap<string, HeadSeen>) => void;
  readonly reject: (fault: Error) => void;
}

/** Reads that come out when the test says so. */
function reads() {
  const asked: (readonly string[])[] = [];
  const waiting: Answer[] = [];
  const heads = new HeadReads((packets) => {
    asked.push(packets);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  });
  return { asked, waiting, heads };
}

async function begun(asked: readonly unknown[], count: number): Promise<void> {
  while (asked.length < count) await new Promise((resolve) => setImmediate(resolve));
}

test("those who ask in one turn share a statement, and nobody one that began before they asked", async () => {
  const { asked, waiting, heads } = reads();
  const first = [heads.of("a"), heads.of("b"), heads.of("a")];
  expect(asked).toEqual([]);
  await begun(asked, 1);
  const later = heads.of("a");
  await begun(asked, 2);
  expect(asked).toEqual([["a", "b"], ["a"]]);
  waiting[1]?.resolve(NONE);
  expect(await later).toBeNull();
  waiting[0]?.resolve(NONE);
  expect(await Promise.all(first)).toEqual([null, null, null]);
});

test("a read that fails fails for those who share it, and for nobody after them", async () => {
  const { asked, waiting, heads } = reads();
  const lost = Promise.allSettled([heads.of("a"), heads.of("b")]);
  await begun(asked, 1);
  waiting[0]?.reject(new Error("away"));
  expect((await lost).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const again = heads.of("a");
  await begun(asked, 2);
  waiting[1]?.resolve(NONE);
  expect(await again).toBeNull();
});
