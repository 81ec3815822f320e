import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findingText } from "#audit/finding.ts";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { SharedReport } from "#packet/entry.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { component, declaration, initialisation, rotation } from "../gate/reports.ts";
import { release } from "../gate/train.ts";
import { ledgerOn, report } from "../ledger/trainWorld.ts";
import { verified } from "./realLineage.ts";

const on = (name: string) => ({ component: name });
const old = release("r1", 4, 1);
const raising = release("r9", 9, 5);
const sudden = { mode: "SUDDEN", outgoing: "key-1", incoming: "key-2" } as const;

/** What every component below admits in this order: nothing is found. */
const ADMITTED: readonly SharedReport[] = [
  initialisation(old, "ratchet"),
  initialisation(raising, "ratchet"),
  initialisation(old, "spare"),
  component(0, { ...on("chip"), trustedKeys: ["key-1"], keySlotsUsed: 1 }),
  declaration(on("chip")),
  rotation({ ...on("chip"), ...sudden }),
];

const REFUSED: readonly (readonly [string, SharedReport, RegExp])[] = [
  ["a release below the floor", initialisation(old, "ratchet"), /BELOW_FLOOR/],
  [
    "a key that is out",
    rotation({ ...on("chip"), ...sudden, incoming: "key-3" }),
    /is out already/,
  ],
];

describe.each(REFUSED)("recorded past every verb: %s", (_what, refused, why) => {
  const fresh = freshDatabase();
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await ledgerOn(database);
    for (const exercise of [false, true]) await report(ledger, exercise, ADMITTED);
  });
  afterAll(async () => {
    await ledger.close();
    await database.close();
  });

  test("is found, and before it nothing", async () => {
    expect((await verified(fresh.url)).findings.map(findingText)).toEqual([]);
    await report(ledger, false, [refused]);
    const { findings } = await verified(fresh.url);
    expect(findings.map(({ kind, place }) => [kind, place.table])).toEqual([
      ["ENTITLEMENT", "shared_report"],
    ]);
    expect(findings.map(findingText).join("\n")).toMatch(why);
  });
});
