import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { IdentityDesk } from "#identity/desk.ts";
import { openSigners } from "#identity/signers.ts";
import { openHolds } from "#gate/view.ts";
import { credentialOf } from "#packet/revocation.ts";
import { shardOf } from "#proof/revocationList.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { Revoking } from "#revoking.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { revocationRecord } from "#workflow/revocationRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { CONTENTS, digestOf, rosterPerson } from "../gate/train.ts";
import { heardLog } from "../identity/heardLog.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { bearer, openDesk as openPassports, passport } from "../identity/passports.ts";
import { type MadeSigner, makeSigner } from "../proof/sshMaker.ts";
import { listOf, openTestCopy } from "../revocation/lists.ts";
import { OLGA, PAUL, RUTH } from "./cast.ts";
import {
  GOOD_NEWS,
  LANE,
  type Opened,
  type Wire,
  accepted,
  approvalOf,
  calendarOf,
  onWire,
  open,
  sealedReport,
  settle,
  settleLane,
  tell,
} from "./trains.ts";

type SeatRole = "SIGNER" | "CUSTODIAN";
const ROLES: readonly SeatRole[] = ["SIGNER", "CUSTODIAN"];
const GROUPS = ["red", "blue", "green"] as const;
const SHIFTS = [
  ["early", 0, 1000],
  ["late", 1000, 2000],
  ["night", 2000, 3000],
] as const;

/** Somebody of a train: what they can do, whose custody group they are of, and when they are away. */
const somebody = fc.record({
  roles: fc.oneof(
    { weight: 3, arbitrary: fc.constant([...ROLES]) },
    { weight: 1, arbitrary: fc.subarray([...ROLES], { minLength: 1 }) },
  ),
  group: fc.constantFrom(...GROUPS),
  away: fc.oneof(
    { weight: 4, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(SHIFTS.map(([shift]) => shift)) },
  ),
});

/** What a train asks of its people, who among them it has, and who keeps its rollback package. */
const ceremony = fc
  .record({
    signers: fc.integer({ min: 1, max: 3 }),
    custodians: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    minCustodians: fc.integer({ min: 1, max: 2 }),
    shifts: fc.integer({ min: 1, max: 3 }),
    leavesOut: fc.nat(3),
    hasOwnOwner: fc.boolean(),
  })
  .map((asked) => ({ ...asked, groups: Math.min(asked.groups, asked.signers) }));

/** Whom every train has, so that a roster can fill the seats of any policy, as it must to be accepted. */
const CORE = Array.from({ length: 5 }, (_, at) => ({
  roles: [...ROLES],
  group: GROUPS[at % GROUPS.length] ?? "red",
}));

/** One list after the other: the credentials on it, by where they stand among all, and who has decided before. */
const round = fc.record({
  picks: fc.uniqueArray(fc.nat(999), { minLength: 1, maxLength: 4 }),
  isApproved: fc.boolean(),
});

/** A deployment of two trains that share people, and what is revoked in it. */
export const revocationCase = fc.record({
  core: fc.tuple(...CORE.map((one) => somebody.map(({ away }) => ({ ...one, away })))),
  others: fc.array(somebody, { maxLength: 3 }),
  trains: fc.tuple(ceremony, ceremony),
  rounds: fc.array(round, { minLength: 3, maxLength: 6 }),
});
export type RevocationCase = Parameters<Parameters<typeof revocationCase.map>[0]>[0];

const CEREMONY = {
  signers: 2,
  custodians: 1,
  groups: 2,
  minCustodians: 1,
  shifts: 3,
  leavesOut: 0,
  hasOwnOwner: true,
};

/** One in which everything happens that there is to see: a node, a key, the node itself, an owner, and nearly everybody. */
export const EVERYTHING: RevocationCase = {
  core: CORE.map((one) => ({ ...one, away: [] })),
  others: [],
  trains: [CEREMONY, { ...CEREMONY, shifts: 1 }],
  rounds: [
    { picks: [16, 7], isApproved: true },
    { picks: [17, 15, 14], isApproved: true },
    { picks: [5], isApproved: true },
    { picks: [0, 1, 2, 3], isApproved: true },
  ],
};

type Ceremony = RevocationCase["trains"][0];

