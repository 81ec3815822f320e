import type { PacketId } from "#packet/name.ts";
import { logLeafHash } from "#proof/logTree.ts";
import { ChainCheck } from "./chainCheck.ts";
import type { Findings } from "./findings.ts";
import { type Ground, identityOf } from "./ground.ts";
import { LogTotals } from "./logTotals.ts";
import { type Reading, READ_PAGE, type Sql, type Statement, Unreadable } from "./reading.ts";
import { type BytesRow, storedOf } from "./revisionRows.ts";
import { SubtreeCheck } from "./subtrees.ts";

/** What the pass over the log came to. */
export interface LogPass {
  readonly totals: LogTotals;
  /** The chain of every packet as far as the log has it. */
  readonly chains: ReadonlyMap<PacketId, ChainCheck>;
}

/** A place of the log with the revision that is there; without bytes where there is none. */
interface LogRow {
  readonly position: bigint;
  readonly packet: PacketId;
  readonly number: number;
  readonly digest: Uint8Array | null;
  readonly header: Uint8Array | null;
  readonly body: Uint8Array | null;
}

/**
 * Streams all revisions in the order of the log and checks each packet's chain with it: order,
 * gaps, digests, links and commitments, and the log's own positions, root and kept subtrees.
 * Then the revisions that have no position yet, because the service gives them after the commit.
 */
export async function passOverLog(
  reading: Reading,
  findings: Findings,
  ground: Ground,
  options: { readonly sizes: Iterable<bigint>; readonly progress: (done: number) => void },
): Promise<LogPass> {
  const pass = new Pass(findings, ground, options.sizes);
  const subtrees = new SubtreeCheck(reading, findings);
  await findings.reading({ table: "log_position" }, async () => {
    for await (const page of logRows(reading, findings)) {
      for (const row of page) {
        const completed = pass.take(row);
        if (completed.length > 0) await subtrees.add(completed);
      }
      options.progress(page.length);
    }
  });
  if (pass.isLogWhole) await subtrees.end();
  for (const packet of ground.packets.keys()) {
    await passOverRest(reading, findings, pass, packet, options.progress);
  }
  pass.requireWhole();
  return pass;
}

class Pass implements LogPass {
  readonly totals: LogTotals;
  readonly chains = new Map<PacketId, ChainCheck>();
  readonly #findings: Findings;
  readonly #ground: Ground;
  #next = 1n;
  #isLogWhole = true;

  constructor(findings: Findings, ground: Ground, sizes: Iterable<bigint>) {
    this.#findings = findings;
    this.#ground = ground;
    this.totals = new LogTotals(sizes);
  }

  /** Checks the next place of the log; answers the subtrees that it completes. */
  take(row: LogRow) {
    const { position, packet, number, digest, header, body } = row;
    this.#requireNext(position);
    if (digest === null || header === null || body === null) {
      this.#isLogWhole = false;
      return [];
    }
    this.check(packet, { packet, number, digest, header, body }, position);
    return this.#isLogWhole ? this.totals.append(logLeafHash(digest)) : [];
  }

  /** False once a leaf of the log is not there: the tree from there on is not known. */
  get isLogWhole(): boolean {
    return this.#isLogWhole;
  }

  /** Checks a packet's next revision. */
  check(packet: PacketId, row: BytesRow, position: bigint | null = null): void {
    const chain = this.chainOf(packet);
    if (chain === null) return;
    if (position !== null && !chain.isBroken && row.number !== chain.number + 1) {
      this.#findings.add({
        place: {
          table: "log_position",
          packet,
          revision: chain.number + 1,
          position: String(position),
        },
        kind: "ORDER",
        expected: `revision ${chain.number + 1}`,
        found: `revision ${row.number}`,
      });
    }
    const finding = chain.next(storedOf(row));
    if (finding !== null) this.#findings.add(finding);
  }

  chainOf(packet: PacketId): ChainCheck | null {
    const known = this.chains.get(packet);
    if (known !== undefined) return known;
    const row = this.#ground.packets.get(packet);
    if (row === undefined) {
      this.#findings.add({
        place: { table: "revision", packet, revision: 1 },
        kind: "EXTRA",
        expected: "revisions of packets that are there",
        found: "no such packet",
      });
      return null;
    }
    const chain = new ChainCheck(identityOf(this.#ground, row));
    this.chains.set(packet, chain);
    return chain;
  }

  /** Every row of the table was seen, and only once. */
  requireWhole(): void {
    for (const { packet, count, least, most } of this.#ground.extents.values()) {
      const chain = this.chainOf(packet);
      if (chain === null || chain.isBroken) continue;
      const seen = chain.number;
      if (count === BigInt(seen) && least === 1 && most === seen) continue;
      this.#findings.add({
        place: { table: "revision", packet, revision: Math.max(1, Math.min(most, seen + 1)) },
        kind: count > BigInt(seen) ? "EXTRA" : "GAP",
        expected: `${seen} revisions`,
        found: `${count}, numbered from ${least} to ${most}`,
      });
    }
    for (const packet of this.#ground.packets.keys()) {
      if (this.#ground.extents.has(packet)) continue;
      this.#findings.add({
        place: { table: "revision", packet, revision: 1 },
        kind: "MISSING",
        expected: "the revision that opened the packet",
        found: "nothing",
      });
    }
  }

  #requireNext(position: bigint): void {
    if (position !== this.#next) {
      this.#isLogWhole = false;
      this.#findings.add({
        place: { table: "log_position", position: String(this.#next) },
        kind: "GAP",
        expected: `position ${this.#next}`,
        found: `position ${position}`,
      });
    }
    this.#next = position + 1n;
  }
}

