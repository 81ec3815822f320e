import { GraphQLError } from "graphql";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Follower } from "#graphql/stream/follower.ts";
import { EVENT_BYTES_MAX, SLOW_MS } from "#graphql/limits.ts";
import { orQuiet } from "#graphql/stream/stream.ts";
import { Turns } from "#graphql/stream/turns.ts";
import type { Actor } from "#packet/actor.ts";
import { IVAN, PIA, RITA } from "../workflow/cast.ts";
import { Basket, TICKS, Ticks } from "./ticks.ts";

const running: { readonly follower: Follower; readonly over: Promise<void> }[] = [];
afterEach(async () => {
  for (const { follower } of running) follower.stop();
  await Promise.all(running.splice(0).map(({ over }) => over));
});

interface Wanted {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly basket?: Basket;
}

/** Follows for a reader, whose rights are those of these actors, one after the other. */
async function followed(
  ticks: Ticks,
  actors: readonly (Actor | null)[] = [RITA],
  { query = TICKS, variables = {}, basket = new Basket() }: Wanted = {},
): Promise<Basket & { stop(): void }> {
  const answer = await ticks.operations.follow({ query, variables }, ticks.reader(...actors));
  if (answer.kind !== "READY") throw new Error(answer.kind);
  const follower = answer.to(basket, "websocket");
  running.push({ follower, over: follower.run() });
  return Object.assign(basket, { stop: () => follower.stop() });
}

describe("a stream", () => {
  test("brings its events, says when there is nothing more, and goes on", async () => {
    const ticks = new Ticks();
    ticks.push(1, 2);
    const basket = await followed(ticks);
    await basket.isCurrent();
    ticks.push(3);
    await basket.holds(3);
    expect(basket.values).toEqual([1, 2, 0, 3]);
    ticks.close();
    expect(await basket.ended()).toEqual([]);
    expect(ticks.open).toBe(0);
  });

  test("D16: is refused to whoever sends too many new documents, and says when to come again", async () => {
    const ticks = new Ticks(() => Promise.resolve(7));
    const answer = await ticks.operations.follow({ query: TICKS }, ticks.reader(RITA));
    expect(answer).toMatchObject({
      kind: "REFUSED",
      errors: [{ extensions: { code: "RATE_LIMITED", retryAfterSeconds: 7 } }],
    });
    expect(ticks.open).toBe(0);
  });

  test("ends with the event that could not be executed", async () => {
    const ticks = new Ticks();
    ticks.push(1, "no number", 3);
    const basket = await followed(ticks);
    expect(await basket.ended()).toHaveLength(1);
    expect(basket.values).toEqual([1]);
    expect(ticks.open).toBe(0);
  });

  test("ends with a crash of its source, which only the log has whole, also for those who are told together", async () => {
    const ticks = new Ticks();
    const crash = new Error("nobody may read this");
    ticks.push(1);
    const baskets = [await followed(ticks), await followed(ticks)];
    for (const basket of baskets) await basket.isCurrent();
    ticks.push(() => {
      throw crash;
    });
    for (const basket of baskets) expect(await basket.ended()).toEqual(["INTERNAL"]);
    expect(ticks.heard.lines.map(({ fields }) => (fields as { err?: unknown }).err)).toContain(
      crash,
    );
  });

  test("ends with a refusal of its source as it is", async () => {
    const ticks = new Ticks();
    ticks.push(() => {
      throw new GraphQLError("go away", { extensions: { code: "GO_AWAY" } });
    });
    expect(await (await followed(ticks)).ended()).toEqual(["GO_AWAY"]);
    expect(ticks.heard.lines).toEqual([]);
  });

  test("does not begin for nobody", async () => {
    const ticks = new Ticks();
    const answer = await ticks.operations.follow({ query: TICKS }, ticks.reader(null));
    expect(answer.kind).toBe("FORBIDDEN");
  });
});

