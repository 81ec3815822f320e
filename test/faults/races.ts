import type { Sql } from "#database/connect.ts";
import { hex } from "#proof/digest.ts";
import type { Desk } from "#workflow/desk.ts";
import { OLGA } from "../workflow/cast.ts";
import { type Opened, approvalOf, openReady } from "../workflow/trains.ts";
import { chance } from "./chance.ts";
import { type Act, DRIFTS, type Drift } from "./drifts.ts";
import type { Told, VerbNode } from "./verbNode.ts";

/** What came of many races between the owner and a drift. */
export interface Raced {
  readonly seed: number;
  /** How often the approval came first, and how often the drift did, by the drift's name. */
  readonly approvedFirst: Readonly<Record<string, number>>;
  readonly driftedFirst: Readonly<Record<string, number>>;
  /** Races in which the approval was only asked for when the drift had been acknowledged, and the other way round. */
  readonly approvedAfter: number;
  readonly driftedAfter: number;
  /** Every answer that rule 5.2 forbids, with the seed. */
  readonly violations: readonly string[];
}

/** How long either of them thinks at most, in microseconds, where nobody says. */
const THINK_US_MAX = 12_000;
/** One race in so many has the owner's process stopped until the drift is acknowledged, and one the drift come after the approval's answer. */
const IN_TURN_ONE_IN = 20;
const OWNER_STOPPED = 0;
const DRIFT_WAITS = 1;

/** How much is raced, and against what. */
export interface Course {
  readonly races: number;
  /** Packets that race at the same time. */
  readonly lanes: number;
  /** Of an earlier run, to have its delays again. */
  readonly seed?: number;
  readonly drifts?: readonly Drift[];
  /** How long either of them thinks at most, in microseconds. */
  readonly thinkUsMax?: number;
}

/** Who races, and how a packet is looked at in between. */
interface Ring {
  readonly owner: VerbNode;
  readonly world: VerbNode;
  readonly desk: Desk;
  /** The packet at its head; its status when that is not READY_FOR_APPROVAL. */
  readonly headOf: (packet: Opened) => Promise<Opened | string>;
}

interface Race {
  readonly drift: Drift;
  readonly approval: Told;
  readonly drifted: Told;
}

/**
 * Lets the owner in one process race a drift in another, on packets that are brought back to
 * READY_FOR_APPROVAL after each race, several packets at a time.
 */
export async function race(
  { owner, world, desk, headOf }: Ring,
  { races, lanes, seed, drifts = DRIFTS, thinkUsMax = THINK_US_MAX }: Course,
): Promise<Raced> {
  const dice = chance("approve against drift", seed);
  const packets: Opened[] = [];
  for (let lane = 0; lane < lanes; lane += 1) {
    packets.push(await openReady(desk, `race-${dice.seed}-${lane}`));
  }
  let left = races;
  const raced: Race[] = [];
  const violations: string[] = [];
  const runLane = async (packet: Opened): Promise<void> => {
    let placements = 0;
    while (left > 0) {
      left -= 1;
      const drift = drifts[dice.below(drifts.length)];
      if (drift === undefined) continue;
      const ready = await headOf(packet);
      if (typeof ready === "string") {
        violations.push(`after ${raced.length} races one began at ${ready}`);
        return;
      }
      const [approval, drifted] = await raceOnce({ owner, world }, drift, ready, {
        thinkUs: () => dice.below(thinkUsMax),
        turn: dice.below(IN_TURN_ONE_IN),
      });
      raced.push({ drift, approval, drifted });
      violations.push(...faultsOf({ drift, approval, drifted }, ready));
      if (drift.name === "operator hold") placements += 1;
      for (const end of drift.ends) await finish(world, await end(ready, placements, desk));
    }
  };
  await Promise.all(packets.map(runLane));
  return { seed: dice.seed, ...summary(raced, drifts), violations };
}

async function raceOnce(
  { owner, world }: { owner: VerbNode; world: VerbNode },
  drift: Drift,
  ready: Opened,
  { thinkUs, turn }: { thinkUs: () => number; turn: number },
): Promise<[Told, Told]> {
  const approving = owner.ask({
    verb: "packetApprove",
    by: OLGA,
    input: approvalOf(ready),
    thinkUs: thinkUs(),
  });
  const drifts = { ...drift.happens(ready), thinkUs: thinkUs() };
  const drifting =
    turn === DRIFT_WAITS ? approving.then(() => world.ask(drifts)) : world.ask(drifts);
  if (turn === OWNER_STOPPED) {
    process.kill(owner.pid, "SIGSTOP");
    await drifting.finally(() => process.kill(owner.pid, "SIGCONT"));
  }
  return Promise.all([approving, drifting]);
}

