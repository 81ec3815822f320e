import type { ApprovalStanding, PacketStatus } from "#packet/approval.ts";
import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Hold } from "#packet/hold.ts";
import { Refusal } from "#packet/refusal.ts";
import { advisories, openHolds } from "#gate/view.ts";
import type { Appended, Ledger, ReportAnswer, Seen, SourceAnswer } from "#ledger/ledger.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { Blockers, type Difference, difference, holdText, isExact } from "./blockers.ts";
import type { GateSample, Sample } from "./measures.ts";
import type { SeenRevision, Subscriber } from "./subscriber.ts";
import type { HoldChange, HoldName, Tell } from "./told.ts";
import type { TrainDesk } from "./trainDesk.ts";

/** What the author of a stage says that one revision will be. What is left out is nothing. */
export interface Expected extends Partial<HoldChange> {
  readonly status: PacketStatus;
  readonly standing?: ApprovalStanding;
}

/** What a verb answers when it makes a revision. */
type Answer = Appended | SourceAnswer | ReportAnswer;

/** So many words tell two revisions of one rehearsal apart. */
const WORDS_TOLD = 4;

/** Whoever looks at the packet for the rehearsal. */
const READER: Actor = { actor: "reader.noa", kind: "PERSON", roles: ["READER"] };

/** A stage that did not go as its author expected, so that nothing after it can. */
export class NotAsExpected extends Error {}

/** One performance: who listens, what truly holds, and what was found so far. */
export class Run {
  readonly train: TrainDesk;
  readonly reader = READER;
  readonly tell: Tell;
  readonly samples: Sample[] = [];
  readonly gates: GateSample[] = [];
  readonly #subscriber: Subscriber;
  readonly #blockers = new Blockers();
  readonly #faults: string[] = [];
  #stage = 0;
  #last: SeenRevision | null = null;
  #approved: SeenRevision | null = null;

  constructor(train: TrainDesk, subscriber: Subscriber, tell: Tell) {
    this.train = train;
    this.#subscriber = subscriber;
    this.tell = tell;
  }

  get ledger(): Ledger {
    return this.train.desk.ledger;
  }

  /** How many stages began. */
  get stages(): number {
    return this.#stage;
  }

  /** The revision that the owner named in the newest approval, as it was recorded. */
  get approved(): SeenRevision | null {
    return this.#approved;
  }

