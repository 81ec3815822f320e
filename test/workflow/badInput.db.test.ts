import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PERMISSIONS, type Verb } from "#access/permissions.ts";
import { connect } from "#database/connect.ts";
import { InvalidInput, Refusal } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { openDesk } from "./openDesk.ts";
import { VERBS } from "./verbs.ts";
import { written } from "./written.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(database);
});
afterAll(() => database.close());

const verbs = Object.keys(PERMISSIONS) as Verb[];

test("every verb that anybody may ask for is in the table, and every file of the workflow is one", () => {
  expect(Object.keys(VERBS).toSorted()).toEqual(verbs.toSorted());
  // What the verbs are made of, looks that another right entitles to, and what nobody asks for: what
  // tickers do, and an exercise, which is recorded from the use of the path.
  const others = [
    "approvalPrepare",
    "ask",
    "changeSpending",
    "desk",
    "entryPrepare",
    "packetVerb",
    "emergencyAccess",
    "emergencyExercise",
    "epochTick",
    "settled",
    "signatures",
    "releaseKeys",
    "releaseSignatures",
    "knownReleases",
    "openPackets",
    "revisionsCompare",
    "revocationPreview",
    "revocationRecord",
    "workList",
  ];
  // One verb for seven kinds of report, each of which takes a right of its own.
  const kinds = [
    "enclaveReport",
    "credentialRevoke",
    "componentReport",
    "componentDeclare",
    "releaseInitialise",
    "keyRotate",
    "emergencyPlanReport",
  ];
  const folder = path.join(import.meta.dirname, "..", "..", "src", "workflow");
  const files = readdirSync(folder).map((name) => path.basename(name, ".ts"));
  const named = [...files.filter((name) => !others.includes(name)), ...kinds];
  expect(named.toSorted()).toEqual(verbs.toSorted());
});

describe.each(verbs)("%s", (verb) => {
  test("names every fault of its input by its path, writes nothing, and takes the input without it", async () => {
    const { call, prepare } = VERBS[verb];
    const asks = await prepare(desk, `train-${verb}`);
    const before = await written(database.sql);
    const wrong: string[] = [];
    let cases = 0;
    for (const { by, input } of asks) {
      for (const bad of malformed(verb, input)) {
        cases += 1;
        const fault = await faultOf(() => call(desk, by, bad.input), bad);
        if (fault !== null) wrong.push(fault);
      }
    }
    expect(wrong).toEqual([]);
    expect(cases).toBeGreaterThan(10);
    expect(await written(database.sql)).toEqual(before);
    for (const { by, input } of asks)
      expect(await call(desk, by, input)).not.toBeInstanceOf(Refusal);
    expect(Reflect.get(Object.prototype, "isAdmin")).toBeUndefined();
  });
});

/** What is wrong with the answer to a malformed input; null when it names the fault where it is. */
async function faultOf(
  asking: () => Promise<unknown>,
  { what, place }: Malformed,
): Promise<string | null> {
  try {
    const answer = await asking();
    if (!(answer instanceof InvalidInput)) {
      return `${what}: ${answer instanceof Refusal ? answer.message : "accepted"}`;
    }
    const paths = answer.faults.map((fault) => JSON.stringify(fault.path));
    if (paths.includes(JSON.stringify(place))) return null;
    return `${what}: named ${paths.slice(0, 5).join(" ")}`;
  } catch (thrown) {
    return `${what}: threw ${String(thrown)}`;
  }
}
