import type { Actor } from "#packet/actor.ts";
import type { PacketId } from "#packet/name.ts";
import type { SshNamespace } from "#packet/signers.ts";
import type { Desk } from "#workflow/desk.ts";
import { laneConfirm } from "#workflow/laneConfirm.ts";
import { lanePropose } from "#workflow/lanePropose.ts";
import { emergencyExercise } from "#workflow/emergencyExercise.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { operatorHoldRelease } from "#workflow/operatorHoldRelease.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { approvalStatementBytes } from "#proof/approvalStatement.ts";
import { type EntryStatement, entryStatementBytes } from "#proof/entryStatement.ts";
import { ages, confirmation, enclave, initialisation, rotation } from "../gate/reports.ts";
import { CONTENTS, digestOf, release } from "../gate/train.ts";
import { signedScope, unsignedScope } from "../proof/releaseKeys.ts";
import { IVAN, OLGA, PAUL, PIA, PROBE, REX, RUTH, UMA } from "../workflow/cast.ts";
import { FULL_ENTRIES, RELEASE_KEY, fullSources, sharedReports } from "../workflow/contents.ts";
import { ALL_USES, type Keys, openKeys } from "../workflow/keyRing.ts";
import {
  BINDINGS,
  GOOD_NEWS,
  LANE,
  REPORTERS,
  type Wire,
  accepted,
  newKey,
  onWire,
  usualSources,
} from "../workflow/trains.ts";
import { Sentinels } from "./sentinels.ts";

/** The lane of every packet here shows who has not used the emergency path. */
const ASKING_LANE = { ...LANE, emergencyAccess: { maxAgeEpochs: 1000n, holds: false } };

/** A packet of the world with its train, and its head when it was brought to where it stands. */
export interface Dwelling {
  readonly packet: PacketId;
  readonly revision: number;
  readonly digest: string;
  /** The train's name, which is a sentinel. */
  readonly train: string;
}

/** Packets in which every governed and every restricted value is a sentinel. */
export interface World {
  readonly sentinels: Sentinels;
  /** With holds, escalations, advisories, and an entry of every kind. */
  readonly held: Dwelling;
  readonly ready: Dwelling;
  readonly approved: Dwelling;
}

/** Whoever has a key in the world, by the names that they have there. */
const SIGNERS = Object.fromEntries(
  [OLGA, PAUL].map(({ actor }) => [`gsx-${actor}-z9`, ["ssh-ed25519", ALL_USES] as const]),
);

/** Builds the world through the product's own verbs. */
export async function buildWorld(desk: Desk): Promise<World> {
  const keys = await openKeys(SIGNERS);
  try {
    return await built(new WorldBuilder({ ...desk, signers: keys.signers }, keys));
  } finally {
    await keys.close();
  }
}

async function built(builder: WorldBuilder): Promise<World> {
  const held = await builder.open("held", true);
  const approved = await builder.openReady("approved");
  const ready = await builder.openReady("ready");
  await builder.approve(approved);
  await builder.trouble(held);
  await builder.noteDigests([held, ready, approved]);
  return { sentinels: builder.sentinels, held, ready, approved };
}

class WorldBuilder {
  readonly sentinels = new Sentinels();
  readonly #desk: Desk;
  readonly #keys: Keys;
  #reports = 7_000_000_000_000_000n;

  constructor(desk: Desk, keys: Keys) {
    this.#desk = desk;
    this.#keys = keys;
  }

  /** The same actor under a veiled name. */
  as(actor: Actor): Actor {
    return { ...actor, actor: this.#veil(actor.actor) };
  }

  #veil<T>(value: T): T {
    return this.sentinels.veil(value);
  }

  #wish(more: object): Wire {
    return { idempotencyKey: newKey(), ...this.#veil(more) };
  }

  #about(packet: PacketId, more: object): Wire {
    return { packet, ...this.#wish(more) };
  }

