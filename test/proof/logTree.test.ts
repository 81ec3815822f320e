import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  emptyLogRoot,
  logConsistencyProof,
  LogFrontier,
  logInclusionProof,
  logLeafHash,
  logNodeHash,
  logRoot,
  type SubtreeReader,
  verifyLogConsistency,
  verifyLogInclusion,
} from "#proof/logTree.ts";

const SIZES_MAX = 70;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (digits: string): Uint8Array => Buffer.from(digits, "hex");
const data = Array.from({ length: SIZES_MAX }, (_, index) =>
  createHash("sha256").update(`leaf ${index}`).digest(),
);

function leaf(index: number): Uint8Array {
  return data[index] ?? bytes("");
}

const known = new Map<string, Buffer>();

/** MTH of RFC 6962 section 2.1, word for word, over the leaves from start to before end. */
function treeHash(start: number, end: number): Buffer {
  const key = `${start} ${end}`;
  const hash = known.get(key) ?? definedHash(start, end);
  known.set(key, hash);
  return hash;
}

function definedHash(start: number, end: number): Buffer {
  const digest = createHash("sha256");
  if (start === end) return digest.digest();
  if (end - start === 1) return digest.update("\u0000").update(leaf(start)).digest();
  const middle = start + largestPowerBelow(end - start);
  return digest
    .update("\u0001")
    .update(treeHash(start, middle))
    .update(treeHash(middle, end))
    .digest();
}

/** PATH of RFC 6962 section 2.1.1. */
function pathOf(index: number, start: number, end: number): Buffer[] {
  if (end - start === 1) return [];
  const middle = start + largestPowerBelow(end - start);
  return index < middle
    ? [...pathOf(index, start, middle), treeHash(middle, end)]
    : [...pathOf(index, middle, end), treeHash(start, middle)];
}

/** SUBPROOF of RFC 6962 section 2.1.2. */
function subproofOf(from: number, start: number, end: number, isWhole: boolean): Buffer[] {
  if (from === end) return isWhole ? [] : [treeHash(start, end)];
  const middle = start + largestPowerBelow(end - start);
  return from <= middle
    ? [...subproofOf(from, start, middle, isWhole), treeHash(middle, end)]
    : [...subproofOf(from, middle, end, false), treeHash(start, middle)];
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** Reads complete subtrees of the first `size` leaves, and refuses to look beyond them. */
function readerOf(size: number): SubtreeReader {
  return async (level, index) => {
    const width = 2 ** level;
    const start = Number(index) * width;
    if (!(start >= 0 && start + width <= size)) throw new Error("no complete subtree of this tree");
    return treeHash(start, start + width);
  };
}

const sizes = Array.from({ length: SIZES_MAX }, (_, index) => index + 1);

describe("the known tree of eight leaves", () => {
  // The inputs and roots that implementations of RFC 6962 have tested each other with since 2013.
  const inputs = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ].map(bytes);
  const roots = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];

  test("has its roots at each size, and the root of nothing before", () => {
    const frontier = new LogFrontier();
    expect(text(frontier.root())).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(text(emptyLogRoot())).toBe(text(frontier.root()));
    const seen = inputs.map((input) => {
      frontier.append(logLeafHash(input));
      return text(frontier.root());
    });
    expect(seen).toEqual(roots);
    expect(frontier.size).toBe(8n);
  });
});

