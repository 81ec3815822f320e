import { expect, test } from "vitest";
import { dataDirectory } from "../database/dataDirectory.ts";
import { type Victim, killRounds } from "./kills.ts";

const VICTIMS: readonly Victim[] = ["process", "both", "database", "both", "database", "process"];

/** Every start of a process and of Postgres costs a busy machine seconds. */
const TIMEOUT_MS = 240_000;

const directory = dataDirectory();

test(
  "kill -9 under load, of the process, the database and both, twice each: nothing is lost",
  async () => {
    const killed = await killRounds(directory, VICTIMS);
    expect(killed.acknowledged).toBeGreaterThan(VICTIMS.length);
  },
  TIMEOUT_MS,
);