/** The node that answers, whose own credential may be on a list. */
export const NODE = "north";

/** How a packet stands, by what a preview tells of it. */
export interface Standing {
  readonly status: string;
  readonly holds: readonly string[];
  readonly approval: string | null;
}

/** A packet, and who decides on it. */
export interface OwnedPacket extends Opened {
  readonly owner: string;
}

/** Makes the trains, keys, files and copies of a case; its names all end so. */
export async function openWorld(
  base: Desk,
  folder: string,
  { core, others, trains }: RevocationCase,
  suffix: string,
) {
  const own = await mkdtemp(path.join(folder, "world-"));
  const named = [...core, ...others].map((one, at) => ({ ...one, person: `p${at}${suffix}` }));
  const packets: OwnedPacket[] = [];
  for (const [at, asked] of trains.entries()) {
    const owner = asked.hasOwnOwner ? `olga-${at}${suffix}` : `olga${suffix}`;
    const train = `train-${at}${suffix}`;
    packets.push({ ...(await openTrain(base, train, asked, named, owner)), owner });
  }
  const holders = [...named.map(({ person }) => person), ...packets.map(({ owner }) => owner)];
  const keys = holders.map((person) => ({ person, signer: signerApart() }));
  const [file, revokedFile] = [path.join(own, "signers"), path.join(own, "revoked")];
  const uses = "sign-in@holdfast,entry@holdfast";
  await writeFile(file, keys.map(({ person, signer }) => lineOf(person, signer, uses)).join(""));
  await writeFile(revokedFile, "");
  const { log } = heardLog();
  const north = await openTestCopy(path.join(own, "north"), NODE);
  const south = await openTestCopy(path.join(own, "south"), "south");
  const { copy } = north;
  const signers = await openSigners({ file, revokedFile, revocations: copy, log, now: () => 0 });
  const passports = new Map(holders.map((person) => [person, passport(person)]));
  const { principals } = await openPassports(own, ...passports.values());
  const pushes = { changes: base.changes, epoch: () => Promise.resolve(null) };
  const needs = { copy, ledger: base.ledger, signers, principals, pushes, log };
  const { ground } = new Revoking({ node: NODE, revocationPeers: [] }, needs);
  const desk: Desk = { ...base, signers, revocations: ground };
  const offline = { authenticate: () => Promise.resolve(null), look: () => Promise.resolve(1) };
  const identity = new IdentityDesk({ principals, oidc: null, offline, revocations: copy });
  const ids = [
    ...[...passports.keys()].map((person) => `principal:${person}`),
    ...keys.map(({ signer }) => `key:${fingerprintOf(signer.wire)}`),
    `key:${fingerprintOf(signerApart().wire)}`,
    `principal:stranger${suffix}`,
    `node:west${suffix}`,
  ].filter(isApart);
  return {
    desk,
    packets,
    /** Everything that may be revoked; nothing else shares the shard of the node's own credential. */
    ids: [...ids, `node:${NODE}`],
    copies: { north, south },
    async standing({ packet }: Opened): Promise<Standing> {
      const { state } = accepted(await packetRead(desk, RUTH, packet));
      return {
        status: state.status,
        holds: openHolds(state).map(({ code, subject }) => `${code} ${subject}`),
        approval: state.approval?.standing ?? null,
      };
    },
    /** The owner approves where they can. */
    async approve({ packet, owner, ...more }: OwnedPacket): Promise<void> {
      const { state, digest } = accepted(await packetRead(desk, RUTH, packet));
      if (state.status !== "READY_FOR_APPROVAL" || state.facts.revoked.has(owner)) return;
      const wish = approvalOf({ ...more, packet, revision: state.revision, digest });
      accepted(await packetApprove(desk, { ...OLGA, actor: owner }, wish));
    },
    /** Who is let in with a token of their own. */
    async letIn(): Promise<string[]> {
      const all = await Promise.all(
        [...passports.values()].map((each) => identity.authenticate(bearer(each))),
      );
      return all.flatMap((actor) => actor?.actor ?? []);
    },
    /** The keys that count, each by its fingerprint. */
    counting: (): Set<string> =>
      new Set([...(signers.holdings() ?? [])].flatMap(([, all]) => all.map(fingerprintIn))),
    close: (): void => signers.close(),
  };
}

