import type { z } from "zod";
import type { Appended, ReportAnswer, SourceAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { PacketReport, SharedReport } from "#packet/entry.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { ApprovalLane, Bindings, SourceProposal } from "#packet/source.ts";
import type { Desk } from "#workflow/desk.ts";
import { escalationAcknowledge } from "#workflow/escalationAcknowledge.ts";
import { laneConfirm } from "#workflow/laneConfirm.ts";
import { lanePropose } from "#workflow/lanePropose.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetBind } from "#workflow/packetBind.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetReject } from "#workflow/packetReject.ts";
import { packetResubmit } from "#workflow/packetResubmit.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { TRAIN } from "./plan.ts";

/** Entries as people and systems send them: epochs are decimal strings. */
export type PacketEntry = z.input<typeof PacketReport>;
export type SharedEntry = z.input<typeof SharedReport>;

/** A rehearsal is an exercise: nothing of it may ever reach a real packet (rule 2.3). */
const EXERCISE = true;

/** The verbs as this train's people use them: with their keys, and report numbers for systems. */
export class TrainDesk {
  readonly desk: Desk;
  readonly #numbers = new Map<string, number>();
  #keys = 0;
  #packet: PacketId | null = null;

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** The packet, once it is open. */
  get packet(): PacketId {
    if (this.#packet === null) throw new Error("the packet is not open yet");
    return this.#packet;
  }

  lanePropose(actor: Actor, lane: z.input<typeof ApprovalLane>) {
    return lanePropose(this.desk, actor, { ...this.#onTrain(), lane });
  }

  laneConfirm(actor: Actor, proposal: string, digest: string) {
    return laneConfirm(this.desk, actor, { ...this.#onTrain(), proposal, digest });
  }

  sourceAccept(
    actor: Actor,
    source: z.input<typeof SourceProposal>,
  ): Promise<SourceAnswer | Refusal> {
    return sourceAccept(this.desk, actor, { ...this.#onTrain(), source });
  }

  async packetOpen(
    actor: Actor,
    bindings: Bindings,
    entries: readonly PacketEntry[],
  ): Promise<Appended | Refusal> {
    const opened = await packetOpen(this.desk, actor, { ...this.#onTrain(), bindings, entries });
    if (!(opened instanceof Refusal)) this.#packet = opened.packet;
    return opened;
  }

  packetBind(actor: Actor, bindings: Bindings): Promise<Appended | Refusal> {
    return packetBind(this.desk, actor, { ...this.#onPacket(), bindings });
  }

  record(actor: Actor, entries: readonly PacketEntry[]): Promise<Appended | Refusal> {
    const wish = { ...this.#onPacket(), entries, ...this.#numbered(actor) };
    return readinessRecord(this.desk, actor, wish);
  }

  recordShared(actor: Actor, entries: readonly SharedEntry[]): Promise<ReportAnswer | Refusal> {
    const wish = { ...this.#keyed(), exercise: EXERCISE, entries, ...this.#numbered(actor) };
    return sharedRecord(this.desk, actor, wish);
  }

  acknowledge(actor: Actor, note: string): Promise<Appended | Refusal> {
    return escalationAcknowledge(this.desk, actor, { ...this.#onPacket(), note });
  }

  approve(actor: Actor, revision: number, digest: string): Promise<Appended | Refusal> {
    const { idempotencyKey, packet } = this.#onPacket();
    return packetApprove(this.desk, actor, { idempotencyKey, packet, revision, digest });
  }

  reject(actor: Actor, reason: string): Promise<Appended | Refusal> {
    return packetReject(this.desk, actor, { ...this.#onPacket(), reason });
  }

  resubmit(actor: Actor, answer: string): Promise<Appended | Refusal> {
    return packetResubmit(this.desk, actor, { ...this.#onPacket(), answer });
  }

  #keyed(): { idempotencyKey: string } {
    this.#keys += 1;
    return { idempotencyKey: `rehearsal-${this.#keys}` };
  }

  #onTrain() {
    return { ...this.#keyed(), train: TRAIN, exercise: EXERCISE };
  }

  #onPacket() {
    return { ...this.#keyed(), packet: this.packet };
  }

  /** Rule 4.3.2: a system numbers its reports. */
  #numbered({ actor, kind }: Actor): { reportNumber?: string } {
    if (kind === "PERSON") return {};
    const number = (this.#numbers.get(actor) ?? 0) + 1;
    this.#numbers.set(actor, number);
    return { reportNumber: number.toString() };
  }
}
