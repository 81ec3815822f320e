import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { shardOf, shardText } from "#proof/revocationList.ts";
import { makeSigner } from "../proof/sshMaker.ts";
import { ownFolder } from "../identity/passports.ts";
import { GROUND, idIn, listOf, openTestCopy, signedText } from "./lists.ts";

const folder = ownFolder();
const ownCopy = (): Promise<string> => mkdtemp(path.join(folder.path, "copy-"));

const ANN = "principal:ann";
const SHARD = shardOf(ANN);
const NAME = shardText(SHARD);
const BEN = idIn(SHARD, "principal:ben");
const NODE = idIn(SHARD, "node:north").slice("node:".length);

describe("a node's copy", () => {
  test("answers from its lists, at once and after a start with nobody to ask", async () => {
    const place = await ownCopy();
    const { copy, push } = await openTestCopy(place);
    const before = copy.generation;
    expect(copy.revokesPrincipal("ann")).toBe(false);
    expect(await push(listOf([ANN]))).toBe("APPLIED");
    expect([copy.revokesPrincipal("ann"), copy.revokesNode("ann")]).toEqual([true, false]);
    expect(copy.generation).toBeGreaterThan(before);
    const again = await openTestCopy(place);
    expect(again.copy.revokesPrincipal("ann")).toBe(true);
    expect(again.copy.held()).toEqual(copy.held());
    expect(again.lines).toEqual([]);
  });

  test("tells keys, nodes and principals apart", async () => {
    const { copy, push } = await openTestCopy(await ownCopy());
    const fingerprint = `SHA256:${"A".repeat(42)}Q`;
    for (const id of [`key:${fingerprint}`, "node:ann", "principal:north"])
      await push(listOf([id]));
    expect([copy.revokesKey(fingerprint), copy.namesKey(fingerprint)]).toEqual([true, true]);
    expect([copy.revokesNode("ann"), copy.revokesNode("north")]).toEqual([true, false]);
    expect([copy.revokesPrincipal("ann"), copy.revokesPrincipal("north")]).toEqual([false, true]);
    expect(copy.size).toBe(3);
  });

  test("answers the same list again as known, and no two within a second", async () => {
    const { copy, push, pushNow } = await openTestCopy(await ownCopy());
    await push(listOf([ANN]));
    expect(await pushNow(listOf([ANN]))).toBe("KNOWN");
    expect(await pushNow(listOf([ANN, BEN], { version: 2n }))).toBe("TOO_SOON");
    expect(await push(listOf([ANN, BEN], { version: 2n }))).toBe("APPLIED");
    expect(await push(listOf([ANN]))).toBe("NOT_NEWER TAKES_BACK");
    expect(copy.revokesPrincipal(BEN.slice("principal:".length))).toBe(true);
  });

  test("tells whoever did not sign nothing of what is held", async () => {
    const { copy, push } = await openTestCopy(await ownCopy(), NODE);
    await push(listOf([ANN], { version: 5n }));
    const bad = listOf([`node:${NODE}`], { deployment: "other.example" });
    const mallory = makeSigner({ type: "ssh-ed25519" });
    expect(await push(bad, signedText(bad, mallory))).toBe("NOT_SIGNED");
    expect(await push(listOf([BEN], { issuedBy: "ben", version: 6n }))).toBe("NOT_SIGNED");
    expect(await push(listOf([ANN]), Buffer.from("{}\n"))).toBe("UNREADABLE");
    expect(copy.faults().refused.size).toBe(0);
  });

  test("takes no list of somebody who is revoked, or who may not revoke", async () => {
    const { copy, push } = await openTestCopy(await ownCopy());
    const ground = { ...GROUND, whyNotBy: () => Promise.resolve("they are no person") };
    expect(await copy.receive(SHARD, signedText(listOf([ANN])), ground)).toMatchObject({
      faults: [{ code: "NOT_ENTITLED", message: "ines cannot revoke: they are no person" }],
    });
    expect(await push(listOf(["principal:ines"]))).toBe("APPLIED");
    expect(await push(listOf([ANN]))).toBe("NOT_ENTITLED");
  });

  test("refuses what would revoke the node itself, tells so, and goes on with the last good list", async () => {
    const { copy, lines, push } = await openTestCopy(await ownCopy(), NODE);
    await push(listOf([ANN]));
    const bad = listOf([ANN, BEN, `node:${NODE}`], { version: 2n });
    expect(await push(bad)).toBe("SELF_REVOKING");
    expect(lines.at(-1)).toMatchObject({ level: "error", fields: { codes: ["SELF_REVOKING"] } });
    expect([...copy.faults().refused.keys()]).toEqual([NAME]);
    expect([copy.revokesNode(NODE), copy.revokesPrincipal("ann")]).toEqual([false, true]);
    expect(copy.held().get(NAME)?.version).toBe(1n);
    expect(await push(listOf([ANN, BEN], { version: 3n }))).toBe("APPLIED");
    expect(copy.faults().refused.size).toBe(0);
  });

  test("under a name that is revoked already says so at its start", async () => {
    const place = await ownCopy();
    const { push } = await openTestCopy(place);
    await push(listOf([`node:${NODE}`]));
    expect((await openTestCopy(place, NODE)).lines).toMatchObject([
      { level: "error", fields: { node: NODE } },
    ]);
  });
});

