import { createHash, randomBytes, randomUUID } from "node:crypto";
import { v7 } from "uuid";
import type { Actor } from "#packet/actor.ts";
import type { PacketReport, SharedReport } from "#packet/entry.ts";
import { sharedSubjectOf } from "#gate/dependencies.ts";
import type { EntriesRecorded } from "#packet/fact.ts";
import { Refusal } from "#packet/refusal.ts";
import { AuthorityKind, type ContentOf, SourceKind, type Sources } from "#packet/source.ts";
import type { Lines } from "#database/connect.ts";
import type { PacketState } from "#gate/state.ts";
import type { Asker } from "#ledger/asker.ts";
import type { Appended, Ledger, OpenRequest, ReportRequest, TrainKey } from "#ledger/ledger.ts";
import type { Moment } from "#ledger/moment.ts";
import { openLedger } from "#ledger/openLedger.ts";

/** One epoch a second, as fast as the backstop lets it. */
export const RATE = { epochMs: 1000, tickGapMaxMs: 3_600_000 };

const person = (actor: string): Actor => ({ actor, kind: "PERSON", roles: [] });

export const PREPARER = person("paula");
export const OWNER = person("olga");
export const REPORTER = person("rita");
export const UPSTREAM = person("upstream");
/** Of release security, who proposes lanes. */
export const RUTH = person("ruth");
export const ROBOT: Actor = { actor: "robot", kind: "SYSTEM", roles: [] };

/** The digest of a word, standing for the file of that name. */
export function digestOf(word: string): string {
  return `sha256:${createHash("sha256").update(word).digest("hex")}`;
}

const START = "2026-11-21T18:00:00.000Z";
const LAST = 1_000_000n;
const END = new Date(Date.parse(START) + (Number(LAST) + 1) * 1000).toISOString();
const whole = { startsAt: START, endsAt: END, first: 0n, last: LAST };
const mapping = { anchorEpoch: 0n, anchorAt: START, epochMs: 1000, generation: 0 };

const release = {
  release: "r1",
  digest: digestOf("r1"),
  svn: 2,
  masvn: 1,
  denied: [],
  trustedKeys: [],
  signedBy: [],
};

/** What a small world's sources say: one shift, one artifact, one enclave, nothing ages soon. */
export function contents(train: string): { readonly [K in SourceKind]: ContentOf<K> } {
  const age = 500_000n;
  return {
    APPROVAL_LANE: {
      kind: "APPROVAL_LANE",
      owner: OWNER.actor,
      authorities: AuthorityKind.options.map((kind) => ({ kind, authority: UPSTREAM.actor })),
    },
    OUTAGE_DECLARATION: {
      kind: "OUTAGE_DECLARATION",
      declaration: "outage-1",
      status: "DECLARED",
      services: ["signing"],
      fallbackTrains: [train],
    },
    TRUSTED_BRANCH: {
      kind: "TRUSTED_BRANCH",
      repository: "firmware",
      branch: "release-6",
      commit: "c".repeat(40),
    },
    MANIFEST: manifestOf(["app"]),
    REPRODUCIBILITY_POLICY: {
      kind: "REPRODUCIBILITY_POLICY",
      rebuilders: [REPORTER.actor],
      minRebuilders: 1,
    },
    ROLLBACK_SCOPE: {
      kind: "ROLLBACK_SCOPE",
      packages: [{ package: "back", component: "boot", release }],
      trainReleases: [{ component: "boot", release: { ...release, release: "r2" } }],
      minCustodians: 1,
    },
    REQUIRED_ENCLAVES: {
      kind: "REQUIRED_ENCLAVES",
      enclaves: [{ enclave: "vault", measurement: digestOf("measured") }],
      requiredEnclaves: 1,
    },
    ROSTER: {
      kind: "ROSTER",
      people: [
        { person: "sam", roles: ["SIGNER"], custodyGroup: "east" },
        { person: "cid", roles: ["CUSTODIAN"], custodyGroup: "west" },
      ],
    },
    SHIFT_CALENDAR: {
      kind: "SHIFT_CALENDAR",
      shifts: [{ shift: "day", ...whole }],
      noSigning: [],
      mapping,
    },
    QUORUM_POLICY: {
      kind: "QUORUM_POLICY",
      seats: [{ role: "SIGNER", count: 1 }],
      minCustodyGroups: 1,
      handoverEpochs: 0n,
    },
    FRESHNESS_POLICY: {
      kind: "FRESHNESS_POLICY",
      digestMaxAge: age,
      reproducibilityMaxAge: age,
      attestationMaxAge: age,
      availabilityMaxAge: age,
      custodyMaxAge: age,
      safeguardMaxAge: age,
      quarantineMaxAge: age,
      absenceMaxAge: age,
    },
    PUBLICATION_SCOPE: {
      kind: "PUBLICATION_SCOPE",
      targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE"] }],
    },
    ACCEPTED_REPORTERS: {
      kind: "ACCEPTED_REPORTERS",
      accepted: [
        "DIGEST_CONFIRMATION" as const,
        "REPRODUCIBILITY_CHECK" as const,
        "AVAILABILITY" as const,
        "CUSTODY" as const,
        "SAFEGUARD" as const,
        "OBSERVATION" as const,
        "QUARANTINE" as const,
        "ENCLAVE_REPORT" as const,
      ].map((kind) => ({ kind, reporters: [REPORTER.actor, ROBOT.actor] })),
    },
    SHIPMENT_WINDOW: { kind: "SHIPMENT_WINDOW", ...whole, mapping },
  };
}

