import { describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { RITA } from "../workflow/cast.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Answered, served } from "../graphql/served.ts";
import { DORA } from "./cast.ts";
import { type Init, json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
const usual = served(fresh, undefined, { introspection: true });
const guarded = served(fresh, undefined, { introspection: false });

/** An answer as a probe reads it: a list where many were sent at once. */
interface Seen {
  readonly status: number;
  readonly text: string;
  readonly body: Partial<Answered> & { readonly extensions?: object };
}

/** What a probe sends, and when it calls that a finding. */
interface Probe {
  readonly row: string;
  readonly title: string;
  readonly init: Init;
  readonly path?: string;
  readonly isFound: (seen: Seen) => boolean;
}

function asked(query: string): Init {
  return json(JSON.stringify({ query, operationName: "cop" }));
}

const NAME = "query cop { __typename }";
const inQuery = `?query=${encodeURIComponent(NAME)}`;
const isAnswered = ({ body }: Seen): boolean => body.data?.["__typename"] === "Query";
const hasErrors = ({ body }: Seen, pattern: RegExp): boolean =>
  pattern.test(JSON.stringify(body.errors ?? []));

const aliases = Array.from({ length: 101 }, (_none, at) => `alias${at}: __typename`).join("\n");
const deep = (levels: number): string =>
  levels === 0 ? "name" : `fields { type { ${deep(levels - 1)} } }`;
const schema = "query cop { __schema { types { name fields { name } } } }";

/** The thirteen of the public tool, in its order, by the rows that they are. */
const PROBES: readonly Probe[] = [
  {
    row: "D01",
    title: "a hundred and one aliases",
    init: asked(`query cop { ${aliases} }`),
    isFound: ({ body }) => body.data?.["alias100"] !== undefined,
  },
  {
    row: "H08",
    title: "ten operations in a list",
    init: json(JSON.stringify(Array.from({ length: 10 }, () => ({ query: NAME })))),
    isFound: ({ body }) => Array.isArray(body) && body.length === 10,
  },
  {
    row: "D05",
    title: "ten directives on one field",
    init: asked(`query cop { __typename ${"@aa".repeat(10)} }`),
    isFound: ({ body }) => body.errors?.length === 10,
  },
  {
    row: "D10",
    title: "a schema that is asked for in circles",
    init: asked(`query cop { __schema { types { ${deep(5)} } } }`),
    isFound: ({ body }) => body.data?.["__schema"] !== undefined,
  },
  {
    row: "H19",
    title: "suggestions",
    init: asked("query cop { __schema { directive } }"),
    isFound: (seen) => hasErrors(seen, /Did you mean/),
  },
  {
    row: "D03",
    title: "one field five hundred times",
    init: asked(`query cop { ${"__typename \n".repeat(500)} }`),
    isFound: isAnswered,
  },
  {
    row: "H01",
    title: "a query by GET",
    init: { method: "GET" },
    path: inQuery,
    isFound: isAnswered,
  },
  {
    row: "H02",
    title: "a mutation by GET",
    init: { method: "GET" },
    path: `?query=${encodeURIComponent("mutation cop { __typename }")}`,
    isFound: ({ body }) => body.data?.["__typename"] === "Mutation",
  },
  {
    row: "H17",
    title: "a page to ask from",
    init: { method: "GET", headers: { accept: "text/html" } },
    isFound: ({ text }) => /graphiql|playground|<html/i.test(text),
  },
  {
    row: "H18",
    title: "the schema",
    init: asked(schema),
    isFound: ({ body }) => body.data?.["__schema"] !== undefined,
  },
  {
    row: "H03",
    title: "a query as a form",
    init: {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `query=${encodeURIComponent(NAME)}`,
    },
    isFound: isAnswered,
  },
  {
    row: "H20",
    title: "traces of timing",
    init: asked(NAME),
    isFound: ({ body }) => "tracing" in (body.extensions ?? {}),
  },
  {
    row: "H21",
    title: "errors that nobody handled",
    init: asked("qwerty cop { abc }"),
    isFound: (seen) => hasErrors(seen, /exception|stacktrace/),
  },
];

async function probe(url: string, by: Actor | null, { init, path = "" }: Probe): Promise<Seen> {
  const { status, text } = await sendTo(`${url}${path}`, by, init);
  const body = text.startsWith("{") || text.startsWith("[") ? (JSON.parse(text) as Answered) : {};
  return { status, text, body };
}

test("there are thirteen, each by its row", () => {
  expect(new Set(PROBES.map(({ row }) => row)).size).toBe(13);
});

describe("the probes of graphql-cop", () => {
  test.each(PROBES)("$row: $title is no finding", async (one) => {
    expect(one.isFound(await probe(guarded.url, DORA, one))).toBe(false);
    for (const by of [RITA, null]) expect(one.isFound(await probe(usual.url, by, one))).toBe(false);
  });

  test("see what they look for where it is: a developer's schema", async () => {
    const one = PROBES.find(({ row }) => row === "H18");
    if (one === undefined) throw new Error("no such probe");
    expect(one.isFound(await probe(usual.url, DORA, one))).toBe(true);
  });

  test.each(["/graphiql", "/playground", "/console"])("H17: nothing is at %s", async (path) => {
    const headers = { accept: "text/html" };
    const url = usual.url.replace(/\/graphql$/, path);
    expect(await sendTo(url, RITA, { method: "GET", headers })).toMatchObject({ status: 404 });
  });
});
