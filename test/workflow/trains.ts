import { AuthorityKind } from "#packet/source.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { openHolds } from "#gate/view.ts";
import type { Appended } from "#ledger/ledger.ts";
import { rateInForce } from "#recovery/clock.ts";
import type { Desk } from "#workflow/desk.ts";
import { laneConfirm } from "#workflow/laneConfirm.ts";
import { lanePropose } from "#workflow/lanePropose.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { enclave, enclaves } from "../gate/reports.ts";
import { CONTENTS, goodNews } from "../gate/train.ts";
import { OLGA, PAUL, PIA, PROBE, REX, RUTH, SCOUT, UMA } from "./cast.ts";

/** An input as JSON brings it, or a part of one. */
export type Wire = { [name: string]: unknown };

/** A value as JSON brings it: 64-bit values are decimal strings. */
export function onWire(value: unknown): Wire {
  const text = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "bigint" ? part.toString() : part,
  );
  return JSON.parse(text) as Wire;
}

let keys = 0;

/** An idempotency key that nobody used before in this process. */
export function newKey(): string {
  keys += 1;
  return `key-${process.pid}-${keys.toString().padStart(8, "0")}`;
}

/** A train whose sources are accepted. */
export interface Train {
  readonly train: string;
  readonly exercise: boolean;
  /** The two accepted enclaves, of which one is needed. */
  readonly enclaves: readonly [string, string];
}

/** A packet of a train, as the answer that opened it or last moved it told. */
export interface Opened extends Train {
  readonly packet: PacketId;
  readonly revision: number;
  readonly digest: string;
}

/** How a train differs from the usual one. */
export interface TrainOptions {
  readonly exercise?: boolean;
  /** Replaces the train's own two, so that several trains share them. */
  readonly enclaves?: readonly [string, string];
  /** In place of the usual source of its kind. */
  readonly sources?: readonly Wire[];
}

/** What a verb answered, when it was no refusal. */
export function accepted<T>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw new Error(`refused: ${answer.message}`);
  return answer;
}

/** The time at which an epoch begins that is so many after the current one, as people write it. */
export async function times(desk: Desk): Promise<(epochs: number) => string> {
  const { clock } = await desk.ledger.moment();
  const { epochMs } = rateInForce(clock, desk.rate);
  const now = clock.anchorAt + Number(clock.epoch - clock.anchorEpoch) * epochMs;
  return (epochs) => new Date(now + epochs * epochMs).toISOString();
}

/** A calendar by the epochs from now at which each shift begins and ends. */
export async function calendarOf(
  desk: Desk,
  shifts: readonly (readonly [string, number, number])[] = USUAL_SHIFTS,
  noSigning: readonly (readonly [number, number])[] = [],
): Promise<Wire> {
  const at = await times(desk);
  return {
    kind: "SHIFT_CALENDAR",
    shifts: shifts.map(([shift, from, to]) => ({ shift, startsAt: at(from), endsAt: at(to) })),
    noSigning: noSigning.map(([from, to]) => ({ startsAt: at(from), endsAt: at(to) })),
  };
}

/** A window from now on, or from so many epochs after it. */
export async function windowOf(desk: Desk, from = 0, to = WINDOW_EPOCHS): Promise<Wire> {
  const at = await times(desk);
  return { kind: "SHIPMENT_WINDOW", startsAt: at(from), endsAt: at(to) };
}

const WINDOW_EPOCHS = 3000;
const USUAL_SHIFTS = [
  ["early", 0, 1000],
  ["late", 1000, 2000],
  ["night", 2000, WINDOW_EPOCHS],
] as const;

/** Who is accepted to report everything. */
export const REPORTERS = [PROBE.actor, SCOUT.actor, PAUL.actor] as const;

/** The lane of every train here. */
export const LANE = {
  ...CONTENTS.APPROVAL_LANE,
  owner: OLGA.actor,
  authorities: AuthorityKind.options.map((kind) => ({ kind, authority: UMA.actor })),
};

/** The usual source of every kind, as its authority proposes it. */
export async function usualSources(desk: Desk, { train, enclaves: names }: Train): Promise<Wire[]> {
  const { accepted: lists } = CONTENTS.ACCEPTED_REPORTERS;
  const changed = [
    { ...CONTENTS.OUTAGE_DECLARATION, fallbackTrains: [train] },
    { ...CONTENTS.REPRODUCIBILITY_POLICY, rebuilders: REPORTERS },
    {
      kind: "ACCEPTED_REPORTERS",
      accepted: lists.map(({ kind }) => ({ kind, reporters: REPORTERS })),
    },
    enclaves(names),
    await calendarOf(desk),
    await windowOf(desk),
  ];
  const contents: Wire[] = [...Object.values(CONTENTS), ...changed].map(onWire);
  const newest = new Map(contents.map((content) => [content["kind"], content]));
  newest.delete("APPROVAL_LANE");
  return [...newest.values()];
}

