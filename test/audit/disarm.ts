import type { Database } from "#database/connect.ts";

/** Lets every change through, as a superuser can. */
export async function disarm({ sql }: Database): Promise<void> {
  await sql.unsafe(`DO $$ DECLARE t regclass; c record; BEGIN
    FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', t); END LOOP;
    FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u', 'p')
      ORDER BY contype = 'f' DESC
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', c.t, c.conname); END LOOP;
  END $$`);
}