/** A manifest of artifacts whose digests are those of their names. */
export function manifestOf(names: readonly string[]): ContentOf<"MANIFEST"> {
  const artifacts = names.map((name) => ({
    name,
    digest: digestOf(name),
    size: 1,
    targets: ["registry"],
  }));
  return { kind: "MANIFEST", artifacts };
}

/** What makes the small world's packet READY_FOR_APPROVAL, but for the enclave. */
export function goodNews(artifacts: readonly string[] = ["app"]): PacketReport[] {
  return [
    ...artifacts.flatMap((name) => [confirmation(name), rebuild(name)]),
    availability("sam", "COMMITTED"),
    availability("cid", "COMMITTED"),
    {
      kind: "CUSTODY",
      package: "back",
      custodian: "cid",
      status: "HELD",
      digest: digestOf("r1"),
      observed: digestOf("r1"),
      seal: "seal-7",
    },
    { kind: "SAFEGUARD", target: "registry", safeguard: "REGISTRY_RELEASE", status: "ENGAGED" },
  ];
}

function confirmation(name: string, observed = name): PacketReport {
  const digest = digestOf(name);
  return { kind: "DIGEST_CONFIRMATION", artifact: name, digest, observed: digestOf(observed) };
}

function rebuild(name: string): PacketReport {
  const digest = digestOf(name);
  return { kind: "REPRODUCIBILITY_CHECK", artifact: name, digest, observed: digest };
}

export function availability(name: string, status: "COMMITTED" | "WITHDRAWN"): PacketReport {
  return { kind: "AVAILABILITY", person: name, shift: "day", status };
}

export function enclave(name: string, sealing: "SEALED" | "UNSEALED" = "SEALED"): SharedReport {
  const measurement = digestOf("measured");
  const seal = sealing === "SEALED" ? "seal-1" : null;
  return {
    kind: "ENCLAVE_REPORT",
    enclave: name,
    availability: "AVAILABLE",
    sealing,
    seal,
    measurement,
  };
}

/** A request's asker under a key of its own unless one is given. */
export function asking(actor: Actor, verb: string, key: string = randomUUID(), input = "i"): Asker {
  return { actor, verb, idempotencyKey: key, input };
}

/** Makes reports into entries, as the gate does. */
export function entriesOf<R extends PacketReport | SharedReport>(
  reports: readonly R[],
  { actor, epoch }: { readonly actor: Actor; readonly epoch: bigint },
  reportNumber: bigint | null = null,
) {
  return reports.map((report) => ({
    ...report,
    entry: v7(),
    reporter: actor.actor,
    reporterKind: actor.kind,
    observedEpoch: epoch,
    recordedEpoch: epoch,
    reportNumber,
  }));
}