describe("a reader's rights", () => {
  test.each<[string, Actor | null]>([
    ["is nobody any more", null],
    ["lost a role", { ...RITA, roles: [] }],
    ["is somebody else", { ...RITA, actor: "rosa" }],
    ["became a system", { ...RITA, kind: "SYSTEM" }],
  ])("end the stream before the next event where the reader %s", async (_what, later) => {
    const ticks = new Ticks();
    const neighbour = await followed(ticks);
    const basket = await followed(ticks, [RITA, RITA, later]);
    for (const one of [neighbour, basket]) await one.isCurrent();
    ticks.changeRights();
    ticks.push(1);
    expect(await basket.ended()).toBe("FORBIDDEN");
    expect(basket.ticks).toEqual([]);
    expect(await neighbour.holds(1)).toEqual([1]);
  });

  test("are looked at also while the reader catches up alone", async () => {
    const ticks = new Ticks();
    ticks.push(1, 2);
    const basket = await followed(ticks, [RITA, RITA, null]);
    basket.setRoom(1);
    await basket.holds(1);
    ticks.changeRights();
    basket.setRoom(9);
    expect(await basket.ended()).toBe("FORBIDDEN");
  });

  test("that were gained count from the next event, and nothing is told twice", async () => {
    const ticks = new Ticks();
    const gained = { ...RITA, roles: [...RITA.roles, ...PIA.roles] };
    const basket = await followed(ticks, [RITA, RITA, gained]);
    await basket.isCurrent();
    ticks.push(1);
    await basket.holds(1);
    ticks.changeRights();
    ticks.push(2);
    expect(await basket.holds(2)).toEqual([1, 2]);
    const secrets = basket.texts.map((text) => text.includes("200"));
    expect([secrets[0], secrets.includes(true)]).toEqual([false, true]);
  });
});

