import path from "node:path";
import type { DatabaseRole } from "#database/rights.ts";
import type { Opened } from "#door/opened.ts";
import { startTicker } from "#door/ticker.ts";
import { KnownDeploymentFile } from "#identity/knownDeployment.ts";
import { CopyKeeper } from "#lastKnown/keepCopies.ts";
import { LastKnownFiles } from "#lastKnown/lastKnownFiles.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Log } from "#packet/log.ts";
import type { Config } from "./config.ts";
import type { Passports } from "./passports.ts";

/** How often a node looks what it should know when nothing else answers, in milliseconds. */
const COPY_PAUSE_MS = 2_000;

/** What copies are made from, where they go, and who is asked about. */
export interface CopyKeepingNeeds {
  readonly ledger: Ledger;
  readonly store: { readonly role: DatabaseRole };
  readonly files: LastKnownFiles;
  readonly passports: Passports;
  readonly log: Log;
}

/** Where a node keeps what it knows of its deployment, in its own directory. */
export function knownFileOf({ data }: Pick<Config, "data">): string {
  return path.join(data, "deployment.json");
}

/** The copies of a node, in its own directory. */
export function lastKnownOf({ data }: Config, { deployment }: Ledger): LastKnownFiles {
  return new LastKnownFiles(path.join(data, "last-known"), deployment);
}

/** Begins to keep what this node needs when nothing else answers: packets, the epoch, and who may still sign in. */
export async function startCopying(
  config: Pick<Config, "data">,
  { ledger, store, files, passports, log }: CopyKeepingNeeds,
  opened: Opened,
): Promise<void> {
  const { id: deployment, secret } = ledger.remembered();
  const known = new KnownDeploymentFile(knownFileOf(config));
  const keeper = new CopyKeeper({ ledger, files, log });
  const copying = await startTicker({
    name: "the copies for when nothing else answers",
    tick: () => keeper.look(),
    pauseMs: COPY_PAUSE_MS,
    log,
  });
  opened.keep("copies of packets", async () => {
    copying.stop();
    await keeper.settled();
  });
  const asking = await startTicker({
    name: "what offline sign-ins are judged on",
    tick: async () => {
      const ground = await passports.askOfResponders();
      await known.keep({ deployment, secret, databaseRole: store.role, ...ground });
      return null;
    },
    pauseMs: COPY_PAUSE_MS,
    log,
  });
  opened.keep("ground of sign-ins", () => asking.stop());
}
