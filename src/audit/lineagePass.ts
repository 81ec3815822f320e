import type { PacketId, RevisionDigest } from "#packet/name.ts";
import type { PacketStatus } from "#packet/approval.ts";
import type { ChainCheck } from "./chainCheck.ts";
import { DependencyCheck } from "./dependencyCheck.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import type { NumberUses } from "./numberUses.ts";
import { PacketAudit } from "./packetAudit.ts";
import type { Reading } from "./reading.ts";
import { readLineages } from "./revisionRows.ts";
import type { Signatures } from "./signatures.ts";
import type { SourceShelf } from "./sourceRows.ts";
import type { Tally } from "./tally.ts";

/** The head of a packet as its table has it. */
export interface HeadRow {
  readonly packet: PacketId;
  readonly exercise: boolean;
  readonly train: string;
  readonly number: number;
  readonly digest: Uint8Array;
  readonly status: PacketStatus;
  readonly closed: boolean;
  readonly nextDue: bigint | null;
}

/** What the audit of every packet rests on. */
export interface LineageDesk {
  readonly reading: Reading;
  readonly findings: Findings;
  readonly ground: Ground;
  readonly shelf: SourceShelf;
  /** Each packet's chain, as the pass over the log has it. */
  readonly chains: ReadonlyMap<PacketId, ChainCheck>;
  readonly heads: ReadonlyMap<PacketId, HeadRow>;
  readonly signatures: Signatures;
  /** What came of the numbers of automated reporters. */
  readonly numbers: NumberUses;
}

/** What the lineages are known to say, once they were judged. */
export interface LineagePass {
  /** The revisions of each sound packet that somebody asked for, and so was answered. */
  readonly asked: ReadonlyMap<PacketId, Tally>;
}

/** Judges every packet's lineage again, and compares what is kept beside it. */
export async function passOverLineages(
  desk: LineageDesk,
  progress: (done: number) => void,
): Promise<LineagePass> {
  const asked = new Map<PacketId, Tally>();
  const dependencies = new DependencyCheck(desk.reading, desk.findings);
  const packets = [...desk.ground.packets.keys()].toSorted();
  await desk.findings.reading({ table: "revision" }, () =>
    readLineages(desk.reading, desk.findings, packets, (packet) => {
      const audit = new PacketAudit(desk, packet);
      let last = 0;
      return {
        packet,
        async page(rows) {
          await audit.page(rows);
          last = rows.at(-1)?.number ?? last;
          progress(rows.length);
        },
        async end() {
          requireWhole(desk, packet, last);
          await audit.end();
          asked.set(packet, audit.asked);
          await dependencies.add(packet, audit.dependencies);
        },
      };
    }),
  );
  await dependencies.end();
  return { asked };
}

/** What the pass over the log has seen of a packet, and nobody judged, is a finding. */
function requireWhole({ findings, chains }: LineageDesk, packet: PacketId, last: number): void {
  const number = chains.get(packet)?.number ?? 0;
  if (last === number || !findings.isSound(packet)) return;
  findings.add({
    place: { table: "revision", packet, revision: Math.min(last, number) + 1 },
    kind: last < number ? "MISSING" : "EXTRA",
    expected: `revisions 1 to ${number} to judge, as the log has them`,
    found: last === 0 ? "nothing" : `revisions 1 to ${last}`,
  });
}

/** Reads every packet's head. */
export async function readHeads(
  reading: Reading,
  findings: Findings,
): Promise<Map<PacketId, HeadRow>> {
  const heads = new Map<PacketId, HeadRow>();
  const open = new Map<string, PacketId>();
  await findings.reading({ table: "packet_head" }, async () => {
    const pages = reading.stream<HeadRow>(
      (sql) => sql`
        SELECT packet, exercise, train, number, digest, status, closed, next_due AS "nextDue"
        FROM public.packet_head`,
    );
    for await (const page of pages) {
      for (const row of page) {
        if (heads.has(row.packet)) found(row.packet, "one head", "two");
        heads.set(row.packet, row);
        if (row.closed) continue;
        const train = `${row.exercise} ${row.train}`;
        const other = open.get(train);
        if (other !== undefined) found(row.packet, "one open packet of a train", other);
        open.set(train, row.packet);
      }
    }
  });
  return heads;

  function found(packet: PacketId, expected: string, what: string): void {
    const place = { table: "packet_head", packet };
    findings.add({ place, kind: "EXTRA", expected, found: what });
  }
}

/** A revision that an answer names. */
export interface NamedRevision {
  readonly packet: PacketId;
  readonly revision: number;
  readonly digest: RevisionDigest;
}
