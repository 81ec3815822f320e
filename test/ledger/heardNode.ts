import postgres from "postgres";
import type { Sql } from "#database/connect.ts";
import { dialler } from "#database/dial.ts";
import { type Line, type LineClient, openLine } from "#database/line.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { ledgerOn } from "./trainWorld.ts";

/** A process that has folded nothing yet, and every statement that it sends. */
export interface HeardNode {
  readonly ledger: Ledger;
  readonly statements: string[];
  close(): Promise<void>;
}

/** Starts one on a database. */
export async function startHeardNode(url: string): Promise<HeardNode> {
  const statements: string[] = [];
  const dial = dialler({ burst: 4, everyMs: 25 });
  const lines = new Set<Line>();
  const newClient = (options: LineClient): Sql =>
    postgres(url, {
      ...options,
      max: 1,
      types: { bigint: postgres.BigInt },
      fetch_types: false,
      connection: { application_name: "holdfast node", lock_timeout: 5_000 },
      debug: (_connection, query) => statements.push(query),
    });
  const openOne = (): Line => {
    const line = openLine(dial, newClient, () => lines.delete(line));
    lines.add(line);
    return line;
  };
  const ledger = await ledgerOn({ linesMax: 4, openLine: openOne });
  statements.splice(0);
  return {
    ledger,
    statements,
    async close() {
      await Promise.all([...lines].map((line) => line.close(5)));
    },
  };
}
