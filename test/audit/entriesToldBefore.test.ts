import { expect, test } from "vitest";
import { JudgementCheck } from "#audit/judgementCheck.ts";
import { Signatures } from "#audit/signatures.ts";
import { openPacket, revise } from "#gate/revise.ts";
import { arranged } from "#ledger/arranged.ts";
import { type Folded, draftRevision } from "#ledger/draft.ts";
import type { Actor } from "#packet/actor.ts";
import type { Entry, PacketReport, SharedReport } from "#packet/entry.ts";
import type { Fact, PacketOpened } from "#packet/fact.ts";
import {
  type AcceptedSource,
  type SourceContent,
  SourceKind,
  type Sources,
} from "#packet/source.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { exercise } from "../gate/reports.ts";
import {
  PREPARER,
  REPORTER,
  UPSTREAM,
  availability,
  contents,
  digestOf,
  enclave,
  entriesOf,
} from "../ledger/trainWorld.ts";

const identity = {
  deployment: "019a0000-0000-7000-8000-00000000000d",
  packet: "019a0000-0000-7000-8000-00000000000a",
  exercise: false,
  train: "train-1",
  salt: Buffer.alloc(32, 7),
};
const AT = new Date("2026-11-21T18:00:00.123Z");

function accepted(content: SourceContent, version: number, acceptedEpoch: bigint): AcceptedSource {
  const { kind } = content;
  const digest = `sha256:${sha256Hex(canonicalBytes(arranged(content)))}`;
  const proposedBy = kind === "APPROVAL_LANE" ? "ruth" : null;
  const receipt = { kind, version, digest, acceptedBy: UPSTREAM.actor, proposedBy, acceptedEpoch };
  return { ...receipt, content };
}

const SCOPE = contents("train-1");
const FIRST = SourceKind.options.map((kind) => accepted(SCOPE[kind], 1, 0n));
const { enclaves } = SCOPE.REQUIRED_ENCLAVES;
const SPARE = accepted(
  {
    kind: "REQUIRED_ENCLAVES",
    enclaves: [...enclaves, { enclave: "spare", measurement: digestOf("measured") }],
    requiredEnclaves: 1,
  },
  2,
  4n,
);

function opened(entries: readonly Entry[]): PacketOpened {
  const { packet, train, exercise: isExercise } = identity;
  return {
    kind: "PACKET_OPENED",
    packet,
    train,
    exercise: isExercise,
    succeeds: null,
    bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
    sources: Object.fromEntries(
      FIRST.map((source) => [source.kind, source]),
    ) as Partial<Sources> as Sources,
    entries,
    clock: { frozen: false, generation: 0 },
  };
}

/** Entries as they were recorded at epoch 2 by another than whoever acts later. */
function earlier(report: PacketReport | SharedReport, receipt: Partial<Entry> = {}): Entry[] {
  const told: readonly Entry[] = entriesOf([report], { actor: REPORTER, epoch: 2n });
  return told.map((entry) => ({ ...entry, ...receipt }) as Entry);
}

/** What is found of a packet that is opened at epoch 3 and told of another enclave at epoch 4. */
function findingOf(atOpening: readonly Entry[], withSource: readonly Entry[]): string | null {
  const steps: readonly (readonly [Fact, Actor, bigint])[] = [
    [opened(atOpening), PREPARER, 3n],
    [{ kind: "SOURCE_ACCEPTED", source: SPARE, entries: withSource }, UPSTREAM, 4n],
  ];
  const check = new JudgementCheck(identity, new Signatures(null));
  const resolve = ({ kind, version }: { kind: SourceKind; version: number }): AcceptedSource => {
    const found = [...FIRST, SPARE].find((each) => each.kind === kind && each.version === version);
    if (found === undefined) throw new Error(`no ${kind} of version ${version}`);
    return found;
  };
  let before: Folded | null = null;
  for (const [fact, { actor, kind }, epoch] of steps) {
    const occurrence = { actor: { actor, kind }, epoch };
    const revised =
      fact.kind === "PACKET_OPENED" || before === null
        ? openPacket({ ...occurrence, fact: opened(atOpening) })
        : revise(before.state, { ...occurrence, fact });
    const { draft, folded }: ReturnType<typeof draftRevision> = draftRevision(
      identity,
      before,
      revised,
      AT,
    );
    before = folded;
    const found = check.next(draft, resolve);
    if (found === null) continue;
    return `${found.kind} ${found.place.revision} ${found.place.column} ${found.found}`;
  }
  return null;
}

test("what was told before is taken over, whoever acts and whoever told it", () => {
  expect(findingOf(earlier(enclave("vault")), earlier(enclave("spare")))).toBeNull();
});

test.each<readonly [string, readonly Entry[], readonly Entry[], string]>([
  [
    "a packet's own entry comes with no source",
    [],
    earlier(availability("sam", "COMMITTED")),
    "EXTRA 2 body.fact.entries.0.kind AVAILABILITY",
  ],
  [
    "with a source comes nothing of what the packet depended on already",
    [],
    [...earlier(enclave("spare")), ...earlier(enclave("vault"))],
    "EXTRA 2 body.fact.entries.1.kind ENCLAVE_REPORT",
  ],
  [
    "what is told with a source was observed before it was recorded",
    [],
    earlier(enclave("spare"), { observedEpoch: 3n }),
    "ORDER 2 body.fact.entries.0.observedEpoch 3",
  ],
  [
    "and recorded before it is told",
    [],
    earlier(enclave("spare"), { recordedEpoch: 5n }),
    "ORDER 2 body.fact.entries.0.recordedEpoch 5",
  ],
  [
    "what is told at the opening was observed before it was recorded",
    earlier(enclave("vault"), { observedEpoch: 2n ** 60n }),
    [],
    "ORDER 1 body.fact.entries.0.observedEpoch 1152921504606846976",
  ],
  [
    "an exercise is nobody else's",
    earlier(exercise("olga")),
    [],
    "ENTITLEMENT 1 body.fact.entries.0.reporter rita",
  ],
])("%s", (_rule, atOpening, withSource, found) => {
  expect(findingOf(atOpening, withSource)).toBe(found);
});
