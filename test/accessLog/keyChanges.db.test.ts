import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { connect } from "#database/connect.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { makeSigner } from "../proof/sshMaker.ts";
import {
  configFor,
  principalsFile,
  startTestServer,
  type TestServer,
} from "../server/startTest.ts";

const database = freshDatabase();
const principals = principalsFile();

const [first, second, third] = [1, 2, 3].map(() => makeSigner({ type: "ssh-ed25519" }));
if (first === undefined || second === undefined || third === undefined) throw new Error("no keys");
const [ONE, TWO, THREE] = [first, second, third].map(({ wire }) => fingerprintOf(wire));

const place = (name: string): string => path.join(path.dirname(principals.path), name);
const signers = (...lines: readonly string[]): Promise<void> =>
  writeFile(place("allowed_signers"), lines.join(""));
const revoked = (...fingerprints: readonly (string | undefined)[]): Promise<void> =>
  writeFile(place("revoked_keys"), fingerprints.map((one) => `${one}\n`).join(""));

let running: TestServer | null = null;
async function start(): Promise<void> {
  const files = {
    HOLDFAST_SIGNERS: place("allowed_signers"),
    HOLDFAST_REVOKED_KEYS: place("revoked_keys"),
  };
  running = await startTestServer(configFor(database.url, principals.path, files));
}
async function stop(): Promise<void> {
  await running?.server.close();
  running = null;
}
afterEach(stop);

interface Recorded {
  readonly actor: string | null;
  readonly address: string | null;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Every change of keys that was recorded, in order, as the table has it. */
async function changes(): Promise<Recorded[]> {
  const own = connect(database.url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    return await own.sql<Recorded[]>`
      SELECT actor, address, to_json(before) AS before, to_json(after) AS after FROM access_record
      WHERE code = 'KEYS_CHANGED' ORDER BY position`;
  } finally {
    await own.close();
  }
}

/** Resolves to the changes once there are so many. */
async function changesOf(count: number): Promise<Recorded[]> {
  return vi.waitFor(
    async () => {
      const found = await changes();
      expect(found).toHaveLength(count);
      return found;
    },
    { timeout: 30_000, interval: 100 },
  );
}

const SIGN_IN = "sign-in@holdfast";
const APPROVAL = "approval@holdfast";

beforeAll(async () => {
  await signers(lineOf("ada", first), lineOf("ben", second, APPROVAL));
  await revoked();
});

describe("changes of keys are recorded", () => {
  test("as they are found at the first start, each with what it may be used for", async () => {
    await start();
    expect(await changesOf(2)).toEqual([
      { actor: "ada", address: null, before: [], after: [`${SIGN_IN} ${ONE}`] },
      { actor: "ben", address: null, before: [], after: [`${APPROVAL} ${TWO}`] },
    ]);
  });

  test("when one more is listed, one is revoked, and a person is left out, while a node runs", async () => {
    await start();
    await signers(lineOf("ada", first), lineOf("ada", third), lineOf("ben", second, APPROVAL));
    const [, , more] = await changesOf(3);
    expect(more?.before).toEqual([`${SIGN_IN} ${ONE}`]);
    expect(more?.after.toSorted()).toEqual(
      [ONE, THREE].map((key) => `${SIGN_IN} ${key}`).toSorted(),
    );
    await revoked(ONE);
    expect((await changesOf(4)).at(-1)).toMatchObject({
      actor: "ada",
      after: [`${SIGN_IN} ${THREE}`],
    });
    await signers(lineOf("ada", third));
    expect((await changesOf(5)).at(-1)).toMatchObject({
      actor: "ben",
      before: [`${APPROVAL} ${TWO}`],
      after: [],
    });
  });

  test("when they were made while no node ran, and not again by each start", async () => {
    await signers(lineOf("ada", third), lineOf("cleo", first));
    await revoked();
    await start();
    expect((await changesOf(6)).at(-1)).toMatchObject({
      actor: "cleo",
      before: [],
      after: [`${SIGN_IN} ${ONE}`],
    });
    await stop();
    await start();
    await signers(lineOf("ada", third));
    const told = await changesOf(7);
    expect(told.slice(6)).toMatchObject([{ actor: "cleo", after: [] }]);
  });

  test("and no fault of a file is one: while it lasts no key counts, and none has changed", async () => {
    await start();
    const { heard } = running ?? {};
    await signers("this is no line of keys\n");
    await vi.waitFor(() => expect(JSON.stringify(heard)).toContain("no key counts"), {
      timeout: 30_000,
      interval: 100,
    });
    await signers(lineOf("ada", third), lineOf("dora", second));
    expect((await changesOf(8)).at(-1)).toMatchObject({ actor: "dora" });
  });

  test("and none of them has a key in it, only its fingerprint", async () => {
    const told = JSON.stringify(await changes());
    for (const { line } of [first, second, third]) {
      expect(told).not.toContain(line.split(" ")[1]);
    }
  });
});
