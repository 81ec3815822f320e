import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyBundle } from "#audit/bundleFile.ts";
import { connect } from "#database/connect.ts";
import { TOLD_TO_MANY } from "#graphql/governedReads.ts";
import { BUNDLE_PATH, Bundles } from "#graphql/request/bundles.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { PacketReport } from "#packet/entry.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { heardLog } from "../identity/heardLog.ts";
import {
  OWNER,
  REPORTER,
  accept,
  asking,
  digestOf,
  granted,
  ledgerOn,
  manifestOf,
  recording,
  stateOf,
} from "../ledger/trainWorld.ts";
import { AUDITOR, newSigning, seasonedPacket, sourcesOn } from "./bundleWorld.ts";

/** More than the buffers between two sockets of one machine hold: 24 times 600 notes of 2,000 characters. */
const LONG_REVISIONS = 24;
const NOTES = 600;
const BYTES_MIN = LONG_REVISIONS * NOTES * 2000;

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast streams", connectionsMax: 4 });
const signing = newSigning();
const heard = heardLog();
const server = createServer();
let ledger: Ledger;
let packet = "";
let revisions = 0;
beforeAll(async () => {
  ledger = await ledgerOn(database);
  packet = await seasonedPacket(ledger, "orion-7");
  const note = "x".repeat(2000);
  const names = Array.from({ length: NOTES }, (_none, number) => `part-${1000 + number}`);
  await accept(ledger, { exercise: false, train: "orion-7" }, manifestOf(["app", "lib", ...names]));
  const { facts } = await stateOf(ledger, packet);
  const bindings = { ...facts.bindings, MANIFEST: 3 };
  const bind = { kind: "PACKET_BOUND", bindings } as const;
  granted(await ledger.append({ packet, asker: asking(OWNER, "packetBind"), decide: () => bind }));
  const notes = names.map((artifact): PacketReport => {
    const digest = digestOf(artifact);
    return { kind: "DIGEST_CONFIRMATION", artifact, digest, observed: digest, note };
  });
  for (let count = 0; count < LONG_REVISIONS; count += 1) {
    const asker = asking(REPORTER, "readinessRecord");
    const appended = await ledger.append({ packet, asker, decide: recording(notes) });
    revisions = granted(appended).revision;
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.close();
  await ledger.close();
  await database.close();
});

/** What one answer did: how many revisions were read for it, and its own end. */
interface Watched {
  readonly taken: IncomingMessage;
  readonly answer: ServerResponse;
  proved: number;
}

/** Asks for the full bundle, of a ledger in which proving fails from some revision on. */
async function asked(stalledMs: number, failsAfter = Number.POSITIVE_INFINITY): Promise<Watched> {
  const bundles = new Bundles({ stalledMs });
  const counts = { proved: 0 };
  const { notary } = sourcesOn(ledger, signing);
  const watched: Ledger = {
    ...ledger,
    view: (id) => ledger.view(id),
    places(id, after, limit, size) {
      if (after + limit > failsAfter) throw new Error("the database went away");
      counts.proved = after + limit;
      return ledger.places(id, after, limit, size);
    },
  };
  const answering = new Promise<ServerResponse>((resolve) => {
    server.once("request", (incoming, answer) => {
      resolve(answer);
      const desk = { ledger: watched };
      const who = { actor: AUDITOR, address: "127.0.0.1", requestId: "one" };
      const context = { ...who, ...TOLD_TO_MANY, desk, notary, log: heard.log };
      bundles.answer(incoming, answer, context).catch(() => answer.destroy());
    });
  });
  const { port } = server.address() as AddressInfo;
  const path = `${BUNDLE_PATH}${packet}?form=full`;
  const asking = request({ host: "127.0.0.1", port, path, agent: false });
  asking.end();
  const [taken] = (await once(asking, "response")) as [IncomingMessage];
  const answer = await answering;
  return Object.assign(counts, { taken, answer });
}

async function bytesOf(taken: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of taken) chunks.push(chunk as Buffer);
  } catch {
    // Cut off: what came is what there is.
  }
  return Buffer.concat(chunks);
}

async function* inOne(bytes: Buffer) {
  yield bytes;
}

const keys = { keys: [signing.signer.verifierKey], witnesses: [] };

test("a long bundle comes whole to who takes it", async () => {
  const { taken } = await asked(60_000);
  const bytes = await bytesOf(taken);
  expect(bytes.length).toBeGreaterThan(BYTES_MIN);
  const report = await verifyBundle(inOne(bytes), keys);
  expect(report).toMatchObject({ findings: [], packet, revision: revisions });
});

test("who takes nothing is cut off, and nothing more is made for them", async () => {
  const watched = await asked(100);
  watched.taken.pause();
  await once(watched.answer, "close");
  expect(watched.answer.writableFinished).toBe(false);
  expect(watched.proved).toBeLessThan(revisions);
  watched.taken.destroy();
});

test("what fails in the middle is cut off without an END", async () => {
  const { taken, answer } = await asked(60_000, revisions - 2);
  const bytes = await bytesOf(taken);
  expect([taken.complete, answer.writableFinished]).toEqual([false, false]);
  const { findings } = await verifyBundle(inOne(bytes), keys);
  expect(findings.map(({ kind }) => kind)).toContain("MISSING");
  expect(heard.lines.map(({ message }) => message)).toEqual(["a bundle was cut off in the middle"]);
});
