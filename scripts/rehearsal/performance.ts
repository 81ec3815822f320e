import { ASSEMBLY } from "./assembly.ts";
import { castOf } from "./cast.ts";
import { DECISION } from "./decision.ts";
import { DRIFT } from "./drift.ts";
import { play } from "./incident.ts";
import { type Stock, takeStock } from "./manifest.ts";
import { measuresOf } from "./measures.ts";
import { npmContentCache } from "./npmCache.ts";
import { Pace } from "./pace.ts";
import { EPOCH_MS } from "./plan.ts";
import { PROLOGUE } from "./prologue.ts";
import { propsOf } from "./props.ts";
import { type KeyHolders, publishedKeyHolders } from "./roster.ts";
import { NotAsExpected, Run } from "./run.ts";
import { Subscriber } from "./subscriber.ts";
import { inTheatre } from "./theatre.ts";
import type { Tell } from "./told.ts";
import { TrainDesk } from "./trainDesk.ts";

/** Where the performance takes place. */
export interface Place {
  /** The top of the project whose lock file is frozen. */
  readonly project: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the data stays; null for a temporary directory. */
  readonly directory: string | null;
}

/** Plays the whole incident and its measures. True when every stage went as expected. */
export async function perform(place: Place, tell: Tell, signal: AbortSignal): Promise<boolean> {
  const startedAt = performance.now();
  const stock = await takeStock(place.project, await npmContentCache(place.environment));
  const keyHolders = await publishedKeyHolders();
  const [cast, props] = [castOf(keyHolders), propsOf(stock)];
  const subscriber = new Subscriber();
  return inTheatre(place.directory, subscriber, async ({ desk, version }) => {
    tell({ line: "opening", tells: opening(stock, keyHolders, version) });
    const run = new Run(new TrainDesk(desk), subscriber, tell);
    const pace = new Pace(run, signal);
    const observed = { early: 0n, enclaves: 0n, reading: 0n };
    const incident = { run, pace, cast, props, stock, keyHolders, signal, observed };
    const asExpected = await isAsExpected(() =>
      play(incident, [...PROLOGUE, ...ASSEMBLY, ...DRIFT, ...DECISION]),
    );
    if (asExpected) measuresOf(run.samples, run.gates).forEach(tell);
    const seconds = (performance.now() - startedAt) / 1000;
    tell({ line: "end", stages: run.stages, asExpected, seconds });
    return asExpected;
  });
}

/** A stage that went otherwise has told so itself. */
async function isAsExpected(play: () => Promise<void>): Promise<boolean> {
  try {
    await play();
    return true;
  } catch (fault) {
    if (fault instanceof NotAsExpected) return false;
    throw fault;
  }
}

function opening(stock: Stock, keyHolders: KeyHolders, version: string): string[] {
  const { people, threshold, repository, version: root } = keyHolders;
  return [
    `Holdfast rehearsal. An exercise, played against the real judgement and the real ledger on an embedded Postgres ${version}.`,
    `Artifacts: ${artifactsTold(stock)}`,
    `Roster: ${people.join(", ")}, the root key holders whom ${repository} publishes (root version ${root}); ${threshold} must sign. ` +
      "They lend their names only and have no part in this.",
    `Everything else is made up. One epoch takes ${EPOCH_MS / 1000} s and moves only where time is said to pass.`,
    "Signs: + a hold opened, - cleared, ~ out of scope.",
  ];
}

function artifactsTold({ origin, holdings, pinned }: Stock): string {
  const megabytes = Math.round(holdings.reduce((sum, item) => sum + item.size, 0) / 1e6);
  if (origin === "NPM_CACHE") {
    return (
      `${holdings.length} npm tarballs (${megabytes} MB): those of the ${pinned} packages pinned by package-lock.json ` +
      "whose bytes npm's content cache on this machine holds. Expected digests are the lock file's."
    );
  }
  return (
    `npm's content cache holds next to none of the pinned tarballs, so ${holdings.length} files of the installed packages ` +
    `(${megabytes} MB) are frozen instead, by the digests they had when this began.`
  );
}
