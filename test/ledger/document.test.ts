import { describe, expect, test } from "vitest";
import type { Fact, Occurrence, PacketOpened } from "#packet/fact.ts";
import type { AcceptedSource, SourceKind, SourceReceipt, Sources } from "#packet/source.ts";
import { openPacket, revise, type Revised } from "#gate/revise.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { MerkleMap } from "#proof/merkleMap.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { sealLeaf } from "#proof/saltedLeaf.ts";
import { arranged } from "#ledger/arranged.ts";
import { FACT_KINDS } from "#ledger/causes.ts";
import { bodyCommitment, readBody, readHeader } from "#ledger/document.ts";
import { type Draft, type Folded, draftRevision } from "#ledger/draft.ts";
import { readFact } from "#ledger/factForm.ts";
import { LineageBroken } from "#ledger/fault.ts";
import { foldRevision, requireHead } from "#ledger/fold.ts";
import { SECTIONS, changedLeaves, rootsOf } from "#ledger/sections.ts";
import {
  OWNER,
  PREPARER,
  REPORTER,
  availability,
  contents,
  enclave,
  entriesOf,
  goodNews,
  manifestOf,
} from "./trainWorld.ts";

const salt = Buffer.alloc(32, 7);
const identity = {
  deployment: "019a0000-0000-7000-8000-00000000000d",
  packet: "019a0000-0000-7000-8000-00000000000a",
  exercise: false,
  train: "train-1",
  salt,
};
const AT = new Date("2026-11-21T18:00:00.123Z");

function accepted(kind: SourceKind, version = 1): AcceptedSource {
  const content =
    kind === "MANIFEST" && version > 1 ? manifestOf(["app", "lib"]) : contents("train-1")[kind];
  const digest = `sha256:${sha256Hex(canonicalBytes(arranged(content)))}`;
  const proposedBy = kind === "APPROVAL_LANE" ? "ruth" : null;
  return { kind, version, digest, acceptedBy: "upstream", proposedBy, acceptedEpoch: 0n, content };
}

const kinds = Object.keys(contents("train-1")) as SourceKind[];
const sources = Object.fromEntries(kinds.map((kind) => [kind, accepted(kind)])) as Partial<Sources>;
const at = { actor: REPORTER, epoch: 3n };

const opening: PacketOpened = {
  kind: "PACKET_OPENED",
  packet: identity.packet,
  train: "train-1",
  exercise: false,
  succeeds: null,
  bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
  sources: sources as Sources,
  entries: entriesOf([...goodNews(), enclave("vault")], { ...at, epoch: 1n }, 2n ** 62n),
  clock: { frozen: false, generation: 0 },
};

const digest = "d".repeat(64);

/** One fact of each kind, in an order in which a packet may meet them. */
const FACTS: readonly Fact[] = [
  opening,
  { kind: "ENTRIES_RECORDED", entries: entriesOf([availability("sam", "WITHDRAWN")], at) },
  { kind: "ENTRIES_RECORDED", entries: entriesOf([availability("sam", "COMMITTED")], at) },
  { kind: "SOURCE_ACCEPTED", source: accepted("MANIFEST", 2), entries: [] },
  { kind: "ESCALATION_ACKNOWLEDGED", note: "seen" },
  { kind: "PACKET_BOUND", bindings: { ...opening.bindings, MANIFEST: 2 } },
  { kind: "SOURCE_ACCEPTED", source: { ...accepted("MANIFEST"), version: 3 }, entries: [] },
  { kind: "PACKET_BOUND", bindings: { ...opening.bindings, MANIFEST: 3 } },
  { kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "look again" },
  { kind: "OPERATOR_HOLD_RELEASED", placement: 1, reason: "looked" },
  { kind: "PACKET_REJECTED", reason: "why the new manifest?" },
  { kind: "PACKET_RESUBMITTED", answer: "a rebuilt library" },
  { kind: "PACKET_APPROVED", revision: 12, digest },
  { kind: "CLOCK_CHANGED", change: "TICKER_GAP", clock: { frozen: false, generation: 1 } },
  { kind: "EPOCH_REACHED" },
  { kind: "PACKET_WITHDRAWN", reason: "over" },
];