  /** The newest revision that the subscriber has seen. */
  get last(): SeenRevision {
    if (this.#last === null) throw new Error("no revision has been seen yet");
    return this.#last;
  }

  /** Announces a stage, plays it, and says how it went. Throws `NotAsExpected` if it did not go so. */
  async stage(
    title: string,
    tells: string,
    epoch: Epoch,
    play: () => Promise<void>,
  ): Promise<void> {
    this.#stage += 1;
    this.tell({ line: "stage", stage: this.#stage, title, tells, epoch });
    await play().catch((fault: unknown) => {
      if (!(fault instanceof NotAsExpected)) throw fault;
      this.fault(fault.message);
    });
    const faults = [...this.#faults];
    const asExpected = faults.length === 0;
    this.tell({ line: "verdict", stage: this.#stage, asExpected, faults });
    if (!asExpected) throw new NotAsExpected(faults.join("; "));
  }

  /** Takes down what did not go as expected in this stage. */
  fault(text: string): void {
    this.#faults.push(text);
  }

  /** Tells of something that was done and made no revision. */
  done(by: Actor, tells: string): void {
    this.tell({ line: "done", by: by.actor, tells });
  }

  /** Does something that must be accepted, and hands on the answer. */
  async accepted<A>(act: () => Promise<A | Refusal>): Promise<A> {
    const answer = await act();
    if (!(answer instanceof Refusal)) return answer;
    throw new NotAsExpected(`it was refused (${answer.code}): ${answer.message}`);
  }

  /** Does something that must be refused, for this reason. */
  async refused(by: Actor, wish: string, code: string, act: () => Promise<unknown>): Promise<void> {
    const answer = await act();
    if (!(answer instanceof Refusal)) throw new NotAsExpected(`${wish} was not refused`);
    const { message } = answer;
    this.tell({ line: "refused", by: by.actor, wish, code: answer.code, message });
    if (answer.code !== code) this.fault(`${wish} was refused as ${answer.code}, not as ${code}`);
  }

  /** Does something that must make exactly one revision, and exactly this one. */
  async step(expected: Expected, act: () => Promise<Answer | Refusal>): Promise<void> {
    const receivedAt = performance.now();
    const answer = await this.accepted(act);
    if (revisionsOf(answer).length === 0) throw new NotAsExpected("it made no revision");
    await this.follow(expected, receivedAt);
  }

  /** Has the owner approve the newest revision by its number and full digest. */
  async approve(owner: Actor): Promise<void> {
    const named = this.last;
    const { number, digest } = named.recorded;
    const approve = () => this.train.approve(owner, number, digest);
    await this.step({ status: "APPROVED", standing: "STANDING" }, approve);
    this.#approved = named;
  }

  /** Waits until the subscriber has seen what was made since, which must be this one revision. */
  async follow(expected: Expected, receivedAt: number): Promise<void> {
    const after = this.#last?.recorded.number ?? 0;
    const head = await this.ledger.state(this.train.packet);
    const seen = await this.#subscriber.between(after, head?.state.revision ?? after);
    if (seen.length === 0) throw new NotAsExpected("it made no revision");
    if (seen.length > 1) this.fault(`it made ${seen.length} revisions instead of one`);
    for (const revision of seen) await this.#check(revision, expected, receivedAt);
  }

  /** True when the packet has moved on since the last revision that was seen and checked. */
  async hasMoved(): Promise<boolean> {
    if (this.#last === null) return false;
    const head = await this.ledger.state(this.train.packet);
    return head !== null && head.state.revision > this.#last.recorded.number;
  }

  /** The packet as it stands now. */
  async look(): Promise<Seen> {
    return this.accepted(() => packetRead(this.train.desk, this.reader, this.train.packet));
  }

  async #check(revision: SeenRevision, expected: Expected, receivedAt: number): Promise<void> {
    const change = { opened: [], cleared: [], outOfScope: [], ...expected };
    this.#blockers.change(change);
    const { state } = await this.look();
    const shown = openHolds(state);
    const register = difference(this.#blockers.open, shown.map(holdText));
    const differences = {
      opened: compared(change.opened, revision.opened),
      cleared: compared(change.cleared, revision.cleared),
      "out of scope": compared(change.outOfScope, revision.outOfScope),
      register,
    };
    const faults = [
      ...Object.entries(differences).flatMap(([what, found]) => differenceFaults(what, found)),
      ...statusFaults(expected, state),
    ];
    for (const fault of faults) this.fault(`revision ${revision.recorded.number}: ${fault}`);
    this.#keep(revision, receivedAt, differences);
    this.#tellRevision(revision, { asExpected: faults.length === 0, shown, receivedAt }, state);
  }

  #keep(
    revision: SeenRevision,
    receivedAt: number,
    differences: Readonly<Record<"opened" | "cleared" | "out of scope" | "register", Difference>>,
  ): void {
    const { number, cause, status, materialDigest } = revision.recorded;
    const { register, ...changes } = differences;
    this.#last = revision;
    this.samples.push({
      revision: number,
      cause,
      status,
      materialDigest,
      seenAfterMs: revision.seenAt - receivedAt,
      blockers: this.#blockers.open.size,
      register,
      isChangeExact: Object.values(changes).every(isExact),
      opened: revision.opened.map((hold) => ({ hold: holdText(hold), evidence: hold.evidence })),
    });
  }

  #tellRevision(
    { recorded, opened, cleared, outOfScope, words, actor, seenAt }: SeenRevision,
    found: { asExpected: boolean; shown: readonly Hold[]; receivedAt: number },
    state: Seen["state"],
  ): void {
    this.tell({
      line: "revision",
      stage: this.#stage,
      revision: recorded.number,
      digest: recorded.digest,
      words: words.slice(0, WORDS_TOLD),
      epoch: recorded.epoch,
      cause: recorded.cause,
      by: actor.actor,
      status: recorded.status,
      standing: state.approval?.standing ?? null,
      opened: opened.map(nameOf),
      cleared,
      outOfScope,
      open: countByCode(found.shown),
      advisories: countByCode(advisories(state)),
      seenAfterMs: seenAt - found.receivedAt,
      asExpected: found.asExpected,
    });
  }
}

/** The revisions that an answer speaks of. */
function revisionsOf(answer: Answer): number[] {
  if ("revision" in answer) return [answer.revision];
  const appended = Array.isArray(answer.appended) ? answer.appended : [answer.appended];
  return appended.flatMap((item: Appended | null) => (item === null ? [] : [item.revision]));
}

function nameOf({ code, subject }: HoldName): HoldName {
  return { code, subject };
}

function compared(expected: readonly HoldName[], found: readonly HoldName[]): Difference {
  return difference(expected.map(holdText), found.map(holdText));
}

function differenceFaults(what: string, { missing, false: falseOnes }: Difference): string[] {
  return [
    ...missing.map((text) => `${what} lacks ${text}`),
    ...falseOnes.map((text) => `${what} has ${text}, which was not expected`),
  ];
}

function statusFaults(expected: Expected, state: Seen["state"]): string[] {
  const standing = state.approval?.standing;
  const faults: string[] = [];
  if (state.status !== expected.status) {
    faults.push(`it is ${state.status}, not ${expected.status}`);
  }
  if (standing !== expected.standing) {
    faults.push(`the approval is ${standing ?? "absent"}, not ${expected.standing ?? "absent"}`);
  }
  return faults;
}

function countByCode<Code extends string>(items: readonly { readonly code: Code }[]) {
  const counts = new Map<Code, number>();
  for (const { code } of items) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => ({ code, count }));
}
