import { hex } from "#proof/digest.ts";
import type { Findings } from "./findings.ts";
import type { Subtree } from "./logTotals.ts";
import type { Reading } from "./reading.ts";

/** Subtrees compared by one question. */
const PAGE = 256;

interface Kept {
  readonly level: number;
  readonly index: bigint;
  readonly hash: Uint8Array;
}

/** Compares the subtrees that the ledger keeps of the log with those that are computed again. */
export class SubtreeCheck {
  readonly #reading: Reading;
  readonly #findings: Findings;
  #waiting: Subtree[] = [];
  #matched = 0n;

  constructor(reading: Reading, findings: Findings) {
    this.#reading = reading;
    this.#findings = findings;
  }

  /** Takes what the log completed; asks the database once in a while. */
  async add(completed: readonly Subtree[]): Promise<void> {
    this.#waiting.push(...completed);
    if (this.#waiting.length >= PAGE) await this.#compare();
  }

  /** Compares what is left, and that nothing else is kept. */
  async end(): Promise<void> {
    await this.#compare();
    await this.#findings.reading({ table: "log_subtree" }, async () => {
      const rows = await this.#reading.rows<{ count: bigint }>(
        (sql) => sql`SELECT count(*) AS count FROM public.log_subtree`,
      );
      const count = rows[0]?.count ?? 0n;
      if (count === this.#matched) return;
      this.#findings.add({
        place: { table: "log_subtree" },
        kind: "EXTRA",
        expected: `${this.#matched} subtrees of this log`,
        found: `${count}`,
      });
    });
  }

  async #compare(): Promise<void> {
    const computed = this.#waiting;
    this.#waiting = [];
    if (computed.length === 0) return;
    await this.#findings.reading({ table: "log_subtree" }, async () => {
      const kept = await this.#reading.rows<Kept>(
        (sql) => sql`
          SELECT level, index, hash FROM public.log_subtree
          WHERE (level, index) IN (SELECT * FROM unnest(
            ${`{${computed.map(({ level }) => level).join()}}`}::int4[],
            ${`{${computed.map(({ index }) => index).join()}}`}::int8[]))`,
      );
      const hashes = new Map(
        kept.map(({ level, index, hash }) => [`${level} ${index}`, hex(hash)]),
      );
      for (const { level, index, hash } of computed) {
        const found = hashes.get(`${level} ${index}`);
        // What is not kept is hashed from the leaves when it is asked for.
        if (found === undefined) continue;
        this.#matched += 1n;
        if (found === hex(hash)) continue;
        this.#findings.add({
          place: { table: "log_subtree", row: `level ${level}, index ${index}`, column: "hash" },
          kind: "VALUE",
          expected: hex(hash),
          found,
        });
      }
    });
  }
}
