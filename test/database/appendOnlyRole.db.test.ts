import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { grantAppendOnly, UPDATABLE } from "#database/grants.ts";
import { migrate } from "#database/migrate.ts";
import { readRights, requireRights } from "#database/rights.ts";
import { RoleAbsent, RoleUnfit } from "#database/roleFaults.ts";
import { RAISED } from "#ledger/fault.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import { lineageFaults } from "../faults/lineageCheck.ts";
import { enclave } from "../gate/reports.ts";
import { IVAN, OLGA, PAUL, REX } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { accepted, approvalOf, newKey, onWire, openReady } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { freshDatabase } from "./freshDatabase.ts";
import { asOwner, memberOf, newRole } from "./otherRoles.ts";

const fresh = freshDatabase();
const owner = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 1 });
const app = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
afterAll(() => Promise.all([app.close(), owner.close()]));

/** SQLSTATE insufficient_privilege: nothing was looked at, let alone a trigger fired. */
const isForbidden = { code: "42501" };

const roleOf = (url: string): string => new URL(url).username;
const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

/** What is said of CREATE on a place. */
const creation = (place: string, object: string, grantee = "$role"): string =>
  `has CREATE on ${place}, until its owner does REVOKE CREATE ON ${object} FROM ${grantee}`;

async function rightsOf(url: string) {
  const session = connect(url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    return await readRights(session.sql);
  } finally {
    await session.close();
  }
}

test("a packet goes from its first source to its approval and on, as the role that only appends", async () => {
  const desk = await openDesk(app);
  const packet = await openReady(desk, "train-1");
  const run = async (verb: keyof typeof VERBS, by: Actor, input: object): Promise<void> => {
    const answer = await VERBS[verb].call(desk, by, { idempotencyKey: newKey(), ...input });
    if (answer instanceof Refusal) throw new Error(`${verb}: ${answer.message}`);
  };
  await run("packetApprove", OLGA, approvalOf(packet));
  const entries = [onWire(enclave(packet.enclaves[0]))];
  await run("enclaveReport", PAUL, { exercise: false, entries });
  await run("epochFreeze", REX, { reason: "drill" });
  await run("epochThaw", REX, { reason: "done" });
  // As another process would: each has its own heads, and who loses a swap too often locks it.
  const desks = await Promise.all(Array.from({ length: 6 }, () => openDesk(app)));
  const placing = desks.map((other) =>
    VERBS.operatorHoldPlace.call(other, IVAN, {
      idempotencyKey: newKey(),
      packet: packet.packet,
      reason: "at the same time",
    }),
  );
  for (const answer of await Promise.all(placing)) accepted(answer as object);
  const head = await desk.ledger.state(packet.packet);
  const revisions = BigInt(head?.state.revision ?? 0);
  expect(await desk.ledger.sequence()).toBe(revisions);
  expect(await lineageFaults(owner)).toEqual([]);
  for (const { ledger } of [desk, ...desks]) await ledger.close();
});

interface Column {
  readonly table: string;
  readonly column: string;
}