const actors: Partial<Record<Fact["kind"], Occurrence["actor"]>> = {
  PACKET_OPENED: PREPARER,
  PACKET_APPROVED: OWNER,
};

interface Written {
  readonly drafts: readonly Draft[];
  readonly revisions: readonly Revised[];
  readonly folded: Folded;
}

function write(): Written {
  const drafts: Draft[] = [];
  const revisions: Revised[] = [];
  let folded: Folded | null = null;
  for (const [index, fact] of FACTS.entries()) {
    const { actor, kind } = actors[fact.kind] ?? REPORTER;
    const occurrence = { actor: { actor, kind }, epoch: BigInt(index + 1) };
    const revised: Revised =
      folded === null
        ? openPacket({ ...occurrence, fact: opening })
        : revise(folded.state, { ...occurrence, fact });
    const next: { draft: Draft; folded: Folded } = draftRevision(identity, folded, revised, AT);
    drafts.push(next.draft);
    revisions.push(revised);
    folded = next.folded;
  }
  if (folded === null) throw new Error("no facts");
  return { drafts, revisions, folded };
}

const shelf = new Map(
  [...kinds.map((kind) => accepted(kind)), accepted("MANIFEST", 2)].map((source) => [
    source.digest,
    source.content,
  ]),
);
const resolve = (receipt: SourceReceipt): AcceptedSource => {
  const content = shelf.get(receipt.digest);
  if (content === undefined) throw new Error(`no ${receipt.kind}`);
  return { ...receipt, content };
};

const { drafts, revisions, folded } = write();

test("the facts of these tests are of every kind", () => {
  expect(new Set(FACTS.map((fact) => fact.kind))).toEqual(new Set(Object.values(FACT_KINDS)));
});

describe("rule 3.7: a revision's bytes", () => {
  test.each(FACTS.map((fact, index) => [index + 1, fact] as const))(
    "of revision %i say the very fact that was written",
    (number, fact) => {
      const draft = drafts[number - 1];
      const body = readBody(draft?.body ?? new Uint8Array());
      expect(readFact(body.fact, resolve)).toEqual(fact);
      expect(body.actor).toEqual(draft?.actor);
    },
  );

  test("fold again to the same document, byte for byte", () => {
    let again: Folded | null = null;
    for (const draft of drafts) {
      again = foldRevision(identity, again, draft, resolve);
      requireHead(again, draft);
    }
    expect(again?.digest).toBe(folded.digest);
    expect(again?.state.register.toArray()).toEqual(folded.state.register.toArray());
    expect(again?.state.status).toBe("CLOSED");
  });

  test("are the same whoever writes them, and others under another salt or deployment", () => {
    expect(write().drafts.map((draft) => draft.digest)).toEqual(drafts.map((each) => each.digest));
    const other = draftRevision(
      { ...identity, deployment: identity.packet },
      null,
      revisions[0] ?? openPacket({ fact: opening, actor: PREPARER, epoch: 1n }),
      AT,
    );
    expect(other.draft.digest).not.toBe(drafts[0]?.digest);
  });
});

