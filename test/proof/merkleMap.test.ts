import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "#proof/digest.ts";
import { MerkleMap } from "#proof/merkleMap.ts";
import {
  type AbsenceProof,
  type InclusionProof,
  verifyAbsence,
  verifyInclusion,
} from "#proof/merkleProof.ts";

type Entry = readonly [key: Uint8Array, leaf: Uint8Array];

const leaves = fc.nat(3).map((number) => sha256(`leaf ${number}`));
// Keys with few distinct bytes meet deep in the trie, where evenly spread ones never do.
const crowdedKeys = fc
  .array(fc.constantFrom(0x00, 0x01, 0x80, 0xff), { minLength: 3, maxLength: 3 })
  .map(([first = 0, middle = 0, last = 0]) => {
    const key = new Uint8Array(32);
    key[0] = first;
    key[16] = middle;
    key[31] = last;
    return key;
  });
const keys = fc.oneof(
  crowdedKeys,
  fc.nat(40).map((number) => sha256(`key ${number}`)),
);
const steps = fc.array(fc.record({ key: keys, leaf: fc.option(leaves), readsRoot: fc.boolean() }), {
  maxLength: 60,
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function mapOf(entries: Iterable<Entry>): MerkleMap {
  let map = MerkleMap.empty;
  for (const [key, leaf] of entries) map = map.set(key, leaf);
  return map;
}

/** The root by its definition: split the set at each bit in turn, passing over bits that all keys share. */
function rootByDefinition(entries: readonly Entry[], bit = 0): Buffer {
  const [first] = entries;
  const digest = createHash("sha256");
  if (first === undefined) return digest.update("\u0002").digest();
  if (entries.length === 1)
    return digest.update("\u0000").update(first[0]).update(first[1]).digest();
  const isSet = ([key]: Entry): boolean =>
    ((key[Math.floor(bit / 8)] ?? 0) & (128 >> (bit % 8))) > 0;
  const ones = entries.filter(isSet);
  const zeros = entries.filter((entry) => !isSet(entry));
  if (ones.length === 0 || zeros.length === 0) return rootByDefinition(entries, bit + 1);
  return digest
    .update(Uint8Array.of(1, bit))
    .update(rootByDefinition(zeros, bit + 1))
    .update(rootByDefinition(ones, bit + 1))
    .digest();
}

/** A map after some steps, beside an ordinary Map that took the same ones. */
function after(
  history: readonly { key: Uint8Array; leaf: Uint8Array | null; readsRoot: boolean }[],
) {
  const model = new Map<string, Entry>();
  let map = MerkleMap.empty;
  for (const { key, leaf, readsRoot } of history) {
    map = leaf === null ? map.delete(key) : map.set(key, leaf);
    if (leaf === null) model.delete(text(key));
    else model.set(text(key), [key, leaf]);
    if (readsRoot) map.root();
  }
  return { map, model };
}

describe("the root of a Merkle map", () => {
  test("is its definition, whatever was set, replaced, deleted and hashed on the way", () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { map, model } = after(history);
        expect(text(map.root())).toBe(text(rootByDefinition([...model.values()])));
        expect(map.size).toBe(model.size);
        for (const [key, leaf] of model.values()) expect(map.get(key)).toEqual(Buffer.from(leaf));
      }),
    );
  });

  test("does not depend on the order in which the entries came", () => {
    const entries = fc.uniqueArray(fc.tuple(keys, leaves), {
      selector: ([key]) => text(key),
      maxLength: 40,
    });
    const orders = entries.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
    );
    fc.assert(
      fc.property(orders, ([some, shuffled]) => {
        expect(mapOf(shuffled).root()).toEqual(mapOf(some).root());
      }),
    );
  });

  test("is that of RFC 6962 style hashing, seen on two keys that part at their last bit", () => {
    const low = new Uint8Array(32);
    const high = new Uint8Array(32).with(31, 1);
    const leaf = sha256("leaf");
    const hashOf = (key: Uint8Array): Uint8Array =>
      sha256(Buffer.concat([Uint8Array.of(0), key, leaf]));
    const expected = sha256(Buffer.concat([Uint8Array.of(1, 255), hashOf(low), hashOf(high)]));
    expect(
      mapOf([
        [high, leaf],
        [low, leaf],
      ]).root(),
    ).toEqual(expected);
  });

  test("of nothing is the constant SHA-256(0x02)", () => {
    expect(text(MerkleMap.empty.root())).toBe(
      "dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986",
    );
    const key = sha256("key");
    expect(
      mapOf([[key, key]])
        .delete(key)
        .root(),
    ).toEqual(MerkleMap.empty.root());
  });

  test("cannot be altered through the bytes that it was given as", () => {
    const map = mapOf([[sha256("key"), sha256("leaf")]]);
    const before = text(map.root());
    map.root().fill(0);
    map.get(sha256("key"))?.fill(0);
    expect(text(map.root())).toBe(before);
    MerkleMap.empty.root().fill(0);
    expect(text(MerkleMap.empty.root())).not.toBe("0".repeat(64));
  });
});

