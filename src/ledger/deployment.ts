import type { Id } from "#packet/name.ts";
import { startClock } from "#recovery/clock.ts";
import type { Query } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";

/** Which deployment a database is of, and what its keys are derived from. */
export interface Deployment {
  readonly id: string;
  /** 32 random bytes. */
  readonly secret: Uint8Array;
}

/** Where ids and chance come from. */
interface Making {
  readonly newId: () => Id;
  readonly newSalt: () => Uint8Array;
}

/** Makes the deployment and its clock, or reads them. Any number of processes may start at once: the first row of each stays. */
export async function startDeployment(sql: Query, { newId, newSalt }: Making): Promise<Deployment> {
  await sql`
    INSERT INTO deployment (id, secret, created_at)
    VALUES (${newId()}, ${newSalt()}, clock_timestamp()) ON CONFLICT DO NOTHING`;
  const [row] = await rowsOf(sql<(Deployment & { now: Date })[]>`
    SELECT id, secret, clock_timestamp() AS now FROM deployment`);
  if (row === undefined) throw new Error("the deployment's row is gone");
  const { epoch, frozen, generation, anchorEpoch } = startClock(0n, row.now.getTime());
  await sql`
    INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
      reached_at)
    SELECT 1, ${epoch}, ${frozen}, ${generation}, ${row.now}, ${anchorEpoch}, ${row.now}, ${row.now}
    WHERE NOT EXISTS (SELECT FROM clock_step)`;
  return { id: row.id, secret: row.secret };
}
