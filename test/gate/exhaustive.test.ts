import { describe, expect, test } from "vitest";
import type { Entry, Report } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Fact } from "#packet/fact.ts";
import { Refusal } from "#packet/refusal.ts";
import { decideApprove, decideReject } from "#gate/decide/approval.ts";
import { decidePlace, decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { type Revised, openPacket, revise } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import { openHolds } from "#gate/view.ts";
import { digestOfRevision } from "./named.ts";
import { type Memory, watch } from "./onlooker.ts";
import {
  CONTENTS,
  OPENS_AT,
  OWNER,
  accepted,
  artifact,
  calendar,
  digestOf,
  enclaveReport,
  person,
  rosterPerson,
  shift,
  sourcesWith,
  window,
} from "./train.ts";

/**
 * A world so small that everything that can happen in it in so many steps is tried: one
 * artifact, one enclave, one signer, one custodian, one shift, a window of four epochs, and
 * confirmations that count for one epoch only.
 */
const STEPS = process.env["HOLDFAST_HISTORIES"] === undefined ? 5 : 6;

const LONG = 1000n;
const TINY = [
  { kind: "MANIFEST" as const, artifacts: [artifact("app")] },
  {
    kind: "REQUIRED_ENCLAVES" as const,
    enclaves: [{ enclave: "north", measurement: digestOf("good") }],
    requiredEnclaves: 1,
  },
  {
    kind: "ROSTER" as const,
    people: [rosterPerson("ana", ["SIGNER"], "red"), rosterPerson("dan", ["CUSTODIAN"], "blue")],
  },
  {
    kind: "QUORUM_POLICY" as const,
    seats: [{ role: "SIGNER" as const, count: 1 }],
    minCustodyGroups: 1,
    handoverEpochs: 0n,
  },
  {
    kind: "FRESHNESS_POLICY" as const,
    digestMaxAge: 1n,
    reproducibilityMaxAge: LONG,
    attestationMaxAge: LONG,
    availabilityMaxAge: LONG,
    custodyMaxAge: LONG,
    safeguardMaxAge: LONG,
    quarantineMaxAge: LONG,
    absenceMaxAge: LONG,
  },
  {
    kind: "PUBLICATION_SCOPE" as const,
    targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE" as const] }],
  },
  window(8n, 11n),
  calendar([shift("early", 8n, 11n)]),
];

const owner = person(OWNER);
const preparer = person("pia");
const upstream = person("uma");
const security = person("rex");

/** One state of the world: the packet, the epoch, and what an onlooker remembers. */
interface Place {
  readonly state: PacketState;
  readonly epoch: Epoch;
  readonly memory: Memory;
  readonly path: readonly string[];
}

function entry(report: Report, epoch: Epoch): Entry {
  const receipt = { reporter: "probe", reporterKind: "SYSTEM" as const, reportNumber: null };
  const id = "00000000-0000-7000-8000-000000000000";
  return { ...report, ...receipt, entry: id, observedEpoch: epoch, recordedEpoch: epoch };
}

function records(...reports: readonly Report[]): Move {
  return ({ epoch }) => [
    { kind: "ENTRIES_RECORDED", entries: reports.map((one) => entry(one, epoch)) },
    preparer,
  ];
}

type Move = (place: Place) => [Fact | Refusal, typeof owner];

const said = (place: Place) => ({ epoch: place.epoch, doubt: null });
const contentNow = ({ state }: Place): string =>
  state.facts.manifest.byName.get("app")?.digest === digestOf("app") ? "app" : "app2";

/** Whatever can be done at a place; a refusal does nothing. */
const MOVES: Readonly<Record<string, Move>> = {
  confirm: (place) => {
    const digest = digestOf(contentNow(place));
    const digests = { artifact: "app", digest, observed: digest };
    return records(
      { kind: "DIGEST_CONFIRMATION", ...digests },
      { kind: "REPRODUCIBILITY_CHECK", ...digests },
    )(place);
  },
  approve: (place) => {
    const { revision } = place.state;
    const digest = digestOfRevision(revision);
    const named = { revision, digest, recordedDigest: digest };
    return [decideApprove(place.state, named, { ...said(place), actor: owner }), owner];
  },
  "withdraw or commit": (place) => {
    const [word] = place.state.facts.evidence.get("AVAILABILITY early ana") ?? [];
    const isCommitted = word?.kind === "AVAILABILITY" && word.status === "COMMITTED";
    const status = isCommitted ? "WITHDRAWN" : "COMMITTED";
    return records({ kind: "AVAILABILITY", person: "ana", shift: "early", status })(place);
  },
  "unseal or seal": (place) => {
    const [word] = place.state.facts.evidence.get("ENCLAVE_REPORT north") ?? [];
    const isSealed = word?.kind === "ENCLAVE_REPORT" && word.sealing === "SEALED";
    const report = enclaveReport("north");
    if (report.kind !== "ENCLAVE_REPORT") throw new Error("an enclave's report is one");
    return records(isSealed ? { ...report, sealing: "UNSEALED", seal: null } : report)(place);
  },
  "freeze another manifest": (place) => {
    const content = contentNow(place) === "app" ? "app2" : "app";
    const manifest = { kind: "MANIFEST" as const, artifacts: [artifact("app", content)] };
    const { version } = place.state.facts.sources.MANIFEST;
    const source = accepted(manifest, version + 1, place.epoch);
    return [{ kind: "SOURCE_ACCEPTED", source, entries: [] }, upstream];
  },
  bind: ({ state }) => {
    const bindings = { ...state.facts.bindings, MANIFEST: state.facts.sources.MANIFEST.version };
    return [{ kind: "PACKET_BOUND", bindings }, preparer];
  },
  quarantine: (place) => {
    const digest = digestOf(contentNow(place) === "app" ? "app2" : "app");
    return records({ kind: "QUARANTINE", selector: { by: "DIGEST", digest }, status: "IN_FORCE" })(
      place,
    );
  },
  "place or release": ({ state }) => {
    const placed = [...state.facts.placements.values()].find((one) => !one.released);
    if (placed !== undefined) return [decideRelease(state, placed.placement, "settled"), security];
    return [decidePlace(state, "worried"), preparer];
  },
  "reject or resubmit": (place) =>
    place.state.facts.rejection === null
      ? [decideReject(place.state, "not yet", { ...said(place), actor: owner }), owner]
      : [decideResubmit(place.state, "mended", { ...said(place), actor: preparer }), preparer],
};

function arrive(from: Place, name: string, written: readonly Revised[], epoch: Epoch): Place {
  let { memory, state } = from;
  const path = [...from.path, name];
  for (const revised of written) {
    const watched = watch(memory, revised);
    if (watched.faults.length > 0) expect(watched.faults, path.join(", then ")).toEqual([]);
    memory = watched.memory;
    state = revised.state;
  }
  return { state, epoch, memory, path };
}

function nextPlaces(place: Place): Place[] {
  if (place.state.closing !== null) return [];
  const later = place.epoch + 1n;
  const passed = arrive(place, "an epoch", reachEpoch(place.state, later).lapses, later);
  const moved = Object.entries(MOVES).flatMap(([name, move]) => {
    const [fact, actor] = move(place);
    if (fact instanceof Refusal) return [];
    const revised = revise(place.state, { fact, actor, epoch: place.epoch });
    return [arrive(place, name, [revised], place.epoch)];
  });
  return [passed, ...moved];
}

/** What the future of a place depends on: two places alike in this are one place. */
function likeness({ state, epoch, memory }: Place): string {
  const { facts, approval } = state;
  const words = facts.evidence
    .valuesArray()
    .flat()
    .map((word) => ({ ...word, entry: undefined, recordedEpoch: undefined }));
  const placements = [...facts.placements.values()].filter((one) => !one.released).length;
  const bound = facts.bindings.MANIFEST === facts.sources.MANIFEST.version;
  return JSON.stringify(
    [
      epoch,
      state.status,
      words,
      facts.sources.MANIFEST.digest,
      facts.manifests.size > 1,
      bound,
      placements,
      facts.rejection !== null,
      openHolds(state).map((hold) => `${hold.code} ${hold.subject.replace(/^\d+$/, "")}`),
      memory.approval.isLapsed,
      approval?.standing,
      approval?.materialDigest === state.materialDigest,
      approval === null || approval.material.bindings["MANIFEST"] === facts.bindings.MANIFEST,
    ],
    (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value),
  );
}

function opening(): Place {
  const digests = { artifact: "app", digest: digestOf("app"), observed: digestOf("app") };
  const bag = { digest: digestOf("r1"), observed: digestOf("r1"), seal: "bag-1" };
  const committed = { kind: "AVAILABILITY" as const, shift: "early", status: "COMMITTED" as const };
  const reports: Report[] = [
    { kind: "DIGEST_CONFIRMATION", ...digests },
    { kind: "REPRODUCIBILITY_CHECK", ...digests },
    { ...committed, person: "ana" },
    { ...committed, person: "dan" },
    { kind: "CUSTODY", package: "back", custodian: "dan", status: "HELD", ...bag },
    { kind: "SAFEGUARD", target: "registry", safeguard: "REGISTRY_RELEASE", status: "ENGAGED" },
    enclaveReport("north"),
  ];
  const opened = openPacket({
    fact: {
      kind: "PACKET_OPENED",
      packet: "00000000-0000-7000-8000-000000000001",
      train: "train-1",
      exercise: false,
      succeeds: null,
      bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
      sources: sourcesWith([...Object.values(CONTENTS), ...TINY]),
      entries: reports.map((report) => entry(report, OPENS_AT)),
      clock: { frozen: false, generation: 0 },
    },
    actor: preparer,
    epoch: OPENS_AT,
  });
  const { memory, faults } = watch(null, opened);
  expect(faults).toEqual([]);
  return { state: opened.state, epoch: OPENS_AT, memory, path: [] };
}

describe("a tiny world, every place of it", () => {
  test(
    `no rule is broken on any way of ${STEPS} steps (rules 3.1, 3.5, 4.2.2, 4.2.3, 5.1, 5.4 and 5.5)`,
    { timeout: 300_000 },
    () => {
      const start = opening();
      expect(start.state.status).toBe("READY_FOR_APPROVAL");
      const known = new Set([likeness(start)]);
      const statuses = new Set<string>();
      let ways = 0;
      let edge: Place[] = [start];
      for (let steps = 0; steps < STEPS; steps += 1) {
        const arrived = edge.flatMap(nextPlaces);
        ways += arrived.length;
        edge = arrived.filter((place) => {
          const like = likeness(place);
          const isNew = !known.has(like);
          known.add(like);
          statuses.add(`${place.state.status} ${place.state.approval?.standing ?? "UNAPPROVED"}`);
          return isNew;
        });
        process.stdout.write(`${steps + 1} steps: ${ways} ways, ${known.size} places\n`);
      }
      expect([...statuses].toSorted()).toMatchInlineSnapshot(`
        [
          "APPROVED STANDING",
          "CLOSED LAPSED",
          "CLOSED UNAPPROVED",
          "ESCALATED LAPSED",
          "ESCALATED UNAPPROVED",
          "ON_HOLD LAPSED",
          "ON_HOLD SUSPENDED",
          "ON_HOLD UNAPPROVED",
          "READY_FOR_APPROVAL LAPSED",
          "READY_FOR_APPROVAL UNAPPROVED",
        ]
      `);
    },
  );
});