  /** Accepts a lane and every source, and opens the packet without entries. */
  async open(name: string, isFull = false): Promise<Dwelling> {
    const desk = this.#desk;
    const enclaves = [`${name}-north`, `${name}-south`] as const;
    const plain = { train: name, exercise: false, enclaves };
    const on = { train: name, exercise: false };
    const proposed = accepted(
      await lanePropose(desk, this.as(REX), this.#wish({ ...on, lane: onWire(ASKING_LANE) })),
    );
    const { proposal, digest } = proposed;
    const named = { ...this.#wish(on), proposal, digest };
    accepted(await laneConfirm(desk, this.as(RUTH), named));
    const sources = isFull ? await fullSources(desk, plain) : await usualSources(desk, plain);
    for (const source of sources) await this.accept(name, source);
    const { packet } = accepted(
      await packetOpen(desk, this.as(PIA), {
        ...this.#wish({ ...on, entries: [] }),
        bindings: BINDINGS,
      }),
    );
    return this.#dwelling(packet, this.#veil(name));
  }

  /** The packet at its head. */
  async #dwelling(packet: PacketId, train: string): Promise<Dwelling> {
    const { state, digest } = accepted(await packetRead(this.#desk, this.as(OLGA), packet));
    return { packet, train, revision: state.revision, digest };
  }

  /** One more version of a source; a branch is restricted, all else is governed. */
  async accept(name: string, source: Wire): Promise<void> {
    const on = this.#wish({ train: name, exercise: false });
    const veiled =
      source["kind"] === "TRUSTED_BRANCH"
        ? this.sentinels.restrict({ ...source, commit: "5ec4e7c0de".repeat(4) })
        : source["kind"] === "ROLLBACK_SCOPE"
          ? this.#signedScope(source)
          : this.#veil(source);
    accepted(await sourceAccept(this.#desk, this.as(UMA), { ...on, source: veiled }));
  }

  /** A rollback scope whose releases are signed as they stand there, under a key that is a sentinel. */
  #signedScope(source: Wire): Wire {
    this.sentinels.note(RELEASE_KEY.fingerprint, "GOVERNED");
    return onWire(signedScope(this.#veil(unsignedScope(source)), RELEASE_KEY));
  }

  async openReady(name: string): Promise<Dwelling> {
    const dwelling = await this.open(name);
    await this.#record(PAUL, dwelling.packet, GOOD_NEWS);
    const entries = [`${name}-north`, `${name}-south`].map((one) => onWire(enclave(one)));
    const wish = this.#wish({ exercise: false, entries });
    accepted(await sharedRecord(this.#desk, this.as(PAUL), wish));
    return this.#dwelling(dwelling.packet, dwelling.train);
  }

  async #record(by: Actor, packet: PacketId, entries: readonly unknown[]): Promise<void> {
    const wish = this.#about(packet, { entries: entries.map(onWire) });
    accepted(await readinessRecord(this.#desk, this.as(by), wish));
  }

  /** The owner approves, and signs it. */
  async approve({ packet, revision, digest }: Dwelling): Promise<void> {
    const { ledger } = this.#desk;
    const { epoch } = await ledger.moment();
    const { deployment } = ledger;
    const named = { packet, revision, digest };
    const statement = {
      decision: "APPROVE",
      deployment,
      epoch,
      exercise: false,
      ...named,
    } as const;
    const owner = this.as(OLGA);
    const message = approvalStatementBytes(statement);
    const armored = this.#signed(owner, message, "approval@holdfast");
    const signature = { epoch: epoch.toString(), armored };
    const wish = { idempotencyKey: newKey(), ...named, signature };
    accepted(await packetApprove(this.#desk, owner, wish));
  }

  /** A signature, whose key is a sentinel. */
  #signed({ actor }: Actor, message: Uint8Array, namespace: SshNamespace): string {
    const armored = this.#keys.sign(actor, message, namespace);
    const key = this.#keys.signers.keyFor(actor, armored, message, namespace);
    if (typeof key !== "string") throw new Error(key.message);
    this.sentinels.note(key, "GOVERNED");
    return armored;
  }

  /** Reports of every kind, each with the reporter's own signature. */
  async #sign(packet: PacketId): Promise<void> {
    const reporter: Actor = { ...this.as(PAUL), roles: ["REPORTER", "RELEASE_SECURITY"] };
    const own = await this.#allSigned(reporter, packet, [confirmation("tool"), ...FULL_ENTRIES]);
    const wish = { idempotencyKey: newKey(), packet, entries: own };
    accepted(await readinessRecord(this.#desk, reporter, wish));
    const reports = sharedReports("held-south");
    const { enclave: report, credential, component, declaration, plan } = reports;
    const shared = [
      report,
      initialisation(release("r9", 500_000, 0)),
      { ...credential, person: "eve" },
      { ...component, component: "core" },
      { ...declaration, component: "core" },
      this.#withSettings(plan),
    ];
    const entries = await this.#allSigned(reporter, null, shared);
    const both = { idempotencyKey: newKey(), exercise: false, entries };
    accepted(await sharedRecord(this.#desk, reporter, both));
  }

  /** How a way in is reached is restricted, all else that is said of it governed. */
  #withSettings(plan: Wire): Wire {
    const ways = (plan["ways"] as readonly Wire[]).map((way) => ({
      ...way,
      settings: this.sentinels.restrict(way["settings"]),
    }));
    return { ...plan, ways };
  }

  async #allSigned(
    reporter: Actor,
    packet: PacketId | null,
    reports: readonly object[],
  ): Promise<Wire[]> {
    const { ledger } = this.#desk;
    const { epoch } = await ledger.moment();
    const about = { deployment: ledger.deployment, exercise: false, packet, reportNumber: null };
    return reports.map((one) => {
      const said = { ...one, observedEpoch: epoch, note: "signed by hand" };
      const report = this.#veil(onWire(said));
      const whole = { ...about, report, reporter: reporter.actor } as EntryStatement;
      const signature = this.#signed(reporter, entryStatementBytes(whole), "entry@holdfast");
      return { ...report, signature };
    });
  }

  /** Everything that can be said about a packet, good and bad. */
  async trouble({ packet }: Dwelling): Promise<void> {
    const desk = this.#desk;
    await this.#sign(packet);
    const offlineKey = `SHA256:${"gsx".repeat(14)}g`;
    this.sentinels.note(offlineKey, "GOVERNED");
    const ivan = { ...this.as(IVAN), offlineKey };
    for (const reason of ["odd noise", "another odd noise"]) {
      accepted(await operatorHoldPlace(desk, ivan, this.#about(packet, { reason })));
    }
    const release = this.#about(packet, { placement: 1, reason: "explained" });
    accepted(await operatorHoldRelease(desk, this.as(REX), release));
    await this.#record(PAUL, packet, [{ ...confirmation("app"), note: "seen by two" }]);
    await this.#record({ ...PAUL, actor: "stranger" }, packet, [confirmation("lib")]);
    const notes = FULL_ENTRIES.map((entry) => ({ ...entry, note: "seen by a machine" }));
    accepted(
      await readinessRecord(desk, this.as(PROBE), this.#numbered({ entries: notes }, packet)),
    );
    const reports = sharedReports("held-north");
    const { credential, component, plan } = reports;
    const entries = [
      reports.enclave,
      { ...credential, person: "dan" },
      { ...component, component: "core", floor: 424_242 },
      this.#withSettings(plan),
    ].map((entry) => ({ ...entry, note: "shared by all" }));
    const probe: Actor = { ...PROBE, roles: ["REPORTER", "RELEASE_SECURITY"] };
    const shared = this.#numbered({ entries, exercise: false });
    accepted(await sharedRecord(desk, this.as(probe), shared));
    await emergencyExercise(desk, this.as(OLGA), "OFFLINE_SIGN_IN");
    await this.#drift();
  }

  #numbered(more: object, packet?: PacketId): Wire {
    this.#reports += 1n;
    const wish = packet === undefined ? this.#wish(more) : this.#about(packet, more);
    return { ...wish, reportNumber: this.sentinels.number(this.#reports) };
  }

  /** New versions of what the packet rests on: stale bindings, a looser policy. */
  async #drift(): Promise<void> {
    const artifact = { name: "newcomer", digest: digestOf("gsx"), size: 987_654_321, targets: [] };
    const manifest = {
      ...CONTENTS.MANIFEST,
      artifacts: [...CONTENTS.MANIFEST.artifacts, artifact],
    };
    const branch = { kind: "TRUSTED_BRANCH", repository: "forge", branch: "newer" };
    const looser = ages({ digestMaxAge: 5000n });
    const subjects = [{ reporter: "scout", subjects: ["somewhere-only"] }];
    const narrower = {
      kind: "ACCEPTED_REPORTERS",
      accepted: CONTENTS.ACCEPTED_REPORTERS.accepted.map(({ kind }) =>
        kind === "OBSERVATION"
          ? { kind, reporters: REPORTERS, subjects }
          : { kind, reporters: REPORTERS },
      ),
    };
    const scope = CONTENTS.ROLLBACK_SCOPE;
    const zip = { component: "zip", release: release("r2", 5, 0) };
    const turn = { component: "turn", release: release("r2", 5, 0) };
    const further = {
      ...scope,
      packages: [...scope.packages, { package: "fore", ...zip }, { package: "aft", ...turn }],
      trainReleases: [...scope.trainReleases, zip, turn],
    };
    for (const source of [branch, manifest, looser, narrower, further])
      await this.accept("held", onWire(source));
    await this.#control();
  }

  /** One component whose deny list leaves a way down, and one whose key is out and the next one going. */
  async #control(): Promise<void> {
    const denying = { ...release("r3", 6, 0), denied: [digestOf("r1")] };
    const keys = { component: "turn", outgoing: "key-1", incoming: "key-2" };
    const reporter: Actor = { ...this.as(PAUL), roles: ["REPORTER", "RELEASE_SECURITY"] };
    const byHand = [
      initialisation(release("r0", 3, 0), "zip"),
      rotation({ ...keys, mode: "SUDDEN" }),
      rotation({ ...keys, outgoing: "key-2", incoming: "key-4" }),
    ];
    const signed = await this.#allSigned(reporter, null, byHand);
    const wish = { idempotencyKey: newKey(), exercise: false, entries: signed };
    accepted(await sharedRecord(this.#desk, reporter, wish));
    const probe: Actor = { ...PROBE, roles: ["REPORTER", "RELEASE_SECURITY"] };
    const entries = [initialisation(release("r1", 4, 0), "zip"), initialisation(denying, "zip")];
    const numbered = this.#numbered({ entries, exercise: false });
    accepted(await sharedRecord(this.#desk, this.as(probe), numbered));
  }

  /** A source's digest is governed like its content, and a branch's would confirm a guess. */
  async noteDigests(dwellings: readonly Dwelling[]): Promise<void> {
    for (const { packet } of dwellings) {
      const { state } = accepted(await packetRead(this.#desk, this.as(OLGA), packet));
      for (const { kind, digest } of Object.values(state.facts.sources)) {
        this.sentinels.note(digest, kind === "TRUSTED_BRANCH" ? "RESTRICTED" : "GOVERNED");
      }
    }
  }
}
