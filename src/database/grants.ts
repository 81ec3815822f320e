import type postgres from "postgres";
import type { Sql } from "./connect.ts";
import { APPEND_ONLY_ROLE, RoleAbsent, RoleUnfit } from "./roleFaults.ts";

/**
 * Beside SELECT and INSERT on every table, what the application's role may update, column by
 * column. A head's columns are those that an append compares and swaps. Of the others each is
 * there to be locked, for which Postgres asks for UPDATE on one column: it is of the row's key
 * or can have one value only, and its trigger refuses every update.
 */
export const UPDATABLE: Readonly<Record<string, readonly string[]>> = {
  packet_head: ["number", "digest", "status", "closed", "next_due"],
  deployment: ["only"],
  shared_subject: ["exercise"],
  train: ["exercise"],
};

/**
 * Gives a role exactly what the product needs to append and to read, and takes everything else
 * on the product's tables from it and from PUBLIC, and CREATE wherever it has it, in one
 * transaction. The caller is the owner of the tables and holds the migration lock. Throws
 * `RoleAbsent`, or `RoleUnfit` for a role that owns the tables as well, of which nothing can be
 * taken.
 */
export async function grantAppendOnly(sql: Sql, role: string): Promise<void> {
  await sql.begin(async (tx) => {
    const [found] = await tx<{ oid: number }[]>`SELECT oid FROM pg_roles WHERE rolname = ${role}`;
    if (found === undefined) throw new RoleAbsent(role);
    const relations = await ownRelations(tx, role);
    if (relations.some(({ isTheirs }) => isTheirs)) {
      throw new RoleUnfit(role, ["owns the product's tables"], APPEND_ONLY_ROLE);
    }
    await useSchema(tx, role);
    await limitCreation(tx, role);
    for (const relation of relations) await limitRelation(tx, relation, role);
    for (const { signature } of await ownFunctions(tx)) {
      await tx.unsafe(`GRANT EXECUTE ON FUNCTION ${signature} TO ${quoted(role)}`);
    }
  });
}

type Transaction = postgres.TransactionSql<{ bigint: bigint }>;

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly isSequence: boolean;
  /** Whether the role can act as its owner. */
  readonly isTheirs: boolean;
}

/** What the product's migrations have made; other tables of the schema are not ours to touch. */
async function ownRelations(tx: Transaction, role: string): Promise<Relation[]> {
  return tx<Relation[]>`
    SELECT n.nspname AS schema, c.relname AS name, c.relkind = 'S' AS "isSequence",
      pg_has_role(${role}, c.relowner, 'MEMBER') AS "isTheirs"
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'drizzle') AND c.relkind IN ('r', 'p', 'S')
      AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY 1, 2`;
}

/** Those that are called by name; one of a trigger runs without a right to it. */
async function ownFunctions(tx: Transaction): Promise<{ signature: string }[]> {
  return tx<{ signature: string }[]>`
    SELECT p.oid::regprocedure::text AS signature FROM pg_proc AS p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype
      AND p.prokind = 'f' AND pg_has_role(p.proowner, 'USAGE')
    ORDER BY 1`;
}

/** The schema is the database owner's, who may be somebody else: it is left alone where it is right. */
async function useSchema(tx: Transaction, role: string): Promise<void> {
  const [may] = await tx<{ use: boolean }[]>`
    SELECT has_schema_privilege(${role}, 'public', 'USAGE') AS use`;
  if (may?.use !== true) await tx.unsafe(`GRANT USAGE ON SCHEMA public TO ${quoted(role)}`);
}

/**
 * Takes what would let the role make things of its own, where that is the caller's to take. What
 * everybody may do in the schemas of others is left to them.
 */
async function limitCreation(tx: Transaction, role: string): Promise<void> {
  const places = await tx<{ place: string; isOurs: boolean }[]>`
    SELECT format('%s %I', kind, name) AS place, kind = 'DATABASE' OR name = 'public' AS "isOurs"
    FROM (
      SELECT 'DATABASE' AS kind, datname AS name, datdba AS owner,
          has_database_privilege(${role}, oid, 'CREATE') AS may
        FROM pg_database WHERE datname = current_database()
      UNION ALL SELECT 'SCHEMA', nspname, nspowner, has_schema_privilege(${role}, oid, 'CREATE')
        FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ) AS places
    WHERE may AND pg_has_role(owner, 'USAGE') AND NOT pg_has_role(${role}, owner, 'MEMBER')`;
  for (const { place, isOurs } of places) {
    const others = isOurs ? "PUBLIC, " : "";
    await tx.unsafe(`REVOKE CREATE ON ${place} FROM ${others}${quoted(role)}`);
  }
}

async function limitRelation(
  tx: Transaction,
  { schema, name, isSequence }: Relation,
  role: string,
): Promise<void> {
  const relation = `${quoted(schema)}.${quoted(name)}`;
  const kind = isSequence ? "SEQUENCE" : "TABLE";
  await tx.unsafe(`REVOKE ALL ON ${kind} ${relation} FROM PUBLIC, ${quoted(role)}`);
  if (isSequence || schema !== "public") return;
  await tx.unsafe(`GRANT SELECT, INSERT ON ${relation} TO ${quoted(role)}`);
  const columns = UPDATABLE[name]?.map(quoted).join(", ");
  if (columns !== undefined) {
    await tx.unsafe(`GRANT UPDATE (${columns}) ON ${relation} TO ${quoted(role)}`);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
