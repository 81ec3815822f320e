import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { enclave } from "../gate/reports.ts";
import { IVAN, OLGA, PAUL, REX, RITA } from "../workflow/cast.ts";
import {
  LANE,
  type Opened,
  type Wire,
  accepted,
  approvalOf,
  newKey,
  onWire,
  openReady,
  readyAt,
  settleLane,
} from "../workflow/trains.ts";
import { type Written, gained, written } from "../workflow/written.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "../graphql/served.ts";
import { type VerbAnswer, askVerb, documentOf } from "../graphql/verbDocuments.ts";

const fresh = freshDatabase();
const server = served(fresh);
const other = served(fresh);
const nodes = [server, other] as const;

const OMAR: Actor = { ...OLGA, actor: "omar" };
const NOWHERE = "01a1ff9f-f613-75f0-a6ff-9051e6983bf8";
const AT_ONCE = 50;

const approve = (by: Actor, input: Wire, node = 0): Promise<VerbAnswer> =>
  askVerb(nodes[node % 2] ?? server, "packetApprove", by, input);
const hold = (by: Actor, input: Wire, node = 0): Promise<VerbAnswer> =>
  askVerb(nodes[node % 2] ?? server, "operatorHoldPlace", by, input);
const now = (): Promise<Written> => written(server.database.sql);
const reasonsOf = ({ reasons }: VerbAnswer): string[] => (reasons ?? []).map(({ code }) => code);

/** Asks often at once, at both nodes in turn. */
function atOnce(ask: (index: number) => Promise<VerbAnswer>): Promise<VerbAnswer[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_none, index) => ask(index)));
}

describe("A03: who may not approve", () => {
  let ofOlga: Opened;
  let ofOmar: Opened;
  beforeAll(async () => {
    ofOlga = await openReady(server.desk, "of-olga");
    const opened = await openReady(server.desk, "of-omar");
    await settleLane(server.desk, opened, onWire({ ...LANE, owner: OMAR.actor }));
    ofOmar = await readyAt(server.desk, opened);
  });

  test("a reader is not entitled, and the log has that they asked", async () => {
    const before = await now();
    const heard = server.heard.lines.length;
    expect(await approve(RITA, approvalOf(ofOlga))).toMatchObject({ code: "NOT_ENTITLED" });
    expect(await now()).toEqual(before);
    expect(server.heard.lines.slice(heard)).toMatchObject([
      {
        message: "refused",
        fields: { actor: "rita", verb: "packetApprove", refused: "NOT_ENTITLED" },
      },
    ]);
  });

  test("the owner of one packet is not that of another, in whichever direction", async () => {
    const before = await now();
    const crossed = [
      await approve(OLGA, approvalOf(ofOmar)),
      await approve(OMAR, approvalOf(ofOlga)),
    ];
    for (const answer of crossed) expect(reasonsOf(answer)).toEqual(["NOT_THE_OWNER"]);
    expect(new Set(crossed.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await now()).toEqual(before);
  });

  test("whoever may see no packet is told the same of one that is there and of one that is not", async () => {
    const nobody: Actor = { actor: "nora", kind: "PERSON", roles: [] };
    const wish = approvalOf(ofOlga);
    const there = await approve(nobody, wish);
    expect(await approve(nobody, { ...wish, packet: NOWHERE })).toEqual(there);
    const query =
      "query ($id: UUID!) { packet(packet: $id) { status } gate(packet: $id) { status } }";
    const [seen, unseen] = await Promise.all(
      [ofOlga.packet, NOWHERE].map((id) => server.ask(nobody, query, { id })),
    );
    expect(masked(seen?.text)).toBe(masked(unseen?.text));
  });
});

/** An answer without the id of its request. */
function masked(text = ""): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID");
}

describe("A05: an approval that names no exact revision is not read", () => {
  test("no number, a word, a part of the digest, or the digest in capitals", async () => {
    const opened = await openReady(server.desk, "inexact");
    const wish = approvalOf(opened);
    const { revision: _number, ...unnumbered } = wish;
    const { digest: _digest, ...undigested } = wish;
    const bad: readonly Wire[] = [
      unnumbered,
      undigested,
      ...["latest", "head", "3", 3.5, 0, -1, null].map((revision) => ({ ...wish, revision })),
      ...[
        "latest",
        "",
        opened.digest.slice(0, 12),
        opened.digest.toUpperCase(),
        `sha256:${opened.digest}`,
        Buffer.from(opened.digest, "hex").toString("base64"),
        null,
      ].map((digest) => ({ ...wish, digest })),
    ];
    const before = await now();
    const document = documentOf("packetApprove");
    for (const input of bad) {
      const { status, data, text } = await server.ask(OLGA, document, { input });
      const answer = data?.["answer"] as VerbAnswer | undefined;
      expect([status === 400, answer?.member === "InvalidInput"], text).toContain(true);
    }
    expect(await now()).toEqual(before);
  });
});

