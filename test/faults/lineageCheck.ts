import { createHash } from "node:crypto";
import type { Database, Lines } from "#database/connect.ts";
import { hex } from "#proof/digest.ts";
import { openDesk } from "../workflow/openDesk.ts";

interface Row {
  readonly packet: string;
  readonly number: number;
  readonly predecessor: Uint8Array | null;
  readonly digest: Uint8Array;
  readonly header: Uint8Array;
}

interface Answered {
  readonly key: string;
  readonly answer: string;
}

/**
 * What is wrong with the lineages of a database, looked at from its rows alone: gaps, digests
 * that are not those of the headers, links that do not hold, revisions that no answer speaks
 * of or that two do, and packets whose cold fold is not what was recorded.
 */
export async function lineageFaults(database: Pick<Database, "sql"> & Lines): Promise<string[]> {
  // One snapshot: others go on appending meanwhile.
  const [rows, answers] = await database.sql.begin(
    "isolation level repeatable read read only",
    async (tx) =>
      [
        await tx<Row[]>`
        SELECT packet, number, predecessor, digest, header FROM revision ORDER BY packet, number`,
        await tx<Answered[]>`SELECT key, answer FROM idempotency`,
      ] as const,
  );
  return [...chainFaults(rows), ...answerFaults(rows, answers), ...(await foldFaults(database))];
}

function chainFaults(rows: readonly Row[]): string[] {
  const faults: string[] = [];
  let before: Row | undefined;
  for (const row of rows) {
    const at = `${row.packet} ${row.number}`;
    const last = before?.packet === row.packet ? before : undefined;
    const header = JSON.parse(Buffer.from(row.header).toString("utf8")) as Record<string, unknown>;
    const computed = createHash("sha256").update(row.header).digest("hex");
    const predecessor = last === undefined ? null : hex(last.digest);
    const linked = row.predecessor === null ? null : hex(row.predecessor);
    if (row.number !== (last?.number ?? 0) + 1) faults.push(`${at} leaves a gap`);
    if (computed !== hex(row.digest)) faults.push(`${at} has another digest`);
    if (linked !== predecessor || header["predecessor"] !== predecessor) {
      faults.push(`${at} has another predecessor`);
    }
    if (header["number"] !== row.number || header["packet"] !== row.packet) {
      faults.push(`${at} has another's header`);
    }
    before = row;
  }
  return faults;
}

/** Every revision that the answers speak of, as `packet number digest`. */
export function revisionsIn(answer: unknown): string[] {
  const { packet, revision, digest, appended } = answer as {
    packet?: string;
    revision?: number;
    digest?: string;
    appended?: unknown;
  };
  const own = packet === undefined ? [] : [`${packet} ${revision} ${digest}`];
  const others = appended === undefined || appended === null ? [] : [appended].flat();
  return [...own, ...others.flatMap(revisionsIn)];
}

function answerFaults(rows: readonly Row[], answers: readonly Answered[]): string[] {
  const left = new Set(rows.map((row) => `${row.packet} ${row.number} ${hex(row.digest)}`));
  const faults: string[] = [];
  for (const { key, answer } of answers) {
    for (const named of revisionsIn(JSON.parse(answer))) {
      if (!left.delete(named))
        faults.push(`${key} was answered ${named}, which is not there or another's`);
    }
  }
  return [...faults, ...[...left].map((row) => `${row} is nobody's answer`)];
}

/** Rule 3.7: a ledger that knows nothing yet folds every packet to its recorded head, or says why not. */
async function foldFaults(database: Lines): Promise<string[]> {
  const { ledger } = await openDesk(database);
  const faults: string[] = [];
  for (const { packet, revision } of await ledger.packets({}, null, 1000)) {
    try {
      const seen = await ledger.state(packet);
      const number = seen?.state.revision ?? 0;
      const recorded = await ledger.revision(packet, number);
      if (number < revision || recorded?.digest !== seen?.digest) {
        faults.push(`${packet} folds to another head`);
      }
    } catch (fault) {
      faults.push(String(fault));
    }
  }
  await ledger.close();
  return faults;
}
