import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RateLimits } from "#rateLimits/rateLimits.ts";
import { SharedCounts } from "#rateLimits/sharedCounts.ts";
import { heardLog } from "../identity/heardLog.ts";
import { type RedisServer, startRedis } from "../live/redisServer.ts";

const PER_MINUTE = 10;

let redis: RedisServer;
const heard = heardLog();
const opened: RateLimits[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  for (const limits of opened) limits.close();
  await redis.remove();
});

/** The rates of one node; resolves when it counts with the others. */
async function node(deployment: string): Promise<RateLimits> {
  const limits = alone(deployment, await shared());
  opened.push(limits);
  return limits;
}

async function shared(): Promise<SharedCounts> {
  const counts = new SharedCounts({ url: redis.url, chance: () => 0, log: heard.log });
  await vi.waitFor(() => expect(counts.isUsable).toBe(true), { timeout: 10_000 });
  return counts;
}

function alone(deployment: string, shared: SharedCounts | null): RateLimits {
  const rates = {
    requestsPerMinute: PER_MINUTE,
    decisionsPerMinute: PER_MINUTE,
    failedSignInsPerMinute: PER_MINUTE,
    newDocumentsPerMinute: PER_MINUTE,
  };
  return new RateLimits({ rates, deployment, shared, now: () => performance.now() });
}

/** How many of so many requests, at these nodes in turn, are let through. */
async function through(count: number, actor: string, ...nodes: RateLimits[]): Promise<number> {
  let letThrough = 0;
  for (let asked = 0; asked < count; asked += 1) {
    const wait = await nodes[asked % nodes.length]?.request(actor);
    if (wait === null) letThrough += 1;
    else expect(wait).toBeGreaterThanOrEqual(1);
  }
  return letThrough;
}

describe("rates", () => {
  test("are counted by all nodes together, for each deployment by itself", async () => {
    const [one, other, foreign] = [await node("a"), await node("a"), await node("b")];
    expect(await through(PER_MINUTE * 2, "olga", one, other)).toBe(PER_MINUTE);
    expect(await through(PER_MINUTE, "olga", foreign)).toBe(PER_MINUTE);
    expect(await through(PER_MINUTE, "pete", one, other)).toBe(PER_MINUTE);
  });

  test("do not keep whoever has plenty left waiting, and cost at most half of one more at each node", async () => {
    const [one, other] = [await node("f"), await node("f")];
    expect(await through(2, "olga", one, other)).toBe(2);
    const burst = Array.from({ length: PER_MINUTE * 4 }, (_, at) =>
      (at % 2 === 0 ? one : other).request("olga"),
    );
    const waits = await Promise.all(burst);
    const letThrough = waits.filter((wait) => wait === null).length;
    expect(letThrough).toBeGreaterThanOrEqual(PER_MINUTE - 2);
    expect(letThrough).toBeLessThanOrEqual(PER_MINUTE - 2 + PER_MINUTE / 2);
    expect(await through(PER_MINUTE, "olga", one, other)).toBe(0);
  });

  test("answer whoever has plenty left before the Redis has counted them, and nobody else", async () => {
    const counts = await shared();
    const limits = alone("g", counts);
    opened.push(limits);
    const firsts: string[] = [];
    for (let asked = 0; asked < PER_MINUTE; asked += 1) {
      // On the same connection, so that it is answered before what is counted after it.
      const heard = counts.redis.ping().then(() => "the Redis");
      const counted = limits.request("pete").then(() => "the node");
      firsts.push(await Promise.race([heard, counted]));
      await Promise.all([heard, counted, counts.redis.ping()]);
    }
    const plenty = PER_MINUTE / 2 - 1;
    expect(firsts).toEqual([
      "the Redis",
      ...Array.from({ length: plenty }, () => "the node"),
      ...Array.from({ length: PER_MINUTE - 1 - plenty }, () => "the Redis"),
    ]);
  });

  test("are kept in the Redis under no name, and end there by themselves", async () => {
    await through(1, "somebody.named", await node("c"));
    const keys = (await redis.command("keys", "holdfast:c:*")) as readonly string[];
    expect(keys).toHaveLength(1);
    expect(keys.join()).not.toContain("somebody");
    const lives = Number(await redis.command("ttl", keys[0] ?? ""));
    expect(lives).toBeGreaterThan(0);
    expect(lives).toBeLessThanOrEqual(60);
  });

  test("are counted by each node alone while the Redis is away, and never not at all", async () => {
    const [one, other] = [await node("d"), await node("d")];
    expect(await through(4, "olga", one, other)).toBe(4);
    redis.pause();
    // A Redis that takes and does not answer is given up at once, and a stopped one is none.
    expect(await through(PER_MINUTE * 4, "olga", one, other)).toBe(PER_MINUTE * 2 - 4);
    await redis.stop();
    expect(await through(PER_MINUTE * 4, "ivan", one, other)).toBe(PER_MINUTE * 2);
    await redis.start();
    const told = heard.lines.filter(({ level }) => level === "warn");
    expect(told.length).toBeGreaterThan(0);
    await vi.waitFor(
      async () => {
        const fresh = `person-${Math.trunc(performance.now())}`;
        expect(await through(PER_MINUTE * 2, fresh, one, other)).toBe(PER_MINUTE);
      },
      { timeout: 20_000, interval: 500 },
    );
  });

  test("of addresses are by the network that one client has", async () => {
    const limits = alone("e", null);
    const tries = Array.from({ length: PER_MINUTE }, (_, at) => `2001:db8:0:7::${at + 1}`);
    for (const address of tries) expect(await limits.failedSignIn(address)).toBeNull();
    expect(await limits.failedSignIn("2001:db8:0:7::ffff")).toBeGreaterThanOrEqual(1);
    expect(await limits.failedSignIn("2001:db8:0:8::1")).toBeNull();
  });
});