describe("rule 8.1: the role that only appends is refused, before any trigger,", () => {
  const columns: Column[] = [];
  const tables: string[] = [];
  beforeAll(async () => {
    columns.push(
      ...(await owner.sql<Column[]>`
        SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
        WHERE table_schema = 'public'`),
    );
    tables.push(...new Set(columns.map(({ table }) => table)));
  });

  test("an update of every column but a head's and those that are there to be locked", async () => {
    expect(tables).toContain("revision");
    const open: Column[] = [];
    for (const { table, column } of columns) {
      const updating = app.sql.unsafe(`UPDATE ${table} SET "${column}" = DEFAULT`);
      const fault: unknown = await updating.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (UPDATABLE[table]?.includes(column) === true) open.push({ table, column });
      else expect(fault, `${table} ${column}`).toMatchObject(isForbidden);
    }
    expect(open).toHaveLength(Object.values(UPDATABLE).flat().length);
  });

  test.each([
    "DELETE FROM $table",
    "TRUNCATE $table CASCADE",
    "DROP TABLE $table CASCADE",
    "ALTER TABLE $table DISABLE TRIGGER ALL",
    "ALTER TABLE $table ADD COLUMN note text",
    "ALTER TABLE $table OWNER TO CURRENT_USER",
    "CREATE TRIGGER late BEFORE UPDATE ON $table EXECUTE FUNCTION refuse_change()",
    "CREATE RULE gone AS ON INSERT TO $table DO INSTEAD NOTHING",
    "CREATE INDEX ON $table ((true))",
    "MERGE INTO $table USING (SELECT 1) AS one ON false WHEN MATCHED THEN DELETE",
  ])("of every table: %s", async (statement) => {
    for (const table of tables) {
      const trying = app.sql.unsafe(statement.replaceAll("$table", table));
      await expect(trying, table).rejects.toMatchObject(isForbidden);
    }
  });

  test.each([
    "SET session_replication_role = replica",
    "CREATE TABLE public.another (n int)",
    "CREATE FUNCTION public.another() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RETURN NULL; END $$`,
    "DROP FUNCTION refuse_change() CASCADE",
    "ALTER TYPE packet_status ADD VALUE 'FINE'",
    "SELECT setval('shared_report_seq_seq', 1)",
    "SELECT * FROM drizzle.__drizzle_migrations",
    "DELETE FROM drizzle.__drizzle_migrations",
    "DROP SCHEMA public CASCADE",
    "CREATE ROLE another",
  ])("of the database: %s", async (statement) => {
    await expect(app.sql.unsafe(statement)).rejects.toMatchObject(isForbidden);
  });

  test("to become the owner", async () => {
    const taking = app.sql.unsafe(`SET ROLE "${roleOf(fresh.url)}"`);
    await expect(taking).rejects.toMatchObject(isForbidden);
    await app.sql.unsafe("GRANT ALL ON revision TO CURRENT_USER");
    expect((await readRights(app.sql)).excess).toEqual([]);
  });

  test("by the triggers, to use what it may update in order to lock it", async () => {
    for (const table of ["deployment", "shared_subject", "train"]) {
      const [column = ""] = UPDATABLE[table] ?? [];
      const updating = app.sql.unsafe(`UPDATE ${table} SET "${column}" = "${column}"`);
      await expect(updating, table).rejects.toMatchObject({ code: RAISED.appendOnly });
    }
  });
});

describe("what a role may do is read, and said:", () => {
  test("the role of the product can append, and nothing else", async () => {
    const rights = await readRights(app.sql);
    expect(rights).toEqual({ role: roleOf(fresh.appUrl), excess: [], missing: [] });
    expect(requireRights(rights, { required: true })).toBe("APPEND_ONLY");
  });

  test("a superuser is not fit for production, and serves in development", async () => {
    const rights = await readRights(owner.sql);
    expect(rights.excess).toEqual(["is a superuser"]);
    expect(requireRights(rights, { required: false })).toBe("UNRESTRICTED");
    expect(() => requireRights(rights, { required: true })).toThrow(RoleUnfit);
  });

  test.each([
    ["GRANT UPDATE ON revision TO $role", "has UPDATE on revision"],
    ["GRANT UPDATE (body) ON revision TO $role", "has UPDATE (body) on revision"],
    ["GRANT UPDATE (train) ON packet_head TO $role", "has UPDATE (train) on packet_head"],
    ["GRANT DELETE ON source TO $role", "has DELETE on source"],
    ["GRANT TRUNCATE ON idempotency TO $role", "has TRUNCATE on idempotency"],
    ["GRANT TRIGGER ON revision TO $role", "has TRIGGER on revision"],
    ["GRANT CREATE ON SCHEMA public TO $role", creation("the schema public", "SCHEMA public")],
    ["GRANT ALL ON DATABASE $db TO $role", creation("the database $db", "DATABASE $db")],
    [
      "CREATE SCHEMA of_$role; GRANT CREATE ON SCHEMA of_$role TO $role",
      creation("the schema of_$role", "SCHEMA of_$role"),
    ],
    ["CREATE SCHEMA AUTHORIZATION $role", "owns the schema $role"],
    ["ALTER TABLE log_position OWNER TO $role", "owns the table log_position"],
    ["ALTER FUNCTION refuse_change() OWNER TO $role", "owns the function refuse_change"],
    ["ALTER ROLE $role CREATEROLE", "may make roles and join others"],
    ["GRANT pg_write_server_files TO $role", "may write files or run programs on the server"],
  ])("%s", async (statement, saying) => {
    const other = await newRole(fresh.url, "NOINHERIT");
    const filled = (text: string): string =>
      text.replaceAll("$role", roleOf(other)).replaceAll("$db", databaseOf(other));
    const said = filled(saying);
    await asOwner(fresh.url, async (sql) => {
      await grantAppendOnly(sql, roleOf(other));
      await sql.unsafe(filled(statement));
    });
    const rights = await rightsOf(other);
    // An owner has all the privileges on a table as well.
    const isOwner = said.startsWith("owns the table");
    expect(isOwner ? rights.excess.slice(0, 1) : rights.excess).toEqual([said]);
    expect(() => requireRights(rights, { required: true })).toThrow(said);
    await owner.sql.unsafe(`REASSIGN OWNED BY ${roleOf(other)} TO "${roleOf(fresh.url)}"`);
  });

  test("a right of a role that could be taken on counts as one's own", async () => {
    const strong = await newRole(fresh.url);
    await owner.sql.unsafe(`GRANT DELETE ON revision TO ${roleOf(strong)}`);
    const member = await memberOf(roleOf(strong), fresh.url);
    await asOwner(fresh.url, (sql) => sql.unsafe(`ALTER ROLE ${roleOf(member)} NOINHERIT`));
    expect((await rightsOf(member)).excess).toContain("has DELETE on revision");
  });

  test("a role without grants is told what it lacks, and who can give it", async () => {
    const rights = await rightsOf(await newRole(fresh.url));
    expect(rights.missing).toContain("lacks rights that the product needs on revision");
    expect(() => requireRights(rights, { required: false })).toThrow("HOLDFAST_MIGRATION_URL");
  });
});

