import { v7 as newId } from "uuid";
import { Api } from "./api.ts";
import { ASSEMBLY } from "./assembly.ts";
import { type Cast, castOf, everybody } from "./cast.ts";
import { DECISION, STOP } from "./decision.ts";
import { DRIFT } from "./drift.ts";
import { type GivenServer, inGivenTheatre } from "./givenTheatre.ts";
import { type Incident, type Stage, type WithoutSignOn, play } from "./incident.ts";
import { type Stock, takeStock } from "./manifest.ts";
import { measuresOf } from "./measures.ts";
import { npmContentCache } from "./npmCache.ts";
import { Pace } from "./pace.ts";
import { planOf } from "./plan.ts";
import { PROLOGUE } from "./prologue.ts";
import { propsOf } from "./props.ts";
import { RECOVERY_DESIGN } from "./deploymentQuestions.ts";
import { Reader } from "./reader.ts";
import { FROZEN, SHUT_OUT, signOnDown } from "./recovery.ts";
import { releaseSigner } from "./releaseSigner.ts";
import { type KeyHolders, publishedKeyHolders } from "./roster.ts";
import { NotAsExpected, Run } from "./run.ts";
import { Subscriber } from "./subscriber.ts";
import { type Theatre, inOwnTheatre } from "./theatre.ts";
import type { Tell } from "./told.ts";
import { TrainDesk } from "./trainDesk.ts";
import { withoutSignOn } from "./withoutSignOn.ts";

/** Where the performance takes place. */
export interface Place {
  /** The top of the project whose lock file is frozen. */
  readonly project: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the data stays; null for a temporary directory. */
  readonly directory: string | null;
  /** A server that runs already; null for one of the performance's own. */
  readonly server: GivenServer | null;
}

/** What is played with, wherever that is. */
interface Cargo {
  readonly stock: Stock;
  readonly keyHolders: KeyHolders;
  readonly cast: Cast;
  /** How long it took to read every artifact once, in milliseconds. */
  readonly readingMs: number;
}

/** Plays the whole incident and its measures. True when every stage went as expected. */
export async function perform(place: Place, tell: Tell, signal: AbortSignal): Promise<boolean> {
  const startedAt = performance.now();
  const cache = await npmContentCache(place.environment);
  const readAt = performance.now();
  const stock = await takeStock(place.project, cache);
  const readingMs = performance.now() - readAt;
  const keyHolders = await publishedKeyHolders();
  const mark = place.server === null ? null : newId().slice(-MARK_LENGTH);
  const cast = castOf(keyHolders, mark);
  const admission = { actors: everybody(cast), owner: cast.owner, mark, signal };
  const use = async (theatre: Theatre): Promise<boolean> => {
    const cargo = { stock, keyHolders, cast, readingMs };
    const { stages, asExpected } = await performIn(theatre, cargo, tell);
    const seconds = (performance.now() - startedAt) / 1000;
    tell({ line: "end", stages, asExpected, seconds });
    return asExpected;
  };
  return place.server === null
    ? inOwnTheatre(place.directory, admission, use)
    : inGivenTheatre(place.server, admission, use);
}

/** As many characters of an id tell performances apart, the random ones. */
const MARK_LENGTH = 8;

async function performIn(
  { access, told, mark, reportsBefore, isAlone, signOn, ownersKey }: Theatre,
  { stock, keyHolders, cast, readingMs }: Cargo,
  tell: Tell,
): Promise<{ stages: number; asExpected: boolean }> {
  const { signal } = access;
  const api = new Api(access);
  const reader = new Reader(api, cast.reader);
  const { epochMs } = await reader.deployment();
  const plan = planOf({ mark, reportsBefore, epochMs, readingMs });
  tell({ line: "opening", tells: opening(stock, keyHolders, { told, epochMs }) });
  const register = (packet: string) => reader.register(packet);
  const subscriber = new Subscriber({ ...api.socketFor(cast.reader), signal, register });
  try {
    const run = new Run({ train: new TrainDesk(api, plan), reader, subscriber, tell });
    const pace = new Pace(run, signal);
    const observed = { early: 0n, enclaves: 0n, reading: 0n };
    const outage =
      signOn === null || ownersKey === null
        ? null
        : withoutSignOn({ api, reader, cast, signOn, ownersKey, signal });
    const people = { plan, cast, keyHolders, releases: releaseSigner(), signal, observed, isAlone };
    const incident: Incident = { run, pace, props: propsOf(stock), stock, ...people };
    const asExpected = await isAsExpected(() => play(incident, stagesOf(isAlone, outage)));
    if (asExpected) {
      measuresOf(run.samples, run.gates).forEach(tell);
      const { recoveryDesign } = await api.ask(cast.proposer, RECOVERY_DESIGN);
      tell({ line: "design", ...recoveryDesign });
    }
    return { stages: run.stages, asExpected };
  } finally {
    await subscriber.close();
  }
}

function stagesOf(isAlone: boolean, outage: WithoutSignOn | null): Stage[] {
  return [
    ...PROLOGUE,
    ...ASSEMBLY,
    ...DRIFT,
    SHUT_OUT,
    ...DECISION,
    ...(isAlone ? [FROZEN] : []),
    ...(outage === null ? [] : [signOnDown(outage)]),
    STOP,
  ];
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

function opening(
  stock: Stock,
  keyHolders: KeyHolders,
  server: { readonly told: string; readonly epochMs: number },
): string[] {
  const { people, threshold, repository, version: root } = keyHolders;
  return [
    `Holdfast rehearsal. An exercise, played through the public API of ${server.told}.`,
    `Artifacts: ${artifactsTold(stock)}`,
    `Roster: ${people.join(", ")}, the root key holders whom ${repository} publishes (root version ${root}); ${threshold} must sign. ` +
      "They lend their names only and have no part in this.",
    `Everything else is made up. One epoch takes ${server.epochMs / 1000} s.`,
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
