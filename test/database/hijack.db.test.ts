import type postgres from "postgres";
import { beforeAll, expect, test } from "vitest";
import { type Sql, connect } from "#database/connect.ts";
import { grantAppendOnly } from "#database/grants.ts";
import { RAISED } from "#ledger/fault.ts";
import { acceptAll, ledgerOn, open } from "../ledger/trainWorld.ts";
import { freshDatabase } from "./freshDatabase.ts";
import { asOwner, newRole } from "./otherRoles.ts";

const fresh = freshDatabase();
let held: string;
beforeAll(async () => {
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 2 });
  const ledger = await ledgerOn(database);
  const key = { exercise: false, train: "train-1" };
  await acceptAll(ledger, key);
  held = (await open(ledger, key)).packet;
  await ledger.close();
  await database.close();
});

/** A session of a role that only appends, and was given CREATE and TEMPORARY on the database. */
async function asIntruder(work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const other = await newRole(fresh.url);
  await asOwner(fresh.url, async (sql) => {
    const { username, pathname } = new URL(other);
    await grantAppendOnly(sql, username);
    await sql.unsafe(`GRANT ALL ON DATABASE "${pathname.slice(1)}" TO ${username}`);
  });
  await asOwner(other, work);
}

/** An approval of a packet with open holds, its bytes as they may be; undone where it is let in. */
const approve = (sql: Sql) =>
  sql.begin(async (tx) => {
    await tx`
      INSERT INTO public.revision SELECT packet, number + 1, digest, sha256('forged'), 'forged',
        body, 'PACKET_APPROVED', actor, 'PERSON', epoch, at, 'APPROVED', 0, steady_since,
        material_digest, number, digest
      FROM public.revision WHERE packet = ${held} AND number = 1`;
    throw new Error("the approval was let in");
  });

const step = (sql: postgres.ISql<{ bigint: bigint }>) => sql`
  INSERT INTO public.clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch,
    anchor_at, reached_at)
  SELECT seq + 1, epoch + 1, frozen, generation, stepped_at, anchor_epoch, anchor_at, reached_at
  FROM public.clock_step ORDER BY seq DESC LIMIT 1`;

/** Operators that are never true, which the session finds before those of Postgres. */
async function shadowOperators(sql: Sql, operators: readonly [string, string][]): Promise<void> {
  await sql.unsafe("CREATE SCHEMA evil");
  for (const [name, type] of operators) {
    await sql.unsafe(`CREATE FUNCTION evil.no(${type}, ${type}) RETURNS bool
      LANGUAGE sql AS 'SELECT false'`);
    await sql.unsafe(`CREATE OPERATOR evil.${name} (LEFTARG = ${type}, RIGHTARG = ${type},
      FUNCTION = evil.no)`);
  }
  await sql.unsafe("SET search_path = evil, pg_catalog, public");
}

test("rule 5.1: no operator of a session's own lets an approval over an open hold", () =>
  asIntruder(async (sql) => {
    await expect(approve(sql)).rejects.toMatchObject({ code: RAISED.approval });
    await shadowOperators(sql, [
      [">", "int4"],
      ["<>", "public.packet_status"],
    ]);
    await expect(approve(sql)).rejects.toMatchObject({ code: RAISED.approval });
  }));

test("rule 5.1: no type of a session's own, which needs no more than TEMPORARY", () =>
  asIntruder(async (sql) => {
    await sql.unsafe("CREATE TYPE pg_temp.text AS ENUM ('no')");
    await sql.unsafe(`CREATE FUNCTION pg_temp.nothing(pg_catalog.text) RETURNS pg_temp.text
      LANGUAGE sql AS 'SELECT NULL::pg_temp.text'`);
    await sql.unsafe(`CREATE CAST (pg_catalog.text AS pg_temp.text)
      WITH FUNCTION pg_temp.nothing(pg_catalog.text) AS ASSIGNMENT`);
    await expect(approve(sql)).rejects.toMatchObject({ code: RAISED.approval });
  }));

test("rule 6.1: no operator of a session's own lets the epoch move twice in a second", () =>
  asIntruder(async (sql) => {
    await shadowOperators(sql, [["<", "timestamptz"]]);
    const twice = sql.begin(async (tx) => {
      await step(tx);
      await step(tx);
    });
    await expect(twice).rejects.toMatchObject({ code: RAISED.clock });
  }));

test("every function of the product has its own search_path, temporary things last", async () => {
  await asOwner(fresh.url, async (sql) => {
    const loose = await sql`
      SELECT oid::regprocedure::text AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND coalesce('search_path=pg_catalog, pg_temp' <> ALL (proconfig), true)`;
    expect(loose).toEqual([]);
  });
});
