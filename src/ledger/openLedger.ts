import type { Id, PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { type ClockRate, startClock } from "#recovery/clock.ts";
import { reachEpoch } from "#gate/lapse.ts";
import type { Database, Sql } from "#database/connect.ts";
import { acceptSource } from "./acceptSource.ts";
import { AppendLines } from "./appendLine.ts";
import { confirmLane, proposeLane } from "./lanes.ts";
import type { Ledger, Seen } from "./ledger.ts";
import { Lineages } from "./lineages.ts";
import { readMoment } from "./moment.ts";
import { type TrainDesk, openPacketOf } from "./openPacketOf.ts";
import { readHeads, readRevisions, readState } from "./reads.ts";
import { reportShared } from "./report.ts";
import { SourceShelf } from "./sourceShelf.ts";
import { stepClock } from "./stepClock.ts";
import { readSource } from "./trains.ts";
import { attempts } from "./transact.ts";

/** What a ledger is opened with; ids, chance and the way out are the front door's. */
export interface LedgerOptions {
  /** Migrated; the ledger does not close it. */
  readonly database: Pick<Database, "sql">;
  readonly rate: ClockRate;
  /** Makes a UUIDv7. */
  readonly newId: () => Id;
  /** Makes 32 random bytes. */
  readonly newSalt: () => Uint8Array;
  /** Told after the commit which packets moved, in the order of each packet. Must not throw. */
  readonly announce: (moved: readonly { packet: PacketId; revision: number }[]) => void;
}

/** Opens the ledger of a database; the first start makes the deployment and its clock. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { sql } = options.database;
  const deployment = await startDeployment(sql, options);
  const shelf = new SourceShelf();
  const lineages = new Lineages(shelf);
  const { rate, newId, newSalt, announce } = options;
  const desk: TrainDesk = { sql, rate, newId, newSalt, announce, deployment, shelf, lineages };
  return new OpenLedger(desk);
}

/** Any number of processes may start at once: the first row of each stays. */
async function startDeployment(sql: Sql, { newId, newSalt }: LedgerOptions): Promise<string> {
  return attempts(null, async () => {
    await sql`
      INSERT INTO deployment (id, secret, created_at)
      VALUES (${newId()}, ${newSalt()}, clock_timestamp()) ON CONFLICT DO NOTHING`;
    const [row] = await sql<{ id: string; now: Date }[]>`
      SELECT id, clock_timestamp() AS now FROM deployment`;
    if (row === undefined) throw new Error("the deployment's row is gone");
    const { epoch, frozen, generation, anchorEpoch } = startClock(0n, row.now.getTime());
    await sql`
      INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
        reached_at)
      SELECT 1, ${epoch}, ${frozen}, ${generation}, ${row.now}, ${anchorEpoch}, ${row.now},
        ${row.now}
      WHERE NOT EXISTS (SELECT FROM clock_step)`;
    return row.id;
  });
}

class OpenLedger implements Ledger {
  readonly deployment: string;
  readonly #desk: TrainDesk;
  readonly #lines: AppendLines;
  readonly #changing = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(desk: TrainDesk) {
    this.#desk = desk;
    this.#lines = new AppendLines(desk);
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

  stepClock: Ledger["stepClock"] = (request) => this.#change(() => stepClock(this.#desk, request));

  moment: Ledger["moment"] = () => readMoment(this.#desk.sql, this.#desk.rate);

  state: Ledger["state"] = (packet) => readState(this.#desk, packet);

  async view(packet: PacketId): Promise<Seen | null> {
    const seen = await readState(this.#desk, packet);
    if (seen === null) return null;
    return { ...seen, state: reachEpoch(seen.state, seen.moment.epoch).view };
  }

  async revision(...[packet, number]: Parameters<Ledger["revision"]>) {
    const [revision] = await readRevisions(this.#desk.sql, packet, number - 1, 1);
    return revision?.number === number ? revision : null;
  }

  revisions: Ledger["revisions"] = (packet, after, limit) =>
    readRevisions(this.#desk.sql, packet, after, limit);

  source: Ledger["source"] = (key, kind, version) =>
    readSource(this.#desk.sql, this.#desk.shelf, key, kind, version);

  packets: Ledger["packets"] = (after, limit) => readHeads(this.#desk.sql, after, limit);

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#changing);
    await this.#lines.drained();
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