describe("granting", () => {
  const migrateFor = (role: string) =>
    migrate(fresh.url, { applicationName: "holdfast tests", applicationRole: role });

  test("takes back what a role was given beyond it, and what everybody was", async () => {
    const other = await newRole(fresh.url);
    await owner.sql.unsafe(`GRANT ALL ON revision, packet TO ${roleOf(other)}`);
    await owner.sql.unsafe("GRANT DELETE ON revision TO PUBLIC");
    await owner.sql.unsafe("GRANT CREATE ON SCHEMA public TO PUBLIC");
    await owner.sql.unsafe(`GRANT ALL ON DATABASE ${databaseOf(fresh.url)} TO PUBLIC`);
    await owner.sql.unsafe(`GRANT ALL ON DATABASE ${databaseOf(fresh.url)} TO ${roleOf(other)}`);
    await owner.sql.unsafe(`CREATE SCHEMA theirs; GRANT ALL ON SCHEMA theirs TO ${roleOf(other)}`);
    expect((await readRights(app.sql)).excess).toHaveLength(3);
    await migrateFor(roleOf(other));
    expect(await rightsOf(other)).toMatchObject({ excess: [], missing: [] });
    expect((await readRights(app.sql)).excess).toEqual([]);
  });

  test("leaves to others what everybody may do in their schemas, and says so", async () => {
    const other = await newRole(fresh.url);
    await owner.sql.unsafe(
      "CREATE SCHEMA open_to_all; GRANT CREATE ON SCHEMA open_to_all TO PUBLIC",
    );
    await migrateFor(roleOf(other));
    const said = creation("the schema open_to_all", "SCHEMA open_to_all", "PUBLIC");
    expect((await rightsOf(other)).excess).toEqual([said]);
    await owner.sql.unsafe("DROP SCHEMA open_to_all");
  });

  test("may be done again and by many at once", async () => {
    const role = roleOf(await newRole(fresh.url));
    await Promise.all(Array.from({ length: 5 }, () => migrateFor(role)));
    expect((await readRights(app.sql)).missing).toEqual([]);
  });

  test("needs a role that is there, and says how to make it", async () => {
    await expect(migrateFor('no"body')).rejects.toThrow(RoleAbsent);
    await expect(migrateFor("nobody_here")).rejects.toThrow('CREATE ROLE "nobody_here" LOGIN');
  });

  test("takes nothing from the owner", async () => {
    await expect(migrateFor(roleOf(fresh.url))).rejects.toThrow(RoleUnfit);
    expect(await owner.sql`DELETE FROM drizzle.__drizzle_migrations WHERE false`).toEqual([]);
  });

  test("is left to the newest build", async () => {
    const role = roleOf(await newRole(fresh.url));
    await owner.sql`
      INSERT INTO drizzle.__drizzle_migrations (hash, created_at)
      VALUES ('of a newer build', 9000000000000)`;
    await migrateFor(role);
    await owner.sql`DELETE FROM drizzle.__drizzle_migrations WHERE created_at = 9000000000000`;
    const [row] = await owner.sql<{ may: boolean }[]>`
      SELECT has_table_privilege(${role}, 'revision', 'SELECT') AS may`;
    expect(row?.may).toBe(false);
  });
});
