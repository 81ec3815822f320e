import { describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { REX, RITA } from "../workflow/cast.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Answered, served } from "../graphql/served.ts";
import { DORA } from "./cast.ts";
import { json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
const closed = served(fresh, undefined, { introspection: false });
const open = served(fresh, undefined, { introspection: true });

/** Ways to ask for the schema that a look at the text, and not at what it means, could miss. */
const TRICKS: readonly (readonly [string, string])[] = [
  ["plainly", "{ __schema { queryType { name } } }"],
  ["of one type", `{ __type(name: "Query") { name } }`],
  ["by another name", "{ harmless: __schema { types { name } } }"],
  ["in a fragment", "{ ...F } fragment F on Query { __schema { types { name } } }"],
  [
    "in a fragment within a fragment",
    "{ ...F } fragment F on Query { ...G } fragment G on Query { s: __schema { types { name } } }",
  ],
  ["inline", "{ ... on Query { __schema { types { name } } } }"],
  ["inline without a type", "{ ... @include(if: true) { __schema { types { name } } } }"],
  ["on another line", "{\n__schema\n{\ntypes\n{\nname\n}\n}\n}"],
  ["after a comment", "{ # __typename {\n __schema { types { name } } }"],
  ["between commas", "{,,__schema,,{,types,{,name,}}}"],
  ["after a byte order mark", "\ufeff{ __schema { types { name } } }"],
  ["beside what is allowed", "{ __typename viewer { name } __schema { types { name } } }"],
  ["with a variable", "query ($t: String!) { __type(name: $t) { fields { name } } }"],
  ["where it is skipped", "{ __schema @skip(if: true) { types { name } } viewer { name } }"],
  [
    "in an operation that is not run",
    "query A { viewer { name } } query B { __schema { types { name } } }",
  ],
  ["in a mutation", "mutation { __schema { types { name } } }"],
];

async function ask(at: typeof open, by: Actor, query: string): Promise<Answered> {
  const operationName = query.startsWith("query A") ? "A" : undefined;
  const body = JSON.stringify({ query, operationName, variables: { t: "Packet" } });
  const { status, text } = await sendTo(at.url, by, json(body));
  const { data, errors = [] } = JSON.parse(text) as Partial<Answered>;
  return { status, text, data, errors };
}

/** Written with an escape, a name is no name: the parser refuses it. */
const ESCAPED = String.raw`{ \u005f_schema { types { name } } }`;

describe("H18: the schema is told to nobody", () => {
  test.each(TRICKS)("where introspection is off, asked for %s", async (_how, query) => {
    for (const by of [RITA, DORA, REX]) {
      const answer = await ask(closed, by, query);
      expect([answer.status, answer.data ?? null]).toEqual([400, null]);
    }
  });

  test.each(TRICKS)("but to a developer where it is on, asked for %s", async (how, query) => {
    const asked = [RITA, DORA, REX, DORA, RITA].map((by) => ask(open, by, query));
    const [first, second, third, fourth, fifth] = await Promise.all(asked);
    for (const answer of [first, third, fifth]) {
      expect([answer?.status, answer?.data ?? null]).toEqual([400, null]);
    }
    // A mutation's fields are not a query's, whoever asks.
    const status = how === "in a mutation" ? 400 : 200;
    for (const answer of [second, fourth]) expect(answer?.status).toBe(status);
  });

  test("nor by a name that is spelled with escapes", async () => {
    for (const at of [open, closed]) expect((await ask(at, DORA, ESCAPED)).status).toBe(400);
  });

  test("who was told once that a document may not be asked is told so again, and a developer is not", async () => {
    const query = "{ once: __schema { queryType { name } } }";
    for (const by of [RITA, DORA, RITA, DORA]) {
      const { status } = await ask(open, by, query);
      expect(status).toBe(by === DORA ? 200 : 400);
    }
  });

  test("a role that is spelled otherwise is none", async () => {
    const almost: Actor = { actor: "dan", kind: "PERSON", roles: ["READER"] };
    expect((await ask(open, almost, "{ __schema { queryType { name } } }")).status).toBe(400);
  });
});

describe("H19 and H21: what is misspelled is refused without a suggestion", () => {
  const MISSPELLED = [
    "{ veiwer { name } }",
    "{ viewer { nam } }",
    "{ viewer { ... on Viewr { name } } }",
    "{ packets(frist: 1) { totalCount } }",
    '{ packets(filter: { trian: "x" }) { totalCount } }',
    '{ source(of: { train: "t", exercise: false, kind: MANIFST }) { version } }',
    "{ viewer { name @skp(if: true) } }",
    "query ($x: Strng) { viewer { name } }",
    "{ ...Frag } fragment Fragg on Query { viewer { name } }",
    "mutation { packetAprove(input: {}) { __typename } }",
    "{ __schema { directive } }",
  ];

  test.each(MISSPELLED)("%s", async (query) => {
    for (const by of [RITA, DORA]) {
      for (const at of [open, closed]) {
        const answer = await ask(at, by, query);
        expect(answer.status).toBe(400);
        expect(answer.text).not.toMatch(/did you mean|maybe you|suggest/i);
      }
    }
  });

  test("H21: nor with anything of ours beside the error", async () => {
    const { status, errors } = await ask(open, DORA, "qwerty cop { abc }");
    expect(status).toBe(400);
    expect(Object.keys(errors[0]?.extensions ?? {})).toEqual(["code"]);
  });
});
