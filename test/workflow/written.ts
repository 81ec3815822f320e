import type { Sql } from "#database/connect.ts";

/** What is in a database: the rows of each table, and what the one table says that may change. */
export type Written = Readonly<Record<string, string>>;

/**
 * Written at any time after the commit by whoever makes a checkpoint, as it follows from the
 * revisions alone; and the records of who came and was refused, which change nothing.
 */
const FOLLOWING = ["access_record", "log_position", "log_subtree"];

/** Two of these are equal exactly when no change was written between them. */
export async function written(sql: Sql): Promise<Written> {
  const tables = await sql<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`;
  const names = tables.map(({ name }) => name).filter((name) => !FOLLOWING.includes(name));
  const counts = names.map(
    (name) => `SELECT '${name}' AS name, count(*)::text AS value FROM public."${name}"`,
  );
  const heads = `SELECT 'heads', coalesce(md5(string_agg(h::text, ' ' ORDER BY h.packet)), '')
    FROM public.packet_head AS h`;
  const rows = await sql.unsafe<{ name: string; value: string }[]>(
    [...counts, heads].join(" UNION ALL "),
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** How many rows each table gained, those that gained none left out. */
export function gained(before: Written, after: Written): Record<string, number> {
  const gains = Object.keys(after)
    .filter((name) => name !== "heads" && before[name] !== after[name])
    .map((name) => [name, Number(after[name]) - Number(before[name])] as const);
  return Object.fromEntries(gains);
}

/** How long the shortest epoch lasted by the database's clock, in milliseconds. */
export async function shortestEpochMs(sql: Sql): Promise<number> {
  const [row] = await sql<{ ms: number }[]>`
    SELECT (extract(epoch FROM min(later.reached_at - earlier.reached_at)) * 1000)::float8 AS ms
    FROM clock_step AS earlier JOIN clock_step AS later ON later.seq > earlier.seq
    WHERE later.epoch = earlier.epoch + 1`;
  return row?.ms ?? 0;
}
