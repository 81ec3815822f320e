import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { v7 as newId } from "uuid";
import { connect } from "#database/connect.ts";
import { openEmbedded } from "#database/embedded.ts";
import { migrate } from "#database/migrate.ts";
import type { Asker } from "#ledger/asker.ts";
import type { Appended, Ledger } from "#ledger/ledger.ts";
import { openLedger } from "#ledger/openLedger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Entry, SharedEntry } from "#packet/entry.ts";
import type { PacketOpened } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Sources } from "#packet/source.ts";
import { PEOPLE, SHIFTS, commitment, contentsOf, entriesOf } from "./train.ts";

const APPLICATION_NAME = "holdfast bench";

/** Long enough that nothing ages while something is measured. */
export const EPOCH_MS = 3_600_000;

/** A migrated embedded Postgres with its default durability, in a folder that goes away afterwards. */
export interface Postgres {
  readonly url: string;
  /** Such as `18.4`. */
  readonly version: string;
}

/** Starts a Postgres, and ends it when it was used. */
export async function withPostgres<T>(use: (postgres: Postgres) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), "holdfast-bench-"));
  const log = (): void => undefined;
  const embedded = await openEmbedded({ directory, applicationName: APPLICATION_NAME, log });
  try {
    await migrate(embedded.url, { applicationName: APPLICATION_NAME });
    return await use(embedded);
  } finally {
    await embedded.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Opens a ledger on a Postgres, and closes it when it was used. */
export async function withLedger<T>(
  { url }: Postgres,
  use: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const options = { applicationName: APPLICATION_NAME, connectionsMax: 4 };
  const database = connect(url, { ...options, statementTimeoutMs: 120_000 });
  try {
    const ledger = await openLedger({
      database,
      rate: { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS },
      newId,
      newSalt: () => randomBytes(32),
      announce: () => undefined,
    });
    return await use(ledger);
  } finally {
    await database.close();
  }
}

/** A ledger on a Postgres of its own. */
export async function withStore<T>(
  use: (ledger: Ledger, server: string) => Promise<T>,
): Promise<T> {
  return withPostgres((postgres) =>
    withLedger(postgres, (ledger) => use(ledger, postgres.version)),
  );
}

function asker(actor: Actor, verb: string): Asker {
  return { actor, idempotencyKey: newId(), verb, input: verb };
}

const AUTHORITY = personOf("uma");
const PROBE = personOf("probe");

function personOf(actor: string): Actor {
  return { actor, kind: "PERSON", roles: [] };
}

function granted<T>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw new Error(answer.message);
  return answer;
}

/** Opens a READY packet of so many artifacts on a train of its own, with people more who sit nowhere. */
export async function openPacket(
  ledger: Ledger,
  artifacts: number,
  train: string,
  spares: readonly string[] = [],
): Promise<PacketId> {
  const entries = entriesOf(artifacts);
  const packet = await openWith(ledger, { artifacts, train, entries, spares });
  const seen = await ledger.state(packet);
  if (seen?.state.status !== "READY_FOR_APPROVAL")
    throw new Error(`the packet is ${seen?.state.status}`);
  return packet;
}

/** Opens a packet of so many artifacts, of none of which anything was reported. */
export async function openUnreported(
  ledger: Ledger,
  artifacts: number,
  train: string,
): Promise<PacketId> {
  return openWith(ledger, { artifacts, train, entries: [] });
}

interface Opening {
  readonly artifacts: number;
  readonly train: string;
  readonly entries: readonly Entry[];
  readonly spares?: readonly string[];
}

async function openWith(
  ledger: Ledger,
  { artifacts, train, entries: told, spares = [] }: Opening,
): Promise<PacketId> {
  const key = { exercise: false, train };
  const contents = Object.values(contentsOf(artifacts)).map((content) => {
    if (content.kind === "OUTAGE_DECLARATION") return { ...content, fallbackTrains: [train] };
    if (content.kind !== "ROSTER") return content;
    const more = spares.map((person) => ({
      person,
      roles: ["SIGNER" as const],
      custodyGroup: "spare",
    }));
    return { ...content, people: [...content.people, ...more] };
  });
  for (const content of contents) {
    const proposedBy = content.kind === "APPROVAL_LANE" ? "rex" : null;
    const decide = () => ({ content, proposedBy });
    granted(await ledger.acceptSource({ ...key, asker: asker(AUTHORITY, "sourceAccept"), decide }));
  }
  const entries = told.map((entry) => ({ ...entry, entry: newId() }));
  const shared = entries.filter((entry): entry is SharedEntry => entry.kind === "ENCLAVE_REPORT");
  const subjects = [{ kind: "ENCLAVE_REPORT", name: "north" }] as const;
  if (shared.length > 0) {
    granted(
      await ledger.report({
        exercise: false,
        asker: asker(PROBE, "report"),
        subjects,
        decide: () => shared,
      }),
    );
  }
  const own = entries.filter((entry) => entry.kind !== "ENCLAVE_REPORT");
  const opened = granted(
    await ledger.open({
      ...key,
      asker: asker(PROBE, "packetOpen"),
      decide: ({ sources, newPacket }, { clock }): PacketOpened => ({
        kind: "PACKET_OPENED",
        packet: newPacket,
        train,
        exercise: false,
        succeeds: null,
        bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
        sources: sources as Sources,
        entries: own.filter(({ reporter }) => reporter === PROBE.actor),
        clock: { frozen: clock.frozen, generation: clock.generation },
      }),
    }),
  );
  await recordOthers(ledger, opened.packet, own);
  return opened.packet;
}

/** Whoever did not open the packet tells it their own entries. */
async function recordOthers(
  ledger: Ledger,
  packet: PacketId,
  entries: readonly Entry[],
): Promise<void> {
  const others = new Set(entries.map(({ reporter }) => reporter));
  others.delete(PROBE.actor);
  for (const other of others) {
    const its = entries.filter(({ reporter }) => reporter === other);
    granted(
      await ledger.append({
        packet,
        asker: asker(personOf(other), "readinessRecord"),
        decide: () => ({ kind: "ENTRIES_RECORDED", entries: its }),
      }),
    );
  }
}

let drifts = 0;

/** Appends one durable, judged revision: a signer says once more that they will come. */
export async function appendDrift(ledger: Ledger, packet: PacketId): Promise<Appended> {
  drifts += 1;
  const person = PEOPLE[drifts % PEOPLE.length] ?? "";
  const shift = SHIFTS[drifts % SHIFTS.length] ?? "";
  const entry = { ...commitment(person, shift, "COMMITTED"), entry: newId() };
  return granted(
    await ledger.append({
      packet,
      asker: asker(PROBE, "readinessRecord"),
      decide: () => ({ kind: "ENTRIES_RECORDED", entries: [entry] }),
    }),
  );
}