describe("a header", () => {
  test("chains its predecessor and commits to its body", () => {
    for (const [index, draft] of drafts.entries()) {
      const header = readHeader(draft.header);
      expect(sha256Hex(draft.header)).toBe(draft.digest);
      expect(header).toMatchObject({
        format: "holdfast/revision/1",
        number: index + 1,
        predecessor: drafts[index - 1]?.digest ?? null,
        body: bodyCommitment(salt, index + 1, draft.body),
        epoch: BigInt(index + 1),
        at: "2026-11-21T18:00:00.123Z",
        cause: FACTS[index]?.kind,
      });
    }
  });

  test("names no person, artifact or place, so that it can be shown whole", () => {
    for (const draft of drafts) {
      const text = Buffer.from(draft.header).toString("utf8");
      for (const name of ["paula", "olga", "rita", "sam", "app", "vault", "registry", "train-1"]) {
        expect(text).not.toContain(`"${name}"`);
      }
    }
  });

  test("is found out when a single byte of it or of its body is another", () => {
    const [first] = drafts;
    if (first === undefined) throw new Error("no draft");
    const flip = (bytes: Uint8Array, index: number): Uint8Array => {
      const copy = Uint8Array.from(bytes);
      copy[index] = (copy[index] ?? 0) ^ 1;
      return copy;
    };
    for (let index = 0; index < first.header.length; index += 7) {
      const row = { ...first, header: flip(first.header, index) };
      expect(() => foldRevision(identity, null, row, resolve)).toThrow(LineageBroken);
    }
    for (let index = 0; index < first.body.length; index += 101) {
      const row = { ...first, body: flip(first.body, index) };
      expect(() => foldRevision(identity, null, row, resolve)).toThrow(LineageBroken);
    }
  });
});

describe("the sections", () => {
  test("have the roots that the newest leaf of each subject gives, however they came about", () => {
    const leaves = new Map<string, { section: string; key: Uint8Array; leaf: Uint8Array }>();
    for (const [index, revised] of revisions.entries()) {
      const before = revisions[index - 1]?.state ?? null;
      for (const { section, subject, value } of changedLeaves(before, revised)) {
        const bytes = canonicalBytes(arranged({ ...value, revision: index + 1 }));
        const { key, commitment } = sealLeaf(salt, section, subject, bytes);
        leaves.set(`${section} ${subject}`, { section, key, leaf: commitment });
      }
    }
    for (const section of SECTIONS) {
      const map = [...leaves.values()]
        .filter((leaf) => leaf.section === section)
        .reduce((map, { key, leaf }) => map.set(key, leaf), MerkleMap.empty);
      expect(folded.sections[section].root()).toEqual(map.root());
      expect(map.size).toBe(folded.sections[section].size);
    }
    expect(Object.keys(rootsOf(folded.sections))).toEqual([...SECTIONS]);
  });

  test("hold every source and binding, every reporter's newest entry, every hold and decision", () => {
    expect(folded.sections.sources.size).toBe(kinds.length + 4 + 2);
    expect(folded.sections.holds.size).toBe(folded.state.register.size);
    const entries = folded.state.facts.evidence.valuesArray().flat();
    expect(folded.sections.entries.size).toBe(entries.length);
    // Seven decisions, and how the approval stands.
    expect(folded.sections.decisions.size).toBe(8);
  });

  test("change only where the revision changed something", () => {
    const touched = revisions.map((revised, index) =>
      changedLeaves(revisions[index - 1]?.state ?? null, revised).map((leaf) => leaf.section),
    );
    expect(touched[1]).toEqual(["entries", "holds"]);
    expect(touched[4]).toEqual(["decisions"]);
    expect(touched[14]?.filter((section) => section !== "holds")).toEqual([]);
  });
});

describe("the canonical arrangement", () => {
  test("orders members, leaves out absent ones and writes 64 bits as decimals", () => {
    const value = { b: 2n ** 63n - 1n, a: [{ z: undefined, y: null }], c: undefined };
    expect(JSON.stringify(arranged(value))).toBe('{"a":[{"y":null}],"b":"9223372036854775807"}');
  });

  test("refuses what is more than its members", () => {
    for (const value of [new Map(), new Date(0), { deep: [new Set()] }]) {
      expect(() => arranged(value)).toThrow(TypeError);
    }
  });

  test("is what the stored bytes say", () => {
    for (const draft of drafts) {
      for (const bytes of [draft.header, draft.body]) {
        expect(Buffer.from(canonicalBytes(parseStored(bytes)))).toEqual(Buffer.from(bytes));
      }
    }
  });
});