describe("A06 and A07: an approval of what is no longer so", () => {
  test("A06 rule 5.1: of a revision after which a hold opened, cleared since, writes nothing", async () => {
    const opened = await openReady(server.desk, "overtaken");
    const { packet } = opened;
    await hold(IVAN, { idempotencyKey: newKey(), packet, reason: "odd noise" });
    const release = { idempotencyKey: newKey(), packet, placement: 1, reason: "explained" };
    await askVerb(server, "operatorHoldRelease", REX, release);
    await readyAt(server.desk, opened);
    const before = await now();
    expect(reasonsOf(await approve(OLGA, approvalOf(opened)))).toEqual(["STALE_REVISION"]);
    expect(await now()).toEqual(before);
  });

  test("A06 rule 5.1: of a revision after which the material changed writes nothing", async () => {
    const opened = await openReady(server.desk, "resealed");
    const [name] = opened.enclaves;
    const entries = [onWire(enclave(name, { seal: "seal-2" }))];
    const report = { idempotencyKey: newKey(), exercise: false, entries };
    accepted(await sharedRecord(server.desk, PAUL, report));
    await readyAt(server.desk, opened);
    const before = await now();
    expect(reasonsOf(await approve(OLGA, approvalOf(opened)))).toEqual(["STALE_REVISION"]);
    expect(await now()).toEqual(before);
  });

  test("A07: while a hold is open, it is refused with every hold that is open", async () => {
    const opened = await openReady(server.desk, "held");
    const { packet } = opened;
    for (const reason of ["odd noise", "odd smell"]) {
      await hold(IVAN, { idempotencyKey: newKey(), packet, reason });
    }
    const query = "query ($id: UUID!) { packet(packet: $id) { revision digest } }";
    const seen = await server.ask(OLGA, query, { id: packet });
    const head = seen.data?.["packet"] as { revision: number; digest: string };
    const before = await now();
    const mutation = `mutation ($input: PacketApproveInput!) { packetApprove(input: $input) {
      ... on ApprovalRefused { reasons { code ... on Held { holds { code } } } } } }`;
    const input = { ...approvalOf(opened), ...head };
    const { data } = await server.ask(OLGA, mutation, { input });
    const two = [{ code: "OPERATOR_HOLD" }, { code: "OPERATOR_HOLD" }];
    expect(data).toEqual({ packetApprove: { reasons: [{ code: "HELD", holds: two }] } });
    expect(await now()).toEqual(before);
  });
});

describe("A09: an approval is recorded once", () => {
  test("of fifty at once at two nodes, each with its own key, one is recorded", async () => {
    const opened = await openReady(server.desk, "once");
    const before = await now();
    const answers = await atOnce((index) => approve(OLGA, approvalOf(opened), index));
    const done = answers.filter(({ member }) => member === "PacketApprovePayload");
    expect(done).toHaveLength(1);
    const refused = answers.filter((answer) => !done.includes(answer));
    expect(new Set(refused.flatMap(reasonsOf))).toEqual(new Set(["ALREADY_APPROVED"]));
    expect(gained(before, await now())).toMatchObject({ revision: 1, idempotency: 1 });
    expect(reasonsOf(await approve(OLGA, approvalOf(opened)))).toEqual(["ALREADY_APPROVED"]);
  });

  test("of fifty at once at two nodes with one key, all are told of the one record", async () => {
    const wish = approvalOf(await openReady(server.desk, "one-key"));
    const before = await now();
    const answers = await atOnce((index) => approve(OLGA, wish, index));
    expect(new Set(answers.map(({ member }) => member))).toEqual(new Set(["PacketApprovePayload"]));
    expect(new Set(answers.map(({ revision }) => JSON.stringify(revision))).size).toBe(1);
    expect(answers.filter(({ repeated }) => repeated === false)).toHaveLength(1);
    expect(gained(before, await now())).toMatchObject({ revision: 1, idempotency: 1 });
  });
});

test("A10: a key that was used for something else is refused, and everybody has their own", async () => {
  const [first, second] = [
    await openReady(server.desk, "keys-a"),
    await openReady(server.desk, "keys-b"),
  ];
  const wish = { idempotencyKey: newKey(), packet: first.packet, reason: "odd noise" };
  expect(await hold(IVAN, wish)).toMatchObject({ repeated: false });
  const before = await now();
  for (const changed of [
    { reason: "another" },
    { packet: second.packet },
    { expectedRevision: 4 },
  ]) {
    expect(await hold(IVAN, { ...wish, ...changed }, 1)).toMatchObject({
      code: "IDEMPOTENCY_CONFLICT",
    });
  }
  expect(await now()).toEqual(before);
  expect(await hold(REX, wish, 1)).toMatchObject({ repeated: false });
});

test("A11: of fifty at two nodes that expect the same head, one is appended, and the others are told the head", async () => {
  const { packet, revision } = await openReady(server.desk, "fork");
  const mutation = `mutation ($input: OperatorHoldPlaceInput!) { answer: operatorHoldPlace(input: $input) {
    member: __typename ... on RevisionConflict { code head } } }`;
  const answers = await atOnce(async (index) => {
    const input = {
      idempotencyKey: newKey(),
      packet,
      expectedRevision: revision,
      reason: "odd noise",
    };
    const { data } = await (nodes[index % 2] ?? server).ask(IVAN, mutation, { input });
    return data?.["answer"] as VerbAnswer;
  });
  expect(answers.filter(({ member }) => member === "OperatorHoldPlacePayload")).toHaveLength(1);
  const refused = answers.filter(({ member }) => member === "RevisionConflict");
  expect(refused).toHaveLength(AT_ONCE - 1);
  for (const { head } of refused) expect(head).toBe(revision + 1);
});

test("none of it ended in a crash", () => {
  for (const { heard } of nodes) {
    expect(heard.lines.filter(({ level }) => level === "error")).toEqual([]);
  }
});
