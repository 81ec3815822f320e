import { Metrics } from "#door/metrics.ts";
import { Opened } from "#door/opened.ts";
import { type Ticker, startTicker } from "#door/ticker.ts";
import { Cursors } from "#feed/cursor.ts";
import { type Feed, openFeed } from "#feed/feed.ts";
import type { Api, ApiOptions } from "#graphql/api.ts";
import type { FirstPrincipal } from "#identity/firstPrincipal.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { openLedger } from "#ledger/openLedger.ts";
import { type RedisWakes, openRedisWakes } from "#live/redisWakes.ts";
import { Wakes } from "#live/wakes.ts";
import type { Notary } from "#notary/notary.ts";
import { openNotary } from "#notary/openNotary.ts";
import type { Log } from "#packet/log.ts";
import type { ClockRate } from "#recovery/clock.ts";
import type { Desk } from "#workflow/desk.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { openCopy, Revoking } from "./revoking.ts";
import { type AccessKeeping, openAccessKeeping } from "./accessKeeping.ts";
import type { Config } from "./config.ts";
import { lastKnownOf, startCopying } from "./copyKeeping.ts";
import { openDoor, ownOrigins } from "./doorway.ts";
import { openPassports } from "./passports.ts";
import { type Store, openStore } from "./store.ts";

/** How long a stream may be quiet before it says that it still follows. */
const HEARTBEAT_MS = 10_000;

/** How soon what another process appended is seen, where no wake-up tells of it. */
const SWEEP_MS = 1_000;

/** How long the API has to say goodbye to sockets and streams. */
const GOODBYE_MS = 5_000;

/** How long after a checkpoint the next one is made, if the log grew. */
const PUBLISH_PAUSE_MS = 1_000;

const TICK_PAUSE_MS_MIN = 250;
const TICK_PAUSE_MS_MAX = 1_000;

/** What the front door brings: names, chance, time, and the way out for words. */
export interface ServerNeeds {
  readonly log: Log;
  /** Told of the progress of the start, a line at a time. */
  readonly tell: (line: string) => void;
  /** Makes a UUIDv7. */
  readonly newId: () => string;
  /** Makes 32 random bytes. */
  readonly newSalt: () => Uint8Array;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  readonly openApi: (options: ApiOptions) => Api;
}

/** A server that answers requests. */
export interface RunningServer {
  /** Without a path, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Such as `EMBEDDED (Postgres 18.4)`. */
  readonly database: string;
  /** Whoever was made at this start and is to be told of; null where somebody was known before. */
  readonly first: FirstPrincipal | null;
  /** Resolves if the embedded server was lost for good; pending for as long as all is well. */
  readonly lost: Promise<Error>;
  /** Resolves when a database that was away at the start is back: this server is then to be closed, and another started. */
  readonly back: Promise<"BACK">;
  /** Answers what runs, at most for the drain's time, and closes everything in reverse. */
  close(): Promise<void>;
}

/**
 * Opens everything in order and resolves when requests are answered. If any part does not open,
 * what was opened is closed and its fault thrown.
 */
export async function startServer(config: Config, needs: ServerNeeds): Promise<RunningServer> {
  const opened = new Opened();
  try {
    return await open(config, needs, opened);
  } catch (fault) {
    // What did not close was logged; why the start failed is what counts.
    await opened.close(needs.log).catch(() => undefined);
    throw fault;
  }
}

async function open(config: Config, needs: ServerNeeds, opened: Opened): Promise<RunningServer> {
  const { log, now } = needs;
  const store = await openStore(config, needs, opened);
  const wakes = new Wakes((err) => log.error({ err }, "a listener to wake-ups failed"));
  const ledger = await openServedLedger(config.rate, store, wakes, needs);
  opened.keep("ledger", () => ledger.close());
  const notary = await openNotaryOf(config, store, ledger, needs);
  const copy = await openCopy(config, needs);
  const asked = { ...needs, ledger, revocations: copy, known: store.known };
  const passports = await openPassports(config, asked, opened);
  const { first, identity, principals, signers, changes } = passports;
  const pushes = { changes, epoch: passports.epoch };
  const revoking = new Revoking(config, { copy, ledger, principals, signers, pushes, log });
  const desk: Desk = {
    ledger,
    rate: config.rate,
    newId: needs.newId,
    ...doubtsOf(notary),
    signers,
    changes,
    revocations: revoking.ground,
  };
  const kept = { ...needs, store, ledger, identity, principals, signers, desk };
  const keeping = openAccessKeeping(config, kept, opened);
  const metrics = new Metrics();
  opened.keep("metrics", () => metrics.close());
  const relay = openRelay(config, ledger, wakes, metrics, needs);
  if (relay !== null) opened.keep("wake-ups", () => Promise.resolve(relay.close()));
  const behind = { desk, notary, passports, keeping, metrics, relay, revoking, log };
  const door = await openDoor(config, store.role, behind);
  opened.keep("connections", () => door.close());
  const cursors = new Cursors(desk.ledger.keyFor("cursor"));
  const feed = openServedFeed(ledger, wakes, metrics, log);
  opened.keep("feed", () => feed.close());
  const lastKnown = lastKnownOf(config, ledger);
  const api = needs.openApi({
    desk,
    lastKnown,
    feed,
    cursors,
    notary,
    authenticate: (authorization) => identity.authenticate(authorization),
    rights: identity,
    ...keeping,
    limits: { socketsOfAddressMax: config.socketsPerAddress },
    meters: metrics,
    newId: needs.newId,
    now,
    wallNow: needs.wallNow,
    log,
    introspection: config.introspection,
    origins: [...config.origins, ...ownOrigins(door.url)],
    embedded: config.databaseUrl === null,
  });
  opened.keep("api", () => within(GOODBYE_MS, api.close()));
  await startKeeping(keeping, notary, log, opened);
  await startCopying(config, { ...kept, passports, files: lastKnown }, opened);
  await revoking.start(desk, opened);
  const ticker = await startTicking(desk, metrics, log);
  opened.keep("requests", () => door.drain(config.drainMs));
  opened.keep("ticker", () => ticker.stop());
  door.serve(api);
  const { name: database, lost, back } = store;
  return { url: door.url, database, first, lost, back, close: () => opened.close(log) };
}

