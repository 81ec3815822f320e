import { describe, expect, test } from "vitest";
import { dataDirectory } from "../database/dataDirectory.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Victim, killRounds } from "./kills.ts";
import { pairKillRounds } from "./pairKills.ts";
import { ROUNDS } from "./rounds.ts";

/** Of each kind; a longer run is asked for by rounds. */
const KILLS = 4 * ROUNDS;

/** Of one of two nodes, or of both. */
const PAIR_KILLS = 2 * ROUNDS;

describe.each<Victim>(["process", "database", "session", "both"])(
  "F02, F04: kill -9 of the %s, in a loop under load",
  (victim) => {
    const directory = dataDirectory();

    test("loses, doubles and changes nothing that was acknowledged, and needs no person", async () => {
      const killed = await killRounds(directory, Array<Victim>(KILLS).fill(victim));
      process.stderr.write(`${victim}: ${JSON.stringify(killed)}\n`);
      expect(killed.acknowledged).toBeGreaterThan(100);
      const isDead = victim === "process" || victim === "both";
      if (isDead) expect(killed.found + killed.missing).toBeGreaterThan(KILLS);
    });
  },
);

describe("F02: kill -9 of two nodes on one database, in a loop under load", () => {
  const fresh = freshDatabase();

  test("loses, doubles and changes nothing that either acknowledged", async () => {
    const killed = await pairKillRounds(fresh.url, PAIR_KILLS);
    process.stderr.write(`two nodes: ${JSON.stringify(killed)}\n`);
    expect(killed.acknowledged).toBeGreaterThan(50);
    expect(killed.found + killed.missing).toBeGreaterThan(PAIR_KILLS);
  });
});
