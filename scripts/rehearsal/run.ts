import type { ApprovalStanding, PacketStatus } from "#packet/approval.ts";
import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";
import { type Refused, isRefused } from "./api.ts";
import { Blockers, type Difference, difference, holdText, isExact } from "./blockers.ts";
import { lineageFaults } from "./lineage.ts";
import type { GateSample, Sample } from "./measures.ts";
import type { Reader, Sight } from "./reader.ts";
import type { SeenRevision, Subscriber } from "./subscriber.ts";
import type { HoldChange, HoldName, Tell } from "./told.ts";
import type { Made, TrainDesk } from "./trainDesk.ts";

/** What the author of a stage says that one revision will be. What is left out is nothing. */
export interface Expected extends Partial<HoldChange> {
  readonly status: PacketStatus;
  readonly standing?: ApprovalStanding;
}

/** So many words tell two revisions of one rehearsal apart. */
const WORDS_TOLD = 4;

/** A stage that did not go as its author expected, so that nothing after it can. */
export class NotAsExpected extends Error {}

/** Who acts, who looks, who follows, and who is told. */
export interface Company {
  readonly train: TrainDesk;
  readonly reader: Reader;
  readonly subscriber: Subscriber;
  readonly tell: Tell;
}

/** One performance: who listens, what truly holds, and what was found so far. */
export class Run {
  readonly train: TrainDesk;
  readonly reader: Reader;
  readonly tell: Tell;
  readonly samples: Sample[] = [];
  readonly gates: GateSample[] = [];
  readonly #subscriber: Subscriber;
  readonly #blockers = new Blockers();
  readonly #faults: string[] = [];
  #stage = 0;
  #last: SeenRevision | null = null;
  #approved: SeenRevision | null = null;

