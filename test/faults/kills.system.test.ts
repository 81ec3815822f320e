import { describe, expect, test } from "vitest";
import { dataDirectory } from "../database/dataDirectory.ts";
import { type Victim, killRounds } from "./kills.ts";

const ROUNDS = 12;

describe.each<Victim>(["process", "database", "session", "both"])(
  "kill -9 of the %s, in a loop under load",
  (victim) => {
    const directory = dataDirectory();

    test("loses, doubles and changes nothing that was acknowledged, and needs no person", async () => {
      const killed = await killRounds(directory, Array<Victim>(ROUNDS).fill(victim));
      process.stderr.write(`${victim}: ${JSON.stringify(killed)}\n`);
      expect(killed.acknowledged).toBeGreaterThan(100);
      const isDead = victim === "process" || victim === "both";
      if (isDead) expect(killed.found + killed.missing).toBeGreaterThan(ROUNDS);
    });
  },
);
