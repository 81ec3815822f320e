import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { hashBytes, hashStreamed, damaged } from "#rehearsal/hashing.ts";
import { HOLDINGS_MIN, takeStock } from "#rehearsal/manifest.ts";
import { propsOf } from "#rehearsal/props.ts";
import { cachedFile, machineWith, packages, sha512 } from "./machine.ts";

describe("what is frozen from npm's content cache", () => {
  test("is each pinned package whose tarball is held, by the digest that the lock file pins", async () => {
    const locked = packages(30);
    const { project, cache } = await machineWith(locked);
    const stock = await takeStock(project, cache);
    expect(stock.origin).toBe("NPM_CACHE");
    expect(stock.pinned).toBe(30);
    expect(stock.holdings.map(({ name, digest, size }) => ({ name, digest, size }))).toEqual(
      locked.map(({ name, tarball }) => ({
        name: `${name}@1.2.3`,
        digest: sha512(tarball),
        size: tarball.length,
      })),
    );
  });

  test("leaves out what is pinned but not held", async () => {
    const locked = packages(30).map((item, index) => ({ ...item, isCached: index !== 4 }));
    const { project, cache } = await machineWith(locked);
    const stock = await takeStock(project, cache);
    expect(stock.holdings).toHaveLength(29);
    expect(stock.holdings.map((item) => item.name)).not.toContain("part-004@1.2.3");
    expect(stock.pinned).toBe(30);
  });

  test("leaves out what is held but altered", async () => {
    const locked = packages(30);
    const machine = await machineWith(locked);
    const [first] = locked;
    await writeFile(cachedFile(machine, first?.tarball ?? Buffer.of()), "something else");
    const stock = await takeStock(machine.project, machine.cache);
    expect(stock.holdings.map((item) => item.name)).not.toContain("part-000@1.2.3");
    expect(stock.holdings).toHaveLength(29);
  });
});

describe("where the cache is empty", () => {
  const installed = packages(30).map((item, index) => ({
    ...item,
    isCached: false,
    files: {
      "package.json": `{"name":"part ${index}"}`,
      "README.md": `part ${index}`,
      "a b": "no",
    },
  }));

  test("the files of the installed packages are frozen, by their own digests", async () => {
    const { project, cache } = await machineWith(installed);
    const stock = await takeStock(project, cache);
    expect(stock.origin).toBe("INSTALLED_FILES");
    expect(stock.holdings).toHaveLength(60);
    expect(stock.holdings[0]).toMatchObject({
      name: "part-000@1.2.3/README.md",
      digest: sha512("part 0"),
      size: 6,
    });
  });

  test("and likewise where npm cannot name a cache at all", async () => {
    const { project } = await machineWith(installed);
    expect((await takeStock(project, null)).origin).toBe("INSTALLED_FILES");
  });

  test("with nothing installed either, the remedy is named", async () => {
    const { project, cache } = await machineWith(packages(HOLDINGS_MIN - 1));
    await expect(takeStock(project, cache)).rejects.toThrow("npm ci");
  });
});

describe("a digest is confirmed by hashing", () => {
  test.each(["STREAMED", "WHOLE"] as const)("%s, of bytes in the cache", async (way) => {
    const locked = packages(30);
    const { project, cache } = await machineWith(locked);
    const { holdings } = await takeStock(project, cache);
    const observed = await Promise.all(holdings.map((item) => hashBytes(item.bytes, way)));
    expect(observed).toEqual(locked.map((item) => sha512(item.tarball)));
  });

  test("so that one turned bit gives another digest of as many bytes", async () => {
    const locked = packages(30);
    const { project, cache } = await machineWith(locked);
    const { holdings } = await takeStock(project, cache);
    const [first] = holdings;
    if (first === undefined) throw new Error("nothing is held");
    const bytes = Buffer.from(locked[0]?.tarball ?? "");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(await hashStreamed(damaged(first.bytes))).toBe(sha512(bytes));
  });
});

test("the parts are given out by size, and never one artifact in two parts", async () => {
  const { project, cache } = await machineWith(packages(30));
  const stock = await takeStock(project, cache);
  const props = propsOf(stock);
  expect(props.early.name).toBe("part-029@1.2.3");
  const named = [props.early, props.copied, props.damaged, props.withdrawn];
  expect(new Set([...named, ...props.added, ...props.rollback]).size).toBe(8);
  expect(props.firstManifest).toHaveLength(26);
  expect(props.secondManifest).toHaveLength(26);
  expect(props.secondManifest).toEqual(expect.arrayContaining([...props.added]));
  expect(props.secondManifest).not.toContain(props.damaged);
  expect(props.firstManifest.filter((item) => props.rollback.includes(item))).toEqual([]);
});