describe("trees of 0 to 70 leaves", () => {
  test("have the root of the definition, by the frontier and by subtrees", async () => {
    const frontier = new LogFrontier();
    expect(await logRoot(0n, readerOf(0))).toEqual(emptyLogRoot());
    for (const size of sizes) {
      frontier.append(logLeafHash(leaf(size - 1)));
      const root = text(treeHash(0, size));
      expect(text(frontier.root())).toBe(root);
      expect(text(await logRoot(BigInt(size), readerOf(size)))).toBe(root);
    }
  });

  test("prove every leaf as the definition does, and every proof verifies for that leaf alone", async () => {
    for (const size of sizes) {
      const root = treeHash(0, size);
      for (let index = 0; index < size; index += 1) {
        const proof = await logInclusionProof(BigInt(index), BigInt(size), readerOf(size));
        expect(proof.map(text)).toEqual(pathOf(index, 0, size).map(text));
        const leafHash = logLeafHash(leaf(index));
        const claim = { index: BigInt(index), size: BigInt(size), leafHash, root, proof };
        const answers = [
          verifyLogInclusion(claim),
          verifyLogInclusion({ ...claim, index: claim.index + 1n }),
          verifyLogInclusion({ ...claim, index: claim.index ^ 1n }),
        ];
        expect(answers).toEqual([true, false, false]);
      }
    }
  });

  test("prove their growth from every size as the definition does, and it verifies", async () => {
    for (const to of sizes) {
      const toRoot = treeHash(0, to);
      for (let from = 1; from <= to; from += 1) {
        const proof = await logConsistencyProof(BigInt(from), BigInt(to), readerOf(to));
        const defined = subproofOf(from, 0, to, true);
        expect(proof.map(text)).toEqual(defined.map(text));
        const fromRoot = treeHash(0, from);
        const claim = { from: BigInt(from), to: BigInt(to), fromRoot, toRoot, proof };
        expect(verifyLogConsistency(claim)).toBe(true);
        if (from === to) continue;
        expect(verifyLogConsistency({ ...claim, fromRoot: toRoot, toRoot: fromRoot })).toBe(false);
        expect(verifyLogConsistency({ ...claim, from: claim.from + 1n })).toBe(false);
        expect(verifyLogConsistency({ ...claim, proof: proof.slice(1) })).toBe(false);
        expect(verifyLogConsistency({ ...claim, proof: [...proof, toRoot] })).toBe(false);
      }
    }
  });

  test("prove nothing about a tree of no leaves", async () => {
    expect(await logConsistencyProof(0n, 5n, readerOf(5))).toEqual([]);
    const toRoot = treeHash(0, 5);
    for (const to of [0n, 5n]) {
      const claim = { from: 0n, to, fromRoot: emptyLogRoot(), toRoot, proof: [] };
      expect(verifyLogConsistency(claim)).toBe(false);
    }
  });
});

/** One bit of one of the hashes of a claim is another. */
function flipped(hashes: readonly Uint8Array[], place: number): Uint8Array[] {
  const copies = hashes.map((hash) => Uint8Array.from(hash));
  const bit = place % (copies.length * 256);
  const hash = copies[Math.floor(bit / 256)];
  const offset = Math.floor((bit % 256) / 8);
  if (hash !== undefined) hash[offset] = (hash[offset] ?? 0) ^ (1 << (bit % 8));
  return copies;
}

