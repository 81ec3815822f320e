import { createHash } from "node:crypto";
import { type Revised, openPacket, revise } from "#gate/revise.ts";
import { arranged } from "#ledger/arranged.ts";
import { bodyBytes, readBody } from "#ledger/document.ts";
import { readFact } from "#ledger/factForm.ts";
import { readContent } from "#ledger/sourceShelf.ts";
import type { Occurrence, PacketOpened } from "#packet/fact.ts";
import { Manifest } from "#packet/manifest.ts";
import type { AcceptedSource } from "#packet/source.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { type Figure, interleave } from "./measure.ts";
import { commitment, contentsOf, opening, sourceBytes } from "./train.ts";

const ARTIFACTS = 10_000;
const PEER = "JSON.parse and SHA-256 of the same stored bytes";

/** A packet as it is stored: its sources' contents, and the body of its opening. */
interface Stored {
  readonly sources: readonly Uint8Array[];
  readonly body: Uint8Array;
}

function store(withEntries: boolean): Stored {
  const occurrence = opening(ARTIFACTS);
  const fact = withEntries ? occurrence.fact : { ...occurrence.fact, entries: [] };
  const bare: Revised = openPacket({ ...occurrence, fact });
  // The transitions of a body are records that nobody reads to judge again.
  const body = bodyBytes({ ...bare, opened: [], cleared: [], outOfScope: [], amended: [] });
  return { sources: sourceBytes(ARTIFACTS), body };
}

/** From stored bytes to a judged packet: read, revive, fold, judge everything. */
function evaluate({ sources, body }: Stored): Revised {
  const contents = new Map(
    sources.map((bytes) => {
      const content = readContent(bytes);
      return [content.kind, content] as const;
    }),
  );
  const { actor, fact } = readBody(body);
  const read = readFact(fact, (receipt): AcceptedSource => {
    const content = contents.get(receipt.kind);
    if (content === undefined) throw new Error(`no ${receipt.kind} is stored`);
    return { ...receipt, content };
  });
  if (read.kind !== "PACKET_OPENED") throw new Error("the body is not an opening");
  const occurrence: Occurrence<PacketOpened> = { fact: read, actor, epoch: 0n };
  return openPacket(occurrence);
}

function parseAndHash({ sources, body }: Stored): void {
  for (const bytes of [...sources, body]) {
    JSON.parse(Buffer.from(bytes).toString("utf8"));
    createHash("sha256").update(bytes).digest();
  }
}

function sizeOf({ sources, body }: Stored): number {
  return sources.reduce((sum, bytes) => sum + bytes.length, body.length);
}

const rounds = { warmUp: 3, counted: 15 };

/** A cold evaluation of everything. */
export const evaluation: Figure = {
  name: "evaluation",
  what: `a READY packet of ${ARTIFACTS} artifacts with 30,000 checks, read from its stored bytes and judged`,
  peer: PEER,
  limit: { atMost: 4 },
  async run() {
    const stored = store(true);
    const { status } = evaluate(stored).state;
    if (status !== "READY_FOR_APPROVAL") throw new Error(`the packet is ${status}`);
    const times = await interleave(
      rounds,
      () => evaluate(stored),
      () => parseAndHash(stored),
    );
    return { ...times, settings: { artifacts: ARTIFACTS, bytes: sizeOf(stored) } };
  },
};

/** The manifest by itself, without any evidence: every artifact opens its holds. */
export const evaluationManifest: Figure = {
  name: "evaluation-manifest",
  what: `a packet of ${ARTIFACTS} artifacts without a single check, so that 20,000 holds open`,
  peer: PEER,
  limit: null,
  async run() {
    const stored = store(false);
    const { openHolds } = evaluate(stored).state;
    const times = await interleave(
      rounds,
      () => evaluate(stored),
      () => parseAndHash(stored),
    );
    return { ...times, settings: { artifacts: ARTIFACTS, bytes: sizeOf(stored), openHolds } };
  },
};

/** One signer withdraws and comes back. */
export const reevaluation: Figure = {
  name: "reevaluation",
  what: `one signer drifts in a READY packet of ${ARTIFACTS} artifacts`,
  peer: PEER,
  limit: { atMost: 0.15 },
  async run() {
    const stored = store(true);
    const { state } = evaluate(stored);
    const actor = { actor: "probe", kind: "SYSTEM" } as const;
    const drift = (): Revised =>
      revise(state, {
        fact: { kind: "ENTRIES_RECORDED", entries: [commitment("ana", "late", "WITHDRAWN")] },
        actor,
        epoch: 1n,
      });
    if (drift().state.revision !== 2) throw new Error("the drift was not judged");
    const times = await interleave({ warmUp: 20, counted: 50 }, drift, () => parseAndHash(stored));
    return { ...times, settings: { artifacts: ARTIFACTS } };
  },
};

/** What only happens once, when a manifest arrives. */
export const intake: Figure = {
  name: "intake",
  what: `a manifest of ${ARTIFACTS} artifacts validated and brought to its canonical form`,
  peer: "JSON.parse and SHA-256 of its canonical form",
  limit: null,
  async run() {
    const manifest = contentsOf(ARTIFACTS).MANIFEST;
    const bytes = canonicalBytes(arranged(manifest));
    const peer = (): void => parseAndHash({ sources: [], body: bytes });
    const subject = (): Uint8Array => canonicalBytes(arranged(Manifest.parse(manifest)));
    const times = await interleave(rounds, subject, peer);
    return { ...times, settings: { artifacts: ARTIFACTS, bytes: bytes.length } };
  },
};
