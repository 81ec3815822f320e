import { describe, expect, test } from "vitest";
import { ROUNDS } from "../faults/rounds.ts";
import { DECIDED_RIGHT, relayStage } from "./relayStage.ts";

const there = relayStage({ isAway: true });

/** More than what a connection of the kernel and the limit below hold together. */
const OVERFLOW_MESSAGES = 48;
const MEGABYTE = "x".repeat(1_048_576);

describe("F09: with Redis", () => {
  test("away at the start, servers start, are ready, decide right and show everything; then it comes", async () => {
    const { stage } = there;
    await stage.wakeUps("DEGRADED");
    expect(await stage.faultsOf(() => Promise.resolve())).toEqual([]);
    expect(await stage.decides()).toEqual(DECIDED_RIGHT);
    expect(await stage.faultsOf(() => stage.redis.start())).toEqual([]);
    await stage.wakeUps("REDIS");
    expect(await stage.faultsOf(() => Promise.resolve())).toEqual([]);
    expect(await stage.decides()).toEqual(DECIDED_RIGHT);
  });

  test("crashed for a while and started again, nothing is lost, doubled or out of order", async () => {
    const { stage } = there;
    for (let round = 0; round < ROUNDS; round += 1) {
      await stage.wakeUps("REDIS");
      expect(await stage.faultsOf(() => stage.redis.stop())).toEqual([]);
      await stage.wakeUps("DEGRADED");
      expect(await stage.faultsOf(() => Promise.resolve())).toEqual([]);
      expect(await stage.decides()).toEqual(DECIDED_RIGHT);
      expect(await stage.faultsOf(() => stage.redis.start())).toEqual([]);
      await stage.wakeUps("REDIS");
    }
  });

  test("cutting off those who listen, again and again, they see what was told meanwhile", async () => {
    const { stage } = there;
    await stage.wakeUps("REDIS");
    const cut = async (): Promise<void> => {
      for (let n = 0; n < 5 * ROUNDS; n += 1) {
        await stage.redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        await stage.wakeUps("REDIS");
      }
    };
    expect(await stage.faultsOf(cut, 40)).toEqual([]);
  });

  test("cutting off a server that does not read, it comes back and sees everything", async () => {
    const { stage } = there;
    await stage.wakeUps("REDIS");
    const [, stopped] = stage.nodes;
    if (stopped === undefined) throw new Error("one server is not enough");
    const { packet, revision } = await stage.packet();
    const dashboards = await stage.open(packet);
    await stage.redis.command("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0");
    process.kill(stopped.pid, "SIGSTOP");
    const listeners: unknown[] = [];
    for (let n = 0; n < OVERFLOW_MESSAGES; n += 1) {
      listeners.push(await stage.redis.command("PUBLISH", stage.channel, MEGABYTE));
    }
    for (let n = 0; n < 6; n += 1) await stage.place(packet, 0);
    process.kill(stopped.pid, "SIGCONT");
    expect(listeners.at(-1)).toBeLessThan(2);
    expect(await stage.untrue(packet, revision, dashboards)).toEqual([]);
    await stage.wakeUps("REDIS");
  });

  test("there and silent, its connections are given up, and everything is shown all the same", async () => {
    const { stage } = there;
    await stage.wakeUps("REDIS");
    expect(await stage.faultsOf(async () => stage.redis.pause())).toEqual([]);
    await stage.wakeUps("DEGRADED");
    expect(await stage.faultsOf(() => Promise.resolve())).toEqual([]);
    expect(await stage.decides()).toEqual(DECIDED_RIGHT);
    expect(await stage.faultsOf(async () => stage.redis.resume())).toEqual([]);
    await stage.wakeUps("REDIS");
    for (const node of stage.nodes) expect(node.faults()).not.toContain("uncaught");
  });
});
