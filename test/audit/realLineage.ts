import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import { advanceByHand, freeze, thaw } from "#recovery/clock.ts";
import type { Actor } from "#packet/actor.ts";
import type { Fact } from "#packet/fact.ts";
import { Refusal } from "#packet/refusal.ts";
import type { PacketState } from "#gate/state.ts";
import { verifyLineage, type AuditOptions, type AuditResult } from "#audit/verifyLineage.ts";
import type { Ledger, TrainKey } from "#ledger/ledger.ts";
import { passEpochs } from "../ledger/passEpochs.ts";
import {
  OWNER,
  PREPARER,
  ROBOT,
  RUTH,
  UPSTREAM,
  accept,
  acceptAll,
  asking,
  availability,
  contents,
  enclave,
  goodNews,
  granted,
  ledgerOn,
  open,
  opening,
  record,
  recording,
  report,
  stateOf,
} from "../ledger/trainWorld.ts";

/** The packets of a lineage that has something of everything. */
export interface RealLineage {
  /** Approved, then suspended by age and fit again. */
  readonly approved: string;
  /** Approved, lapsed by drift, rejected and resubmitted. */
  readonly lapsed: string;
  /** Withdrawn. */
  readonly withdrawn: string;
  /** Opened after it. */
  readonly successor: string;
  readonly exercise: string;
  /** Its lane was proposed by one person and confirmed by another. */
  readonly confirmed: string;
}

const real = (train: string): TrainKey => ({ exercise: false, train });

/** Makes it, through the ledger and no other way; the clock alone is moved by hand. */
export async function makeRealLineage(database: Database): Promise<RealLineage> {
  const ledger = await ledgerOn(database);
  const approved = await readyOn(ledger, real("approved"));
  await report(ledger, true, [enclave("vault")]);
  const exercise = await readyOn(ledger, { exercise: true, train: "approved" });
  const lapsed = await readyOn(ledger, real("lapsed"));
  const withdrawn = await readyOn(ledger, real("withdrawn"));
  for (const packet of [approved, exercise, lapsed]) await approve(ledger, packet);
  await drift(ledger, lapsed);
  await decide(ledger, withdrawn, RUTH, () => ({ kind: "PACKET_WITHDRAWN", reason: "no more" }));
  const successor = granted(
    await ledger.open(opening(real("withdrawn"), goodNews(), withdrawn)),
  ).packet;
  const confirmed = await confirmedOn(ledger);
  await aged(ledger, database, approved);
  await broken(ledger);
  await report(ledger, false, [{ kind: "CREDENTIAL_REVOCATION", person: "sam" }]);
  await report(ledger, false, [enclave("vault", "UNSEALED"), enclave("spare")]);
  await numbered(ledger, confirmed);
  await ledger.sequence();
  // Waits for its position still, as every revision does for a moment.
  await record(ledger, successor, [availability("cid", "WITHDRAWN")]);
  await ledger.close();
  return { approved, lapsed, withdrawn, successor, exercise, confirmed };
}

async function readyOn(ledger: Ledger, key: TrainKey): Promise<string> {
  await acceptAll(ledger, key);
  await report(ledger, key.exercise, [enclave("vault")]);
  return (await open(ledger, key, goodNews())).packet;
}

async function decide(
  ledger: Ledger,
  packet: string,
  actor: Actor,
  fact: (head: PacketState) => Fact,
): Promise<void> {
  granted(await ledger.append({ packet, asker: asking(actor, "decide"), decide: fact }));
}

/** Approves a packet at its head. */
async function approve(ledger: Ledger, packet: string): Promise<void> {
  const seen = await ledger.state(packet);
  if (seen === null) throw new Error(`there is no packet ${packet}`);
  const { digest } = seen;
  const { revision } = seen.state;
  await decide(ledger, packet, OWNER, () => ({ kind: "PACKET_APPROVED", revision, digest }));
}

