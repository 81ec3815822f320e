import { writeFile } from "node:fs/promises";
import path from "node:path";
import postgres from "postgres";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openEmbedded } from "#database/embedded.ts";
import { codeOf } from "#ledger/fault.ts";
import { dataDirectory } from "../database/dataDirectory.ts";
import { bearer, ownFolder, textOf } from "../identity/passports.ts";
import { startMain, urlOf } from "../server/startMain.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { newKey, openReady } from "../workflow/trains.ts";
import { EPOCH_MS, PASSPORTS } from "./httpNode.ts";
import { lineageFaults } from "./lineageCheck.ts";

// A server of its own: connections are the server's, and other test files need theirs.
const directory = dataDirectory();
const folder = ownFolder();

/** Takes every connection that a server gives, and keeps them; resolves to the way to end it. */
async function takeAll(url: string): Promise<() => Promise<void>> {
  const taken: postgres.Sql[] = [];
  for (;;) {
    const one = postgres(url, { max: 1, idle_timeout: 0, fetch_types: false });
    taken.push(one);
    try {
      await one`SELECT 1`;
    } catch (fault) {
      if (codeOf(fault) !== "53300") throw fault;
      return async () => {
        await Promise.all(taken.map((sql) => sql.end({ timeout: 5 })));
      };
    }
  }
}

const PLACE = `mutation ($input: OperatorHoldPlaceInput!) { operatorHoldPlace(input: $input) {
  __typename ... on OperatorHoldPlacePayload { revision { number } } ... on Error { code } } }`;

interface Posted {
  readonly data?: { readonly operatorHoldPlace: { revision?: { number: number } } } | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

test("F07: without a connection to be had every answer comes, is no success, and the key settles it", async () => {
  const embedded = await openEmbedded({
    directory: directory.path,
    applicationName: "holdfast tests",
    log: () => undefined,
  });
  onTestFinished(() => embedded.close());
  const principals = path.join(folder.path, "principals.json");
  await writeFile(principals, textOf(...Object.values(PASSPORTS)));
  const main = startMain({
    DATABASE_URL: embedded.applicationUrl,
    HOLDFAST_DATA: folder.path,
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_MIGRATION_URL: embedded.url,
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: principals,
  });
  onTestFinished(async () => {
    main.signal("SIGTERM");
    await main.exited;
  });
  await main.says("Holdfast serves");
  const keeper = connect(embedded.url, { applicationName: "holdfast keeper", connectionsMax: 1 });
  onTestFinished(() => keeper.close());
  const rate = { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS };
  const opener = connect(embedded.applicationUrl, { applicationName: "tests", connectionsMax: 2 });
  const packet = await openReady(await openDesk(opener, rate), "train-1");
  await opener.close();

  const place = async (idempotencyKey: string): Promise<Posted> => {
    const input = { idempotencyKey, packet: packet.packet, reason: "odd noise" };
    const response = await fetch(`${urlOf(main)}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: bearer(PASSPORTS.ivan) },
      body: JSON.stringify({ query: PLACE, variables: { input } }),
    });
    return (await response.json()) as Posted;
  };
  const ready = async () => (await fetch(`${urlOf(main)}/ready`)).status;
  expect((await place(newKey())).data?.operatorHoldPlace.revision?.number).toBe(
    packet.revision + 1,
  );

  const [shortOf, stranger] = [keeper.sql, embedded.url];
  await shortOf`SELECT 1`;
  const first = await takeAll(stranger);
  // The strangers are at the door for every place that our own sessions lose.
  await shortOf`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'holdfast server%' AND usename = 'holdfast_app'`;
  const second = await takeAll(stranger);
  const keys = Array.from({ length: 6 }, newKey);
  const answers = await Promise.all(keys.map(place));
  for (const { data, errors } of answers) {
    expect(data ?? null).toBeNull();
    expect(["UNAVAILABLE", "OUTCOME_UNKNOWN"]).toContain(errors?.[0]?.extensions?.code);
  }
  expect(await ready()).toBe(503);

  await Promise.all([first(), second()]);
  while ((await ready()) !== 200) continue;
  const numbers: (number | undefined)[] = [];
  for (const key of keys) {
    numbers.push((await place(key)).data?.operatorHoldPlace.revision?.number);
  }
  expect(numbers).toEqual(keys.map((_key, index) => packet.revision + 2 + index));
  for (const [index, key] of keys.entries()) {
    expect((await place(key)).data?.operatorHoldPlace.revision?.number).toBe(numbers[index]);
  }
  expect(await lineageFaults(keeper)).toEqual([]);
});
