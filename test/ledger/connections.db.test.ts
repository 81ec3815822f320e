import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { Connections } from "#ledger/connections.ts";
import { isLoss } from "#ledger/fault.ts";
import { rowsOf } from "#ledger/rowsOf.ts";
import { freshDatabase } from "../database/freshDatabase.ts";

const fresh = freshDatabase();
const victim = connect(fresh.url, { applicationName: "holdfast victim", connectionsMax: 4 });
const killer = connect(fresh.url, { applicationName: "holdfast killer", connectionsMax: 1 });
const calm = connect(fresh.url, { applicationName: "holdfast calm", connectionsMax: 4 });
afterAll(() => Promise.all([victim.close(), killer.close(), calm.close()]));

test("a statement gets its own answer or a loss, whenever its connection is cut", async () => {
  const connections = new Connections(victim);
  const over = new AbortController();
  let asked = 0;
  let answered = 0;
  const ask = async (): Promise<void> => {
    const mine = `question ${(asked += 1)}`;
    const rows = await connections.run((sql) =>
      rowsOf(sql<{ mine: string }[]>`SELECT ${mine}::text AS mine, ${asked}::int4 AS n`),
    );
    expect(rows.map((row) => row.mine)).toEqual([mine]);
    answered += 1;
  };
  const askInTransaction = async (): Promise<void> => {
    const mine = `question ${(asked += 1)}`;
    await connections.transaction(async (tx) => {
      for (const part of ["first", "second", "third"]) {
        const said = `${mine} ${part}`;
        const rows = await rowsOf(tx<{ said: string }[]>`SELECT ${said}::text AS said`);
        expect(rows.map((row) => row.said)).toEqual([said]);
      }
    });
    answered += 1;
  };
  const insist = async (question: () => Promise<void>): Promise<void> => {
    for (; !over.signal.aborted;) {
      try {
        await question();
      } catch (fault) {
        if (!isLoss(fault)) throw fault;
      }
    }
  };
  const cut = async (): Promise<void> => {
    for (let n = 0; n < 60; n += 1) {
      await killer.sql`
        SELECT pg_terminate_backend(pid), pg_sleep(random() * 0.05) FROM pg_stat_activity
        WHERE application_name = 'holdfast victim' AND datname = current_database()`;
    }
    over.abort();
  };
  await Promise.all([cut(), insist(ask), insist(ask), insist(askInTransaction)]);
  expect(answered).toBeGreaterThan(0);
});

test("no more work is under way than there are connections, and what waits comes in order", async () => {
  const connections = new Connections(calm);
  const order: number[] = [];
  let underWay = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      connections.run(async (sql) => {
        order.push(n);
        underWay += 1;
        most = Math.max(most, underWay);
        await sql`SELECT 1`;
        underWay -= 1;
      }),
    ),
  );
  expect(most).toBe(4);
  expect(order).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test("a transaction whose work fails leaves nothing behind and its connection usable", async () => {
  const connections = new Connections(calm);
  await killer.sql`CREATE TABLE kept (n int)`;
  const failing = connections.transaction(async (tx) => {
    await tx`INSERT INTO kept VALUES (1)`;
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  await connections.transaction((tx) => tx`INSERT INTO kept VALUES (2)`);
  const rows = await connections.run((sql) => rowsOf(sql<{ n: number }[]>`SELECT n FROM kept`));
  expect([...rows]).toEqual([{ n: 2 }]);
});

test("every result in the ledger is read through rowsOf", () => {
  const room = path.resolve(import.meta.dirname, "..", "..", "src", "ledger");
  const bare = readdirSync(room).filter((name) =>
    /await (?:sql|tx|work\.tx)</.test(readFileSync(path.join(room, name), "utf8")),
  );
  expect(bare).toEqual([]);
});