describe("many readers of one thing", () => {
  test("have each event executed once, wherever they began", async () => {
    const ticks = new Ticks();
    ticks.push(1, 2, 3);
    const baskets: Basket[] = [];
    for (const after of ["0", "1", "2", "3"]) {
      const basket = await followed(ticks, [RITA], { variables: { after } });
      await basket.isCurrent();
      baskets.push(basket);
    }
    ticks.push(4, 5);
    for (const [index, basket] of baskets.entries()) {
      expect(await basket.holds(5 - index)).toEqual([1, 2, 3, 4, 5].slice(index));
    }
    expect([...ticks.executed].filter(([value]) => value !== 0)).toEqual(
      [1, 2, 3, 4, 5].map((value) => [value, 1]),
    );
    expect(new Set(baskets.map(({ texts }) => texts.at(-1))).size).toBe(1);
  });

  test("share nothing where their rights differ, whoever came first", async () => {
    for (const actors of [[RITA, PIA] as const, [PIA, RITA] as const]) {
      const ticks = new Ticks();
      const baskets = [];
      for (const actor of actors) baskets.push({ actor, basket: await followed(ticks, [actor]) });
      for (const { basket } of baskets) await basket.isCurrent();
      ticks.push(7);
      for (const { actor, basket } of baskets) {
        await basket.holds(1);
        expect(basket.texts.at(-1)?.includes("700")).toBe(actor === PIA);
      }
      expect(ticks.executed.get(7)).toBe(2);
    }
  });

  test("share where their rights are the same though they are others", async () => {
    const ticks = new Ticks();
    const baskets = [
      await followed(ticks, [RITA]),
      await followed(ticks, [{ ...RITA, actor: "r" }]),
    ];
    for (const basket of baskets) await basket.isCurrent();
    ticks.push(7);
    for (const basket of baskets) await basket.holds(1);
    expect(ticks.executed.get(7)).toBe(1);
    const other = await followed(ticks, [IVAN]);
    await other.holds(1);
    expect(ticks.executed.get(7)).toBe(2);
  });

  test("are told apart by another text and by other variables, but for where they begin", async () => {
    const ticks = new Ticks();
    const query = "subscription ($with: Boolean!) { ticks { cursor value @include(if: $with) } }";
    const asked = [
      { query, variables: { with: true } },
      { query, variables: { with: true } },
      { query: `${query} `, variables: { with: true } },
      { query: TICKS, variables: {} },
      { query: TICKS, variables: { after: "0" } },
    ];
    const baskets: Basket[] = [];
    for (const each of asked) baskets.push(await followed(ticks, [RITA], each));
    for (const basket of baskets) await basket.isCurrent();
    ticks.push(7);
    for (const basket of baskets) await basket.holds(1);
    expect(ticks.executed.get(7)).toBe(3);
    const without = await followed(ticks, [RITA], { query, variables: { with: false } });
    await without.isCurrent();
    expect(without.texts.join()).not.toContain("value");
  });

  test("go on when one of them takes nothing, who gets all of it later in order", async () => {
    const ticks = new Ticks();
    const [quick, slow] = [await followed(ticks), await followed(ticks)];
    for (const basket of [quick, slow]) await basket.isCurrent();
    slow.setRoom(2);
    for (let value = 1; value <= 500; value += 1) ticks.push(value);
    const all = Array.from({ length: 500 }, (_none, index) => index + 1);
    expect(await quick.holds(500)).toEqual(all);
    expect(slow.ticks).toEqual([1, 2]);
    slow.setRoom(Infinity);
    expect(await slow.holds(500)).toEqual(all);
    ticks.push(501);
    expect((await slow.holds(501)).at(-1)).toBe(501);
    expect((await quick.holds(501)).at(-1)).toBe(501);
    expect(ticks.executed.get(501)).toBe(1);
  });

  test("share where only variables differ that the document does not declare", async () => {
    const ticks = new Ticks();
    const baskets: Basket[] = [];
    for (const noise of ["one", "another", null]) {
      baskets.push(await followed(ticks, [RITA], { variables: { noise } }));
    }
    for (const basket of baskets) await basket.isCurrent();
    ticks.push(7);
    for (const basket of baskets) await basket.holds(1);
    expect([ticks.executed.get(7), ticks.broadcasts]).toEqual([1, 1]);
  });

  test("keep nothing of an event that could not be executed, of which no end could be kept", async () => {
    const ticks = new Ticks();
    ticks.push("no number", 2);
    const neighbour = await followed(ticks, [RITA], { variables: { after: "1" } });
    await neighbour.isCurrent();
    for (const times of [1, 2]) {
      expect(await (await followed(ticks)).ended()).toHaveLength(1);
      expect(ticks.executed.get("no number")).toBe(times);
    }
    await followed(ticks, [RITA], { variables: { after: "1" } }).then((one) => one.isCurrent());
    expect(ticks.executed.get(2)).toBe(1);
  });

  test("leave nothing behind where they left before they were told anything", async () => {
    const ticks = new Ticks();
    for (const value of [1, 2, 3]) {
      const query = `${TICKS} # ${value}`;
      const answer = await ticks.operations.follow({ query }, ticks.reader(RITA));
      if (answer.kind !== "READY") throw new Error(answer.kind);
      const follower = answer.to(new Basket(), "websocket");
      follower.stop();
      // A socket does not even run it, where an event stream may.
      if (value === 3) await follower.run();
    }
    expect([ticks.broadcasts, ticks.open]).toEqual([0, 0]);
  });

  test("let go of what they followed when the last of them leaves", async () => {
    const ticks = new Ticks();
    const baskets = [await followed(ticks), await followed(ticks)];
    for (const basket of baskets) await basket.isCurrent();
    for (const basket of baskets) basket.stop();
    await Promise.all(running.map(({ over }) => over));
    expect([ticks.broadcasts, ticks.open]).toEqual([0, 0]);
    ticks.push(1);
    expect(baskets.map(({ ticks: told }) => told)).toEqual([[], []]);
  });
});

