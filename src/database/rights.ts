import type { Sql } from "./connect.ts";
import { UPDATABLE } from "./grants.ts";
import { APPEND_ONLY_ROLE, OWNER_GRANTS, RoleUnfit } from "./roleFaults.ts";

/** APPEND_ONLY if whoever has the role's password can change and remove nothing that was appended. */
export type DatabaseRole = "APPEND_ONLY" | "UNRESTRICTED";

/** What the role of a session may do with the product's tables, itself or as another role. */
export interface Rights {
  readonly role: string;
  /** What it may do beyond appending, each as the rest of a sentence about it; empty if nothing. */
  readonly excess: readonly string[];
  /** What the product needs and it may not do. */
  readonly missing: readonly string[];
}

/**
 * Says how far the role is restricted. Throws {@link RoleUnfit} where it lacks something, and,
 * where restriction is `required`, where it may do more than append.
 */
export function requireRights(
  { role, excess, missing }: Rights,
  { required }: { readonly required: boolean },
): DatabaseRole {
  if (missing.length > 0) throw new RoleUnfit(role, missing, OWNER_GRANTS);
  if (required && excess.length > 0) throw new RoleUnfit(role, excess, APPEND_ONLY_ROLE);
  return excess.length === 0 ? "APPEND_ONLY" : "UNRESTRICTED";
}

/** Reads what the role that a session signed in as may do, by any role that it can take on. */
export async function readRights(sql: Sql): Promise<Rights> {
  const [row] = await sql<Powers[]>`
    SELECT session_user::text AS role,
      bool_or(r.rolsuper) AS "isSuperuser",
      bool_or(r.rolcreaterole) AS "makesRoles",
      bool_or(r.rolname IN ('pg_write_server_files', 'pg_execute_server_program')) AS "leaves"
    FROM pg_roles AS r WHERE pg_has_role(session_user, r.oid, 'MEMBER')`;
  if (row === undefined) throw new Error("the server did not tell the session's role");
  const { role, isSuperuser, makesRoles, leaves } = row;
  // It is a member of every role, and all the rest follows.
  if (isSuperuser) return { role, excess: ["is a superuser"], missing: [] };
  const excess = [
    ...(makesRoles ? ["may make roles and join others"] : []),
    ...(leaves ? ["may write files or run programs on the server"] : []),
    ...(await ownerships(sql)),
    ...(await creations(sql)),
    ...(await changes(sql)),
  ];
  return { role, excess, missing: await gaps(sql) };
}

interface Powers {
  readonly role: string;
  readonly isSuperuser: boolean;
  readonly makesRoles: boolean;
  readonly leaves: boolean;
}

/** Whoever owns a table, its schema or a trigger's function can drop it or put another there. */
async function ownerships(sql: Sql): Promise<string[]> {
  const rows = await sql<{ what: string }[]>`
    SELECT what FROM (
      SELECT 'owns the database' AS what, datdba AS owner FROM pg_database
        WHERE datname = current_database()
      UNION ALL SELECT 'owns the schema ' || nspname, nspowner FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
      UNION ALL SELECT 'owns the table ' || relname, relowner FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      UNION ALL SELECT 'owns the function ' || proname, proowner FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
    ) AS owned WHERE pg_has_role(session_user, owner, 'MEMBER')`;
  return rows.map(({ what }) => what);
}

/**
 * Where it could make tables, operators or functions for sessions to find before those that are
 * meant. TEMPORARY, which everybody has, does not count: operators and functions are never looked for
 * among temporary things, and the functions of our triggers look there last for all others.
 */
async function creations(sql: Sql): Promise<string[]> {
  const rows = await sql<{ what: string }[]>`
    SELECT format('has CREATE on the %s %s, until its owner does REVOKE CREATE ON %s %I FROM %s',
      lower(kind), name, kind, name,
      CASE WHEN grantee = 0::oid THEN 'PUBLIC' ELSE grantee::regrole::text END) AS what
    FROM (
      SELECT 'DATABASE' AS kind, datname AS name, datdba AS owner,
          coalesce(datacl, acldefault('d', datdba)) AS acl
        FROM pg_database WHERE datname = current_database()
      UNION ALL SELECT 'SCHEMA', nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
        FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ) AS place, aclexplode(acl) AS granted
    WHERE privilege_type = 'CREATE' AND grantee <> owner
      AND (grantee = 0::oid OR pg_has_role(session_user, grantee, 'MEMBER'))
    ORDER BY 1`;
  return rows.map(({ what }) => what);
}

/** What of the tables could be changed; a right that another role has counts, for it can be taken on. */
async function changes(sql: Sql): Promise<string[]> {
  const whole = await sql<{ table: string; right: string }[]>`
    SELECT DISTINCT c.relname AS "table", p.word AS "right"
    FROM pg_roles AS r, pg_class AS c,
      unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p(word)
    WHERE pg_has_role(session_user, r.oid, 'MEMBER')
      AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND has_table_privilege(r.oid, c.oid, p.word)
    ORDER BY 1, 2`;
  const columns = await sql<{ table: string; column: string }[]>`
    SELECT DISTINCT c.relname AS "table", a.attname AS "column"
    FROM pg_roles AS r, pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE pg_has_role(session_user, r.oid, 'MEMBER')
      AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped
      AND has_column_privilege(r.oid, c.oid, a.attnum, 'UPDATE')
      AND NOT has_table_privilege(r.oid, c.oid, 'UPDATE')
    ORDER BY 1, 2`;
  return [
    ...whole.map(({ table, right }) => `has ${right} on ${table}`),
    ...columns
      .filter(({ table, column }) => UPDATABLE[table]?.includes(column) !== true)
      .map(({ table, column }) => `has UPDATE (${column}) on ${table}`),
  ];
}

/** What is needed and not granted, or not to be found at all. */
async function gaps(sql: Sql): Promise<string[]> {
  const rows = await sql<{ table: string; complete: boolean }[]>`
    SELECT c.relname AS "table", has_schema_privilege(n.oid, 'USAGE')
      AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
      AND (c.relname <> ALL (string_to_array(${Object.keys(UPDATABLE).join(",")}, ','))
        OR has_any_column_privilege(c.oid, 'UPDATE')) AS complete
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1`;
  if (rows.length === 0) return ["finds no table of the product in its database"];
  return rows
    .filter(({ complete }) => !complete)
    .map(({ table }) => `lacks rights that the product needs on ${table}`);
}
