import type { GraphQLError } from "graphql";
import type { Broadcast, Member, ToldEvent } from "./broadcast.ts";
import type { Context } from "../context.ts";
import { Pace } from "./pace.ts";
import type { Reader } from "./reader.ts";
import type { Sink } from "./sink.ts";
import { type Placed, type Source, type Standing, standingAt } from "./source.ts";

/** What a reader follows, with those of the same company. */
export interface Course {
  readonly source: Source;
  /** What is shared, from when the first follows until the last has left: who asks for it attaches to it at once. */
  readonly broadcast: () => Broadcast;
  readonly company: string;
}

/** What a follower works with. */
export interface FollowerNeeds {
  readonly reader: Reader;
  readonly sink: Sink;
  /** The course for the company that the reader is of now. Throws why there is none. */
  readonly courseFor: (context: Context) => Promise<Course>;
  /** The generation of everybody's rights as they are now, before an event is told: this one, or one that others were told. */
  readonly look: (event: Placed) => Promise<number>;
  readonly mask: (fault: unknown) => GraphQLError;
  /** How long a reader may be behind and not gain, in milliseconds. */
  readonly slowMs: number;
  /** Told when it falls behind (1), and when it has caught up or is over (-1). */
  readonly onBehind: (change: 1 | -1) => void;
  /** Told when it begins (1) and when it is over (-1). */
  readonly onFollowing: (change: 1 | -1) => void;
  /** Told of each event that it is told alone. */
  readonly onDelivered: () => void;
}

/**
 * One reader of one subscription. It reads alone until it is where the others are, is told with
 * them from there on, and reads alone again when it could not take what came. It queues nothing:
 * whoever is slow costs a position.
 */
export class Follower implements Member {
  readonly #needs: FollowerNeeds;
  #course: Course;
  #broadcast: Broadcast | null = null;
  #standing: Standing | null = null;
  #events: AsyncIterableIterator<Placed> | null = null;
  #isOver = false;
  #isBehind = false;
  /** With the rights of another class than those that it is told with. */
  #moved: Context | null = null;
  #together: Promise<void> = Promise.resolve();
  #endTogether: () => void = () => undefined;
  /** Only of one that had to be waited for. */
  #pace: Pace | null = null;
  #endWait: () => void = () => undefined;

  constructor(course: Course, needs: FollowerNeeds) {
    this.#course = course;
    this.#needs = needs;
  }

  hasRightsOf(generation: number): boolean {
    const { reader } = this.#needs;
    const isOfCompany = reader.company === this.#course.company;
    return isOfCompany && reader.generation >= generation;
  }

