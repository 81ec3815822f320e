import type { Reading } from "./reading.ts";

/** One line for each thing that guards the product's tables. */
const CATALOG = `
WITH tables AS (
  SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relhassubclass,
    c.relrowsecurity, c.relforcerowsecurity
  FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
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
  SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid)
    || '): ' || concat_ws(', ', l.lanname, format_type(p.prorettype, NULL),
      CASE WHEN p.prosecdef THEN 'security definer' END,
      array_to_string(p.proconfig, ' '),
      'sha256 ' || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))
  FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
  WHERE p.pronamespace = 'public'::regnamespace
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
 * rules and policies. Equal on Postgres 15 and 18: NOT NULL stands with its column, and what a
 * release spells in its own way is left out.
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

/** The table that a line is about; null for a function or type, which may be anybody's. */
export function tableOfLine(line: string): string | null {
  const subject = subjectOfLine(line);
  const match = /^(?:table|columns of|.+ of|checks of .+ on) (\S+)$/.exec(subject);
  return match?.[1] ?? null;
}
