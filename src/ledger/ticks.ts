import type { Epoch } from "#packet/epoch.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { ClockStep } from "#recovery/clock.ts";
import { arrayOf } from "./arrays.ts";
import type { AppendDesk } from "./desk.ts";
import { writeDueLapses } from "./dueLapses.ts";
import { RAISED, codeOf } from "./fault.ts";
import type { StepAnswer, StepRequest } from "./ledger.ts";
import {
  type ClockRow,
  type Query,
  type SeenMoment,
  clockColumns,
  clockTable,
  momentOf,
} from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";
import { stepClock, writeStep } from "./stepClock.ts";
import { attempts } from "./transact.ts";

/**
 * The ticks of one process, of which any number may tick the same deployment. A tick looks, by
 * one read that takes no lock, at whether a step or a lapse is due, and leaves where neither is.
 * The step is one statement that goes through for one of them (rule 6.1), so that no
 * process which stops or dies keeps the epoch from moving. The lapses are written by one process
 * at a time; what one leaves undone, the next tick of any other finds.
 */
export class Ticks {
  readonly #desk: AppendDesk;
  /** Packets that could not be read at this epoch; they are tried again at the next one. */
  readonly #unreadable = new Set<PacketId>();
  #unreadableAt: Epoch = -1n;

  constructor(desk: AppendDesk) {
    this.#desk = desk;
  }

  /** Null while no step is due, also where lapses were; with the step, the packets that are unreadable. */
  async tick(request: StepRequest): Promise<StepAnswer | Refusal | null> {
    const { rate } = this.#desk;
    const { isDue, ...seen } = await attempts(null, () =>
      this.#desk.connections.read((sql) => this.#look(sql)),
    );
    const moment = momentOf(seen, rate);
    this.#passOver(moment.epoch);
    const decided = request.decide(moment.clock, moment.now.getTime());
    if (decided instanceof Refusal) return decided;
    if (decided === null) {
      if (isDue) await writeDueLapses(this.#desk, this.#unreadable);
      return null;
    }
    // A break is told to every open packet, which takes the lock that openings share.
    if (decided.change !== null) return stepClock(this.#desk, request);
    const { clock } = decided;
    if (!(await this.#step(request, decided, moment))) return null;
    this.#passOver(clock.epoch);
    await writeDueLapses(this.#desk, this.#unreadable);
    return { clock, appended: [], unreadable: [...this.#unreadable], repeated: false };
  }

  /** False where another process came first, or the database's own backstop wants it a little later. */
  async #step(request: StepRequest, step: ClockStep, { clockSeq }: SeenMoment): Promise<boolean> {
    try {
      return await attempts(null, () =>
        this.#desk.connections.run((sql) => writeStep(sql, request, step, clockSeq)),
      );
    } catch (fault) {
      if (codeOf(fault) !== RAISED.clock) throw fault;
      return false;
    }
  }

  /** An unreadable packet stays due for ever: without those, the answer tells whether there is work. */
  async #look(sql: Query): Promise<ClockRow & { readonly isDue: boolean }> {
    const [row] = await rowsOf(sql<(ClockRow & { readonly isDue: boolean })[]>`
      SELECT ${clockColumns(sql)}, EXISTS (
          SELECT FROM packet_head h WHERE NOT h.closed AND h.next_due <= c.epoch
            AND h.packet <> ALL(${arrayOf(sql, "uuid", [...this.#unreadable])}::uuid[])
        ) AS "isDue"
      FROM ${clockTable(sql)}`);
    if (row === undefined) throw new Error("the clock has not been started");
    return row;
  }

  #passOver(epoch: Epoch): void {
    if (epoch === this.#unreadableAt) return;
    this.#unreadableAt = epoch;
    this.#unreadable.clear();
  }
}
