import { EventEmitter, once } from "node:events";
import { GraphQLError } from "graphql";
import { expect, test } from "vitest";
import { Broadcast, type Member, Recent, type Told } from "#graphql/stream/broadcast.ts";
import { type Course, Follower } from "#graphql/stream/follower.ts";
import { type Reader, companyOf } from "#graphql/stream/reader.ts";
import { type Placed, Source } from "#graphql/stream/source.ts";
import { RITA } from "../workflow/cast.ts";
import { Held } from "./held.ts";
import { Basket, Ticks } from "./ticks.ts";

/** Something of which only the newest counts, and what a reader follows of it. */
class State {
  readonly course: Course;
  readonly #moved = new EventEmitter();
  #value = 1;
  readonly #isUnread: boolean;

  /** Where it is unread, all that it tells is that nothing can be read. */
  constructor({ isUnread } = { isUnread: false }) {
    this.#isUnread = isUnread;
    const goOn = (_position: bigint, signal: AbortSignal) => this.#from(signal);
    const begin = (signal: AbortSignal) => this.#from(signal);
    const source = new Source({ kind: "STATE", begin, goOn });
    const broadcast = new Broadcast({
      recent: new Recent(1_000),
      execute: (event) => Promise.resolve(toldOf(event)),
      mask: () => new GraphQLError("masked"),
      look: () => Promise.resolve(0),
      onDelivered: () => undefined,
      onDeserted: () => undefined,
    });
    this.course = { source, broadcast: () => broadcast, company: companyOf(RITA) };
  }

  become(value: number): void {
    this.#value = value;
    this.#moved.emit("moved");
  }

  async *#from(signal: AbortSignal): AsyncGenerator<Placed, void, undefined> {
    for (let told = 0; !signal.aborted;) {
      if (told === this.#value) await once(this.#moved, "moved", { signal }).catch(() => undefined);
      told = this.#value;
      const mark = `${told}`;
      const at = { cursor: mark, position: BigInt(told), mark };
      yield { kind: "TICK", ...at, committedAt: null, isUnread: this.#isUnread };
    }
  }
}

function toldOf({ cursor }: Placed): Told {
  const text = JSON.stringify({ data: { ticks: { cursor, value: Number(cursor) } } });
  return { kind: "EVENT", text, bytes: Buffer.from(text), cursor };
}

/** Follows with a reader, looking at everybody's rights so, and then finding another generation of them. */
function followerOf(
  { course }: State,
  basket: Basket,
  reader: Reader,
  look: (event: Placed) => Promise<number>,
) {
  const looks = [look];
  return new Follower(course, {
    reader,
    sink: basket,
    courseFor: () => Promise.resolve(course),
    look: (event) => (looks.shift() ?? (() => Promise.resolve(1)))(event),
    mask: () => new GraphQLError("masked"),
    slowMs: 60_000,
    onBehind: () => undefined,
    onFollowing: () => undefined,
    onDelivered: () => undefined,
  });
}

test("I13: whoever comes while others are told something newer is not told that by rights that were looked at before", async () => {
  const state = new State();
  const ticks = new Ticks();
  const [first, late] = [new Basket(), new Basket()];
  const leading = followerOf(state, first, ticks.reader(RITA), async () => 0);
  const led = leading.run();
  await first.holds(1);
  const held = new Held<number>();
  // Known in the first look, and nobody in the next.
  const coming = followerOf(state, late, ticks.reader(RITA, null), () => held.ask()).run();
  await held.asked;
  state.become(2);
  await first.holds(2);
  held.answer(0);
  expect(await late.holds(1)).toEqual([]);
  expect(late.ending).toBe("FORBIDDEN");
  await coming;
  leading.stop();
  await led;
});

test("whoever comes while nothing can be read is looked at as others are who are told so", async () => {
  const state = new State({ isUnread: true });
  const [first, late] = [new Basket(), new Basket()];
  const leading = followerOf(state, first, new Ticks().reader(RITA), async () => 0);
  const led = leading.run();
  await first.holds(1);
  const looked: Placed[] = [];
  const coming = followerOf(state, late, new Ticks().reader(RITA), async (event) => {
    looked.push(event);
    return 0;
  });
  const came = coming.run();
  expect(await late.holds(1)).toEqual([1]);
  expect(looked).toMatchObject([{ isUnread: true }]);
  for (const one of [coming, leading]) one.stop();
  await Promise.all([came, led]);
});

test("I13: whoever joins others in the moment in which these are told is looked at first", async () => {
  const state = new State();
  const { source } = state.course;
  const broadcast = state.course.broadcast();
  const first = new Basket();
  const leading = followerOf(state, first, new Ticks().reader(RITA), async () => 0);
  const led = leading.run();
  await first.holds(1);
  const told: string[] = [];
  const member = (name: string, hasRightsOf: () => boolean): Member => ({
    standing: { position: 1n, mark: "1" },
    hasRightsOf,
    mayStay: () => Promise.resolve(false),
    take: () => told.push(name) > 0,
    fallBehind: () => undefined,
    end: () => undefined,
  });
  const late = member("late", () => false);
  const other = member("other", () => {
    queueMicrotask(() => broadcast.join(late, source));
    return true;
  });
  expect(broadcast.join(other, source)).toBe(true);
  state.become(2);
  await first.holds(2);
  expect(told).toEqual(["other"]);
  leading.stop();
  await led;
});