describe("what one connection carries", () => {
  /** Follows the same in so many ways that nothing is shared, over one connection. */
  async function followedApart(ticks: Ticks, baskets: readonly Basket[]) {
    const following = baskets.map((basket, index) =>
      followed(ticks, [RITA], { query: `${TICKS} # ${index}`, basket }),
    );
    return Promise.all(following);
  }

  test("is made for its readers one at a time while they read by themselves", async () => {
    const ticks = new Ticks();
    ticks.push(1, 2, 3);
    const turns = new Turns();
    const apart = [1, 2, 3].map(() => new Basket(turns, ticks.order));
    for (const basket of await followedApart(ticks, apart)) await basket.isCurrent();
    const each = ["MADE", "TOLD"];
    expect(ticks.order).toEqual(Array.from({ length: 12 }, () => each).flat());
  });

  test("is not made before there is room for it, and goes by whoever leaves the line", async () => {
    const ticks = new Ticks();
    ticks.push(1);
    const turns = new Turns();
    const apart = [1, 2, 3].map(() => new Basket(turns, ticks.order));
    for (const basket of apart) basket.setRoom(0);
    const [first, second, third] = await followedApart(ticks, apart);
    second?.stop();
    await running[1]?.over;
    expect(ticks.broadcasts).toBe(2);
    expect(ticks.order).toEqual([]);
    first?.stop();
    third?.setRoom(9);
    expect(await third?.holds(1)).toEqual([1]);
    expect(ticks.executed.get(1)).toBe(1);
  });

  test("is no event that is too large: its operation alone ends, and says so", async () => {
    const ticks = new Ticks();
    const of = (bytes: number): string =>
      `subscription { ticks { cursor value filling(bytes: ${bytes}) } }`;
    ticks.push(1);
    const large = await followed(ticks, [RITA], { query: of(EVENT_BYTES_MAX) });
    const fitting = await followed(ticks, [RITA], { query: of(EVENT_BYTES_MAX - 200) });
    expect(await large.ended()).toEqual(["EVENT_TOO_LARGE"]);
    expect(large.values).toEqual([]);
    expect(await fitting.holds(1)).toEqual([1]);
    ticks.push(2);
    expect(await fitting.holds(2)).toEqual([1, 2]);
  });
});

describe("a reader who has to be waited for", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());

  /** Somebody who was told the first of ten ticks, takes no other, and was looked at once. */
  async function halting(ticks: Ticks): Promise<Basket> {
    const basket = await followed(ticks);
    await basket.isCurrent();
    basket.setRoom(1);
    ticks.push(...upTo(10));
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    await lookAgain();
    return basket;
  }

  async function lookAgain(): Promise<void> {
    vi.advanceTimersByTime(SLOW_MS);
    await new Promise(setImmediate);
  }

  const upTo = (last: number): number[] =>
    Array.from({ length: last }, (_none, index) => index + 1);

  test("is sent away where they take ever less than comes", async () => {
    const ticks = new Ticks();
    const basket = await halting(ticks);
    expect(basket.ending).toBeNull();
    ticks.push(11, 12);
    basket.setRoom(2);
    await basket.holds(3);
    await lookAgain();
    expect(basket.ending).toBe("TOO_SLOW");
    expect(basket.ticks).toEqual([1, 2, 3]);
  });

  test("is looked at no more once they have left, also where their turn never came", async () => {
    const ticks = new Ticks();
    ticks.push(1);
    const turns = new Turns();
    for (const basket of [new Basket(turns), new Basket(turns)]) {
      basket.setRoom(0);
      await followed(ticks, [RITA], { basket });
    }
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    for (const { follower, over } of running.toReversed()) {
      follower.stop();
      await over;
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test("stays where they gain, and then is told with the others again", async () => {
    const ticks = new Ticks();
    const basket = await halting(ticks);
    ticks.push(11);
    basket.setRoom(2);
    await basket.holds(3);
    await lookAgain();
    basket.setRoom(Infinity);
    expect(await basket.holds(11)).toEqual(upTo(11));
    while (vi.getTimerCount() > 0) await new Promise(setImmediate);
    expect(basket.ending).toBeNull();
  });
});

describe("what is asked also when it is quiet", () => {
  test("yields for stirs and for silence, and ends with the stirs", async () => {
    let stir: () => void = () => undefined;
    const ended = new AbortController();
    async function* stirs() {
      yield;
      await new Promise<void>((resolve) => {
        stir = resolve;
      });
      yield;
      ended.abort();
    }
    const asked = orQuiet(stirs(), 1);
    expect(await asked.next()).toEqual({ done: false, value: undefined });
    expect(await asked.next()).toEqual({ done: false, value: undefined });
    expect(ended.signal.aborted).toBe(false);
    stir();
    while ((await asked.next()).done !== true) continue;
    expect(ended.signal.aborted).toBe(true);
  });

  test("lets go of the stirs when its reader leaves", async () => {
    let hasEnded = false;
    async function* stirs() {
      try {
        for (;;) yield;
      } finally {
        hasEnded = true;
      }
    }
    const asked = orQuiet(stirs(), 60_000);
    await asked.next();
    await asked.return();
    expect(hasEnded).toBe(true);
  });
});
