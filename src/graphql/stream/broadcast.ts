import type { GraphQLError } from "graphql";
import { Lru } from "#ledger/lru.ts";
import { type Placed, type Source, type Standing, standingAt } from "./source.ts";

/** An event made ready for every reader. */
export interface ToldEvent {
  readonly kind: "EVENT";
  /** The execution result, in JSON. */
  readonly text: string;
  /** The same in UTF-8. */
  readonly bytes: Buffer;
  readonly cursor: string;
}

/** An event made ready, or why it could not be. */
export type Told =
  | ToldEvent
  | { readonly kind: "FAILED"; readonly errors: readonly GraphQLError[] };

/** One who is told together with others. */
export interface Member {
  /** How far the member has been told. */
  readonly standing: Standing;
  /** Whether the member's rights are known as of this generation or a later one, and of the company that is told here. */
  hasRightsOf(generation: number): boolean;
  /** Looks at the member's rights; false where the member is not to be told any more with the others. */
  mayStay(generation: number): Promise<boolean>;
  /** False where the member is not told, and stays where it is: it has to take what it has first. */
  take(standing: Standing, told: ToldEvent): boolean;
  /** The member is told no more with the others until it has taken what it has. */
  fallBehind(): void;
  /** Nothing comes any more, because of these if there are any. */
  end(errors: readonly GraphQLError[]): void;
}

/** What was told of late in all broadcasts of a process, for those who come to the same places: so many bytes of it. */
export class Recent {
  readonly #told: Lru<string, ToldEvent>;
  #broadcasts = 0;

  constructor(bytesMax: number) {
    this.#told = new Lru(bytesMax, ({ bytes }) => bytes.length * 2);
  }

  /** A part of it for one broadcast. */
  part(): { get(key: string): ToldEvent | undefined; set(key: string, told: ToldEvent): void } {
    this.#broadcasts += 1;
    const prefix = `${this.#broadcasts} `;
    return {
      get: (key) => this.#told.get(prefix + key),
      set: (key, told) => this.#told.set(prefix + key, told),
    };
  }
}

/** What a broadcast works with. */
export interface BroadcastNeeds {
  readonly recent: Recent;
  readonly execute: (event: Placed) => Promise<Told>;
  /** What readers are told of a fault of the source itself. */
  readonly mask: (fault: unknown) => GraphQLError;
  /** The generation of everybody's rights as they are now, before an event is told. */
  readonly look: (event: Placed) => Promise<number>;
  /** Told of each event that went out to so many at once. */
  readonly onDelivered: (event: Placed, count: number) => void;
  /** Called when the last follower has left. */
  readonly onDeserted: () => void;
}

/**
 * One document with one set of variables for one authorization class, told to all who follow it:
 * each event is executed once and written as JSON once. Whoever has come as far as the others
 * is told with them; whoever is behind catches up alone, and finds here what was just told.
 */
export class Broadcast {
  readonly #needs: BroadcastNeeds;
  readonly #followers = new Set<Member>();
  readonly #members = new Set<Member>();
  readonly #recent: ReturnType<Recent["part"]>;
  readonly #underWay = new Map<string, Promise<Told>>();
  /** Where the members are; null while there are none. */
  #running: Running | null = null;

  constructor(needs: BroadcastNeeds) {
    this.#needs = needs;
    this.#recent = needs.recent.part();
  }

  /** Counts one who follows, alone or with the others. */
  attach(follower: Member): void {
    this.#followers.add(follower);
  }

  detach(follower: Member): void {
    this.dismiss(follower);
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.#needs.onDeserted();
  }

  /** The event as it is told, executed once however many ask. */
  async told(event: Placed): Promise<Told> {
    const key = `${event.kind} ${event.mark}`;
    const known = this.#recent.get(key) ?? this.#underWay.get(key);
    if (known !== undefined) return known;
    const executing = this.#needs.execute(event).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, executing);
    const told = await executing;
    if (told.kind === "EVENT") this.#recent.set(key, told);
    return told;
  }

  /** What everybody here was told last, where only the newest counts; null where nothing is. */
  get present(): Present | null {
    const running = this.#running;
    if (running === null || running.state === null) return null;
    return { standing: running.last, ...running.state };
  }

  /**
   * Tells a member with the others from here on; false where it is not as far as those are, or there
   * are none.
   */
  join(member: Member, source: Source): boolean {
    if (this.#running === null || !source.isLevel(member.standing, this.#running.last))
      return false;
    this.#members.add(member);
    return true;
  }

  /** Goes on telling what a member was told from alone, up to this event, if nobody is told here yet. */
  lead(member: Member, source: Source, alone: Alone): boolean {
    if (this.#running !== null) return false;
    const { events, event, told } = alone;
    const state = source.isState(event) ? { event, told } : null;
    const running: Running = { events, last: member.standing, state };
    this.#running = running;
    this.#members.add(member);
    this.#run(source, running).then(
      () => this.#end(running, []),
      (fault: unknown) => this.#end(running, [this.#needs.mask(fault)]),
    );
    return true;
  }

  /** The member leaves by itself. */
  dismiss(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#running?.events.return?.().catch(() => undefined);
    this.#running = null;
  }

  async #run(source: Source, running: Running): Promise<void> {
    for await (const event of running.events) {
      const told = await this.told(event);
      if (told.kind === "FAILED") {
        this.#end(running, told.errors);
        return;
      }
      // Rights are looked at after the event was read: whoever lost theirs before its commit is not told of it.
      const generation = await this.#needs.look(event);
      for (;;) {
        const doubtful = this.#doubtful(generation);
        if (doubtful.length === 0) break;
        await this.#recheck(doubtful, generation);
      }
      if (this.#running !== running) return;
      running.last = standingAt(event);
      if (source.isState(event)) running.state = { event, told };
      this.#tell(source, event, told);
    }
  }

  async #recheck(members: readonly Member[], generation: number): Promise<void> {
    await Promise.all(
      members.map(async (member) => {
        if (!(await member.mayStay(generation))) this.dismiss(member);
      }),
    );
  }

  /** Whose rights are to be asked for before an event is told: nothing may come between this and the telling. */
  #doubtful(generation: number): readonly Member[] {
    return [...this.#members].filter((member) => !member.hasRightsOf(generation));
  }

  #tell(source: Source, event: Placed, told: ToldEvent): void {
    const standing = standingAt(event);
    let count = 0;
    for (const member of this.#members) {
      if (!source.isNews(event, member.standing)) continue;
      if (member.take(standing, told)) count += 1;
      else {
        this.dismiss(member);
        member.fallBehind();
      }
    }
    this.#needs.onDelivered(event, count);
  }

  #end(running: Running, errors: readonly GraphQLError[]): void {
    if (this.#running !== running) return;
    this.#running = null;
    running.events.return?.().catch(() => undefined);
    const members = [...this.#members];
    this.#members.clear();
    for (const member of members) member.end(errors);
  }
}

/** What everybody was told last, where only the newest counts. */
export interface Present {
  readonly standing: Standing;
  readonly event: Placed;
  readonly told: ToldEvent;
}

/** What a member was told from alone, and last. */
export interface Alone {
  readonly events: AsyncIterableIterator<Placed>;
  readonly event: Placed;
  readonly told: ToldEvent;
}

/** Where the members are, and what brings the next event. */
interface Running {
  readonly events: AsyncIterableIterator<Placed>;
  last: Standing;
  /** What was told last, where only the newest counts. */
  state: Omit<Present, "standing"> | null;
}