/** A ledger on a database, as one process has it. */
export function ledgerOn(
  database: Lines,
  announce: (moved: readonly { packet: string; revision: number }[]) => void = () => undefined,
): Promise<Ledger> {
  const newSalt = (): Uint8Array => randomBytes(32);
  return openLedger({ database, rate: RATE, newId: v7, newSalt, announce });
}

/** What is answered when it must not be a refusal. */
export function granted<T>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
}

/** Accepts one source. */
export async function accept(ledger: Ledger, key: TrainKey, content: ContentOf<SourceKind>) {
  const proposedBy = content.kind === "APPROVAL_LANE" ? "ruth" : null;
  const asker = asking(UPSTREAM, "sourceAccept");
  return granted(
    await ledger.acceptSource({ ...key, asker, decide: () => ({ content, proposedBy }) }),
  );
}

/** Accepts every source of a train, other contents in place of some. */
export async function acceptAll(
  ledger: Ledger,
  key: TrainKey,
  changed: Partial<{ readonly [K in SourceKind]: ContentOf<K> }> = {},
): Promise<void> {
  const all = { ...contents(key.train), ...changed };
  for (const kind of SourceKind.options) await accept(ledger, key, all[kind]);
}

/** A request to open the packet of a train, by whoever reports all of this with it. */
export function opening(
  key: TrainKey,
  reports: readonly PacketReport[] = [],
  succeeds: string | null = null,
): OpenRequest {
  return {
    ...key,
    asker: asking(REPORTER, "packetOpen"),
    decide: (train, { epoch, clock }) => ({
      kind: "PACKET_OPENED",
      packet: train.newPacket,
      train: train.train,
      exercise: train.exercise,
      succeeds,
      bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
      // Whatever stands here: the ledger puts in what it knows.
      sources: train.sources as Sources,
      entries: entriesOf(reports, { actor: REPORTER, epoch }),
      clock: { frozen: clock.frozen, generation: clock.generation },
    }),
  };
}

/** Opens the packet of a train whose sources are accepted. */
export async function open(
  ledger: Ledger,
  key: TrainKey,
  reports: readonly PacketReport[] = [],
): Promise<Appended> {
  return granted(await ledger.open(opening(key, reports)));
}

/** A decision to record these reports. */
export function recording(
  reports: readonly PacketReport[],
  actor: Actor = REPORTER,
  number?: bigint,
) {
  return (_head: PacketState, { epoch }: Moment): EntriesRecorded => ({
    kind: "ENTRIES_RECORDED",
    entries: entriesOf(reports, { actor, epoch }, number ?? null),
  });
}

/** Records reports about a packet's own subjects. */
export async function record(
  ledger: Ledger,
  packet: string,
  reports: readonly PacketReport[],
): Promise<Appended> {
  const asker = asking(REPORTER, "readinessRecord");
  return granted(await ledger.append({ packet, asker, decide: recording(reports) }));
}

/** A request to report on shared subjects. */
export function reporting(exercise: boolean, reports: readonly SharedReport[]): ReportRequest {
  return {
    exercise,
    asker: asking(REPORTER, "sharedRecord"),
    subjects: reports.map(sharedSubjectOf),
    decide: (_shared, { epoch }) => entriesOf(reports, { actor: REPORTER, epoch }),
  };
}

/** Reports on shared subjects. */
export async function report(ledger: Ledger, exercise: boolean, reports: readonly SharedReport[]) {
  return granted(await ledger.report(reporting(exercise, reports)));
}

/** A packet that is READY_FOR_APPROVAL, of a train of its own. */
export async function readyPacket(ledger: Ledger, train: string, exercise = false) {
  const key = { exercise, train };
  await acceptAll(ledger, key);
  await report(ledger, exercise, [enclave("vault")]);
  return open(ledger, key, goodNews());
}

/** The packet's state, which must be there. */
export async function stateOf(ledger: Ledger, packet: string): Promise<PacketState> {
  const seen = await ledger.state(packet);
  if (seen === null) throw new Error(`there is no packet ${packet}`);
  return seen.state;
}
