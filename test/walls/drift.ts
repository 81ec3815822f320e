import { once } from "node:events";
import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import type { Chance } from "../faults/chance.ts";
import { changeAt } from "../faults/httpNode.ts";
import { revisionsIn } from "../faults/lineageCheck.ts";
import type { Outcome } from "../faults/verbNode.ts";
import { enclave, unsealed, withdrawal } from "../gate/reports.ts";
import { IVAN, PAUL } from "../workflow/cast.ts";
import { type Opened, type Wire, newKey, onWire } from "../workflow/trains.ts";
import type { Mark } from "./dashboard.ts";

/** One change in so many is asked for at another node than the one before. */
const MOVES_IN = 30;

/** These say that it may be done or be done later; anything else that is no success is a fault. */
const AGAIN = /ANSWERED 503|UNAVAILABLE|OUTCOME_UNKNOWN/;

interface Act {
  readonly verb: Verb;
  readonly by: Actor;
  readonly input: Wire;
}

/** What drifts, and where it is told of. */
export interface Drifting {
  readonly packets: readonly Opened[];
  /** Without a path; asked in turn where one does not answer. */
  readonly urls: readonly string[];
  /** How long an answer is waited for before another node is asked with the same key. */
  readonly answerMs: number;
  /** Whether every change concerns one packet alone and costs the database the same. */
  readonly isPlain: boolean;
  readonly dice: Chance;
}

/**
 * The world moves: seats are given up and taken, seals break and are mended, holds are placed.
 * Every change is asked for until it is known to be made, at another node with the same key
 * where one gives no answer.
 */
export class Drift {
  readonly #drifting: Drifting;
  /** Every revision that was acknowledged, as the answers name it. */
  readonly acknowledged: string[] = [];
  #lanes: Promise<void>[] = [];
  #turns = 0;
  #isOver = true;

  constructor(drifting: Drifting) {
    this.#drifting = drifting;
  }

  /** Begins, with so many changes under way at once. */
  begin(lanes: number): void {
    this.#isOver = false;
    this.#lanes = Array.from({ length: lanes }, (_none, lane) => this.#run(lane));
  }

  /** Resolves when so many more revisions were acknowledged. */
  async made(count: number): Promise<void> {
    const enough = this.acknowledged.length + count;
    while (this.acknowledged.length < enough) {
      const more = new Promise<void>((resolve) => {
        this.#watch = resolve;
      });
      // A lane ends of itself only by a fault.
      await Promise.race([more, ...this.#lanes]);
    }
  }

  /** Goes on for so long, in milliseconds. */
  async goOn(lengthMs: number): Promise<void> {
    const over = once(AbortSignal.timeout(lengthMs), "abort");
    await Promise.race([over, ...this.#lanes]);
  }

  /** Ends, and resolves when every change is known to be made. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
    this.#lanes = [];
  }

  /** Places one hold on each packet, at this node if one is named; resolves to the revisions. */
  async ring(url?: string): Promise<Mark[]> {
    const marks: Mark[] = [];
    for (const { packet } of this.#drifting.packets) {
      const urls = url === undefined ? this.#drifting.urls : [url];
      const { answer } = await this.#surely(placing(packet), urls, 0);
      const { revision } = answer as { readonly revision: number };
      marks.push({ packet, number: revision });
    }
    return marks;
  }

  #watch: () => void = () => undefined;

  /** Stays with the node that answers, and tries another now and then. */
  async #run(lane: number): Promise<void> {
    const { packets, urls, dice, isPlain } = this.#drifting;
    let home = lane;
    while (!this.#isOver) {
      const packet = packets[dice.below(packets.length)];
      if (packet === undefined) throw new Error("there is nothing that could drift");
      if (dice.below(MOVES_IN) === 0) home += 1;
      const turn = (this.#turns += 1);
      const change = isPlain ? seatsOf(packet, turn) : changeOf(packet, turn);
      home = (await this.#surely(change, urls, home)).home;
    }
  }

  /** Resolves to the answer, and to who gave it. */
  async #surely(
    { verb, by, input }: Act,
    urls: readonly string[],
    first: number,
  ): Promise<{ readonly home: number; readonly answer: unknown }> {
    for (let home = first; ; home += 1) {
      const url = urls[home % urls.length] ?? "";
      const outcome = await asked(url, { verb, by, input }, this.#drifting.answerMs);
      if (outcome?.done === true) {
        this.acknowledged.push(...revisionsIn(outcome.answer));
        this.#watch();
        return { home, answer: outcome.answer };
      }
      if (outcome !== null && !AGAIN.test(outcome.codes.join())) {
        throw new Error(`${verb} was refused: ${outcome.codes.join()}`);
      }
    }
  }
}

/** Null where no answer came. */
async function asked(url: string, act: Act, answerMs: number): Promise<Outcome | null> {
  try {
    return await changeAt(url, act, AbortSignal.timeout(answerMs));
  } catch {
    return null;
  }
}

function placing(packet: Opened["packet"]): Act {
  const input = { idempotencyKey: newKey(), packet, reason: "odd noise" };
  return { verb: "operatorHoldPlace", by: IVAN, input };
}

/** Turn by turn what opens holds and what clears them again, and now and then a hold that stays. */
function changeOf(opened: Opened, turn: number): Act {
  const { packet, enclaves, exercise } = opened;
  if (turn % 16 === 0) return placing(packet);
  if (turn % 8 !== 4) return seatsOf(opened, turn);
  const report = turn % 16 === 4 ? unsealed(enclaves[0]) : enclave(enclaves[0]);
  const input = { idempotencyKey: newKey(), exercise, entries: [onWire(report)] };
  return { verb: "enclaveReport", by: PAUL, input };
}

/** Seats are given up, and taken again. */
function seatsOf({ packet }: Opened, turn: number): Act {
  const status = turn % 2 === 0 ? "WITHDRAWN" : "COMMITTED";
  const entries = ["ana", "cleo", "eve"].map((name) =>
    onWire({ ...withdrawal(name, "late"), status }),
  );
  const input = { idempotencyKey: newKey(), packet, entries };
  return { verb: "readinessRecord", by: PAUL, input };
}