/** A copy at version 2, of which its files can be changed before it is opened again. */
async function changed(change: (file: (part: string) => string) => Promise<unknown>) {
  const place = await ownCopy();
  const first = await openTestCopy(place);
  await first.push(listOf([ANN]));
  const file = (part: string): string => path.join(place, part, NAME);
  await first.push(listOf([ANN, BEN], { version: 2n }));
  await change(file);
  return { ...(await openTestCopy(place)), place };
}

const ben = BEN.slice("principal:".length);

describe("of its files", () => {
  test.each([
    ["torn", "lists", (file: string) => truncate(file, 40)],
    ["torn", "copies", (file: string) => truncate(file, 40)],
    ["gone", "lists", (file: string) => rm(file)],
    ["empty", "lists", (file: string) => writeFile(file, "")],
    [
      "changed",
      "lists",
      async (file: string) =>
        writeFile(file, (await readFile(file, "latin1")).replace("principal:ann", "principal:amn")),
    ],
  ])("one that is %s in %s is replaced by the other, and told", async (_how, part, damage) => {
    const { copy, lines, place } = await changed((file) => damage(file(part)));
    expect([copy.revokesPrincipal("ann"), copy.revokesPrincipal(ben)]).toEqual([true, true]);
    expect(copy.held().get(NAME)?.version).toBe(2n);
    expect(lines).toMatchObject([{ level: "warn", fields: { shard: NAME, version: "2" } }]);
    expect((await openTestCopy(place)).lines).toEqual([]);
  });

  test("an older one that is put back does not count", async () => {
    const older = signedText(listOf([ANN]));
    const { copy } = await changed((file) => writeFile(file("lists"), older));
    expect(copy.held().get(NAME)?.version).toBe(2n);
    expect(copy.revokesPrincipal(ben)).toBe(true);
  });

  const losses: readonly (readonly [
    string,
    (file: (part: string) => string) => Promise<unknown>,
  ])[] = [
    [
      "both are older ones",
      async (file) => {
        const older = signedText(listOf([ANN]));
        await Promise.all(["lists", "copies"].map((part) => writeFile(file(part), older)));
      },
    ],
    ["both are gone", (file) => Promise.all(["lists", "copies"].map((part) => rm(file(part))))],
    ["the mark is gone", (file) => rm(file("marks"))],
    ["the mark is no mark", (file) => writeFile(file("marks"), "2\n")],
  ];
  test.each(losses)(
    "when %s the whole shard is held to be revoked, and nothing older is taken",
    async (_how, damage) => {
      const { copy, lines, push, place } = await changed(damage);
      const anybody = idIn(SHARD, "principal:carl").slice("principal:".length);
      expect(copy.revokesPrincipal(anybody)).toBe(true);
      expect(copy.revokesPrincipal("not-of-this-shard-0")).toBe(
        shardOf("principal:not-of-this-shard-0") === SHARD,
      );
      expect(lines[0]).toMatchObject({ level: "error", fields: { shard: NAME } });
      expect([copy.faults().lost, copy.held().size, await copy.text(SHARD)]).toEqual([
        [NAME],
        0,
        null,
      ]);
      expect(await push(listOf([ANN]))).toBe("NOT_NEWER");
      expect(await push(listOf([ANN, BEN], { version: 3n }))).toBe("APPLIED");
      expect(copy.revokesPrincipal(anybody)).toBe(false);
      expect((await openTestCopy(place)).lines).toEqual([]);
    },
  );

  test("a list that was lost comes back as it was", async () => {
    const { copy, push } = await changed((file) =>
      Promise.all(["lists", "copies"].map((part) => rm(file(part)))),
    );
    const another = listOf([ANN, BEN, idIn(SHARD, "principal:dora")], { version: 2n });
    expect(await push(another)).toBe("NOT_NEWER");
    expect(await push(listOf([ANN, BEN], { version: 2n }))).toBe("APPLIED");
    expect(copy.faults().lost).toEqual([]);
  });

  test("every state that a crash can leave is that of before or of after", async () => {
    const before = signedText(listOf([ANN]));
    const after = signedText(listOf([ANN, BEN], { version: 2n }));
    const place = await ownCopy();
    const { push } = await openTestCopy(place);
    const file = (part: string): string => path.join(place, part, NAME);
    await push(listOf([ANN]));
    const mark = await readFile(file("marks"));
    await push(listOf([ANN, BEN], { version: 2n }));
    const newMark = await readFile(file("marks"));
    const states = [
      [before, before, mark, 1n],
      [before, after, mark, 1n],
      [before, after, newMark, 2n],
      [after, after, newMark, 2n],
    ] as const;
    for (const [list, copied, marked, version] of states) {
      await writeFile(file("lists"), list);
      await writeFile(file("copies"), copied);
      await writeFile(file("marks"), marked);
      await writeFile(`${file("lists")}.new`, "half of a li");
      const { copy } = await openTestCopy(place);
      expect(copy.held().get(NAME)?.version).toBe(version);
      expect(copy.faults().lost).toEqual([]);
    }
  });
});
