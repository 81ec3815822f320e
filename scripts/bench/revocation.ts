import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { v7 as newId } from "uuid";
import { codeOf } from "#ledger/fault.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import { sha256Hex } from "#proof/digest.ts";
import {
  type RevocationList,
  revocationListBytes,
  SHARDS,
  shardOf,
  shardText,
  signedListText,
} from "#proof/revocationList.ts";
import {
  openRevocationCopy,
  type ReceivingGround,
  type RevocationCopy,
} from "#revocation/revocationCopy.ts";
import { revocationRecord } from "#workflow/revocationRecord.ts";
import { Refusal } from "#packet/refusal.ts";
import { type Figure, interleave } from "./measure.ts";
import { appendDrift, openPacket, withLedger, withPostgres } from "./store.ts";

const PACKETS = 1_000;
/** Packets that are being opened at a time. */
const TOGETHER = 8;
const EFFECTS = { warmUp: 2, counted: 20 };

/** The SQLSTATE of a lock that was waited for in vain. */
const LOCK_NOT_AVAILABLE = "55P03";

const ENTRIES = 1_000_000;
/** Looks of one round; every second one is for a credential that is listed. */
const LOOKS = 100_000;
const CHECKS = { warmUp: 20, counted: 100 };

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Takes every list: what a signature costs is measured elsewhere. */
function groundOf(deployment: string): ReceivingGround {
  return {
    deployment,
    signers: {
      attend: () => Promise.resolve(),
      keyFor: (person) => (person === "ines" ? "SHA256:any" : new SignatureInvalid("not hers")),
    },
    whyNotBy: () => Promise.resolve(null),
    whyNotNow: () => Promise.resolve(null),
  };
}

/** From a list being handed to both nodes until every open packet has its revision. */
const revocationEffect: Figure = {
  name: "revocation-effect",
  what: `revoking one credential: handed to 2 nodes, applied by both, and a revision in each of ${PACKETS} open packets`,
  peer: "one durable append to one packet",
  limit: null,
  run: () =>
    withPostgres((postgres) =>
      withLedger(postgres, (north) =>
        withLedger(postgres, async (south) => {
          const spares = Array.from(
            { length: EFFECTS.warmUp + EFFECTS.counted },
            (_, index) => `spare-${index}`,
          );
          const packets = await openPackets(north, spares);
          const [first = ""] = packets;
          // As a node has them that copies what is open for when nothing else answers.
          for (const packet of packets) await south.state(packet);
          const nodes = [
            { ledger: north, copy: await emptyCopy("north") },
            { ledger: south, copy: await emptyCopy("south") },
          ];
          let round = 0;
          const told: number[] = [];
          const times = await interleave(
            EFFECTS,
            async () => {
              const list = listWith(north.deployment, `principal:${spares[round] ?? ""}`);
              round += 1;
              told.push(await takeEffect(nodes, list));
            },
            () => appendDrift(north, first),
          );
          if (told.some((packets) => packets !== PACKETS)) {
            throw new Error(`packets that were told: ${told.join(", ")}`);
          }
          const slowest = Math.max(...times.subject) / Math.max(...times.peer);
          const settings = {
            postgres: postgres.version,
            packets: PACKETS,
            nodes: nodes.length,
            "slowest round over slowest append": slowest.toFixed(1),
          };
          return { ...times, settings };
        }),
      ),
    ),
};

interface Node {
  readonly ledger: Ledger;
  readonly copy: RevocationCopy;
}

/** Resolves to how many packets got a revision. */
async function takeEffect(nodes: readonly Node[], list: RevocationList): Promise<number> {
  const text = Buffer.from(signedListText(revocationListBytes(list), "unsigned"));
  const told = await Promise.all(
    nodes.map(async ({ ledger, copy }) => {
      const received = await copy.receive(list.shard, text, groundOf(ledger.deployment));
      if (received.outcome === "REFUSED") throw new Error(received.faults[0]?.message);
      const recorded = await recordedAtLast(ledger, list);
      if (recorded instanceof Refusal) throw new Error(recorded.message);
      return recorded === null || recorded.repeated ? 0 : recorded.appended.length;
    }),
  );
  return told.reduce((sum, one) => sum + one, 0);
}

/** As a node does, which tries again where another holds the lock for longer than it waits. */
async function recordedAtLast(
  ledger: Ledger,
  list: RevocationList,
): ReturnType<typeof revocationRecord> {
  for (;;) {
    try {
      return await revocationRecord({ ledger, newId }, list);
    } catch (fault) {
      if (codeOf(fault) !== LOCK_NOT_AVAILABLE) throw fault;
    }
  }
}

