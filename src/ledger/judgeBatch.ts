import type { Epoch } from "#packet/epoch.ts";
import { type Fact, causeOf } from "#packet/fact.ts";
import type { Name } from "#packet/name.ts";
import { PacketClosed, Refusal, ReportReplayed, RevisionConflict } from "#packet/refusal.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { nextDue, revise } from "#gate/revise.ts";
import { type Answer, type Answered, firstAnswer, writeAnswer } from "./asker.ts";
import { type Draft, type Folded, draftRevision } from "./draft.ts";
import type { AppendRequest, Appended } from "./ledger.ts";
import type { Moment } from "./moment.ts";
import type { NextNumber } from "./write.ts";

/** What one append comes to, were the batch to commit: an answer, or what its `decide` threw. */
export type Outcome = Appended | Refusal | Crash;

/** A `decide` that threw; only its own caller hears of it. */
export class Crash {
  readonly fault: unknown;
  constructor(fault: unknown) {
    this.fault = fault;
  }
}

/** What the database knew when the batch was judged. */
export interface Known {
  /** First answers by the index of the append that has the same key. */
  readonly answered: ReadonlyMap<number, Answered>;
  /** The last numbers of the automated reporters of the batch. */
  readonly lastNumbers: ReadonlyMap<Name, bigint>;
}

/** A batch as it would be written. */
export interface Judged {
  readonly folded: Folded;
  readonly drafts: readonly Draft[];
  readonly outcomes: readonly Outcome[];
  readonly answers: readonly Answer[];
  readonly numbers: readonly NextNumber[];
  /** The earliest epoch after this one at which anything may change by itself. */
  readonly nextDue: Epoch | null;
}

/** Rules 5.2 and 6.6: due lapses first, then each append in order of arrival, each with its own revision. */
export function judgeBatch(
  from: Folded,
  requests: readonly AppendRequest[],
  moment: Moment,
  known: Known,
): Judged {
  const batch = new Batch(from, moment, known);
  const outcomes = requests.map((request, index) => batch.judge(request, index));
  return { ...batch.written(), outcomes };
}

class Batch {
  readonly #moment: Moment;
  readonly #known: Known;
  readonly #drafts: Draft[] = [];
  readonly #answers: Answer[] = [];
  readonly #numbers: NextNumber[] = [];
  readonly #lastNumbers: Map<Name, bigint>;
  readonly #answeredNow = new Map<string, Answered>();
  #folded: Folded;
  #nextDue: Epoch | null;

  constructor(from: Folded, moment: Moment, known: Known) {
    this.#moment = moment;
    this.#known = known;
    this.#lastNumbers = new Map(known.lastNumbers);
    const reached = reachEpoch(from.state, moment.epoch);
    this.#folded = from;
    for (const lapse of reached.lapses) {
      const { draft, folded } = draftRevision(from.identity, this.#folded, lapse, moment.now);
      this.#drafts.push(draft);
      this.#folded = folded;
    }
    this.#nextDue = nextDue(reached.view);
  }

  judge(request: AppendRequest, index: number): Outcome {
    const { asker } = request;
    const key = `${asker.actor.actor} ${asker.idempotencyKey}`;
    const answered = this.#known.answered.get(index) ?? this.#answeredNow.get(key);
    if (answered !== undefined) {
      const answer = firstAnswer(asker, answered);
      return answer instanceof Refusal ? answer : { ...(answer as Appended), repeated: true };
    }
    const refused = this.#refuse(request);
    if (refused !== null) return refused;
    const fact = this.#ask(request);
    if (fact instanceof Refusal || fact instanceof Crash) return fact;
    try {
      this.#append(fact, request);
    } catch (fault) {
      return new Crash(fault);
    }
    const { identity, state, digest } = this.#folded;
    const answer = writeAnswer({ packet: identity.packet, revision: state.revision, digest });
    this.#answers.push({ asker, answer });
    this.#answeredNow.set(key, { verb: asker.verb, input: asker.input, answer });
    this.#takeNumber(request);
    return { packet: identity.packet, revision: state.revision, digest, repeated: false };
  }

  written(): Omit<Judged, "outcomes"> {
    return {
      folded: this.#folded,
      drafts: this.#drafts,
      answers: this.#answers,
      numbers: this.#numbers,
      nextDue: this.#nextDue,
    };
  }

  #refuse({ expectedRevision, reportNumber, asker }: AppendRequest): Refusal | null {
    const { revision: head, closing } = this.#folded.state;
    if (closing !== null) return new PacketClosed();
    if (expectedRevision !== undefined && expectedRevision !== head) {
      return new RevisionConflict(expectedRevision, head);
    }
    const last = this.#lastNumbers.get(asker.actor.actor);
    const isReplay = reportNumber !== undefined && last !== undefined && reportNumber <= last;
    return isReplay ? new ReportReplayed(last) : null;
  }

  #ask({ decide }: AppendRequest): Fact | Refusal | Crash {
    try {
      return decide(this.#folded.state, this.#moment);
    } catch (fault) {
      return new Crash(fault);
    }
  }

  #append(fact: Fact, { asker }: AppendRequest): void {
    const occurrence = { fact, actor: causeOf(asker.actor), epoch: this.#moment.epoch };
    const revised = revise(this.#folded.state, occurrence);
    const { draft, folded } = draftRevision(
      this.#folded.identity,
      this.#folded,
      revised,
      this.#moment.now,
    );
    this.#drafts.push(draft);
    this.#folded = folded;
    this.#nextDue = nextDue(folded.state);
  }

  #takeNumber({ asker, reportNumber }: AppendRequest): void {
    if (reportNumber === undefined) return;
    const { actor } = asker.actor;
    const previous = this.#lastNumbers.get(actor) ?? null;
    const { exercise } = this.#folded.identity;
    this.#numbers.push({ exercise, reporter: actor, number: reportNumber, previous });
    this.#lastNumbers.set(actor, reportNumber);
  }
}