  get standing(): Standing {
    if (this.#standing === null) throw new Error("a follower is told alone first");
    return this.#standing;
  }

  /** Tells the reader everything until it is over. Never rejects. */
  async run(): Promise<void> {
    this.#needs.onFollowing(1);
    try {
      while (!this.#isOver) {
        if (await this.#readAlone()) await this.#together;
        if (!this.#isOver) await this.#untilTaken();
      }
    } catch (fault) {
      this.end([this.#needs.mask(fault)]);
    } finally {
      this.#broadcast?.detach(this);
      this.#needs.onFollowing(-1);
    }
  }

  /** Ends it from outside; the reader is not told. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#markBehind(false);
    this.#broadcast?.dismiss(this);
    this.#events?.return?.().catch(() => undefined);
    this.#endTogether();
    this.#endWait();
  }

  async mayStay(generation: number): Promise<boolean> {
    const { reader, sink } = this.#needs;
    const context = await reader.renewAt(generation);
    if (context === null) {
      this.stop();
      // Also where this one has ended meanwhile: the reader may follow more.
      sink.forbid();
      return false;
    }
    if (this.#isOver) return false;
    if (reader.company === this.#course.company) return true;
    // Under the new rights it is told alone first.
    this.#moved = context;
    this.#endTogether();
    return false;
  }

  take(standing: Standing, told: ToldEvent): boolean {
    if (!this.#needs.sink.event(told)) return false;
    this.#standing = standing;
    return true;
  }

  fallBehind(): void {
    this.#markBehind(true);
    this.#endTogether();
  }

  end(errors: readonly GraphQLError[]): void {
    if (this.#isOver) return;
    this.stop();
    this.#needs.sink.end(errors);
  }

  /** True once it is as far as the others, and told with them. */
  async #readAlone(): Promise<boolean> {
    const broadcast = await this.#takeCourse();
    const { source } = this.#course;
    this.#together = new Promise((resolve) => {
      this.#endTogether = resolve;
    });
    if (broadcast.present !== null && (await this.#hearPresent(broadcast, source))) return true;
    if (this.#over() || this.#moved !== null) return false;
    const events = this.#standing === null ? source.begin() : source.after(this.#standing.position);
    this.#events = events;
    const isTogether = await this.#readUntilLevel(events, broadcast, source);
    this.#events = null;
    if (isTogether !== "LEADING") await events.return?.();
    if (isTogether !== null) this.#markBehind(false);
    return isTogether !== null;
  }

  /** How it is told from here on; null where it is over, or goes on under other rights. */
  async #readUntilLevel(
    events: AsyncIterableIterator<Placed>,
    broadcast: Broadcast,
    source: Source,
  ): Promise<"JOINED" | "LEADING" | null> {
    let isCurrent = false;
    for (;;) {
      const next: IteratorResult<Placed, unknown> = await events.next();
      if (next.done === true) break;
      const event = next.value;
      const told = await this.#hear(event, broadcast);
      if (told === null || this.#over()) return null;
      isCurrent ||= source.tellsPresent(event);
      if (!isCurrent) continue;
      if (broadcast.join(this, source)) return "JOINED";
      if (broadcast.lead(this, source, { events, event, told })) return "LEADING";
    }
    this.end([]);
    return null;
  }

  /** What the reader was told alone, in its turn; null where it is over, or goes on under other rights. */
  async #hear(event: Placed, broadcast: Broadcast): Promise<ToldEvent | null> {
    const { turns } = this.#needs.sink.untaken;
    const turn = turns.enter();
    try {
      await this.#unlessOver(turn.come);
      return await this.#hearInTurn(event, broadcast);
    } finally {
      turns.leave(turn);
    }
  }

  /** Nothing is made before there is room for it, nor kept while its room is gone again. */
  async #hearInTurn(event: Placed, broadcast: Broadcast): Promise<ToldEvent | null> {
    for (;;) {
      await this.#untilTaken();
      if (this.#over()) return null;
      const told = await broadcast.told(event);
      if (!(await this.#mayBeTold(event))) return null;
      if (told.kind === "FAILED") {
        this.end(told.errors);
        return null;
      }
      if (this.#tell(standingAt(event), told)) return told;
    }
  }

  /** Where only the newest counts, whoever comes is told what the others were told last. */
  async #hearPresent(broadcast: Broadcast, source: Source): Promise<boolean> {
    for (;;) {
      await this.#untilTaken();
      const looked = broadcast.present;
      if (looked === null || !(await this.#mayBeTold(looked.event))) return false;
      const { present } = broadcast;
      // What it has become meanwhile may be newer than the look at the reader's rights.
      if (present === null || present.told !== looked.told) return false;
      if (!source.isAsNew(present.standing, this.#standing)) return false;
      if (this.#tell(present.standing, present.told)) break;
    }
    if (this.#over() || !broadcast.join(this, source)) return false;
    this.#markBehind(false);
    return true;
  }

  #tell(standing: Standing, told: ToldEvent): boolean {
    const isTold = this.take(standing, told);
    if (isTold) this.#needs.onDelivered();
    return isTold;
  }

  /** Looks at the reader's rights; false where it is over, or goes on under other rights. */
  async #mayBeTold(event: Placed): Promise<boolean> {
    if (this.#isOver) return false;
    const generation = await this.#unlessOver(this.#needs.look(event));
    if (generation === null) return false;
    if (!this.hasRightsOf(generation) && !(await this.mayStay(generation))) return false;
    return !this.#over();
  }

  async #untilTaken(): Promise<void> {
    const taken = this.#needs.sink.untaken.taken();
    if (taken === null || this.#isOver) return;
    this.#pace ??= this.#paceOf(this.#needs);
    await this.#pace.waiting(this.#unlessOver(taken));
  }

  #paceOf({ slowMs, sink }: FollowerNeeds): Pace {
    return new Pace({
      slowMs,
      behind: async () => this.#standing && this.#course.source.behind(this.#standing),
      untakenBytes: () => sink.untaken.bytes,
      onSlow: () => sink.tooSlow(),
    });
  }

  /** What is awaited; null as soon as it is over: a reader who takes nothing any more, or a database that is away, does not keep what was stopped. */
  #unlessOver<T>(awaited: Promise<T>): Promise<T | null> {
    if (this.#isOver) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#endWait = () => resolve(null);
      awaited.then(resolve, reject);
    });
  }

  /** Takes the course of the reader's present company, where that is not the one it is on. */
  async #takeCourse(): Promise<Broadcast> {
    const context = this.#moved;
    if (context === null) return this.#broadcast ?? this.#enter(this.#course);
    this.#moved = null;
    return this.#enter(await this.#needs.courseFor(context));
  }

  #enter(course: Course): Broadcast {
    this.#broadcast?.detach(this);
    const broadcast = course.broadcast();
    this.#course = course;
    this.#broadcast = broadcast;
    broadcast.attach(this);
    return broadcast;
  }

  #markBehind(isBehind: boolean): void {
    if (!isBehind) this.#pace?.end();
    if (isBehind === this.#isBehind) return;
    this.#isBehind = isBehind;
    this.#needs.onBehind(isBehind ? 1 : -1);
  }

  /** Asked anew: it may have been stopped while something was awaited. */
  #over(): boolean {
    return this.#isOver;
  }
}
