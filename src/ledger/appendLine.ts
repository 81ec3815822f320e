import type { PacketId } from "#packet/name.ts";
import type { Refusal } from "#packet/refusal.ts";
import { type Prospect, type Ready, appendBatch, foresee, prospectBehind } from "./appendBatch.ts";
import type { AppendDesk } from "./desk.ts";
import { LineageBroken, OutcomeUnknown } from "./fault.ts";
import { Crash, type Outcome } from "./judgeBatch.ts";
import { Foresight } from "./foresight.ts";
import type { AppendRequest, Appended } from "./ledger.ts";
import { BATCH_APPENDS_MAX, HALVED_APPENDS_MIN, WAITING_APPENDS_MAX } from "./limits.ts";
import type { SeenMoment } from "./moment.ts";
import { turn } from "./turn.ts";

interface Waiting {
  readonly request: AppendRequest;
  readonly answer: (answer: Appended | Refusal) => void;
  readonly fail: (fault: unknown) => void;
}

/** Appends of one packet wait in line, and whatever waits is written together. */
export class AppendLines {
  readonly #desk: AppendDesk;
  readonly #foresight: Foresight;
  readonly #lines = new Map<PacketId, Waiting[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(desk: AppendDesk) {
    this.#desk = desk;
    this.#foresight = new Foresight(desk.lineages);
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

  /**
   * What is asked in the same turn of the event loop goes together, and so does what those ask next
   * who have just been answered. While one batch is written the next is judged behind it.
   */
  async #serve(packet: PacketId, line: Waiting[]): Promise<void> {
    await turn();
    const foreseen = this.#foresight.of(packet);
    let batch = takeBatch(line, foreseen);
    let writing = this.#write(packet, batch);
    let moment: SeenMoment | null = foreseen?.moment ?? null;
    for (;;) {
      const ahead = takeAhead(line, batch, moment);
      const { prospect, settle } = await writing;
      moment = prospect?.moment ?? null;
      if (ahead !== null) {
        batch = prospect === null ? { ...ahead, ready: null } : ahead;
        writing = this.#write(packet, batch);
      }
      settle();
      await turn();
      if (ahead !== null) continue;
      if (line.length === 0) break;
      batch = takeBatch(line, prospect);
      writing = this.#write(packet, batch);
    }
    this.#lines.delete(packet);
  }

  /** Never rejects: `settle` tells each caller what came of it. */
  async #write(packet: PacketId, { waiting, ready }: Batch): Promise<Settled> {
    const requests = waiting.map(({ request }) => request);
    try {
      const written = await appendBatch(this.#desk, packet, requests, ready);
      const { outcomes, prospect, isContested } = written;
      this.#foresight.leave(packet, isContested ? null : prospect);
      return {
        prospect,
        settle: () => waiting.forEach((one, index) => answer(one, outcomes[index])),
      };
    } catch (fault) {
      const isAll = fault instanceof LineageBroken || fault instanceof OutcomeUnknown;
      if (waiting.length > 1 && !isAll) {
        // What the database refuses is one append's fault: each by itself spares its neighbours.
        for (const one of waiting) {
          (await this.#write(packet, { waiting: [one], ready: null })).settle();
        }
        return { prospect: null, settle: () => undefined };
      }
      return { prospect: null, settle: () => waiting.forEach((one) => one.fail(fault)) };
    }
  }
}

/** Appends that are written together. */
interface Batch {
  readonly waiting: readonly Waiting[];
  readonly ready: Ready | null;
}

interface Settled {
  readonly prospect: Prospect | null;
  readonly settle: () => void;
}

/** Half of what waits, so that the other half is judged while this one is written. */
function takeBatch(line: Waiting[], prospect: Prospect | null): Batch {
  const count = line.length < HALVED_APPENDS_MIN ? line.length : Math.ceil(line.length / 2);
  const waiting = line.splice(0, Math.min(count, BATCH_APPENDS_MAX));
  return judged(waiting, prospect);
}

/** All that waits while a batch is written, judged behind that one; null where it cannot be yet. */
function takeAhead(line: Waiting[], { ready }: Batch, moment: SeenMoment | null): Batch | null {
  if (line.length === 0 || ready === null || moment === null) return null;
  return judged(line.splice(0, BATCH_APPENDS_MAX), prospectBehind(ready, moment));
}

function judged(waiting: readonly Waiting[], prospect: Prospect | null): Batch {
  const requests = waiting.map(({ request }) => request);
  try {
    return { waiting, ready: prospect === null ? null : foresee(prospect, requests) };
  } catch {
    // It is judged once more when it is written, and whoever waits is told what goes wrong there.
    return { waiting, ready: null };
  }
}

function answer(waiting: Waiting, outcome: Outcome | undefined): void {
  if (outcome === undefined) waiting.fail(new Error("the batch forgot an append"));
  else if (outcome instanceof Crash) waiting.fail(outcome.fault);
  else waiting.answer(outcome);
}
