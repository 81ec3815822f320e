import { describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { passEpochs } from "../ledger/passEpochs.ts";
import { ages, commitment, enclave } from "../gate/reports.ts";
import { digestOf } from "../gate/train.ts";
import { PAUL, PROBE, RITA } from "../workflow/cast.ts";
import {
  GOOD_NEWS,
  type Opened,
  type Wire,
  accepted,
  newKey,
  onWire,
  open as openPacket,
  openReady,
  sealedReport,
  settle,
  tell,
} from "../workflow/trains.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { nextNumber } from "../workflow/verbs.ts";
import { written } from "../workflow/written.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "../graphql/served.ts";
import { type VerbAnswer, askVerb } from "../graphql/verbDocuments.ts";

const fresh = freshDatabase();
const server = served(fresh);

/** The packet as a reader sees it: its status, and which holds are open. */
async function seen({ packet }: Opened): Promise<[status: string, codes: string[]]> {
  const query = `query ($id: UUID!) { packet(packet: $id) { status
    holds(first: 100) { edges { node { code status } } } } }`;
  const { data, text } = await server.ask(RITA, query, { id: packet });
  const found = data?.["packet"] as
    | { status: string; holds: { edges: { node: { code: string; status: string } }[] } }
    | undefined;
  if (found === undefined) throw new Error(text);
  const open = found.holds.edges.filter(({ node }) => node.status === "OPEN");
  const codes = open.map(({ node }) => node.code);
  return [found.status, [...new Set(codes)].toSorted()];
}

const READY = ["READY_FOR_APPROVAL", []];
const held = (...codes: string[]): [string, string[]] => ["ON_HOLD", codes];

const record = (by: Actor, { packet }: Opened, entries: readonly unknown[], more: Wire = {}) =>
  askVerb(server, "readinessRecord", by, {
    idempotencyKey: newKey(),
    packet,
    entries: entries.map(onWire),
    ...more,
  });

const report = (by: Actor, entries: readonly unknown[], more: Wire = {}): Promise<VerbAnswer> =>
  askVerb(server, "sharedRecord", by, {
    idempotencyKey: newKey(),
    exercise: false,
    entries: entries.map(onWire),
    ...more,
  });

const pass = (epochs: number): Promise<void> => passEpochs(server.database.sql, epochs);

describe("A17: what is not known of a signer is held", () => {
  test("rule 4.1.6: nothing heard of who signs in a shift", async () => {
    const settled = await settle(server.desk, "unheard");
    const opened = await openPacket(server.desk, settled);
    const others = GOOD_NEWS.filter(({ kind }) => kind !== "AVAILABILITY");
    await tell(server.desk, opened.packet, others);
    accepted(await sharedRecord(server.desk, PAUL, sealedReport(settled)));
    expect(await seen(opened)).toEqual(held("CUSTODY_COVERAGE_GAP", "SIGNER_QUORUM_MISSING"));
  });

  test("rule 4.3.2: a word from an epoch that has not come is refused, and one in a wrong form as well", async () => {
    const opened = await openReady(server.desk, "future");
    const before = await written(server.database.sql);
    for (const observedEpoch of [1_000_000_000n, "-1", "01", "9223372036854775808"]) {
      const entry = { ...onWire(commitment("ana", "early")), observedEpoch };
      const { status, text } = await server.ask(
        PAUL,
        `mutation ($input: ReadinessRecordInput!) { answer: readinessRecord(input: $input) {
          __typename ... on InvalidInput { faults { path } } } }`,
        {
          input: {
            idempotencyKey: newKey(),
            packet: opened.packet,
            entries: [{ availability: withoutKind(onWire(entry)) }],
          },
        },
      );
      expect([200, 400]).toContain(status);
      expect(text).toMatch(/observedEpoch/);
    }
    expect(await written(server.database.sql)).toEqual(before);
    expect(await seen(opened)).toEqual(READY);
  });

  test("rule 4.3.2: a report that was overtaken is refused as a replay, and the log has that it came", async () => {
    const opened = await openReady(server.desk, "replayed");
    const [older, newer] = [nextNumber(), nextNumber()];
    const withdrawn = commitment("ana", "early", { status: "WITHDRAWN" });
    const told = await record(PROBE, opened, [commitment("ana", "early")], { reportNumber: newer });
    expect(told.member).toBe("ReadinessRecordPayload");
    const before = await written(server.database.sql);
    const heard = server.heard.lines.length;
    for (const reportNumber of [older, newer]) {
      const replay = await record(PROBE, opened, [withdrawn], { reportNumber });
      expect(replay).toMatchObject({ code: "REPORT_REPLAYED" });
    }
    expect(await record(PROBE, opened, [withdrawn])).toMatchObject({ member: "InvalidInput" });
    expect(await written(server.database.sql)).toEqual(before);
    expect(await seen(opened)).toEqual(READY);
    const logged = server.heard.lines.slice(heard).filter(({ message }) => message === "refused");
    expect(logged).toHaveLength(3);
    expect(logged[0]).toMatchObject({ fields: { actor: "probe", refused: "REPORT_REPLAYED" } });
  });

  test("rule 4.3.4: a commitment counts at its greatest age, and not an epoch later", async () => {
    const sources = [onWire(ages({ availabilityMaxAge: 3n }))];
    const opened = await openReady(server.desk, "stale", { sources });
    await pass(3);
    expect(await seen(opened)).toEqual(READY);
    await pass(1);
    expect(await seen(opened)).toEqual(held("CUSTODY_COVERAGE_GAP", "SIGNER_QUORUM_MISSING"));
  });
});

describe("A18: an enclave", () => {
  test("rule 4.1.5: whose measurement is not the accepted one is held at once", async () => {
    const opened = await openReady(server.desk, "measured");
    const [north] = opened.enclaves;
    const other = enclave(north, { measurement: digestOf("another image") });
    expect(await report(PAUL, [other])).toMatchObject({ member: "SharedRecordPayload" });
    expect(await seen(opened)).toEqual(held("ENCLAVE_MEASUREMENT_MISMATCH"));
    expect(await report(PAUL, [enclave(north)])).toMatchObject({ member: "SharedRecordPayload" });
    expect(await seen(opened)).toEqual(READY);
  });

  test("rules 4.1.5 and 4.3.4: whose attestation is past its greatest age is held, by the epoch and no clock", async () => {
    const sources = [onWire(ages({ attestationMaxAge: 4n }))];
    const opened = await openReady(server.desk, "attested", { sources });
    await pass(3);
    expect(await seen(opened), "one epoch before").toEqual(READY);
    await pass(1);
    expect(await seen(opened), "at it").toEqual(READY);
    await pass(1);
    expect(await seen(opened), "past it").toEqual(held("ENCLAVE_ATTESTATION_STALE"));
    // An old word that comes late is as old as what it speaks of.
    const late = enclave(opened.enclaves[0], { observedEpoch: await epochsAgo(5n) });
    const answer = await report(PAUL, [late]);
    expect(["SharedRecordPayload", "InvalidInput"]).toContain(answer.member);
    expect(await seen(opened)).toEqual(held("ENCLAVE_ATTESTATION_STALE"));
    expect(
      await report(
        PAUL,
        opened.enclaves.map((name) => enclave(name)),
      ),
    ).toMatchObject({
      member: "SharedRecordPayload",
    });
    expect(await seen(opened)).toEqual(READY);
  });
});

async function epochsAgo(count: bigint): Promise<bigint> {
  const { epoch } = await server.desk.ledger.moment();
  return epoch - count;
}

function withoutKind({ kind: _kind, ...others }: Wire): Wire {
  return others;
}

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
