import type { Wall } from "./wall.ts";

/** What was committed when nobody can have been told that rights are gone. */
export async function headsOf({ database }: Wall): Promise<Map<string, number>> {
  const rows = await database.sql<{ packet: string; number: number }[]>`
    SELECT packet, max(number) AS number FROM revision GROUP BY packet`;
  return new Map(rows.map(({ packet, number }) => [packet, number]));
}

/** Their place in the log, whoever gives it to them. */
export async function positionOf(it: Wall, heads: ReadonlyMap<string, number>): Promise<bigint> {
  const { log } = await it.truth();
  const own = log.filter(({ packet, number }) => number <= (heads.get(packet) ?? 0));
  return own.reduce((newest, { position }) => (position > newest ? position : newest), 0n);
}