async function openPackets(ledger: Ledger, spares: readonly string[]): Promise<string[]> {
  const packets: string[] = [];
  for (let made = 0; made < PACKETS; made += TOGETHER) {
    const trains = Array.from(
      { length: Math.min(TOGETHER, PACKETS - made) },
      (_, index) => `train-${made + index}`,
    );
    packets.push(
      ...(await Promise.all(trains.map((train) => openPacket(ledger, 3, train, spares)))),
    );
  }
  return packets;
}

const issued = new Map<number, RevocationList>();

/** The next list of the shard in which a credential lies. */
function listWith(deployment: string, id: string): RevocationList {
  const shard = shardOf(id);
  const before = issued.get(shard);
  const revoked = [...(before?.revoked ?? []), id].toSorted();
  const version = (before?.version ?? 0n) + 1n;
  const list = { deployment, shard, version, issuedBy: "ines", revoked };
  issued.set(shard, list);
  return list;
}

async function emptyCopy(node: string): Promise<RevocationCopy> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-revoked-"));
  let nowMs = 0;
  return openRevocationCopy({ folder, node, log: QUIET, now: () => (nowMs += 10_000) });
}

/** What a node pays for each question whether a credential still counts. */
const revocationCheck: Figure = {
  name: "revocation-check",
  what: `${LOOKS} looks whether a key is revoked, among ${ENTRIES} that are, in a node's own copy`,
  peer: "as many looks into a plain Set of the same fingerprints",
  limit: { atMost: 2 },
  async run() {
    const folder = await mkdtemp(path.join(tmpdir(), "holdfast-revoked-"));
    try {
      const shardBytes = await writeLists(folder);
      const before = heapUsed();
      const started = performance.now();
      const copy = await openRevocationCopy({ folder, node: null, log: QUIET, now: () => 0 });
      const startMs = performance.now() - started;
      const copyBytes = heapUsed() - before;
      const plain = new Set(Array.from({ length: ENTRIES }, (_, index) => fingerprint(index)));
      const setBytes = heapUsed() - before - copyBytes;
      const asked = Array.from({ length: LOOKS }, (_, index) =>
        fingerprint(index % 2 === 0 ? (index * 7) % ENTRIES : ENTRIES + index),
      );
      const times = await interleave(
        CHECKS,
        () => count(asked, (key) => copy.revokesKey(key)),
        () => count(asked, (key) => plain.has(key)),
      );
      const settings = {
        entries: copy.size,
        "MB of the copy": megabytes(copyBytes),
        "MB of the Set": megabytes(setBytes),
        "ms to read the copy at the start": Math.round(startMs),
        "bytes that a push to one shard moves": shardBytes.one,
        "bytes of all 256 shards": shardBytes.all,
      };
      return { ...times, settings };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** What revocation costs. */
export const REVOCATION: readonly Figure[] = [revocationEffect, revocationCheck];

function count(keys: readonly string[], isRevoked: (key: string) => boolean): void {
  let revoked = 0;
  for (const key of keys) if (isRevoked(key)) revoked += 1;
  if (revoked !== LOOKS / 2) throw new Error(`${revoked} of ${LOOKS} are revoked`);
}

function fingerprint(index: number): string {
  return `SHA256:${createHash("sha256").update(String(index)).digest("base64").slice(0, 43)}`;
}

/** The files of a copy as a node leaves them; resolves to the bytes of one list, and of all. */
async function writeLists(folder: string): Promise<{ readonly one: number; readonly all: number }> {
  const shards = Array.from({ length: SHARDS }, (): string[] => []);
  for (let index = 0; index < ENTRIES; index += 1) {
    const id = `key:${fingerprint(index)}`;
    shards[shardOf(id)]?.push(id);
  }
  for (const part of ["lists", "copies", "marks"]) await mkdir(path.join(folder, part));
  let [one, all] = [0, 0];
  for (const [shard, ids] of shards.entries()) {
    const revoked = ids.toSorted();
    const list = { deployment: "bench", shard, version: 1n, issuedBy: "ines", revoked };
    const bytes = revocationListBytes(list);
    const text = Buffer.from(signedListText(bytes, "unsigned"));
    for (const part of ["lists", "copies"]) {
      await writeFile(path.join(folder, part, shardText(shard)), text);
    }
    await writeFile(path.join(folder, "marks", shardText(shard)), `1 ${sha256Hex(bytes)}\n`);
    one = text.length;
    all += text.length;
  }
  return { one, all };
}

/** Bytes on the heap, once what nothing refers to was let go, where the process may ask for that. */
function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
