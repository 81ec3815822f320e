import { describe, expect, test } from "vitest";
import type { Context } from "#graphql/context.ts";
import { NewDocuments } from "#graphql/request/newDocuments.ts";
import { Turns } from "#graphql/request/turns.ts";

/** A context of somebody, as far as it is looked at. */
function by(actor: string): Context {
  const known = { actor, kind: "PERSON", roles: ["READER"] };
  return { actor: known } as Partial<Context> as Context;
}

/** A desk where each may send so many, and that tells in which turn what was judged. */
function desk(each: number) {
  const known = new Set<string>();
  const judged: string[] = [];
  const left = new Map<string, number>();
  const documents = new NewDocuments({
    documents: {
      isKnown: (text) => known.has(text),
      judge: (text) => {
        known.add(text);
        judged.push(text);
      },
    },
    count: (actor) => {
      const one = left.get(actor) ?? each;
      left.set(actor, one - 1);
      return one > 0 ? null : 3;
    },
  });
  return { documents, judged };
}

/** What was done in one turn of the event loop after the other. */
async function turnsOf(done: readonly unknown[], turns: number): Promise<number[]> {
  const counts: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    counts.push(done.length);
  }
  return counts;
}

describe("documents that nobody sent before", () => {
  test("are judged one in a turn of the event loop", async () => {
    const { documents, judged } = desk(10);
    const all = ["a", "b", "c", "d"].map((text) => documents.admit(text, by("rita")));
    const counts = await turnsOf(judged, 8);
    expect(Math.max(...counts.map((count, turn) => count - (counts[turn - 1] ?? 1)))).toBe(1);
    expect(await Promise.all(all)).toEqual([null, null, null, null]);
    expect(judged).toEqual(["a", "b", "c", "d"]);
  });

  test("of many people are judged in turns that go round among them", async () => {
    const { documents, judged } = desk(10);
    const flood = ["r1", "r2", "r3", "r4"].map((text) => documents.admit(text, by("rita")));
    const others = ["o1", "o2"].map((text) => documents.admit(text, by("olga")));
    await Promise.all([...flood, ...others]);
    expect(judged).toEqual(["r1", "r2", "o1", "r3", "o2", "r4"]);
  });

  test("are counted for who sent them, and beyond that refused unread", async () => {
    const { documents, judged } = desk(2);
    const asked = ["a", "b", "c"].map((text) => documents.admit(text, by("rita")));
    expect(await Promise.all(asked)).toEqual([null, null, 3]);
    expect(await documents.admit("c", by("olga"))).toBeNull();
    expect(await documents.admit("c", by("rita"))).toBeNull();
    expect(judged).toEqual(["a", "b", "c"]);
  });

  test("that come many times at once are counted and judged once", async () => {
    const { documents, judged } = desk(1);
    const wall = Array.from({ length: 100 }, () => documents.admit("page", by("rita")));
    expect(new Set(await Promise.all(wall))).toEqual(new Set([null]));
    expect(judged).toEqual(["page"]);
  });
});

test("a turn is given at once where nobody else has it", async () => {
  const turns = new Turns();
  const first = turns.take("rita");
  const order: string[] = [];
  setImmediate(() => order.push("the loop went on"));
  const taken = first.then(() => order.push("the turn"));
  await Promise.all([taken, turnsOf(order, 2)]);
  expect(order).toEqual(["the turn", "the loop went on"]);
});
