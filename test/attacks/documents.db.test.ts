import { Kind, parse } from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { variableErrors } from "#graphql/input/variables.ts";
import { ERRORS_MAX } from "#graphql/limits.ts";
import { OLGA, RITA } from "../workflow/cast.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { written } from "../workflow/written.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Answered, served } from "../graphql/served.ts";
import { schema } from "../graphql/typesUnderTest.ts";
import { BAD_DOCUMENTS } from "./badDocuments.ts";
import { DORA } from "./cast.ts";
import { errorsIn, json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
const server = served(fresh);
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
});

const ask = (query: string, variables: unknown = {}): Promise<Answered> =>
  server.ask(RITA, query, variables);
const send = (body: string) => sendTo(server.url, RITA, json(body));

describe("a document that asks too much, or what is not there, is refused as a whole", () => {
  test.each(BAD_DOCUMENTS)("$row: 400 for $what", async ({ query }) => {
    for (const by of [RITA, DORA]) {
      const answer = await server.ask(by, query);
      expect(answer.status).toBe(400);
      const errors = errorsIn(answer);
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.length).toBeLessThanOrEqual(ERRORS_MAX);
      expect(answer.text.length).toBeLessThan(4 * 100_000);
    }
  });

  test("D11: a text of a megabyte is nobody's id", async () => {
    const query = "query ($id: UUID!) { packet(packet: $id) { status } }";
    const answer = await ask(query, { id: "x".repeat(1_000_000) });
    expect([answer.status, answer.data]).toEqual([200, { packet: null }]);
  });

  test("D12: variables nested deep, or named like what every object has, do no harm", async () => {
    const query = "query ($of: SourceOf!) { source(of: $of) { kind } }";
    const deep = `{"query":${JSON.stringify(query)},"variables":{"of":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`;
    expect((await send(deep)).status).toBe(400);
    const unused = `{"query":"{ __typename }","variables":{"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`;
    expect((await send(unused)).status).toBe(200);
    const usual = `"train":"t","exercise":false,"kind":"MANIFEST"`;
    for (const name of ["__proto__", "constructor", "toString"]) {
      const odd = `{"query":${JSON.stringify(query)},"variables":{"of":{${usual},"${name}":{"isAdmin":true}}}}`;
      expect((await send(odd)).status, name).toBe(400);
    }
    const proto = `{"query":${JSON.stringify(query)},"variables":{"__proto__":{"of":{${usual}}}}}`;
    expect((await send(proto)).status).toBe(400);
    expect(Reflect.get(Object.prototype, "isAdmin")).toBeUndefined();
  });

  test("D12: of half a million wrong values no more are looked at than are told of", async () => {
    const query =
      "query ($in: [PacketStatus!]) { packets(filter: { status: $in }) { totalCount } }";
    const looked = { count: 0 };
    const values = new Proxy(
      Array.from({ length: 500_000 }, () => "a"),
      {
        get(target, name, receiver) {
          if (typeof name === "string" && /^\d+$/.test(name)) looked.count += 1;
          return Reflect.get(target, name, receiver) as unknown;
        },
      },
    );
    const document = parse(query);
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("it is an operation");
    const errors = variableErrors(schema, operation, { in: values });
    expect(errors).toHaveLength(ERRORS_MAX);
    expect(looked.count).toBeLessThan(100);
    const answer = await ask(query, { in: [...values] });
    expect(answer.status).toBe(400);
    expect(errorsIn(answer)).toHaveLength(ERRORS_MAX);
  });

  test.each([
    "2147483648",
    "9007199254740993",
    "1e400",
    "-1e400",
    "1.5",
    `"1"`,
    "true",
    "[]",
    "{}",
  ])("D13 A14: the number %s is none that a page has", async (number) => {
    const query = "query ($n: Int) { packets(first: $n) { totalCount } }";
    const answer = await send(`{"query":${JSON.stringify(query)},"variables":{"n":${number}}}`);
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("BAD_USER_INPUT")]);
  });

  test.each([
    "{ packets(first: -1) { totalCount } }",
    "{ packets(first: 0, last: 1) { totalCount } }",
  ])("D14: no page is %s", async (query) => {
    const { status, data, errors } = await ask(query);
    expect([status, data?.["packets"] ?? null, errors.length]).toEqual([200, null, 1]);
  });

  test("D15: what is included when nobody says whether is refused", async () => {
    const answer = await ask("query ($if: Boolean!) { viewer { name @include(if: $if) } }", {
      if: null,
    });
    expect(answer.status).toBe(400);
  });
});

test("D02: an approval that is tried sixteen times in one document is not tried once", async () => {
  const { packet, revision, digest } = ready;
  const before = await written(server.database.sql);
  const attempts = Array.from({ length: 16 }, (_none, at) => {
    const input = `{ idempotencyKey: "attempt-${at}", packet: "${packet}", revision: ${revision},
      digest: "${digest}" }`;
    return `a${at}: packetApprove(input: ${input}) { __typename }`;
  });
  const inFragments = `mutation { ...A ...B } fragment A on Mutation { ${attempts.slice(0, 8).join(" ")} }
    fragment B on Mutation { ${attempts.slice(8).join(" ")} }`;
  for (const document of [
    `mutation { ${attempts.join(" ")} }`,
    `mutation { ... on Mutation { ${attempts.join(" ")} } }`,
    inFragments,
  ]) {
    const answer = await server.ask(OLGA, document);
    expect(answer.status).toBe(400);
    expect(errorsIn(answer)).toHaveLength(1);
  }
  expect(await written(server.database.sql)).toEqual(before);
});

const ROUNDS = 15;
const TIMES_MAX = 10;

test("D03 D04 D09: refusing what would be compared with itself costs no more than answering a large question", async () => {
  const large = `{ packets(first: 3) { edges { node { ${"holds(first: 3) { edges { node { code status subject } } } ".repeat(60)} } } } }`;
  const attacks = BAD_DOCUMENTS.filter(({ row }) => ["D03", "D04", "D09"].includes(row));
  const usual: number[] = [];
  const refused = attacks.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    // A comment makes a document that was not judged before.
    usual.push(await lengthOf(`${large} # ${round}`, 200));
    for (const [index, { query }] of attacks.entries()) {
      refused[index]?.push(await lengthOf(`${query} # ${round}`, 400));
    }
  }
  for (const [index, { what }] of attacks.entries()) {
    expect(middle(refused[index] ?? []), what).toBeLessThan(TIMES_MAX * middle(usual));
  }
});

async function lengthOf(query: string, status: number): Promise<number> {
  const begun = performance.now();
  const answer = await ask(query);
  expect(answer.status, answer.text.slice(0, 200)).toBe(status);
  return performance.now() - begun;
}

function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

test("a subscription that is asked for like a query is told that it runs over a stream", async () => {
  const answer = await ask(`subscription { revisions(packet: "${ready.packet}") { __typename } }`);
  expect(answer.status).toBe(400);
  expect(errorsIn(answer)).toMatchObject([{ extensions: { code: "WRONG_TRANSPORT" } }]);
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
