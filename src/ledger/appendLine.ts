import type { PacketId } from "#packet/name.ts";
import type { Refusal } from "#packet/refusal.ts";
import { appendBatch } from "./appendBatch.ts";
import type { AppendDesk } from "./desk.ts";
import { LineageBroken, OutcomeUnknown } from "./fault.ts";
import { Crash, type Outcome } from "./judgeBatch.ts";
import type { AppendRequest, Appended } from "./ledger.ts";
import { BATCH_APPENDS_MAX, WAITING_APPENDS_MAX } from "./limits.ts";

interface Waiting {
  readonly request: AppendRequest;
  readonly answer: (answer: Appended | Refusal) => void;
  readonly fail: (fault: unknown) => void;
}

/** Appends of one packet wait in line, and whatever waits is written together. */
export class AppendLines {
  readonly #desk: AppendDesk;
  readonly #lines = new Map<PacketId, Waiting[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(desk: AppendDesk) {
    this.#desk = desk;
  }

  /** Resolves once the append is committed or refused. */
  append(request: AppendRequest): Promise<Appended | Refusal> {
    return new Promise((answer, fail) => {
      const line = this.#lines.get(request.packet);
      if (line !== undefined && line.length >= WAITING_APPENDS_MAX) {
        fail(new Error(`${WAITING_APPENDS_MAX} appends of this packet wait already`));
        return;
      }
      const waiting: Waiting = { request, answer, fail };
      if (line !== undefined) line.push(waiting);
      else this.#start(request.packet, [waiting]);
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #start(packet: PacketId, line: Waiting[]): void {
    this.#lines.set(packet, line);
    const running = this.#serve(packet, line).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #serve(packet: PacketId, line: Waiting[]): Promise<void> {
    // What was asked in the same turn of the event loop goes together from the first batch on.
    await Promise.resolve();
    while (line.length > 0) await this.#write(packet, line.splice(0, BATCH_APPENDS_MAX));
    this.#lines.delete(packet);
  }

  async #write(packet: PacketId, batch: readonly Waiting[]): Promise<void> {
    try {
      const requests = batch.map((waiting) => waiting.request);
      const outcomes = await appendBatch(this.#desk, packet, requests);
      for (const [index, waiting] of batch.entries()) settle(waiting, outcomes[index]);
    } catch (fault) {
      const isAll = fault instanceof LineageBroken || fault instanceof OutcomeUnknown;
      if (batch.length === 1 || isAll) for (const waiting of batch) waiting.fail(fault);
      // What the database refuses is one append's fault: each by itself spares its neighbours.
      else for (const waiting of batch) await this.#write(packet, [waiting]);
    }
  }
}

function settle(waiting: Waiting, outcome: Outcome | undefined): void {
  if (outcome === undefined) waiting.fail(new Error("the batch forgot an append"));
  else if (outcome instanceof Crash) waiting.fail(outcome.fault);
  else waiting.answer(outcome);
}
