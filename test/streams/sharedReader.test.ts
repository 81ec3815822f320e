import { afterEach, expect, test } from "vitest";
import type { Follower } from "#graphql/stream/follower.ts";
import type { Reader } from "#graphql/stream/reader.ts";
import type { Actor } from "#packet/actor.ts";
import { PIA, RITA } from "../workflow/cast.ts";
import { Held } from "./held.ts";
import { Basket, TICKS, Ticks } from "./ticks.ts";

const running: { readonly follower: Follower; readonly over: Promise<void> }[] = [];
afterEach(async () => {
  for (const { follower } of running) follower.stop();
  await Promise.all(running.splice(0).map(({ over }) => over));
});

/** One of several operations of a reader, each told with others. */
async function followed(ticks: Ticks, reader: Reader, query: string) {
  const basket = new Basket();
  const answer = await ticks.operations.follow({ query }, reader);
  if (answer.kind !== "READY") throw new Error(answer.kind);
  const follower = answer.to(basket, "websocket");
  running.push({ follower, over: follower.run() });
  await basket.isCurrent();
  return { basket, follower };
}

test("a reader who is nobody any more has the rights of no generation", async () => {
  const reader = new Ticks().reader(RITA, null);
  expect(await reader.mayStay(1)).toBe(true);
  expect([await reader.renewAt(2), reader.generation]).toEqual([null, 1]);
  expect(await reader.mayStay(2)).toBe(false);
});

test("I13: whoever ends one operation while their rights are looked at is let go with all others", async () => {
  const ticks = new Ticks();
  const held = new Held<Actor | null>();
  let isHeld = false;
  const reader = ticks.readerBy(() => (isHeld ? held.ask() : Promise.resolve(RITA)));
  const one = await followed(ticks, reader, TICKS);
  const other = await followed(ticks, reader, `${TICKS} `);
  other.basket.setRoom(1);
  ticks.push(1);
  await Promise.all([one.basket.holds(1), other.basket.holds(1)]);
  isHeld = true;
  ticks.changeRights();
  ticks.push(2);
  await held.asked;
  one.follower.stop();
  held.answer(null);
  other.basket.setRoom(Infinity);
  expect(await other.basket.ended()).toBe("FORBIDDEN");
  expect(other.basket.ticks).toEqual([1]);
  expect(await one.basket.ended()).toBe("FORBIDDEN");
});

test("what is shared is made with the rights that it is shared by, also where a reader gains some while it is opened", async () => {
  const admitting = new Held<null>();
  let admit = () => admitting.ask();
  const ticks = new Ticks(() => admit());
  const gained = { ...RITA, roles: [...RITA.roles, ...PIA.roles] };
  const reader = ticks.reader(RITA, gained);
  const opening = followed(ticks, reader, TICKS);
  await admitting.asked;
  expect(await reader.mayStay(0)).toBe(true);
  admitting.answer(null);
  admit = () => Promise.resolve(null);
  const other = await followed(ticks, ticks.reader(gained), TICKS);
  const one = await opening;
  ticks.push(7);
  for (const { basket } of [one, other]) {
    await basket.holds(1);
    expect(basket.texts.at(-1)).toContain("700");
  }
});
