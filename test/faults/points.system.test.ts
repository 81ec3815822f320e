import { expect, test } from "vitest";
import { POINTS } from "./points.ts";
import { pointStage } from "./pointStage.ts";
import { ROUNDS } from "./rounds.ts";

const stage = pointStage();

test("F01: kill -9 at every named point of a change leaves it there once or not at all", async () => {
  const met = await stage.met("KILL", { rounds: ROUNDS });
  expect(met.acknowledged.size).toBe(POINTS.length * ROUNDS);
});

test("F06: a connection lost at every named point leaves it there once or not at all", async () => {
  const met = await stage.met("CUT", { rounds: ROUNDS });
  expect(met.acknowledged.size).toBe((POINTS.length - 1) * ROUNDS);
});
