import { afterEach, describe, expect, test } from "vitest";
import type { Follower } from "#graphql/stream/follower.ts";
import type { Reader } from "#graphql/stream/reader.ts";
import { RememberedGround } from "#identity/offlineGround.ts";
import { credentialOf, openWorld } from "../identity/offlineWorld.ts";
import { ownFolder } from "../identity/passports.ts";
import { Held } from "./held.ts";
import { Basket, TICKS, Ticks } from "./ticks.ts";

const folder = ownFolder();

const running: { readonly follower: Follower; readonly over: Promise<void> }[] = [];
afterEach(async () => {
  for (const { follower } of running) follower.stop();
  await Promise.all(running.splice(0).map(({ over }) => over));
});

/** A ledger whose answers about revocations are late, or that is away, as the test says. */
class Answers {
  epoch = 100n;
  readonly revoked = new Set<string>();
  held: Held | null = null;
  isAway = false;

  readonly ground = new RememberedGround({
    epoch: () => this.#answered(() => this.epoch),
    revokedOf: () => this.#answered(() => new Set(this.revoked)),
    now: () => performance.now(),
  });

  async #answered<T>(answer: () => T): Promise<T> {
    await this.held?.ask();
    if (this.isAway) throw new Error("the ledger is away");
    return answer();
  }
}

async function followed(ticks: Ticks, reader: Reader) {
  const basket = new Basket();
  const answer = await ticks.operations.follow({ query: TICKS }, reader);
  if (answer.kind !== "READY") throw new Error(answer.kind);
  const follower = answer.to(basket, "websocket");
  const over = follower.run();
  running.push({ follower, over });
  return Object.assign(basket, { over, stop: () => follower.stop() });
}

/** Ada, who came offline, and somebody with the same roles, who did not; both are current. */
async function stage() {
  const ledger = new Answers();
  const { desk, ada } = await openWorld(folder.path, ledger.ground);
  const credential = credentialOf({ signer: ada });
  const ticks = new Ticks(undefined, (word) => desk.look(word));
  const reader = ticks.readerBy(() => desk.authenticate(credential));
  const other = { actor: "ben", kind: "PERSON", roles: ["READER", "APPROVAL_OWNER"] } as const;
  const offline = await followed(ticks, reader);
  const online = await followed(ticks, ticks.reader(other));
  for (const one of [offline, online]) await one.isCurrent();
  return { ledger, ticks, reader, offline, online };
}

describe("while the ledger does not answer, whoever came offline", () => {
  test.each<[string, (ledger: Answers) => void]>([
    ["was revoked meanwhile", (ledger) => ledger.revoked.add("ada")],
    ["has come to their last epoch", (ledger) => (ledger.epoch = 111n)],
  ])("I13: and %s is told nothing, and others do not wait", async (_what, lose) => {
    const { ledger, ticks, offline, online } = await stage();
    const held = new Held();
    ledger.held = held;
    ticks.push(1);
    expect(await online.holds(1)).toEqual([1]);
    ticks.push(2);
    expect(await online.holds(2)).toEqual([1, 2]);
    expect(offline.ticks).toEqual([]);
    lose(ledger);
    held.answer();
    expect(await offline.ended()).toBe("FORBIDDEN");
    expect(offline.ticks).toEqual([]);
  });

  test("and keeps their rights is told everything as soon as it does, also where it was away", async () => {
    const { ledger, ticks, offline, online } = await stage();
    ledger.isAway = true;
    ticks.push(1, 2);
    expect(await online.holds(2)).toEqual([1, 2]);
    expect(offline.ticks).toEqual([]);
    ledger.isAway = false;
    expect(await offline.holds(2)).toEqual([1, 2]);
  });

  test("is told at once that nothing can be read", async () => {
    const { ledger, ticks, offline } = await stage();
    ledger.isAway = true;
    ticks.push({ unread: 7 });
    expect(await offline.holds(1)).toEqual([7]);
  });

  test("and leaves is gone at once, also who has just come", async () => {
    const { ledger, ticks, reader, offline, online } = await stage();
    ledger.held = new Held();
    const late = await followed(ticks, reader);
    ticks.push(1);
    await online.holds(1);
    for (const one of [offline, late]) {
      one.stop();
      await one.over;
    }
    expect([...offline.ticks, ...late.values]).toEqual([]);
  });
});