describe("a Merkle map never changes", () => {
  test("an older version keeps its root while newer ones are made from it", () => {
    fc.assert(
      fc.property(steps, steps, (history, more) => {
        const { map, model } = after(history);
        let later = map;
        for (const { key, leaf } of more)
          later = leaf === null ? later.delete(key) : later.set(key, leaf);
        later.root();
        expect(text(map.root())).toBe(text(rootByDefinition([...model.values()])));
      }),
    );
  });

  test("what changes nothing answers the very same map", () => {
    const map = mapOf([[sha256("key"), sha256("leaf")]]);
    expect(map.set(sha256("key"), sha256("leaf"))).toBe(map);
    expect(map.delete(sha256("another"))).toBe(map);
    expect(MerkleMap.empty.delete(sha256("key"))).toBe(MerkleMap.empty);
  });

  test.each([0, 31, 33, 64])("a key or leaf of %i bytes is refused", (length) => {
    expect(() => MerkleMap.empty.set(new Uint8Array(length), sha256("leaf"))).toThrow(RangeError);
    expect(() => MerkleMap.empty.set(sha256("key"), new Uint8Array(length))).toThrow(RangeError);
  });
});

describe("a proof", () => {
  test("shows for every key either its leaf or its absence, never both", () => {
    fc.assert(
      fc.property(steps, fc.array(keys, { maxLength: 10 }), leaves, (history, asked, other) => {
        const { map, model } = after(history);
        const root = map.root();
        for (const key of [...asked, ...[...model.values()].map(([known]) => known)]) {
          const leaf = model.get(text(key))?.[1] ?? null;
          const inclusion = map.prove(key);
          const absence = map.proveAbsence(key);
          expect([inclusion !== null, absence !== null]).toEqual([leaf !== null, leaf === null]);
          const steps = inclusion?.steps ?? absence?.nearest?.steps ?? [];
          const isHere = (claimed: Uint8Array): boolean =>
            verifyInclusion(root, key, claimed, { steps });
          expect(isHere(leaf ?? other)).toBe(leaf !== null);
          expect(isHere(other)).toBe(leaf !== null && text(other) === text(leaf));
          const forged = { nearest: { key, leaf: leaf ?? other, steps } };
          expect(verifyAbsence(root, key, absence ?? forged)).toBe(leaf === null);
        }
      }),
      { numRuns: 60 },
    );
  });

  const map = mapOf(
    Array.from({ length: 200 }, (_, index) => [sha256(`key ${index}`), sha256(`leaf ${index}`)]),
  );
  const [root, key, leaf] = [map.root(), sha256("key 7"), sha256("leaf 7")];
  const proof = map.prove(key) ?? { steps: [] };

  test("is as long as the trie is deep there, which grows as the logarithm of its size", () => {
    expect(verifyInclusion(root, key, leaf, proof)).toBe(true);
    expect(proof.steps.length).toBeGreaterThan(4);
    expect(proof.steps.length).toBeLessThan(24);
  });

  test("does not survive any flipped bit, of root, key, leaf or step", () => {
    const parts = [root, key, leaf, ...proof.steps.map((step) => step.sibling)];
    fc.assert(
      fc.property(fc.nat(parts.length - 1), fc.nat(255), (which, bit) => {
        const [badRoot = root, badKey = key, badLeaf = leaf, ...siblings] = parts.map(
          (bytes, index) =>
            index === which
              ? bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7)))
              : bytes,
        );
        const steps = proof.steps.map((step, at) => ({
          bit: step.bit,
          sibling: siblings[at] ?? step.sibling,
        }));
        expect(verifyInclusion(badRoot, badKey, badLeaf, { steps })).toBe(false);
      }),
    );
  });

  test("does not survive a step that is moved, left out, doubled, added or given another bit", () => {
    fc.assert(
      fc.property(fc.nat(proof.steps.length - 1), fc.integer({ min: 0, max: 255 }), (at, bit) => {
        const [step, next] = proof.steps.slice(at, at + 2);
        const whole = proof.steps;
        const bad: (typeof whole)[] = [whole.toSpliced(at, 1)];
        if (step !== undefined) bad.push(whole.toSpliced(at, 0, step));
        if (step !== undefined) bad.push([...whole, { bit: 255, sibling: step.sibling }]);
        if (step !== undefined && next !== undefined) bad.push(whole.toSpliced(at, 2, next, step));
        if (step !== undefined && step.bit !== bit) bad.push(whole.with(at, { ...step, bit }));
        for (const some of bad)
          expect(verifyInclusion(root, key, leaf, { steps: some })).toBe(false);
      }),
    );
  });

  test("has one spelling: a bit that counts round the 256 is not the bit", () => {
    const respelled = proof.steps.flatMap((step, at) =>
      [256, -256, 0.5, 2 ** 32].map((shift) =>
        proof.steps.with(at, { ...step, bit: step.bit + shift }),
      ),
    );
    for (const steps of respelled) expect(verifyInclusion(root, key, leaf, { steps })).toBe(false);
  });

  test("that is malformed is false and never a crash", () => {
    const sibling = sha256("sibling");
    const malformed: unknown[] = [
      null,
      undefined,
      "proof",
      {},
      { steps: null },
      { steps: {} },
      { steps: [null] },
      { steps: [{}] },
      { steps: [{ bit: 0 }] },
      { steps: Array.from({ length: 300 }, (_, bit) => ({ bit, sibling })) },
      ...[-1, 0.5, 256, 2 ** 40, Number.NaN, "0", 0n].map((bit) => ({ steps: [{ bit, sibling }] })),
      ...[null, "00", [], new Uint8Array(31), new Uint8Array(33)].map((bad) => ({
        steps: [{ bit: 0, sibling: bad }],
      })),
    ];
    for (const some of malformed) {
      expect(verifyInclusion(root, key, leaf, some as InclusionProof)).toBe(false);
      expect(verifyAbsence(root, key, some as AbsenceProof)).toBe(false);
      const nearest = typeof some === "object" ? { ...some, key: sibling, leaf } : some;
      expect(verifyAbsence(root, key, { nearest } as AbsenceProof)).toBe(false);
    }
    for (const length of [0, 31, 33]) {
      const short = new Uint8Array(length);
      expect(verifyInclusion(short, key, leaf, proof)).toBe(false);
      expect(verifyInclusion(root, short, leaf, proof)).toBe(false);
      expect(verifyInclusion(root, key, short, proof)).toBe(false);
      expect(verifyAbsence(short, key, { nearest: null })).toBe(false);
    }
  });

  test("of absence in the empty map holds there alone", () => {
    const nothing = MerkleMap.empty.proveAbsence(key);
    expect(nothing).toEqual({ nearest: null });
    expect(verifyAbsence(MerkleMap.empty.root(), key, { nearest: null })).toBe(true);
    expect(verifyAbsence(root, key, { nearest: null })).toBe(false);
  });

  test("of absence is no proof for a key that its path does not lead to", () => {
    const absent = sha256("nobody");
    const absence = map.proveAbsence(absent) ?? { nearest: null };
    expect(verifyAbsence(root, absent, absence)).toBe(true);
    expect(verifyAbsence(root, key, absence)).toBe(false);
    expect(verifyAbsence(root, absence.nearest?.key ?? key, absence)).toBe(false);
    // The honest leaf of another corner of the map is not where the absent key's bits lead.
    const elsewhere = Array.from({ length: 200 }, (_, index) => index).filter((index) => {
      const nearest = { key: sha256(`key ${index}`), leaf: sha256(`leaf ${index}`) };
      const proven = map.prove(nearest.key) ?? { steps: [] };
      return verifyAbsence(root, absent, { nearest: { ...nearest, steps: proven.steps } });
    });
    expect(elsewhere).toHaveLength(1);
  });
});