async function drift(ledger: Ledger, packet: string): Promise<void> {
  await record(ledger, packet, [availability("sam", "WITHDRAWN")]);
  await record(ledger, packet, [availability("sam", "COMMITTED")]);
  await decide(ledger, packet, OWNER, () => ({ kind: "PACKET_REJECTED", reason: "look again" }));
  await decide(ledger, packet, PREPARER, () => ({ kind: "PACKET_RESUBMITTED", answer: "looked" }));
  await decide(ledger, packet, RUTH, () => ({
    kind: "OPERATOR_HOLD_PLACED",
    placement: 1,
    reason: "wait",
  }));
  await decide(ledger, packet, RUTH, () => ({
    kind: "OPERATOR_HOLD_RELEASED",
    placement: 1,
    reason: "go on",
  }));
  await accept(ledger, real("lapsed"), {
    ...contents("lapsed").TRUSTED_BRANCH,
    commit: "d".repeat(40),
  });
  await decide(ledger, packet, PREPARER, () => ({
    kind: "PACKET_BOUND",
    bindings: { TRUSTED_BRANCH: 2, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
  }));
  const enclaves = [
    ...contents("lapsed").REQUIRED_ENCLAVES.enclaves,
    { enclave: "spare", measurement: `sha256:${"a".repeat(64)}` },
  ];
  await accept(ledger, real("lapsed"), {
    kind: "REQUIRED_ENCLAVES",
    enclaves,
    requiredEnclaves: 1,
  });
}

async function confirmedOn(ledger: Ledger): Promise<string> {
  const key = real("confirmed");
  const lane = contents(key.train).APPROVAL_LANE;
  const { proposal, digest } = granted(
    await ledger.propose({ ...key, asker: asking(RUTH, "lanePropose"), decide: () => lane }),
  );
  granted(
    await ledger.confirm({
      ...key,
      asker: asking(UPSTREAM, "laneConfirm"),
      proposal,
      digest,
      decide: () => null,
    }),
  );
  for (const content of Object.values(contents(key.train))) {
    if (content.kind !== "APPROVAL_LANE") await accept(ledger, key, content);
  }
  return (await open(ledger, key, goodNews())).packet;
}

/** Its attestation ages, which suspends the approval; a new one lets it stand again. */
async function aged(ledger: Ledger, database: Database, packet: string): Promise<void> {
  const { facts } = await stateOf(ledger, packet);
  const policy = { ...facts.sources.FRESHNESS_POLICY.content, attestationMaxAge: 3n };
  await accept(ledger, real("approved"), policy);
  await approve(ledger, packet);
  await passEpochs(database.sql, 5);
  await ledger.settle(packet);
  await report(ledger, false, [enclave("vault")]);
}

async function broken(ledger: Ledger): Promise<void> {
  const asker = asking(UPSTREAM, "epochAdvance");
  const stepped = await ledger.stepClock({
    asker,
    reason: "catching up",
    decide: (clock, now) => {
      // As if the last step were long ago, which for the database's own backstop it is.
      const step = advanceByHand({ ...clock, steppedAt: 0 }, now);
      if (step === null) throw new Error("an advance was due");
      return step;
    },
  });
  if (stepped instanceof Refusal) throw new Error(stepped.message);
  for (const decide of [freeze, thaw]) {
    const asker = asking(UPSTREAM, "epochStep");
    granted(await ledger.stepClock({ asker, decide, reason: "a drill" }));
  }
}

/** An automated reporter's own numbers. */
async function numbered(ledger: Ledger, packet: string): Promise<void> {
  for (const reportNumber of [4n, 9n]) {
    granted(
      await ledger.append({
        packet,
        asker: asking(ROBOT, "readinessRecord"),
        reportNumber,
        decide: recording([availability("cid", "COMMITTED")], ROBOT, reportNumber),
      }),
    );
  }
  await record(ledger, packet, [availability("sam", "COMMITTED")]);
}

/** A database that is an exact copy of another one on the suite's server, which nobody uses. */
export async function copyOf(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `holdfast_copy_${randomBytes(6).toString("hex")}`;
  const server = new URL(inject("serverUrl"));
  const own = new URL(server);
  own.pathname = `/${name}`;
  const onServer = async (statement: string): Promise<void> => {
    const database = connect(server.href, { applicationName: "holdfast tests", connectionsMax: 1 });
    try {
      await database.sql.unsafe(statement);
    } finally {
      await database.close();
    }
  };
  await onServer(`CREATE DATABASE ${name} TEMPLATE ${new URL(url).pathname.slice(1)}`);
  return { url: own.href, drop: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** What the checker makes of a database. */
export function verified(url: string, options: Partial<AuditOptions> = {}): Promise<AuditResult> {
  return verifyLineage({ ...options, url });
}
