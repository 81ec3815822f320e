import type { Sql } from "#database/connect.ts";

/**
 * Moves the epoch on by so many steps at once, which only a superuser can who switches off the
 * backstop of rule 6.1. The mapping of epochs to time stays as it is, and the next step may
 * come at once.
 */
export async function passEpochs(sql: Sql, count: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`ALTER TABLE clock_step DISABLE TRIGGER follows`;
    await tx`
      INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
        epoch_ms, reached_at)
      SELECT c.seq + n, c.epoch + n, c.frozen, c.generation, clock_timestamp(), c.anchor_epoch,
        c.anchor_at, c.epoch_ms, clock_timestamp() - interval '1 hour'
      FROM (SELECT * FROM clock_step ORDER BY seq DESC LIMIT 1) AS c,
        generate_series(1, ${count}) AS n`;
    await tx`ALTER TABLE clock_step ENABLE ALWAYS TRIGGER follows`;
  });
}
