import { expect, test } from "vitest";
import { ROUNDS } from "./rounds.ts";
import { stormStage } from "./stormStage.ts";

const weather = stormStage();

test("F08: many reports on what many packets share neither deadlock nor wait for the approvals", async () => {
  const { reported, approved } = await weather({ packets: 12, reports: 10 * ROUNDS });
  expect(reported).toBe(10 * ROUNDS);
  expect(approved).toBeGreaterThan(0);
});
