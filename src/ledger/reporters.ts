import { type Refusal, ReportReplayed } from "#packet/refusal.ts";
import type { Asker } from "./asker.ts";
import type { Query } from "./moment.ts";
import { type NextNumber, insertNumbers } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/** An automated reporter's number as it was given with a request. */
export interface Numbered {
  readonly exercise: boolean;
  readonly asker: Asker;
  readonly reportNumber?: bigint | undefined;
}

/** Rule 4.3.2: what to write for a number that increases; null when none was given. */
export async function nextNumber(
  tx: Query,
  { exercise, asker, reportNumber: number }: Numbered,
): Promise<NextNumber | Refusal | null> {
  if (number === undefined) return null;
  const reporter = asker.actor.actor;
  const [row] = await rowsOf(tx<{ number: bigint }[]>`
    SELECT number FROM report_number WHERE exercise = ${exercise} AND reporter = ${reporter}
    ORDER BY number DESC LIMIT 1`);
  const previous = row?.number ?? null;
  if (previous !== null && number <= previous) return new ReportReplayed(previous);
  return { exercise, reporter, number, previous };
}

/** Writes a number, if there is one. */
export async function takeNumber(tx: Query, next: NextNumber | null): Promise<void> {
  if (next !== null) await insertNumbers(tx, { numbers: [next] });
}