async function finish(world: VerbNode, act: Act): Promise<void> {
  const { outcome } = await world.ask({ ...act, thinkUs: 0 });
  if (!outcome.done) throw new Error(`a drift could not be ended: ${outcome.codes.join(", ")}`);
}

/** Looks at packets in the rows. */
export function headIn(sql: Sql): Ring["headOf"] {
  return async (packet) => {
    const [head] = await sql<{ number: number; digest: Uint8Array; status: string }[]>`
      SELECT number, digest, status FROM packet_head WHERE packet = ${packet.packet}`;
    if (head?.status !== "READY_FOR_APPROVAL") return head?.status ?? "nothing";
    return { ...packet, revision: head.number, digest: hex(head.digest) };
  };
}

/** The revision that an outcome names for a packet; null when it was refused. */
export function revisionIn(told: Told, packet: string): number | null {
  if (!told.outcome.done) return null;
  const text = JSON.stringify(told.outcome.answer);
  const { appended, ...own } = JSON.parse(text) as {
    packet?: string;
    revision?: number;
    appended?: { packet: string; revision: number } | { packet: string; revision: number }[] | null;
  };
  const all = [own, appended ?? []].flat();
  return all.find((each) => each.packet === packet)?.revision ?? null;
}

/** Why an approval that came too late is refused. */
const LATE = new Set(["HELD", "STALE_REVISION", "CLOCK_IN_DOUBT"]);

function faultsOf({ drift, approval, drifted }: Race, ready: Opened): string[] {
  const faults: string[] = [];
  const approvedAt = revisionIn(approval, ready.packet);
  const driftedAt = revisionIn(drifted, ready.packet);
  const codes = approval.outcome.done ? [] : approval.outcome.codes;
  const say = (what: string): void => {
    const told = JSON.stringify({ approval: approval.outcome, drifted: drifted.outcome });
    faults.push(`${drift.name} at revision ${ready.revision}: ${what} ${told}`);
  };
  if (driftedAt === null) say("the drift was not recorded");
  if (approvedAt === null && !codes.every((code) => LATE.has(code))) say("refused otherwise");
  if (approvedAt === null && !codes.includes("STALE_REVISION")) say("refused for nothing");
  if (approvedAt === null && drift.holds !== codes.includes("HELD")) say("holds are not told");
  if (approvedAt !== null && approvedAt !== ready.revision + 1) say("approved something else");
  if (approvedAt !== null && driftedAt !== null && driftedAt < approvedAt) say("approved after it");
  if (isBefore(drifted, approval) && approvedAt !== null) say("approved after its acknowledgement");
  if (isBefore(approval, drifted) && approvedAt === null) say("refused before it was asked for");
  return faults;
}

function isBefore(first: Told, second: Told): boolean {
  return BigInt(first.answeredNs) < BigInt(second.askedNs);
}

function summary(raced: readonly Race[], drifts: readonly Drift[]) {
  const byName = (list: readonly Race[]): Record<string, number> =>
    Object.fromEntries(
      drifts.map(({ name }) => [name, list.filter((item) => item.drift.name === name).length]),
    );
  return {
    approvedFirst: byName(raced.filter(({ approval }) => approval.outcome.done)),
    driftedFirst: byName(raced.filter(({ approval }) => !approval.outcome.done)),
    approvedAfter: raced.filter(({ approval, drifted }) => isBefore(drifted, approval)).length,
    driftedAfter: raced.filter(({ approval, drifted }) => isBefore(approval, drifted)).length,
  };
}

/**
 * Every approval of the database that its own rows show to be wrong: one that follows a
 * revision with open holds, or names one that was overtaken (rules 5.1 and 5.2).
 */
export async function wrongApprovals(sql: Sql): Promise<readonly object[]> {
  return sql<object[]>`
    SELECT a.packet, a.number, a.approves_number, before.status, before.open_holds
    FROM revision AS a
      JOIN revision AS before ON before.packet = a.packet AND before.number = a.number - 1
      LEFT JOIN revision AS named ON named.packet = a.packet AND named.number = a.approves_number
    WHERE a.cause = 'PACKET_APPROVED' AND (
      before.open_holds > 0 OR before.status <> 'READY_FOR_APPROVAL' OR named.number IS NULL
      OR named.digest <> a.approves_digest
      OR EXISTS (
        SELECT FROM revision AS between_them WHERE between_them.packet = a.packet
          AND between_them.number > a.approves_number AND between_them.number < a.number
          AND (between_them.open_holds > 0 OR between_them.material_digest <> named.material_digest)))`;
}

/** How often the server broke a deadlock in this database, as far as its sessions have told. */
export async function deadlocks(sql: Sql): Promise<bigint> {
  const [row] = await sql<{ deadlocks: bigint }[]>`
    SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`;
  return row?.deadlocks ?? -1n;
}

/** Over all drifts. */
export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