describe("with any one bit another", () => {
  const shapes = fc.tuple(
    fc.integer({ min: 1, max: SIZES_MAX }),
    fc.nat(SIZES_MAX - 1),
    fc.nat(1_000_000),
  );

  test("no proof of inclusion verifies", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ([size, seed, place]) => {
        const index = seed % size;
        const [leafHash, root] = [logLeafHash(leaf(index)), treeHash(0, size)];
        const proof = await logInclusionProof(BigInt(index), BigInt(size), readerOf(size));
        const [otherLeaf, otherRoot, ...otherProof] = flipped([leafHash, root, ...proof], place);
        if (otherLeaf === undefined || otherRoot === undefined) throw new Error("no claim");
        const where = { index: BigInt(index), size: BigInt(size) };
        const claim = { ...where, leafHash: otherLeaf, root: otherRoot, proof: otherProof };
        expect(verifyLogInclusion(claim)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("no proof of consistency verifies", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, async ([to, seed, place]) => {
        const from = 1 + (seed % to);
        const roots = [treeHash(0, from), treeHash(0, to)];
        const proof = await logConsistencyProof(BigInt(from), BigInt(to), readerOf(to));
        const [fromRoot, toRoot, ...otherProof] = flipped([...roots, ...proof], place);
        if (fromRoot === undefined || toRoot === undefined) throw new Error("no claim");
        const sizes = { from: BigInt(from), to: BigInt(to) };
        expect(verifyLogConsistency({ ...sizes, fromRoot, toRoot, proof: otherProof })).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe("far beyond what a number holds", () => {
  // Every complete subtree is known by its level alone when all leaves are one.
  const levels = [logLeafHash(bytes(""))];
  for (let level = 1; level < 64; level += 1) {
    const below = levels[level - 1] ?? bytes("");
    levels.push(logNodeHash(below, below));
  }
  const read: SubtreeReader = async (level) => levels[level] ?? bytes("");
  const to = (1n << 63n) - 1n;

  test.each([0n, 1n << 53n, (1n << 62n) + 1n, to - 1n])("leaf %d is proven", async (index) => {
    const proof = await logInclusionProof(index, to, read);
    const leafHash = levels[0] ?? bytes("");
    const claim = { index, size: to, leafHash, root: await logRoot(to, read), proof };
    expect(verifyLogInclusion(claim)).toBe(true);
    expect(verifyLogInclusion({ ...claim, size: to + (1n << 64n) })).toBe(false);
  });

  test.each([1n, (1n << 53n) + 1n, 1n << 62n, to - 1n])(
    "growth from %d is proven",
    async (from) => {
      const [fromRoot, toRoot] = [await logRoot(from, read), await logRoot(to, read)];
      const proof = await logConsistencyProof(from, to, read);
      expect(verifyLogConsistency({ from, to, fromRoot, toRoot, proof })).toBe(true);
      expect(verifyLogConsistency({ from: from + 1n, to, fromRoot, toRoot, proof })).toBe(false);
    },
  );
});

describe("what is malformed", () => {
  const hash = logLeafHash(bytes("00"));
  const short = bytes("00");

  test("is no inclusion, and no crash", () => {
    const right = { index: 0n, size: 1n, leafHash: hash, root: hash, proof: [] };
    expect(verifyLogInclusion(right)).toBe(true);
    const wrongs: object[] = [
      { index: -1n },
      { index: 1n },
      { index: 0 },
      { size: 0n },
      { size: -1n },
      { size: 1 },
      { size: 1n << 64n },
      { leafHash: short },
      { leafHash: null },
      { root: short },
      { root: text(hash) },
      { leafHash: short, root: short },
      { proof: [hash] },
      { proof: null },
      { proof: {} },
      { size: 2n, proof: [short] },
      { size: 2n, proof: [undefined] },
      { proof: Array.from({ length: 65 }, () => hash) },
    ];
    for (const wrong of wrongs) expect(verifyLogInclusion({ ...right, ...wrong })).toBe(false);
  });

  test("is no consistency, and no crash", () => {
    const right = { from: 1n, to: 1n, fromRoot: hash, toRoot: hash, proof: [] };
    expect(verifyLogConsistency(right)).toBe(true);
    const wrongs: object[] = [
      { from: 0n },
      { from: -1n },
      { from: 1 },
      { from: 2n },
      { to: 0n },
      { to: 2n },
      { to: 1n << 64n },
      { fromRoot: short },
      { fromRoot: null, toRoot: null },
      { to: 2n, fromRoot: short, proof: [hash] },
      { to: 2n, toRoot: short, proof: [hash] },
      { to: 2n, proof: [short] },
      { proof: [hash] },
      { proof: "" },
    ];
    for (const wrong of wrongs) expect(verifyLogConsistency({ ...right, ...wrong })).toBe(false);
  });

  test("is refused where it is to be hashed or proven", async () => {
    expect(() => logNodeHash(short, hash)).toThrow(RangeError);
    expect(() => new LogFrontier().append(short)).toThrow(RangeError);
    await expect(logRoot(-1n, readerOf(0))).rejects.toThrow(RangeError);
    await expect(logInclusionProof(1n, 1n, readerOf(1))).rejects.toThrow("no leaf 1");
    await expect(logInclusionProof(-1n, 1n, readerOf(1))).rejects.toThrow(RangeError);
    await expect(logConsistencyProof(2n, 1n, readerOf(1))).rejects.toThrow(RangeError);
    await expect(logConsistencyProof(-1n, 1n, readerOf(1))).rejects.toThrow(RangeError);
  });
});