/** The whole log; where it cannot be read, place by place. */
async function* logRows(reading: Reading, findings: Findings): AsyncGenerator<readonly LogRow[]> {
  for (let after = 0n; ;) {
    try {
      for await (const page of reading.stream<LogRow>((sql) => placesAfter(sql, after))) {
        requireThere(findings, page);
        yield page;
        after = page.at(-1)?.position ?? after;
      }
      return;
    } catch (fault) {
      if (!(fault instanceof Unreadable)) throw fault;
      const page = await placeByPlace(reading, findings, after);
      if (page.length === 0) throw fault;
      yield page;
      after = page.at(-1)?.position ?? after;
    }
  }
}

// Each revision is looked up by itself, in the order of the log, so that nothing is sorted.
function placesAfter(sql: Sql, after: bigint): Statement<LogRow> {
  return sql`
    SELECT l.position, l.packet, l.number, r.digest, r.header, r.body FROM public.log_position AS l
    LEFT JOIN LATERAL (
      SELECT digest, header, body FROM public.revision
      WHERE packet = l.packet AND number = l.number LIMIT 1
    ) AS r ON true
    WHERE l.position > ${after} ORDER BY l.position`;
}

function requireThere(findings: Findings, page: readonly LogRow[]): void {
  for (const { digest, packet, number, position } of page) {
    if (digest !== null) continue;
    findings.add({
      place: { table: "revision", packet, revision: number, position: String(position) },
      kind: "MISSING",
      expected: "the revision that the log has at this position",
      found: "nothing",
    });
  }
}

/** The next places one at a time; a revision that cannot be read is found and left out. */
async function placeByPlace(
  reading: Reading,
  findings: Findings,
  after: bigint,
): Promise<readonly LogRow[]> {
  const places = await reading.rows<Pick<LogRow, "position" | "packet" | "number">>(
    (sql) => sql`
      SELECT position, packet, number FROM public.log_position WHERE position > ${after}
      ORDER BY position LIMIT ${READ_PAGE}`,
  );
  const page: LogRow[] = [];
  for (const place of places) {
    const { packet, number, position } = place;
    const nothing = { ...place, digest: null, header: null, body: null };
    try {
      const rows = await reading.rows<BytesRow>(
        (sql) => sql`
          SELECT packet, number, digest, header, body FROM public.revision
          WHERE packet = ${packet} AND number = ${number} LIMIT 1`,
      );
      const row: LogRow = { ...nothing, ...rows[0] };
      requireThere(findings, [row]);
      page.push(row);
    } catch (fault) {
      if (!(fault instanceof Unreadable)) throw fault;
      page.push(nothing);
      findings.add({
        place: { table: "revision", packet, revision: number, position: String(position) },
        kind: "UNREADABLE",
        expected: "a row that can be read",
        found: fault.message,
      });
    }
  }
  return page;
}

/** A packet's revisions after the last one of the log. */
async function passOverRest(
  reading: Reading,
  findings: Findings,
  pass: Pass,
  packet: PacketId,
  progress: (done: number) => void,
): Promise<void> {
  const chain = pass.chainOf(packet);
  if (chain === null || chain.isBroken || !findings.isSound(packet)) return;
  const last = chain.number;
  await findings.reading({ table: "revision", packet, revision: last + 1 }, async () => {
    const pages = reading.stream<BytesRow>(
      (sql) => sql`
        SELECT packet, number, digest, header, body FROM public.revision
        WHERE packet = ${packet} AND number > ${last} ORDER BY packet, number`,
    );
    for await (const page of pages) {
      for (const row of page) pass.check(packet, row);
      progress(page.length);
    }
  });
}
