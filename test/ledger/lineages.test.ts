import { expect, test } from "vitest";
import { type Head, Lineages } from "#ledger/lineages.ts";
import { SourceShelf } from "#ledger/sourceShelf.ts";

const HEAD: Head = {
  identity: {
    deployment: "one",
    packet: "0190a2b4-0000-7000-8000-000000000000",
    exercise: false,
    train: "orion",
    salt: new Uint8Array(32),
  },
  number: 7,
  digest: "ab".repeat(32),
};

test("those who ask at once for a cold packet wait for one of them, who alone asks the database", async () => {
  const lineages = new Lineages(new SourceShelf());
  let asked = 0;
  const ask = (): Promise<never> => {
    asked += 1;
    return Promise.reject(new Error("the database is away"));
  };
  const readers = [lineages.read(ask, HEAD), lineages.read(ask, HEAD), lineages.read(ask, HEAD)];
  for (const reader of readers) await expect(reader).rejects.toThrow("the database is away");
  expect(asked).toBe(1);
  await expect(lineages.read(ask, HEAD)).rejects.toThrow("the database is away");
  expect(asked).toBe(2);
});
