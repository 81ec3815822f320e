import { describe, expect, test } from "vitest";
import { RememberedGround } from "#identity/offlineGround.ts";

/** A database that answers what it is told to, or is away. */
function database() {
  const it = {
    epoch: 7n,
    revoked: false,
    isAway: false,
    asked: 0,
    askedOf: [] as (readonly string[])[],
    nowMs: 0,
  };
  const answer = <T>(value: () => T): Promise<T> => {
    it.asked += 1;
    return it.isAway ? Promise.reject(new Error("away")) : Promise.resolve(value());
  };
  const ground = new RememberedGround({
    epoch: () => answer(() => it.epoch),
    revokedOf: (people) => {
      it.askedOf.push(people);
      return answer(() => new Set(it.revoked ? people : []));
    },
    now: () => it.nowMs,
  });
  return { it, ground };
}

describe("what a node knows of the ledger", () => {
  test("is asked for once a second, and kept while the database is away", async () => {
    const { it, ground } = database();
    expect([await ground.epoch(), await ground.isRevoked("ada")]).toEqual([7n, false]);
    it.epoch = 8n;
    it.revoked = true;
    expect([await ground.epoch(), await ground.isRevoked("ada")]).toEqual([7n, false]);
    expect(it.asked).toBe(2);
    it.nowMs += 1_000;
    expect([await ground.epoch(), await ground.isRevoked("ada")]).toEqual([8n, true]);
    it.isAway = true;
    it.nowMs += 60_000;
    expect([await ground.epoch(), await ground.isRevoked("ada")]).toEqual([8n, true]);
    expect(it.asked).toBe(6);
  });

  test("is asked for anew where an epoch is spoken of that is not known yet", async () => {
    const { it, ground } = database();
    await ground.epoch();
    it.epoch = 8n;
    expect([await ground.epoch(), await ground.epochNow()]).toEqual([7n, 8n]);
    expect(await ground.epoch()).toBe(8n);
  });

  test("of everybody who came is asked in one question, however many they are", async () => {
    const { it, ground } = database();
    for (const person of ["ada", "ben", "cleo"]) await ground.isRevoked(person);
    it.asked = 0;
    it.revoked = true;
    expect(await ground.revokedNow(["ada", "ben", "cleo"])).toEqual(
      new Set(["ada", "ben", "cleo"]),
    );
    expect([it.asked, it.askedOf.at(-1)]).toEqual([1, ["ada", "ben", "cleo"]]);
  });

  test("of somebody who was never asked about is not what is known of others", async () => {
    const { it, ground } = database();
    expect(await ground.isRevoked("ada")).toBe(false);
    it.isAway = true;
    expect([await ground.isRevoked("ada"), await ground.isRevoked("ben")]).toEqual([false, null]);
    it.isAway = false;
    expect(await ground.isRevoked("ben")).toBe(false);
  });

  test("of nobody is not asked", async () => {
    const { it, ground } = database();
    expect([await ground.revokedNow([]), it.asked]).toEqual([new Set(), 0]);
  });

  test("is nothing before the first answer", async () => {
    const { it, ground } = database();
    it.isAway = true;
    expect([await ground.epoch(), await ground.isRevoked("ada")]).toEqual([null, null]);
  });

  test("never goes back: neither an epoch nor a revocation", async () => {
    const { it, ground } = database();
    it.revoked = true;
    await Promise.all([ground.epoch(), ground.isRevoked("ada")]);
    it.epoch = 6n;
    it.revoked = false;
    it.nowMs += 1_000;
    expect([await ground.epoch(), await ground.isRevoked("ada")]).toEqual([7n, true]);
  });

  test("is asked for anew when the clock of the process was set back", async () => {
    const { it, ground } = database();
    it.nowMs = 10_000;
    await ground.epoch();
    it.epoch = 8n;
    it.nowMs = 0;
    expect(await ground.epoch()).toBe(8n);
  });

  test("is waited for until a question is answered that begins after this call, where that is asked", async () => {
    const answers: ((revoked: ReadonlySet<string> | Promise<never>) => void)[] = [];
    let put: () => void = () => undefined;
    const ground = new RememberedGround({
      epoch: () => Promise.resolve(7n),
      revokedOf: () =>
        new Promise((resolve) => {
          answers.push(resolve);
          put();
        }),
      now: () => 0,
    });
    const asked = async (count: number): Promise<void> => {
      while (answers.length < count) await new Promise<void>((resolve) => (put = resolve));
    };
    const before = ground.isRevoked("ada");
    const told: unknown[] = [];
    const both = [ground.answered(["ada"]), ground.answered(["ada"])].map(async (answer) => {
      told.push((await answer).revoked);
    });
    answers[0]?.(new Set());
    expect(await before).toBe(false);
    await asked(2);
    expect(await ground.isRevoked("ada")).toBe(false);
    answers[1]?.(Promise.reject(new Error("away")));
    await asked(3);
    expect(told).toEqual([]);
    answers[2]?.(new Set(["ada"]));
    await Promise.all(both);
    expect(told).toEqual([new Set(["ada"]), new Set(["ada"])]);
    expect([answers.length, await ground.answered([])]).toEqual([
      3,
      { epoch: null, revoked: new Set() },
    ]);
  });

  test("is asked for no more once it is closed", async () => {
    const [closed, open] = [database(), database()];
    for (const { it, ground } of [closed, open]) {
      it.isAway = true;
      ground.answered(["ada"]).catch(() => undefined);
    }
    closed.ground.close();
    await new Promise<void>((resolve) => {
      open.it.askedOf.push = (people) => {
        if (open.it.askedOf.length === 3) resolve();
        return Array.prototype.push.call(open.it.askedOf, people);
      };
    });
    expect(closed.it.askedOf).toHaveLength(1);
    open.ground.close();
  });

  test("is waited for once, and the last answer does while the question is under way", async () => {
    let nowMs = 0;
    let answer: (epoch: bigint) => void = () => undefined;
    let asked = 0;
    const ground = new RememberedGround({
      epoch: () => {
        asked += 1;
        return asked === 1
          ? Promise.resolve(7n)
          : new Promise((resolve) => {
              answer = resolve;
            });
      },
      revokedOf: () => Promise.resolve(new Set()),
      now: () => nowMs,
    });
    expect(await ground.epoch()).toBe(7n);
    nowMs += 1_000;
    expect(await ground.epoch()).toBe(7n);
    nowMs += 60_000;
    expect(await ground.epoch()).toBe(7n);
    expect(asked).toBe(2);
    answer(9n);
    await Promise.resolve();
    nowMs += 1;
    await ground.isRevoked("ada");
    expect(await ground.epoch()).toBe(9n);
  });
});
