import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findingText } from "#audit/finding.ts";
import { type Database, connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Entry, SharedEntry, SharedReport } from "#packet/entry.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { component } from "../gate/reports.ts";
import {
  REPORTER,
  ROBOT,
  acceptAll,
  asking,
  availability,
  enclave,
  entriesOf,
  granted,
  ledgerOn,
  opening,
  readyPacket,
  reporting,
} from "../ledger/trainWorld.ts";
import { disarm } from "./disarm.ts";
import { verified } from "./realLineage.ts";

interface World {
  readonly ledger: Ledger;
  readonly database: Database;
}

/** Tells a packet something by a system, under a number that is recorded with it or only said. */
async function tell(
  { ledger }: World,
  packet: string,
  number: bigint,
  isRecorded = true,
): Promise<void> {
  granted(
    await ledger.append({
      packet,
      asker: asking(ROBOT, "readinessRecord"),
      reportNumber: isRecorded ? number : undefined,
      decide: (_head, { epoch }) => ({
        kind: "ENTRIES_RECORDED",
        entries: entriesOf([availability("cid", "COMMITTED")], { actor: ROBOT, epoch }, number),
      }),
    }),
  );
}

/** How reports on shared subjects are recorded; what is left out is as it should be. */
interface Sharing {
  readonly by?: Actor;
  readonly number?: bigint;
  /** Said and not recorded. */
  readonly said?: bigint;
  readonly receipt?: Partial<Entry>;
  readonly exercise?: boolean;
}

async function share(
  { ledger }: World,
  reports: readonly SharedReport[],
  sharing: Sharing = {},
): Promise<void> {
  const { by = REPORTER, number, said = number ?? null, receipt = {} } = sharing;
  granted(
    await ledger.report({
      ...reporting(sharing.exercise ?? false, reports),
      asker: asking(by, "sharedRecord"),
      reportNumber: number,
      decide: (_shared, { epoch }) =>
        entriesOf(reports, { actor: by, epoch }, said).map(
          (entry) => ({ ...entry, ...receipt }) as SharedEntry,
        ),
    }),
  );
}

/** A packet that a system opens with no entry, and a number that nothing shows. */
async function openSilently({ ledger }: World, reportNumber: bigint): Promise<void> {
  const key = { exercise: false, train: "silent" };
  await acceptAll(ledger, key);
  const request = { ...opening(key), asker: asking(ROBOT, "packetOpen"), reportNumber };
  granted(await ledger.open(request));
}

async function ready({ ledger }: World, train: string, exercise = false): Promise<string> {
  return (await readyPacket(ledger, train, exercise)).packet;
}

async function oneEach(world: World): Promise<void> {
  const first = await ready(world, "first");
  const second = await ready(world, "second");
  const practice = await ready(world, "first", true);
  await tell(world, first, 1n);
  await share(world, [enclave("vault"), enclave("spare")], { by: ROBOT, number: 2n });
  await openSilently(world, 3n);
  await tell(world, second, 4n);
  await share(world, [enclave("vault")], { by: ROBOT, number: 5n });
  await share(world, [enclave("vault")], { by: ROBOT, number: 1n, exercise: true });
  await tell(world, practice, 2n);
}

const CHIP = { component: "chip", standpoint: "OUTSIDE" } as const;

type Case = readonly [string, (world: World) => Promise<void>, readonly RegExp[]];

const CASES: readonly Case[] = [
  ["each number once, wherever it was given", oneEach, []],
  [
    "one number in two packets",
    async (world) => {
      await tell(world, await ready(world, "first"), 1n);
      await tell(world, await ready(world, "second"), 1n, false);
    },
    [/^GAP at report_number.number, robot: expected each of 1 .* found 2/],
  ],
  [
    "one number in two packets, and another in none",
    async (world) => {
      await tell(world, await ready(world, "first"), 1n);
      await tell(world, await ready(world, "second"), 1n, false);
      await openSilently(world, 2n);
    },
    [/^GAP at report_number.number, robot: expected each of 2 .* found 2/],
  ],
  [
    "one number in a packet and in a report on what packets share",
    async (world) => {
      await tell(world, await ready(world, "first"), 1n);
      await share(world, [enclave("spare")], { by: ROBOT, said: 1n });
    },
    [/^GAP at report_number.number, robot: expected each of 1 .* found 2/],
  ],
  [
    "one number in two reports on what packets share",
    async (world) => {
      await share(world, [enclave("vault")], { by: ROBOT, number: 1n });
      await share(world, [enclave("spare")], { by: ROBOT, said: 1n });
    },
    [/^GAP at report_number.number/, /^GAP at shared_report.body.reportNumber, entry .* after 1/],
  ],
  [
    "a number that nobody gave",
    async (world) => {
      await tell(world, await ready(world, "first"), 1n);
      await disarm(world.database);
      await world.database.sql`INSERT INTO report_number VALUES (false, 'robot', 2, 1)`;
    },
    [/^GAP at report_number.number, robot: expected each of 2 .* found 1/],
  ],
  [
    "a report that was observed in the future",
    (world) => share(world, [enclave("vault")], { receipt: { observedEpoch: 2n ** 60n } }),
    [/^ENTITLEMENT at shared_report.body.observedEpoch, .* lies in the future/],
  ],
  [
    "a report older than its reporter's newest",
    async (world) => {
      await share(world, [enclave("vault"), enclave("spare")]);
      await share(world, [enclave("vault")], { by: ROBOT, number: 1n });
      await share(world, [enclave("vault")], { receipt: { observedEpoch: -1n } });
    },
    [/^ENTITLEMENT at shared_report.body.observedEpoch, .* is older than your newest word/],
  ],
  [
    "a report older than another reporter's newest",
    async (world) => {
      await share(world, [enclave("vault")]);
      const receipt = { observedEpoch: -1n };
      await share(world, [enclave("vault")], { by: ROBOT, number: 1n, receipt });
    },
    [],
  ],
  [
    "a system's report without a number",
    (world) => share(world, [enclave("vault")], { by: ROBOT }),
    [/^VALUE at shared_report.body.reportNumber, .* found none/],
  ],
  [
    "a component that is reported to refuse less than before",
    async (world) => {
      await share(world, [component(2, CHIP)]);
      await share(world, [component(1, CHIP)]);
    },
    [/^ENTITLEMENT at shared_report.body.floor, .* is lower/],
  ],
];

describe.each(CASES)("recorded past every verb: %s", (_what, deed, expected) => {
  const fresh = freshDatabase();
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await ledgerOn(database);
  });
  afterAll(async () => {
    await ledger.close();
    await database.close();
  });

  test("is found where it is wrong, and nothing else is", async () => {
    await deed({ ledger, database });
    const { findings, unchecked } = await verified(fresh.url);
    const texts = findings.filter(({ place }) => place.table !== "schema").map(findingText);
    expect(unchecked).toBeNull();
    expect(texts).toEqual(expected.map((text): unknown => expect.stringMatching(text)));
  });
});