/** Steps the epoch whenever a step is due. */
function startTicking(desk: Desk, metrics: Metrics, log: Log): Promise<Ticker> {
  return startTicker({
    name: "the tick of the epoch",
    tick: () => epochTick(desk),
    pauseMs: tickPauseMs(desk.rate),
    log,
    count: (outcome) => metrics.ticked(outcome),
  });
}

/** Whatever is looked at again and again, beside the epoch. */
async function startKeeping(
  keeping: AccessKeeping,
  notary: Notary,
  log: Log,
  opened: Opened,
): Promise<void> {
  const watch = await keeping.watch();
  opened.keep("records of rights", () => watch.stop());
  const journal = await keeping.tellJournal();
  opened.keep("journal of access", () => journal.stop());
  const publisher = await startTicker({
    name: "the checkpoint",
    tick: () => notary.checkpoint(),
    pauseMs: PUBLISH_PAUSE_MS,
    log,
  });
  opened.keep("publisher", () => publisher.stop());
}

function openServedLedger(
  rate: ClockRate,
  { database, known }: Store,
  wakes: Wakes,
  { newId, newSalt }: ServerNeeds,
): Promise<Ledger> {
  return openLedger({
    database,
    rate,
    known: known === null ? undefined : { id: known.deployment, secret: known.secret },
    newId,
    newSalt,
    announce: (moved) => wakes.announce(moved),
  });
}

function openServedFeed(ledger: Ledger, wakes: Wakes, meters: Metrics, log: Log): Feed {
  return openFeed({
    ledger,
    wakes,
    heartbeatMs: HEARTBEAT_MS,
    sweepMs: SWEEP_MS,
    meters,
    onFault: (err) => log.warn({ err }, "a stream could not read; it tries again"),
  });
}

/** Null where one node is all there is. */
function openRelay(
  { redisUrl }: Config,
  { deployment }: Ledger,
  wakes: Wakes,
  meters: Metrics,
  { newId, newSalt, log }: ServerNeeds,
): RedisWakes | null {
  if (redisUrl === null) return null;
  return openRedisWakes({
    url: redisUrl,
    deployment,
    node: newId(),
    wakes,
    log,
    chance: () => (newSalt()[0] ?? 0) / 256,
    meters,
  });
}

function doubtsOf(notary: Notary): Pick<Desk, "lineageDoubt" | "headDoubt"> {
  return {
    lineageDoubt: () => notary.doubt(),
    headDoubt: (head) => notary.headDoubt(head),
  };
}

/** Only in production must the key be there: whoever makes it there gives its verifier key to auditors. */
function openNotaryOf(
  { mode, logKey, checkpoint, witness }: Config,
  { known }: Store,
  ledger: Ledger,
  { newSalt, log }: ServerNeeds,
): Promise<Notary> {
  return openNotary({
    ledger,
    keyFile: logKey,
    checkpointFile: checkpoint,
    witness,
    newSeed: mode === "production" ? null : newSalt,
    isLogThere: known === null,
    log,
  });
}

function tickPauseMs({ epochMs }: ClockRate): number {
  return Math.min(Math.max(epochMs / 4, TICK_PAUSE_MS_MIN), TICK_PAUSE_MS_MAX);
}

/** Waits no longer than this for readers that do not take their leave: they are cut off next. */
async function within(limitMs: number, closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([closing, late]);
  } finally {
    clearTimeout(timer);
  }
}
