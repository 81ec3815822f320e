import { hkdfSync } from "node:crypto";
import type { Id, PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { ClockRate } from "#recovery/clock.ts";
import type { Lines } from "#database/connect.ts";
import { acceptSource } from "./acceptSource.ts";
import { appendBatch } from "./appendBatch.ts";
import { AppendLines } from "./appendLine.ts";
import { Connections } from "./connections.ts";
import { HeadReads } from "./headReads.ts";
import { confirmLane, proposeLane } from "./lanes.ts";
import { JustWritten } from "./justWritten.ts";
import type { Ledger, Revision, Seen, Viewed } from "./ledger.ts";
import { Lineages } from "./lineages.ts";
import { type Query, readMoment } from "./moment.ts";
import { type Deployment, startDeployment } from "./deployment.ts";
import type { Moved, TrainDesk } from "./desk.ts";
import { openPacketOf } from "./openPacketOf.ts";
import { logHead, readExtent, readLogged, sequenceLog } from "./log.ts";
import {
  readConsistency,
  readInclusion,
  readPlaces,
  readLogRoot,
  readPosition,
  rereadRoot,
} from "./logTree.ts";
import {
  readHeadMarks,
  readHeads,
  readHeadsSeen,
  readRevisionByDigest,
  readRevisions,
  readRevisionsOf,
  readSalt,
} from "./reads.ts";
import { reportShared } from "./report.ts";
import { SourceShelf } from "./sourceShelf.ts";
import { stepClock } from "./stepClock.ts";
import { Ticks } from "./ticks.ts";
import { readComponents, readReports } from "./subjects.ts";
import { readSource, readSourceVersions } from "./trains.ts";
import { attempts } from "./transact.ts";

/** The length of a key that is derived from the deployment's secret. */
const KEY_BYTES = 32;

/** What a ledger is opened with; ids, chance and the way out are the front door's. */
export interface LedgerOptions {
  /** Migrated; the ledger does not close it. */
  readonly database: Lines;
  readonly rate: ClockRate;
  /** Makes a UUIDv7. */
  readonly newId: () => Id;
  /** Makes 32 random bytes. */
  readonly newSalt: () => Uint8Array;
  /** Told after the commit which packets moved, in the order of each packet; perhaps twice. Must not throw. */
  readonly announce: (moved: readonly Moved[]) => void;
  /** What is known of the deployment without the database; it is asked where this is absent. */
  readonly known?: Deployment | undefined;
}

/** Opens the ledger of a database; the first start makes the deployment and its clock. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const connections = new Connections(options.database);
  const { id: deployment, secret } =
    options.known ??
    (await attempts(null, () => connections.run((query) => startDeployment(query, options))));
  const shelf = new SourceShelf();
  const lineages = new Lineages(shelf);
  const { rate, newId, newSalt, announce } = options;
  const desk: TrainDesk = {
    connections,
    rate,
    newId,
    newSalt,
    announce,
    deployment,
    shelf,
    lineages,
    written: new JustWritten(),
  };
  return new OpenLedger(desk, secret);
}

class OpenLedger implements Ledger {
  readonly deployment: string;
  readonly #desk: TrainDesk;
  readonly #secret: Uint8Array;
  readonly #lines: AppendLines;
  readonly #ticks: Ticks;
  readonly #changing = new Set<Promise<unknown>>();
  readonly #heads: HeadReads;
  #isClosed = false;

  constructor(desk: TrainDesk, secret: Uint8Array) {
    this.#desk = desk;
    this.#secret = secret;
    this.#lines = new AppendLines(desk);
    this.#ticks = new Ticks(desk);
    this.#heads = new HeadReads((packets) =>
      this.#read((sql) => readHeadsSeen(sql, desk, packets)),
    );
    this.deployment = desk.deployment;
  }

  append: Ledger["append"] = (request) => this.#change(() => this.#lines.append(request));

  open: Ledger["open"] = (request) => this.#change(() => openPacketOf(this.#desk, request));

  acceptSource: Ledger["acceptSource"] = (request) =>
    this.#change(() =>
      acceptSource(this.#desk, request, async (_tx, train, moment) => {
        const decided = await Promise.resolve(request.decide(train, moment));
        return decided instanceof Refusal ? decided : { ...decided, proposal: null };
      }),
    );

  propose: Ledger["propose"] = (request) => this.#change(() => proposeLane(this.#desk, request));

  confirm: Ledger["confirm"] = (request) => this.#change(() => confirmLane(this.#desk, request));

  report: Ledger["report"] = (request) => this.#change(() => reportShared(this.#desk, request));

  stepClock: Ledger["stepClock"] = (request) =>
    this.#change(() =>
      request.asker === null ? this.#ticks.tick(request) : stepClock(this.#desk, request),
    );

  settle: Ledger["settle"] = (packet) =>
    this.#change(async () => {
      await appendBatch(this.#desk, packet, []);
    });

  shared: Ledger["shared"] = (exercise, subjects) =>
    this.#read(async (sql) => ({ entries: await readReports(sql, { exercise, subjects }) }));

  components: Ledger["components"] = (exercise, named) =>
    this.#read((sql) => readComponents(sql, exercise, named ?? null));

  moment: Ledger["moment"] = () => this.#read((sql) => readMoment(sql, this.#desk.rate));

  async state(packet: PacketId): Promise<Seen | null> {
    const seen = await this.#heads.of(packet);
    if (seen === null) return null;
    const { head, moment } = seen;
    const { lineages } = this.#desk;
    const folded = lineages.keptAt(head) ?? (await lineages.read((work) => this.#read(work), head));
    return { state: folded.state, digest: folded.digest, moment };
  }

  async view(packet: PacketId): Promise<Viewed | null> {
    const seen = await this.state(packet);
    if (seen === null) return null;
    return {
      ...seen,
      head: seen.state,
      state: this.#desk.lineages.viewAt(seen.state, seen.moment.epoch),
    };
  }

  async revision(packet: PacketId, number: number): Promise<Revision | null> {
    const [revision] = await this.revisions(packet, number - 1, 1);
    return revision?.number === number ? revision : null;
  }

  revisions: Ledger["revisions"] = (packet, after, limit) =>
    this.#read((sql) => readRevisions(sql, packet, after, limit));

  revisionsOf: Ledger["revisionsOf"] = async (after, limit) => {
    const { revisions, unknown } = this.#desk.written.after(after, limit);
    if (unknown.size === 0) return [...revisions];
    const read = await this.#read((sql) => readRevisionsOf(sql, unknown, limit));
    return [...revisions, ...read];
  };

  source: Ledger["source"] = (key, kind, version) =>
    this.#read((sql) => readSource(sql, this.#desk.shelf, key, kind, version));

  revisionByDigest: Ledger["revisionByDigest"] = (packet, digest) =>
    this.#read((sql) => readRevisionByDigest(sql, packet, digest));

  sourceVersions: Ledger["sourceVersions"] = (key, kind, afterVersion, limit) =>
    this.#read((sql) => readSourceVersions(sql, key, kind, afterVersion, limit));

  packets: Ledger["packets"] = (filter, after, limit) =>
    this.#read((sql) => readHeads(sql, filter, after, limit));

  heads: Ledger["heads"] = (packets) => this.#read((sql) => readHeadMarks(sql, packets));

  sequence: Ledger["sequence"] = () =>
    this.#change(() => attempts(null, () => sequenceLog(this.#desk.connections)));

  logHead: Ledger["logHead"] = () => this.#read(logHead);

  logExtent: Ledger["logExtent"] = () => this.#read(readExtent);

  logged: Ledger["logged"] = (after, limit) => this.#read((sql) => readLogged(sql, after, limit));

  position: Ledger["position"] = (packet, number) =>
    this.#read((sql) => readPosition(sql, packet, number));

  logRoot: Ledger["logRoot"] = (size) => this.#read((sql) => readLogRoot(sql, size));

  rereadLogRoot: Ledger["rereadLogRoot"] = (size) => rereadRoot((read) => this.#read(read), size);

  inclusion: Ledger["inclusion"] = (position, size) =>
    this.#read((sql) => readInclusion(sql, position, size));

  consistency: Ledger["consistency"] = (from, to) =>
    this.#read((sql) => readConsistency(sql, from, to));

  places: Ledger["places"] = (packet, after, limit, size) =>
    this.#read((sql) => readPlaces(sql, { packet, after, limit }, size));

  salt: Ledger["salt"] = (packet) => this.#read((sql) => readSalt(sql, packet));

  remembered(): Deployment {
    return { id: this.deployment, secret: this.#secret };
  }

  keyFor(purpose: string): Uint8Array {
    const info = `holdfast/${purpose}`;
    return new Uint8Array(hkdfSync("sha256", this.#secret, new Uint8Array(), info, KEY_BYTES));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#changing);
    await this.#lines.drained();
  }

  /** A read that lost its connection is made again. */
  #read<T>(read: (sql: Query) => Promise<T>): Promise<T> {
    return attempts(null, () => this.#desk.connections.read(read));
  }

  async #change<T>(change: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error("the ledger is closed");
    const changing = change();
    this.#changing.add(changing);
    try {
      return await changing;
    } finally {
      this.#changing.delete(changing);
    }
  }
}
