import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { UnknownPacket } from "#packet/refusal.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { chainOf } from "./chain.ts";
import { type HeardNode, startHeardNode } from "./heardNode.ts";
import { passEpochs } from "./passEpochs.ts";
import {
  REPORTER,
  asking,
  availability,
  granted,
  readyPacket,
  record,
  recording,
  stateOf,
} from "./trainWorld.ts";

const WITHDRAWN = [availability("sam", "WITHDRAWN")];
const COMMITTED = [availability("sam", "COMMITTED")];

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 1 });
let one: HeardNode;
let two: HeardNode;
beforeAll(async () => {
  [one, two] = [await startHeardNode(fresh.appUrl), await startHeardNode(fresh.appUrl)];
});
afterAll(() => Promise.all([one.close(), two.close(), database.close()]));

let trains = 0;
let packet = "";
beforeEach(async () => {
  trains += 1;
  ({ packet } = await readyPacket(one.ledger, `train-${trains}`));
  await record(one.ledger, packet, WITHDRAWN);
  one.statements.splice(0);
});

/** What a node asks of the database meanwhile: LOOK for what reads a head, WRITE for what swaps it. */
async function asked({ statements }: HeardNode, work: () => Promise<unknown>): Promise<string[]> {
  statements.splice(0);
  await work();
  return statements.map((statement) => (/^\s*WITH swapped/.test(statement) ? "WRITE" : "LOOK"));
}

test("an append soon after another to the same packet reads nothing", async () => {
  const again = (): Promise<unknown> => record(one.ledger, packet, COMMITTED);
  expect(await asked(one, again)).toEqual(["WRITE"]);
  expect(await asked(one, again)).toEqual(["WRITE"]);
  await expect(chainOf(two.ledger, packet)).resolves.toHaveLength(4);
});

test("where another process writes as well, it finds out once and then looks first", async () => {
  const turns: string[][] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await record(two.ledger, packet, COMMITTED);
    turns.push(await asked(one, () => record(one.ledger, packet, WITHDRAWN)));
  }
  expect(turns[0]?.slice(0, 2)).toEqual(["WRITE", "LOOK"]);
  expect(turns.slice(1).map(([first]) => first)).toEqual(["LOOK", "LOOK"]);
  await expect(chainOf(two.ledger, packet)).resolves.toHaveLength(8);
});

test("a step of the clock meanwhile is seen by the write, and judged", async () => {
  const before = await stateOf(two.ledger, packet);
  await passEpochs(database.sql, 1);
  const [first, ...rest] = await asked(one, () => record(one.ledger, packet, COMMITTED));
  expect([first, rest]).toEqual(["WRITE", ["LOOK", "WRITE"]]);
  expect((await stateOf(two.ledger, packet)).epoch).toBe(before.epoch + 1n);
});

test("a key that was answered before is answered so again", async () => {
  const asker = asking(REPORTER, "readinessRecord");
  const request = { packet, asker, decide: recording(COMMITTED) };
  const first = granted(await one.ledger.append(request));
  const again = granted(await one.ledger.append(request));
  expect(again).toEqual({ ...first, repeated: true });
  await expect(chainOf(two.ledger, packet)).resolves.toHaveLength(3);
});

test("what is refused was looked for first", async () => {
  const refusing = { packet, asker: asking(REPORTER, "x"), decide: () => new UnknownPacket() };
  expect(await asked(one, () => one.ledger.append(refusing))).toEqual(["LOOK"]);
});
