import { expect, test } from "vitest";
import { castOf } from "#rehearsal/cast.ts";
import { keyHoldersOf, publishedKeyHolders } from "#rehearsal/roster.ts";

interface RootKey {
  readonly owner?: string;
  readonly isOnline?: boolean;
}

function seedsWith(keys: Readonly<Record<string, RootKey>>, threshold: number): string {
  const keyids = Object.keys(keys).filter((keyId) => keys[keyId]?.isOnline !== true);
  const signed = {
    _type: "root",
    version: 14,
    keys: Object.fromEntries(
      Object.entries(keys).map(([keyId, { owner }]) => [
        keyId,
        owner === undefined ? {} : { "x-tuf-on-ci-keyowner": owner },
      ]),
    ),
    roles: { root: { keyids, threshold } },
  };
  const root = Buffer.from(JSON.stringify({ signed })).toString("base64");
  return JSON.stringify({ "https://example.org": { "root.json": root, targets: {} } });
}

test("the published root names five key holders of whom three must sign", async () => {
  const { repository, people, threshold } = await publishedKeyHolders();
  expect(repository).toContain("sigstore");
  expect(people).toHaveLength(5);
  expect(threshold).toBe(3);
});

test("the holders of root keys are read in order of name, without the keys of services", () => {
  const text = seedsWith(
    { k1: { owner: "@zoe" }, k2: { owner: "@ann" }, k3: { isOnline: true } },
    2,
  );
  expect(keyHoldersOf(text)).toEqual({
    repository: "https://example.org",
    version: 14,
    people: ["ann", "zoe"],
    threshold: 2,
  });
});

test("a root key without an owner, or two of one owner, is no roster", () => {
  expect(() => keyHoldersOf(seedsWith({ k1: {} }, 1))).toThrow("k1 has no named owner");
  const twice = seedsWith({ k1: { owner: "@ann" }, k2: { owner: "@ann" } }, 1);
  expect(() => keyHoldersOf(twice)).toThrow("two root keys");
});

test("the core just fills a shift, and one key holder is in reserve", async () => {
  const { core, reserve, custodians, signers } = castOf(await publishedKeyHolders(), null);
  expect(core).toHaveLength(4);
  expect([...core, reserve]).toEqual(signers);
  expect(custodians).toHaveLength(3);
});

test("too few key holders are refused before anything starts", () => {
  const people = ["a", "b", "c", "d"];
  expect(() => castOf({ repository: "r", version: 1, people, threshold: 3 }, null)).toThrow(
    "too few",
  );
});
