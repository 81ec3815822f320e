import { afterAll, describe, expect, test } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import { Connections } from "#ledger/connections.ts";
import { OutcomeUnknown, isLoss } from "#ledger/fault.ts";
import { rowsOf } from "#ledger/rowsOf.ts";
import { attempts } from "#ledger/transact.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { chance } from "../faults/chance.ts";
import { type Tap, TcpProxy, type Way } from "../walls/tcpProxy.ts";
import { enclave, granted, ledgerOn, reporting } from "./trainWorld.ts";

const fresh = freshDatabase();
const near = connect(fresh.url, { applicationName: "holdfast near", connectionsMax: 4 });
afterAll(() => near.close());

const CUTS: readonly { readonly cut: string; readonly ways: readonly Way[] }[] = [
  { cut: "both ways", ways: ["UP", "DOWN"] },
  { cut: "on the way to it", ways: ["UP"] },
  { cut: "on the way back", ways: ["DOWN"] },
];

/** A database by a way over which the test rules. */
async function farAway(
  onFinished: (close: () => Promise<void>) => void,
  connectionsMax: number,
  newTap?: () => Tap,
): Promise<{ readonly way: TcpProxy; readonly far: Database }> {
  const way = await TcpProxy.open(fresh.url, chance("a silent database"), newTap);
  const far = connect(way.by(fresh.url), {
    applicationName: "holdfast far",
    connectionsMax,
    idleInTransactionTimeoutMs: 1_000,
  });
  onFinished(async () => {
    way.cut();
    await far.close();
    await way.close();
  });
  return { way, far };
}

/** One number, and how it is read. */
function one(connections: Connections): Promise<number | undefined> {
  return connections.read(async (sql) => {
    const [row] = await rowsOf(sql<{ n: number }[]>`SELECT 1::int4 AS n`);
    return row?.n;
  });
}

/** So many connections that were used and are quiet. */
async function opened(far: Database): Promise<Connections> {
  const connections = new Connections(far);
  await Promise.all(Array.from({ length: far.linesMax }, () => one(connections)));
  return connections;
}

describe.concurrent("connections that went silent while nobody used them", () => {
  test("cost whoever comes first one silence, and nobody else any", async ({ onTestFinished }) => {
    const { way, far } = await farAway(onTestFinished, 6);
    const connections = await opened(far);
    expect(way.connections).toBe(6);
    way.forget();
    let asked = 0;
    const answer = await attempts(null, () => {
      asked += 1;
      return one(connections);
    });
    expect([answer, asked]).toEqual([1, 2]);
    expect(await Promise.all(Array.from({ length: 6 }, () => one(connections)))).toEqual(
      Array.from({ length: 6 }, () => 1),
    );
  });
});

describe.concurrent.each(CUTS)("a database that falls silent $cut", ({ ways }) => {
  test("loses a statement that is under way, whose place is free at once", async ({
    onTestFinished,
  }) => {
    const { way, far } = await farAway(onTestFinished, 1);
    const connections = await opened(far);
    way.darken(...ways);
    const asking = connections.run((sql) => sql`SELECT 1`);
    const next = asking.catch(() => {
      way.heal();
      return one(connections);
    });
    await expect(asking).rejects.toSatisfy(isLoss);
    expect(await next).toBe(1);
  });

  test("loses a transaction, and what it had locked is free before anybody's patience ends", async ({
    onTestFinished,
  }) => {
    const { way, far } = await farAway(onTestFinished, 2);
    const connections = await opened(far);
    const table = near.sql(`kept_${ways.join("_").toLowerCase()}`);
    await near.sql`CREATE TABLE ${table} AS SELECT 1 AS n`;
    const losing = connections.transaction(async (tx) => {
      await tx`UPDATE ${table} SET n = 2`;
      way.darken(...ways);
      await tx`UPDATE ${table} SET n = 3`;
    });
    const waiting = near.sql`UPDATE ${table} SET n = n + 10 RETURNING n`;
    await expect(losing).rejects.toSatisfy(isLoss);
    expect([...(await waiting)]).toEqual([{ n: 11 }]);
    way.heal();
    expect(await one(connections)).toBe(1);
  });

  test("is not let in to, and is asked again when it is heard", async ({ onTestFinished }) => {
    const { way, far } = await farAway(onTestFinished, 1);
    const connections = new Connections(far);
    way.darken(...ways);
    let asked = 0;
    const answer = await attempts(null, () => {
      asked += 1;
      if (asked === 2) way.heal();
      return one(connections);
    });
    expect([answer, asked]).toEqual([1, 2]);
  });

  test("during a COMMIT has made the change once or not at all, which its key tells", async ({
    onTestFinished,
  }) => {
    let isWaitedFor = false;
    const { way, far } = await farAway(onTestFinished, 4, () => (bytes) => {
      if (isWaitedFor && bytes.includes("commit")) way.darken(...ways);
    });
    const ledger = await ledgerOn(far);
    const name = `enclave-${ways.join("-").toLowerCase()}`;
    const request = reporting(false, [enclave(name)]);
    isWaitedFor = true;
    await expect(ledger.report(request)).rejects.toThrow(OutcomeUnknown);
    isWaitedFor = false;
    way.heal();
    const answer = granted(await ledger.report(request));
    expect(granted(await ledger.report(request))).toEqual({ ...answer, repeated: true });
    const made =
      await near.sql`SELECT FROM idempotency WHERE key = ${request.asker.idempotencyKey}`;
    expect(made).toHaveLength(1);
    await ledger.close();
  });
});
