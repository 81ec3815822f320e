import type { Reading } from "./reading.ts";

/** Whether an object is an extension's. */
const belongs = (catalog: string, oid: string): string =>
  `EXISTS (SELECT FROM pg_depend WHERE deptype = 'e' AND classid = ${catalog} AND objid = ${oid})`;

/**
 * Whether a value of the type that something takes could be given to what Postgres has of the same
 * name: not if the type is an extension's.
 */
const FITS = `given = wanted OR EXISTS (SELECT FROM pg_type AS g, pg_type AS w
  WHERE g.oid = given AND w.oid = wanted
    AND NOT ${belongs("'pg_type'::regclass", "g.oid")}
    AND NOT ${belongs("'pg_type'::regclass", "g.typelem")}
    AND (w.typtype = 'p' OR EXISTS (SELECT FROM pg_cast
      WHERE castsource = given AND casttarget = wanted AND castcontext = 'i')))`;

/**
 * Functions and operators that somebody made where Postgres looks for its own; those of extensions
 * where it would prefer them, for which a function's types must be others than those of its own.
 */
const MADE = `
  SELECT c.class, c.oid, c.name,
    CASE WHEN c.namespace = 'public'::regnamespace::oid THEN '' ELSE 'pg_catalog.' END AS place
  FROM callables AS c
  WHERE c.oid >= 16384::oid
    AND c.namespace = ANY (ARRAY['public'::regnamespace::oid, 'pg_catalog'::regnamespace::oid])
    AND (NOT ${belongs("c.class", "c.oid")} OR EXISTS (SELECT FROM callables AS own
      WHERE own.oid < 16384::oid AND own.class = c.class AND own.name = c.name
        AND cardinality(own.takes) = cardinality(c.takes)
        AND (own.takes <> c.takes OR c.class = 'pg_operator'::regclass::oid)
        AND NOT EXISTS (SELECT FROM unnest(c.takes, own.takes) AS t(given, wanted)
          WHERE NOT (${FITS}))))`;

