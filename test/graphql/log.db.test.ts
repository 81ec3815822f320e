import { beforeAll, describe, expect, test } from "vitest";
import { readCheckpoint } from "#proof/checkpoint.ts";
import { readGateStatement } from "#proof/gateStatement.ts";
import { logLeafHash, verifyLogConsistency, verifyLogInclusion } from "#proof/logTree.ts";
import { noteVerifier, verifyNote } from "#proof/signedNote.ts";
import type { LineageDoubt } from "#packet/lineage.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { type Opened, accepted, approvalOf, openReady } from "../workflow/trains.ts";
import { served } from "./served.ts";

const fresh = freshDatabase();
const server = served(fresh);

let approved: Opened;
let waiting: Opened;

beforeAll(async () => {
  approved = await openReady(server.desk, "approved");
  accepted(await packetApprove(server.desk, OLGA, approvalOf(approved)));
  waiting = await openReady(server.desk, "waiting");
});

interface LogAnswer {
  readonly log: {
    readonly origin: string;
    readonly verifierKey: string;
    readonly doubt: LineageDoubt | null;
    readonly checkpoint: { readonly note: string; readonly size: string; readonly root: string };
  };
}

const LOG = "{ log { origin verifierKey doubt checkpoint { note size root } } }";

async function ask<T>(query: string, variables: object = {}): Promise<T> {
  const { data, errors } = await server.ask(IVAN, query, variables);
  expect(errors).toEqual([]);
  return data as T;
}

/** The log once its checkpoint covers all that was committed before. */
async function coveringLog(): Promise<LogAnswer["log"]> {
  const head = await server.desk.ledger.sequence();
  for (;;) {
    const { log } = await ask<LogAnswer>(LOG);
    if (BigInt(log.checkpoint.size) >= head) return log;
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text, "base64");

test("the log is signed, and anybody verifies it with the deployment's key", async () => {
  const { origin, verifierKey, doubt, checkpoint } = await coveringLog();
  expect(doubt).toBeNull();
  const { text } = verifyNote(checkpoint.note, [noteVerifier(verifierKey)]);
  expect(readCheckpoint(text)).toEqual({
    origin,
    size: BigInt(checkpoint.size),
    root: Buffer.from(checkpoint.root, "base64"),
    extensions: [],
  });
});

test("a revision is proven to be under a checkpoint, and one checkpoint to continue another", async () => {
  const { checkpoint } = await coveringLog();
  const { packet: found } = await ask<{
    packet: {
      revisionBy: { digest: string; logPosition: string; inclusion: string[] };
      early: { inclusion: string[] | null };
    };
  }>(
    `query ($packet: UUID!, $size: LogPosition!) {
      packet(packet: $packet) {
        revisionBy(number: 2) { digest logPosition inclusion(size: $size) }
        early: revisionBy(number: 2) { inclusion(size: "1") }
      }
    }`,
    { packet: approved.packet, size: checkpoint.size },
  );
  const { digest, logPosition, inclusion } = found.revisionBy;
  const claim = {
    index: BigInt(logPosition) - 1n,
    size: BigInt(checkpoint.size),
    leafHash: logLeafHash(Buffer.from(digest, "hex")),
    root: bytes(checkpoint.root),
    proof: inclusion.map(bytes),
  };
  expect(verifyLogInclusion(claim)).toBe(true);
  expect(found.early.inclusion).toBeNull();
  const { log } = await ask<{ log: { consistency: string[]; beyond: string[] | null } }>(
    `query ($to: LogPosition!) {
      log { consistency(from: "1", to: $to) beyond: consistency(from: "1", to: "9999") }
    }`,
    { to: checkpoint.size },
  );
  expect(log.beyond).toBeNull();
  expect(
    verifyLogConsistency({
      from: 1n,
      to: BigInt(checkpoint.size),
      fromRoot: await server.desk.ledger.logRoot(1n),
      toRoot: bytes(checkpoint.root),
      proof: log.consistency.map(bytes),
    }),
  ).toBe(true);
});

test.each(["", "-1", "01", "1.5", "x", "9".repeat(40)])(
  "a size that reads %j proves nothing and breaks nothing",
  async (size) => {
    const { log } = await ask<{ log: { consistency: string[] | null } }>(
      `query ($size: LogPosition!) { log { consistency(from: "0", to: $size) } }`,
      { size },
    );
    expect(log.consistency).toBeNull();
  },
);

interface GateOf {
  readonly gate: {
    readonly status: string;
    readonly epoch: string;
    readonly validThroughEpoch: string | null;
    readonly statement: string | null;
    readonly reasons: readonly string[];
  };
}

const GATE = `query ($packet: UUID!) {
  gate(packet: $packet) { status epoch validThroughEpoch statement reasons }
}`;

test("rule 5.7: an OPEN gate is a signed statement that ends with an epoch", async () => {
  const { gate } = await ask<GateOf>(GATE, { packet: approved.packet });
  expect(gate.status).toBe("OPEN");
  const { log } = await ask<LogAnswer>(LOG);
  const { text } = verifyNote(gate.statement ?? "", [noteVerifier(log.verifierKey)]);
  const seen = await server.desk.ledger.state(approved.packet);
  expect(readGateStatement(text)).toEqual({
    deployment: server.desk.ledger.deployment,
    packet: approved.packet,
    exercise: false,
    revision: approved.revision + 1,
    digest: seen?.digest,
    materialDigest: seen?.state.materialDigest,
    approval: {
      revision: approved.revision,
      digest: approved.digest,
      recordedIn: approved.revision + 1,
    },
    epoch: BigInt(gate.epoch),
    validThroughEpoch: BigInt(gate.validThroughEpoch ?? 0),
  });
});

test("a CLOSED gate states nothing", async () => {
  const { gate } = await ask<GateOf>(GATE, { packet: waiting.packet });
  expect(gate).toMatchObject({ status: "CLOSED", statement: null });
});

describe("while the database is not believed", () => {
  const doubting = () => ({ ...server.desk, lineageDoubt: (): LineageDoubt => "HEAD_WENT_BACK" });

  test("nothing is approved, and every other reason is told as well", async () => {
    const refused = await packetApprove(doubting(), OLGA, approvalOf(waiting));
    expect(refused).toMatchObject({
      code: "APPROVAL_REFUSED",
      reasons: [{ code: "LINEAGE_IN_DOUBT", doubt: "HEAD_WENT_BACK" }],
    });
    const again = await packetApprove(doubting(), OLGA, approvalOf(approved));
    expect(again).toMatchObject({
      reasons: [{ code: "ALREADY_APPROVED" }, { code: "LINEAGE_IN_DOUBT" }],
    });
    const seen = await server.desk.ledger.state(waiting.packet);
    expect(seen?.state.status).toBe("READY_FOR_APPROVAL");
  });

  test("every gate is CLOSED and rests on nothing", async () => {
    const gate = await gateRead(doubting(), IVAN, approved.packet);
    expect(gate).toMatchObject({ status: "CLOSED", reasons: ["LINEAGE_IN_DOUBT"], rests: null });
  });
});
