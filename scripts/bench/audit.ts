import { findingText } from "#audit/finding.ts";
import { type Progress, verifyLineage } from "#audit/verifyLineage.ts";
import { connect } from "#database/connect.ts";
import { bodyCommitment } from "#ledger/document.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { sha256 } from "#proof/digest.ts";
import { LogFrontier, logLeafHash } from "#proof/logTree.ts";
import { type Figure, type Rounds, interleave } from "./measure.ts";
import { appendDrift, openPacket, withLedger, withPostgres } from "./store.ts";

/** How long the log is: a million takes a quarter of an hour to make. */
const REVISIONS = Number(process.env["HOLDFAST_BENCH_REVISIONS"] ?? "100000");

const PACKETS = 10;
const TOGETHER = 128;
const BARE_PAGE = 500;

const REPORTED_MB = 1024 * 1024;

/** Whether checking order, digests, links and the root costs what reading and hashing costs. */
const verifyChain: Figure = {
  name: "verify-chain",
  what: `the chain pass of verify over ${REVISIONS} revisions: order, digests, links, root`,
  peer: "a bare loop that streams the same rows and computes the same hashes",
  limit: { atMost: 1 / 0.7 },
  run: () => measured(true),
};

/** What judging all of it again costs beside that. */
const verifyFull: Figure = {
  name: "verify-full",
  what: `the whole of verify over ${REVISIONS} revisions, which judges everything again`,
  peer: "a bare loop that streams the same rows and computes the same hashes",
  limit: null,
  run: () => measured(false),
};

/** What `verify` takes. */
export const VERIFY: readonly Figure[] = [verifyChain, verifyFull];

function measured(chainOnly: boolean): Promise<Rounds> {
  return withPostgres((postgres) =>
    withLedger(postgres, async (ledger): Promise<Rounds> => {
      await grow(ledger);
      const { url } = postgres;
      let peakBytes = 0;
      const progress = (_progress: Progress): void => {
        peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
      };
      const before = process.memoryUsage().rss;
      const times = await interleave(
        { warmUp: 0, counted: 3 },
        async () => {
          const { findings, unchecked } = await verifyLineage({ url, chainOnly, progress });
          const [first] = findings;
          if (unchecked !== null) throw new Error(unchecked);
          if (first !== undefined) throw new Error(findingText(first));
        },
        () => bareLoop(url),
      );
      const settings = {
        postgres: postgres.version,
        revisions: REVISIONS,
        packets: PACKETS,
        rssBeforeMb: Math.round(before / REPORTED_MB),
        rssPeakMb: Math.round(peakBytes / REPORTED_MB),
      };
      return { ...times, settings };
    }),
  );
}

async function grow(ledger: Ledger): Promise<void> {
  const packets: PacketId[] = [];
  for (let number = 0; number < PACKETS; number += 1) {
    packets.push(await openPacket(ledger, 10, `train-${number}`));
  }
  for (let made = PACKETS; made < REVISIONS; made += TOGETHER) {
    const packet = packets[((made / TOGETHER) % PACKETS) | 0] ?? "";
    const count = Math.min(TOGETHER, REVISIONS - made);
    await Promise.all(Array.from({ length: count }, () => appendDrift(ledger, packet)));
  }
  await ledger.sequence();
}

interface BareRow {
  readonly packet: string;
  readonly number: number;
  readonly digest: Uint8Array;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

async function bareLoop(url: string): Promise<void> {
  const database = connect(url, {
    applicationName: "holdfast bench",
    connectionsMax: 1,
    statementTimeoutMs: 0,
  });
  try {
    const salts = new Map<string, Uint8Array>();
    for (const { id, salt } of await database.sql<{ id: string; salt: Uint8Array }[]>`
      SELECT id, salt FROM packet`) {
      salts.set(id, salt);
    }
    const frontier = new LogFrontier();
    const pages = database.sql<BareRow[]>`
      SELECT l.packet, l.number, r.digest, r.header, r.body FROM log_position AS l
      LEFT JOIN LATERAL (
        SELECT digest, header, body FROM revision
        WHERE packet = l.packet AND number = l.number LIMIT 1
      ) AS r ON true ORDER BY l.position`.cursor(BARE_PAGE);
    for await (const page of pages) {
      for (const { packet, number, digest, header, body } of page) {
        if (Buffer.compare(sha256(header), digest) !== 0) throw new Error("another digest");
        bodyCommitment(salts.get(packet) ?? new Uint8Array(), number, body);
        frontier.append(logLeafHash(digest));
      }
    }
    frontier.root();
  } finally {
    await database.close();
  }
}