/** One line for each thing that guards the product's tables. */
const CATALOG = `
WITH tables AS (
  SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relhassubclass,
    c.relrowsecurity, c.relforcerowsecurity
  FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
), callables AS (
  SELECT 'pg_proc'::regclass::oid AS class, oid, pronamespace AS namespace, proname AS name,
    proargtypes::oid[] AS takes FROM pg_proc
  UNION ALL
  SELECT 'pg_operator'::regclass::oid, oid, oprnamespace, oprname, ARRAY[oprleft, oprright]
  FROM pg_operator
), made AS (${MADE}
), lines AS (
  SELECT 'table ' || relname || ': ' || concat_ws(', ',
    CASE relkind WHEN 'r' THEN 'ordinary' ELSE 'kind ' || relkind::text END,
    CASE relpersistence WHEN 'p' THEN 'logged' ELSE 'persistence ' || relpersistence::text END,
    CASE WHEN EXISTS (SELECT FROM pg_inherits WHERE inhparent = oid OR inhrelid = oid)
      THEN 'inherits' END,
    CASE WHEN relrowsecurity OR relforcerowsecurity THEN 'row security' END) AS line
  FROM tables
  UNION ALL
  SELECT 'columns of ' || t.relname || ': ' || string_agg(concat_ws(' ', a.attname,
    format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation NOT IN (0, 100) THEN 'collate '
      || (SELECT collname FROM pg_collation WHERE oid = a.attcollation) END,
    CASE WHEN a.attnotnull THEN 'not null' END,
    CASE WHEN a.attidentity <> '' THEN 'identity ' || a.attidentity::text END,
    CASE WHEN a.attgenerated <> '' THEN 'generated ' || a.attgenerated::text END,
    'default ' || pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum)
  FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY t.relname
  UNION ALL
  SELECT 'constraint ' || c.conname || ' of ' || t.relname || ': '
    || pg_get_constraintdef(c.oid) || CASE WHEN c.convalidated THEN '' ELSE ', not validated' END
  FROM tables AS t JOIN pg_constraint AS c ON c.conrelid = t.oid
  WHERE c.contype NOT IN ('n', 't')
  UNION ALL
  SELECT 'index ' || i.relname || ' of ' || t.relname || ': ' || pg_get_indexdef(x.indexrelid)
    || CASE WHEN x.indisvalid AND x.indisready AND x.indislive THEN '' ELSE ', not valid' END
  FROM tables AS t JOIN pg_index AS x ON x.indrelid = t.oid
    JOIN pg_class AS i ON i.oid = x.indexrelid
  UNION ALL
  SELECT 'trigger ' || g.tgname || ' of ' || t.relname || ': ' || g.tgenabled::text || ', '
    || pg_get_triggerdef(g.oid)
  FROM tables AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
  UNION ALL
  SELECT 'checks of ' || c.conname || ' on ' || t.relname || ': '
    || string_agg(concat_ws(' ', p.proname, g.tgenabled::text), ', ' ORDER BY p.proname)
  FROM tables AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid
    JOIN pg_constraint AS c ON c.oid = g.tgconstraint JOIN pg_proc AS p ON p.oid = g.tgfoid
  WHERE g.tgisinternal GROUP BY c.conname, t.relname
  UNION ALL
  SELECT 'function ' || m.place || m.name || '(' || pg_get_function_identity_arguments(p.oid)
    || '): ' || concat_ws(', ', l.lanname, format_type(p.prorettype, NULL),
      CASE WHEN p.prosecdef THEN 'security definer' END,
      array_to_string(p.proconfig, ' '),
      'sha256 ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))
  FROM made AS m JOIN pg_proc AS p ON p.oid = m.oid AND m.class = 'pg_proc'::regclass::oid
    JOIN pg_language AS l ON l.oid = p.prolang
  UNION ALL
  SELECT 'operator ' || m.place || m.name || '(' || format_type(o.oprleft, NULL) || ', '
    || format_type(o.oprright, NULL) || '): ' || o.oprcode::text
  FROM made AS m JOIN pg_operator AS o ON o.oid = m.oid AND m.class = 'pg_operator'::regclass::oid
  UNION ALL
  SELECT 'cast (' || format_type(castsource, NULL) || ' AS ' || format_type(casttarget, NULL)
    || '): ' || concat_ws(' ', castcontext::text, castmethod::text, castfunc::regprocedure::text)
  FROM pg_cast WHERE oid >= 16384::oid
  UNION ALL
  SELECT 'type ' || y.typname || ': ' || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
  FROM pg_type AS y JOIN pg_enum AS e ON e.enumtypid = y.oid
  WHERE y.typnamespace = 'public'::regnamespace GROUP BY y.typname
  UNION ALL
  SELECT 'rule ' || r.rulename || ' of ' || t.relname || ': ' || r.ev_enabled::text || ', '
    || pg_get_ruledef(r.oid)
  FROM tables AS t JOIN pg_rewrite AS r ON r.ev_class = t.oid
  UNION ALL
  SELECT 'policy ' || p.polname || ' of ' || t.relname FROM tables AS t
    JOIN pg_policy AS p ON p.polrelid = t.oid
  UNION ALL
  SELECT 'event trigger ' || e.evtname || ': ' || e.evtevent FROM pg_event_trigger AS e
)
SELECT regexp_replace(replace(line, '"', ''), '\\s+', ' ', 'g') AS line FROM lines
WHERE line IS NOT NULL ORDER BY line COLLATE "C"`;

/**
 * What the catalog says of the product's tables, one line for each thing that guards them: tables,
 * columns, constraints, indexes, triggers with whether they fire, the functions that they call,
 * rules and policies; and what somebody made that could be meant where a statement means what is
 * of Postgres: casts, functions and operators. Equal on Postgres 15 and 18: NOT NULL stands with
 * its column, and what a release spells in its own way is left out.
 */
export async function readSchemaLines(reading: Reading): Promise<readonly string[]> {
  const rows = await reading.rows((sql) => sql.unsafe<{ line: string }[]>(CATALOG));
  return rows.map(({ line }) => line).toSorted((left, right) => (left < right ? -1 : 1));
}

/** What a line is about: everything before its colon. */
export function subjectOfLine(line: string): string {
  const end = line.indexOf(": ");
  return end === -1 ? line : line.slice(0, end);
}

/** The table that a line is about; null where it is about none. */
export function tableOfLine(line: string): string | null {
  const subject = subjectOfLine(line);
  const match = /^(?:table|columns of|.+ of|checks of .+ on) (\S+)$/.exec(subject);
  return match?.[1] ?? null;
}

/** The types that a cast is of, those of Postgres without a schema; null for other lines. */
export function typesOfCast(line: string): readonly string[] | null {
  const match = /^cast \((.+) AS (.+)\)$/.exec(subjectOfLine(line));
  return match === null ? null : match.slice(1).map((type) => type.replace(/\[\]$/, ""));
}
