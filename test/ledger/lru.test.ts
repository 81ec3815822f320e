import { describe, expect, test } from "vitest";
import { Lru } from "#ledger/lru.ts";

/** Keeps texts as long as they are at most ten characters together. */
function tenCharacters(...texts: readonly string[]): Lru<string, string> {
  const kept = new Lru<string, string>(10, (text) => text.length);
  for (const text of texts) kept.set(text[0] ?? "", text);
  return kept;
}

describe("what is kept warm", () => {
  test("is bounded by its weight, and the least recently used goes", () => {
    const kept = tenCharacters("aaaa", "bbbb");
    expect(kept.get("a")).toBe("aaaa");
    kept.set("c", "ccc");
    expect(["a", "b", "c"].map((key) => kept.get(key))).toEqual(["aaaa", undefined, "ccc"]);
  });

  test("weighs what it holds now, however often a value was replaced", () => {
    const kept = tenCharacters("aaaaaaaa", "a", "aa", "bbbbbbbb");
    expect(kept.get("a")).toBe("aa");
    kept.delete("b");
    kept.set("c", "cccccccc");
    expect(["a", "b", "c"].map((key) => kept.get(key))).toEqual(["aa", undefined, "cccccccc"]);
  });

  test("has the newest, whatever it weighs", () => {
    const kept = tenCharacters("aaaa", "bbbbbbbbbbbbbbbb");
    expect(["a", "b"].map((key) => kept.get(key))).toEqual([undefined, "bbbbbbbbbbbbbbbb"]);
  });
});
