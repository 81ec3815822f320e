import { beforeAll, describe, expect, test } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import type { Finding } from "#audit/finding.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { OWNER, acceptAll, asking, granted, ledgerOn, open } from "../ledger/trainWorld.ts";
import { copyOf, makeRealLineage, verified } from "./realLineage.ts";

const fresh = freshDatabase();
beforeAll(async () => {
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  await makeRealLineage(database);
  await database.close();
});

/** What is found in a copy after a superuser changed it. */
async function foundAfter(
  change: (database: Database) => Promise<unknown>,
): Promise<readonly Finding[]> {
  const copy = await copyOf(fresh.url);
  try {
    const database = connect(copy.url, { applicationName: "holdfast tests", connectionsMax: 2 });
    await change(database);
    await database.close();
    const { findings, unchecked } = await verified(copy.url);
    expect(unchecked).toBeNull();
    return findings;
  } finally {
    await copy.drop();
  }
}

const RESTORED = ["revision follows", "idempotency append_only"].map((each) => each.split(" "));

/**
 * Approves a new packet, which has open holds, and leaves no answer that says so, and every guard
 * as it was; resolves to the packet.
 */
async function forge(database: Database): Promise<string> {
  const { sql } = database;
  for (const [table, trigger] of RESTORED) {
    await sql.unsafe(`ALTER TABLE ${table} DISABLE TRIGGER ${trigger}`);
  }
  const ledger = await ledgerOn(database);
  const key = { exercise: false, train: "forged" };
  await acceptAll(ledger, key);
  const { packet, revision, digest } = await open(ledger, key);
  const decide = () => ({ kind: "PACKET_APPROVED", revision, digest }) as const;
  granted(await ledger.append({ packet, asker: asking(OWNER, "packetApprove"), decide }));
  await ledger.close();
  await sql`DELETE FROM idempotency WHERE answer LIKE ${`%${packet}%`}`;
  for (const [table, trigger] of RESTORED) {
    await sql.unsafe(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${trigger}`);
  }
  return packet;
}

/** A function that is as true as the operator of Postgres, but never for this packet. */
async function blindTo({ sql }: Database, packet: string): Promise<void> {
  await sql.unsafe("CREATE SCHEMA elsewhere");
  await sql.unsafe(`CREATE FUNCTION elsewhere.blind(uuid, uuid) RETURNS bool LANGUAGE plpgsql AS $$
    BEGIN RETURN $1 <> '${packet}' AND uuid_cmp($1, $2) >= 0; END $$`);
}

describe("an approval over an open hold is found, though", () => {
  test("an operator of public does not see its packet", async () => {
    let packet = "";
    const findings = await foundAfter(async (database) => {
      packet = await forge(database);
      await blindTo(database, packet);
      await database.sql.unsafe(`CREATE OPERATOR public.>= (LEFTARG = uuid, RIGHTARG = uuid,
        FUNCTION = elsewhere.blind)`);
    });
    expect(findings.find(({ place }) => place.packet === packet)).toMatchObject({
      kind: "ENTITLEMENT",
    });
    const row = "operator >=(uuid, uuid)";
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: "SCHEMA", place: { table: "schema", row } }),
    );
  });

  test("Postgres itself does not give its rows to be judged", async () => {
    let packet = "";
    const findings = await foundAfter(async (database) => {
      packet = await forge(database);
      await blindTo(database, packet);
      const { sql } = database;
      await sql`UPDATE pg_operator SET oprname = '>==' WHERE oid = '>=(uuid,uuid)'::regoperator`;
      await sql.unsafe(`CREATE OPERATOR pg_catalog.>= (LEFTARG = uuid, RIGHTARG = uuid,
        FUNCTION = elsewhere.blind)`);
    });
    const found = findings.filter(({ place }) => place.packet !== undefined);
    expect(found).toMatchObject([
      { kind: "MISSING", place: { table: "revision", packet, revision: 1 }, found: "nothing" },
    ]);
  });
});

describe("beside what the product made in public,", () => {
  const schemaAfter = async (statement: string): Promise<readonly (string | undefined)[]> => {
    const findings = await foundAfter(({ sql }) => sql.unsafe(statement));
    expect(findings.every(({ kind }) => kind === "SCHEMA")).toBe(true);
    return findings.map(({ place }) => place.row);
  };

  test.each([
    "btree_gist",
    "citext",
    "hstore",
    "ltree",
    "pg_stat_statements",
    "pg_trgm",
    "pgcrypto",
    "uuid-ossp",
  ])("the extension %s is somebody's own affair", async (extension) => {
    expect(await schemaAfter(`CREATE EXTENSION "${extension}" SCHEMA public`)).toEqual([]);
  });

  test.each([
    "CREATE TABLE public.theirs (n int)",
    "CREATE TYPE public.mood AS ENUM ('fine')",
    "CREATE SCHEMA theirs; CREATE FUNCTION theirs.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    `CREATE SCHEMA theirs; CREATE TYPE theirs.mood AS ENUM ('fine');
     CREATE CAST (theirs.mood AS text) WITH INOUT`,
  ])("so is what nothing of ours could mean: %s", async (statement) => {
    expect(await schemaAfter(statement)).toEqual([]);
  });

  const same = (type: string, where: string): string =>
    `CREATE FUNCTION ${where}.same(${type}, ${type}) RETURNS bool LANGUAGE sql AS 'SELECT true'`;
  const equals = (type: string, where = "public"): string =>
    `${same(type, where)}; CREATE OPERATOR ${where}.= (LEFTARG = ${type}, RIGHTARG = ${type},
      FUNCTION = ${where}.same)`;
  const joined = (statement: string, what: string): string =>
    `CREATE EXTENSION citext; ${statement}; ALTER EXTENSION citext ADD ${what}`;
  test.each([
    [
      "function sum(integer)",
      "CREATE FUNCTION public.sum(int4) RETURNS int LANGUAGE sql AS 'SELECT 0'",
    ],
    ["operator =(public.fact_kind, public.fact_kind)", equals("fact_kind")],
    [
      "operator pg_catalog.=(public.fact_kind, public.fact_kind)",
      equals("public.fact_kind", "pg_catalog"),
    ],
    [
      "operator =(public.fact_kind, public.fact_kind)",
      joined(equals("fact_kind"), "OPERATOR public.=(fact_kind, fact_kind)"),
    ],
    ["operator =(uuid, uuid)", joined(equals("uuid"), "OPERATOR public.=(uuid, uuid)")],
    [
      "function sum(integer)",
      joined(
        "CREATE FUNCTION public.sum(int4) RETURNS int LANGUAGE sql AS 'SELECT 0'",
        "FUNCTION public.sum(int4)",
      ),
    ],
    ["cast (uuid AS bytea)", "CREATE CAST (uuid AS bytea) WITH FUNCTION uuid_send(uuid)"],
    ["cast (text AS public.fact_kind)", "CREATE CAST (text AS fact_kind) WITH INOUT"],
    ["cast (text[] AS public.fact_kind[])", "CREATE CAST (text[] AS fact_kind[]) WITH INOUT"],
  ])("what could stand in for something of ours is found: %s", async (row, statement) => {
    expect(await schemaAfter(statement)).toContain(row);
  });
});