/** Has a lane proposed by one and confirmed by the other. */
export async function settleLane(
  desk: Desk,
  on: Omit<Train, "enclaves">,
  lane: Wire = LANE,
): Promise<void> {
  const { train, exercise } = on;
  const proposed = accepted(
    await lanePropose(desk, REX, { idempotencyKey: newKey(), train, exercise, lane }),
  );
  const { proposal, digest } = proposed;
  const named = { idempotencyKey: newKey(), train, exercise, proposal, digest };
  accepted(await laneConfirm(desk, RUTH, named));
}

/** Accepts a source of a train, as its authority. */
export async function accept(desk: Desk, on: Omit<Train, "enclaves">, source: Wire): Promise<void> {
  const { train, exercise } = on;
  accepted(await sourceAccept(desk, UMA, { idempotencyKey: newKey(), train, exercise, source }));
}

/** Accepts a lane and a source of every kind for a train. */
export async function settle(
  desk: Desk,
  train: string,
  { exercise = false, enclaves: names, sources = [] }: TrainOptions = {},
): Promise<Train> {
  const settled: Train = {
    train,
    exercise,
    enclaves: names ?? [`${train}-north`, `${train}-south`],
  };
  await settleLane(desk, settled);
  const usual = await usualSources(desk, settled);
  const proposals = new Map([...usual, ...sources].map((source) => [source["kind"], source]));
  for (const source of proposals.values()) await accept(desk, settled, source);
  return settled;
}

/** Versions 1 of everything that a packet is bound to. */
export const BINDINGS = {
  TRUSTED_BRANCH: 1,
  MANIFEST: 1,
  REPRODUCIBILITY_POLICY: 1,
  ROLLBACK_SCOPE: 1,
};

/** Opens a train's packet without entries. */
export async function open(desk: Desk, settled: Train, more: Wire = {}): Promise<Opened> {
  const { train, exercise } = settled;
  const wish = {
    idempotencyKey: newKey(),
    train,
    exercise,
    bindings: BINDINGS,
    entries: [],
    ...more,
  };
  return { ...settled, ...accepted(await packetOpen(desk, PIA, wish)) };
}

/** Good news about every subject that the usual packet has to itself, as JSON brings it. */
export const GOOD_NEWS: readonly Wire[] = goodNews()
  .filter((report) => report.kind !== "ENCLAVE_REPORT")
  .map(onWire);

/** A person's report that these enclaves are sealed. */
export function sealedReport({ exercise, enclaves: names }: Omit<Train, "train">): Wire {
  return { idempotencyKey: newKey(), exercise, entries: names.map((name) => enclave(name)) };
}

/** Records entries about a packet, as the accepted person. */
export async function tell(
  desk: Desk,
  packet: PacketId,
  entries: readonly unknown[],
): Promise<Appended> {
  const wish = { idempotencyKey: newKey(), packet, entries: entries.map(onWire) };
  return accepted(await readinessRecord(desk, PAUL, wish));
}

/** Settles a train and brings its packet to READY_FOR_APPROVAL. */
export async function openReady(
  desk: Desk,
  train: string,
  options: TrainOptions = {},
): Promise<Opened> {
  const settled = await settle(desk, train, options);
  const opened = await open(desk, settled);
  await tell(desk, opened.packet, GOOD_NEWS);
  accepted(await sharedRecord(desk, PAUL, sealedReport(settled)));
  return readyAt(desk, opened);
}

/** The packet at its head, which must be READY_FOR_APPROVAL. */
export async function readyAt<T extends { readonly packet: PacketId }>(
  desk: Desk,
  opened: T,
): Promise<T & { revision: number; digest: string }> {
  const { state, digest } = accepted(await packetRead(desk, PIA, opened.packet));
  if (state.status !== "READY_FOR_APPROVAL") {
    const reasons = openHolds(state).map((hold) => hold.why);
    throw new Error(`${state.status}: ${reasons.join("; ")}`);
  }
  return { ...opened, revision: state.revision, digest };
}

/** The owner's wish to approve a packet at its head. */
export function approvalOf({ packet, revision, digest }: Opened): Wire {
  return { idempotencyKey: newKey(), packet, revision, digest };
}