  constructor({ train, reader, subscriber, tell }: Company) {
    this.train = train;
    this.reader = reader;
    this.#subscriber = subscriber;
    this.tell = tell;
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
  async accepted<A extends object>(act: () => Promise<A | Refused>): Promise<A> {
    const answer = await act();
    if (!isRefused(answer)) return answer;
    throw new NotAsExpected(`it was refused (${answer.code}): ${answer.message}`);
  }

  /** Does something that must be refused, for this reason. */
  async refused(by: Actor, wish: string, code: string, act: () => Promise<object>): Promise<void> {
    const answer = await act();
    if (!isRefused(answer)) throw new NotAsExpected(`${wish} was not refused`);
    const { message } = answer;
    this.tell({ line: "refused", by: by.actor, wish, code: answer.code, message });
    if (answer.code !== code) this.fault(`${wish} was refused as ${answer.code}, not as ${code}`);
  }

  /**
   * Does something that must make exactly one revision, and exactly this one. Resolves to its
   * epoch, which is that of every observation in it.
   */
  async step(expected: Expected, act: () => Promise<Made | Refused>): Promise<Epoch> {
    const receivedAt = performance.now();
    const { revisions } = await this.accepted(act);
    const made = revisions.at(-1);
    if (made === undefined) throw new NotAsExpected("it made no revision");
    if (this.#last === null) await this.#subscriber.follow(this.train.packet);
    await this.#follow(expected, made, receivedAt);
    return this.last.epoch;
  }

  /** Has the owner approve the newest revision by its number and full digest. */
  async approve(owner: Actor): Promise<void> {
    const named = this.last;
    const { number, digest } = named;
    const approve = () => this.train.approve(owner, number, digest);
    await this.step({ status: "APPROVED", standing: "STANDING" }, approve);
    this.#approved = named;
  }

  /** Waits for the one revision that time alone makes at an epoch, which must be this one. */
  async lapse(epoch: Epoch, expected: Expected): Promise<void> {
    await this.#follow(expected, this.last.number + 1, null);
    if (this.last.cause !== "EPOCH_REACHED" || this.last.epoch !== epoch) {
      this.fault(`it was ${this.last.cause} at epoch ${this.last.epoch}, not time at ${epoch}`);
    }
  }

  /** Waits until the subscriber has seen what was made since, which must be this one revision. */
  async #follow(expected: Expected, through: number, receivedAt: number | null): Promise<void> {
    const seen = await this.#subscriber.between(this.#last?.number ?? 0, through);
    if (seen.length > 1) this.fault(`it made ${seen.length} revisions instead of one`);
    for (const revision of seen) await this.#check(revision, expected, receivedAt);
  }

  /** True when the packet has moved on since the last revision that was seen and checked. */
  async hasMoved(): Promise<boolean> {
    if (this.#last === null) return false;
    const { revision } = await this.reader.standing(this.train.packet);
    return revision > this.#last.number;
  }

  async #check(
    revision: SeenRevision,
    expected: Expected,
    receivedAt: number | null,
  ): Promise<void> {
    const change = { opened: [], cleared: [], outOfScope: [], ...expected };
    this.#blockers.change(change);
    const sight = await this.reader.look(this.train.packet);
    const differences = {
      opened: compared(change.opened, revision.opened),
      cleared: compared(change.cleared, revision.cleared),
      "out of scope": compared(change.outOfScope, revision.outOfScope),
      register: difference(this.#blockers.open, sight.open.map(holdText)),
    };
    const followed = difference(this.#blockers.open, this.#subscriber.open);
    const faults = [
      ...Object.entries({ ...differences, "followed register": followed }).flatMap(
        ([what, found]) => differenceFaults(what, found),
      ),
      ...statusFaults(expected, sight),
      ...lineageFaults(revision, this.#last),
      ...(sight.revision === revision.number ? [] : [`the packet is at ${sight.revision} already`]),
    ];
    for (const fault of faults) this.fault(`revision ${revision.number}: ${fault}`);
    const seenAfterMs = receivedAt === null ? null : revision.seenAt - receivedAt;
    this.#keep(revision, sight, { seenAfterMs, differences });
    this.#tellRevision(revision, sight, { seenAfterMs, asExpected: faults.length === 0 });
  }

  #keep(
    revision: SeenRevision,
    { open }: Sight,
    found: {
      readonly seenAfterMs: number | null;
      readonly differences: Readonly<
        Record<"opened" | "cleared" | "out of scope" | "register", Difference>
      >;
    },
  ): void {
    const { number, cause, status, materialDigest } = revision;
    const { register, ...changes } = found.differences;
    const evidence = new Map(open.map((hold) => [holdText(hold), hold.evidence]));
    this.#last = revision;
    this.samples.push({
      revision: number,
      cause,
      status,
      materialDigest,
      seenAfterMs: found.seenAfterMs,
      blockers: this.#blockers.open.size,
      register,
      isChangeExact: Object.values(changes).every(isExact),
      opened: revision.opened.map(holdText).map((hold) => ({
        hold,
        evidence: evidence.get(hold) ?? [],
      })),
    });
  }

  #tellRevision(
    { number, digest, digestWords, epoch, cause, actor, status, ...changed }: SeenRevision,
    { approval, open, advisories }: Sight,
    found: { readonly seenAfterMs: number | null; readonly asExpected: boolean },
  ): void {
    const { opened, cleared, outOfScope } = changed;
    this.tell({
      line: "revision",
      stage: this.#stage,
      revision: number,
      digest,
      words: digestWords.slice(0, WORDS_TOLD),
      epoch,
      cause,
      by: actor,
      status,
      standing: approval?.standing ?? null,
      opened: opened.map(nameOf),
      cleared: cleared.map(nameOf),
      outOfScope: outOfScope.map(nameOf),
      open: countByCode(open),
      advisories: countByCode(advisories),
      ...found,
    });
  }
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

function statusFaults(expected: Expected, sight: Sight): string[] {
  const standing = sight.approval?.standing;
  const faults: string[] = [];
  if (sight.status !== expected.status) {
    faults.push(`it is ${sight.status}, not ${expected.status}`);
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
