import fc from "fast-check";
import { expect, test } from "vitest";
import { credentialId } from "#packet/revocation.ts";
import type { RevocationList } from "#proof/revocationList.ts";
import { type HeldList, listFaults } from "#recovery/revocation.ts";
import { DEPLOYMENT, idIn, listOf } from "../revocation/lists.ts";

/** Two shards, a node of each half in each, and people of both. */
const SHARDS = [11, 200] as const;
const NODES = SHARDS.flatMap((shard) => [0, 1].map((nth) => idIn(shard, "node:n", nth)));
const PEOPLE = SHARDS.flatMap((shard) => [0, 1, 2].map((nth) => idIn(shard, "principal:p", nth)));

/** A node as the rules alone make it: what it holds of each shard, and every version that it ever held. */
class Node {
  readonly own: string;
  readonly held = new Map<number, HeldList>();
  readonly versions = new Map<number, bigint[]>();

  constructor(own: string) {
    this.own = own;
  }

  push(list: RevocationList): boolean {
    const { shard, version, revoked } = list;
    const digest = `${version} ${revoked.join(" ")}`;
    const faults = listFaults(
      { list, digest },
      {
        deployment: DEPLOYMENT,
        shard,
        own: [this.own],
        held: this.held.get(shard) ?? null,
        sinceMs: null,
      },
    );
    if (faults.length > 0) return false;
    this.held.set(shard, { version, digest, revoked: new Set(revoked) });
    this.versions.set(shard, [...(this.versions.get(shard) ?? []), version]);
    return true;
  }

  has(id: string): boolean {
    return [...this.held.values()].some(({ revoked }) => revoked?.has(id) === true);
  }
}

const anyList = fc
  .record({
    shard: fc.constantFrom(0, 1),
    version: fc.bigInt({ min: 1n, max: 12n }),
    ids: fc.subarray([...NODES, ...PEOPLE], { minLength: 0 }),
  })
  .map(({ shard, version, ids }) => {
    const name = SHARDS[shard] ?? 11;
    const half = new Set([...NODES, ...PEOPLE].filter((_id, at) => inShard(at) === name));
    return listOf(
      ids.filter((id) => half.has(id)),
      { shard: name, version },
    );
  });

/** The nodes come first, two of each shard, then the people, three of each. */
function inShard(at: number): number {
  const nth = at < NODES.length ? Math.floor(at / 2) : Math.floor((at - NODES.length) / 3);
  return SHARDS[nth] ?? 0;
}

test("no order of pushes makes a node take its own revocation, an older list, or anything back", () => {
  fc.assert(
    fc.property(fc.array(anyList, { maxLength: 40 }), (pushes) => {
      const nodes = NODES.map((own) => new Node(own));
      for (const node of nodes) {
        const seen = new Set<string>();
        for (const list of pushes) {
          if (node.push(list)) for (const id of list.revoked) seen.add(id);
          expect(node.has(node.own)).toBe(false);
          expect([...seen].every((id) => node.has(id))).toBe(true);
        }
        for (const versions of node.versions.values()) {
          expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => (a < b ? -1 : 1)));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("whatever is pushed, half of two halves keeps its last good list of each shard", () => {
  fc.assert(
    fc.property(fc.array(anyList, { maxLength: 20 }), fc.bigInt(13n, 20n), (pushes, version) => {
      const nodes = NODES.map((own) => new Node(own));
      for (const list of pushes) for (const node of nodes) node.push(list);
      for (const shard of SHARDS) {
        const before = nodes.map((node) => node.held.get(shard));
        const all = [...NODES, ...PEOPLE].filter((_id, at) => inShard(at) === shard);
        const takers = nodes.filter((node) => node.push(listOf(all, { shard, version })));
        const kept = nodes.filter((node) => !takers.includes(node));
        expect(kept.map(({ own }) => own)).toEqual(
          NODES.filter((_id, at) => inShard(at) === shard),
        );
        for (const node of kept) expect(node.held.get(shard)).toBe(before[nodes.indexOf(node)]);
      }
    }),
    { numRuns: 200 },
  );
});

test("a credential is one text, whichever kind it is", () => {
  expect(credentialId({ kind: "NODE", name: "north" })).toBe("node:north");
  expect(credentialId({ kind: "PRINCIPAL", name: "ann" })).toBe("principal:ann");
  expect(credentialId({ kind: "KEY", fingerprint: "SHA256:x" })).toBe("key:SHA256:x");
});