/** Whether a credential is on other lists than that of the node's own, which the node never takes. */
function isApart(id: string): boolean {
  return shardOf(id) !== shardOf(`node:${NODE}`);
}

function signerApart(): MadeSigner {
  for (;;) {
    const signer = makeSigner({ type: "ssh-ed25519" });
    if (isApart(`key:${fingerprintOf(signer.wire)}`)) return signer;
  }
}

function fingerprintIn(holding: string): string {
  return holding.split(" ")[1] ?? "";
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** Pushes the next list of each shard to both nodes, and gives the ledger what the first applied. */
export function pushing({ desk, copies: { north, south } }: World) {
  const issued = new Map<number, { readonly version: bigint; readonly ids: readonly string[] }>();
  return async (revoked: readonly string[]): Promise<string[]> => {
    const outcomes: string[] = [];
    for (const shard of new Set(revoked.map(shardOf))) {
      const { version, ids } = issued.get(shard) ?? { version: 0n, ids: [] };
      const all = [...new Set([...ids, ...revoked.filter((id) => shardOf(id) === shard)])];
      if (all.length === ids.length) continue;
      const next = { version: version + 1n, ids: all };
      issued.set(shard, next);
      const list = listOf(all, { version: next.version });
      outcomes.push(await north.push(list));
      await south.push(list);
    }
    for (const list of north.copy.unrecorded()) {
      const recorded = await revocationRecord(desk, list);
      if (recorded !== null) accepted(recorded);
      north.copy.recorded(list);
    }
    return outcomes;
  };
}

/** The names of one kind among credentials. */
export function ofKind(ids: readonly string[], kind: "PRINCIPAL" | "KEY" | "NODE"): string[] {
  return ids.flatMap((id) => {
    const credential = credentialOf(id);
    if (credential.kind !== kind) return [];
    return [credential.kind === "KEY" ? credential.fingerprint : credential.name];
  });
}

type Named = RevocationCase["others"][0] & { readonly person: string };

/** A packet of a train's own people, with all the good news that there can be of them. */
async function openTrain(
  desk: Desk,
  train: string,
  asked: Ceremony,
  all: readonly Named[],
  owner: string,
): Promise<Opened> {
  const { signers, custodians, groups, minCustodians, leavesOut } = asked;
  const people = all.filter((_one, at) => at !== CORE.length + leavesOut);
  const shifts = SHIFTS.slice(0, asked.shifts);
  const sources: Wire[] = [
    onWire({
      kind: "ROSTER",
      people: people.map(({ person, roles, group }) => rosterPerson(person, [...roles], group)),
    }),
    onWire({
      kind: "QUORUM_POLICY",
      seats: [
        { role: "SIGNER", count: signers },
        { role: "CUSTODIAN", count: custodians },
      ],
      minCustodyGroups: groups,
      handoverEpochs: 1n,
    }),
    onWire({ ...CONTENTS.ROLLBACK_SCOPE, minCustodians }),
    await calendarOf(desk, shifts),
  ];
  const settled = await settle(desk, train, { sources });
  await settleLane(desk, settled, { ...LANE, owner });
  const opened = await open(desk, settled);
  const here = shifts.flatMap(([shift]) =>
    people
      .filter(({ away }) => !away.includes(shift))
      .map(({ person }) => ({ kind: "AVAILABILITY", person, shift, status: "COMMITTED" })),
  );
  const digests = { digest: digestOf("r1"), observed: digestOf("r1") };
  const kept = people
    .filter(({ roles }) => roles.includes("CUSTODIAN"))
    .slice(0, minCustodians)
    .map(({ person: custodian }) => {
      const held = { kind: "CUSTODY", package: "back", custodian, status: "HELD" };
      return { ...held, seal: `bag-${custodian}`, ...digests };
    });
  const apart = GOOD_NEWS.filter(({ kind }) => kind !== "AVAILABILITY" && kind !== "CUSTODY");
  await tell(desk, opened.packet, [...apart, ...here, ...kept]);
  accepted(await sharedRecord(desk, PAUL, sealedReport(settled)));
  return opened;
}
