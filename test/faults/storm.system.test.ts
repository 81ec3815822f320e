import { expect, test } from "vitest";
import { ROUNDS } from "./rounds.ts";
import { stormStage } from "./stormStage.ts";

const weather = stormStage();

test("F08: 40 reports on what 100 packets share neither deadlock nor wait for the approvals", async () => {
  const { reported, approved } = await weather({ packets: 100 * ROUNDS, reports: 40 });
  expect(reported).toBe(40);
  expect(approved).toBeGreaterThan(0);
});
