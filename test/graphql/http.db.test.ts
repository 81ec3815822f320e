import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { gzipSync } from "node:zlib";
import { auditServer } from "graphql-http";
import { beforeAll, describe, expect, test } from "vitest";
import { BODY_BYTES_MAX, ERRORS_MAX } from "#graphql/limits.ts";
import { OLGA, RITA } from "../workflow/cast.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { written } from "../workflow/written.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Answered, bearerOf, served } from "./served.ts";

const fresh = freshDatabase();
const server = served(fresh);
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
});

const QUERY = JSON.stringify({ query: "{ __typename }" });
const RESPONSE_TYPE = "application/graphql-response+json";

interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** Sends a request as it is given, by a reader unless told otherwise. */
async function send(init: Init, path = ""): Promise<Raw> {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    ...init,
    headers: {
      authorization: bearerOf(RITA),
      accept: RESPONSE_TYPE,
      ...init.headers,
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const json = (body: BodyInit): Init => ({
  headers: { "content-type": "application/json" },
  body,
});

/** The JSON of an error, which has neither data nor a stack. */
function errorsIn({ text }: Pick<Raw, "text">): readonly { readonly message: string }[] {
  const { data, errors, ...others } = JSON.parse(text) as Partial<Answered>;
  expect([data ?? null, Object.keys(others)]).toEqual([null, []]);
  expect(text).not.toMatch(/stacktrace|node_modules|\.ts:\d/);
  return errors ?? [];
}

describe("a request in another form than that of a POST of JSON is refused", () => {
  const typed = (type: string, body: BodyInit = QUERY): Init => ({
    headers: { "content-type": type },
    body,
  });

  test.each([
    ["H01", "GET", `?query=${encodeURIComponent("{ __typename }")}`],
    ["H02", "GET", `?query=${encodeURIComponent("mutation { epochThaw }")}`],
    ["H17", "PUT", ""],
    ["H26", "DELETE", ""],
  ])("%s: %s %s is 405, and told that POST is allowed", async (_row, method, path) => {
    const answer = await send({ method }, path);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    expect(errorsIn(answer)).toHaveLength(1);
  });

  test("H17: a page of a browser's is none here", async () => {
    const answer = await send({ method: "GET", headers: { accept: "text/html" } });
    expect(answer.status).toBe(405);
    expect(answer.text).not.toContain("<html");
    const posted = await send({
      headers: { "content-type": "application/json", accept: "text/html" },
      body: QUERY,
    });
    expect(posted.status).toBe(406);
  });

  test.each([
    ["H03", typed("application/x-www-form-urlencoded", "query={__typename}")],
    ["H04", typed("multipart/form-data; boundary=x", `--x\r\n\r\n${QUERY}\r\n--x--`)],
    ["H05", typed("text/plain")],
    ["H06", typed("application/graphql", "{ __typename }")],
    ["H14", { ...json(gzipSync(QUERY)), headers: { "content-encoding": "gzip" } }],
    ["H14", { headers: { "content-type": "application/json", "content-encoding": "br" } }],
    ["H16", typed("application/json; charset=utf-7")],
    ["H16", typed("application/json; charset=utf-16")],
    ["H07", { body: Buffer.from(QUERY) }],
  ])("%s: 415 for %j", async (_row, init) => {
    const answer = await send(init);
    expect(answer.status).toBe(415);
    expect(errorsIn(answer)).toHaveLength(1);
  });

  test("H15: 406 for a form of answer that nobody has", async () => {
    const headers = { "content-type": "application/json", accept: "image/png" };
    const answer = await send({ headers, body: QUERY });
    expect(answer.status).toBe(406);
  });

  test.each([
    ["H08", JSON.stringify(Array.from({ length: 10 }, () => JSON.parse(QUERY) as unknown))],
    ["H09", `{"query":`],
    ["H09", "NONSENSE"],
    ["H10", `{"qeury":"{ __typename }"}`],
    ...[1, [], {}, null, ""].map((query) => ["H10", JSON.stringify({ query })] as const),
    ["H11", `{"query":"{ __typename }","variables":"x"}`],
    ["H11", `{"query":"{ __typename }","variables":[1]}`],
    ["H11", `{"query":"{ __typename }","operationName":7}`],
    ["H11", `{"query":"{ __typename }","extensions":[]}`],
    [
      "H16",
      Buffer.concat([Buffer.from(`{"query":"{ __typename }`), Buffer.from([0xff, 0x22, 0x7d])]),
    ],
    ["H16", Buffer.from(QUERY, "utf16le")],
    ["H16", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(QUERY)])],
    ["D17", `{"query":"query A { __typename } query B { __typename }"}`],
    ["D17", `{"query":"query A { __typename }","operationName":"B"}`],
    ["D17", `{"query":"query A { __typename }","operationName":""}`],
  ] as [string, string | Buffer<ArrayBuffer>][])("%s: 400 for %s", async (_row, body) => {
    const answer = await send(json(body));
    expect(answer.status).toBe(400);
    expect(errorsIn(answer)).toHaveLength(1);
  });
});

describe("H12: a body may be so long and no longer", () => {
  const begin = (headers: object): ClientRequest =>
    request(server.url, {
      method: "POST",
      headers: {
        authorization: bearerOf(RITA),
        "content-type": "application/json",
        ...headers,
      },
    });

  test("told by its length, it is refused before it is read", async () => {
    const asking = begin({ "content-length": BODY_BYTES_MAX + 1 });
    asking.flushHeaders();
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    asking.destroy();
  });

  test("sent whole, it is told that it is too long, and the next one is answered", async () => {
    const long = await send(json(" ".repeat(BODY_BYTES_MAX + 1)));
    expect(long.status).toBe(413);
    expect(errorsIn(long)).toMatchObject([{ extensions: { code: "TOO_LARGE" } }]);
    expect((await send(json(QUERY.padEnd(BODY_BYTES_MAX)))).status).toBe(200);
  });

  test("without end, it is refused where the limit is passed, and its connection is cut", async () => {
    const asking = begin({ "transfer-encoding": "chunked" });
    const answered = new Promise<IncomingMessage>((resolve) => {
      asking.once("response", resolve);
    });
    const closed = new Promise<void>((resolve) => {
      asking.once("close", resolve);
    });
    asking.on("error", () => undefined);
    const chunk = Buffer.alloc(1024 * 1024, " ");
    const pour = (): void => {
      while (!asking.destroyed && asking.write(chunk)) continue;
    };
    asking.on("drain", pour);
    pour();
    const answer = await answered;
    expect(answer.statusCode).toBe(413);
    answer.on("error", () => undefined).resume();
    await closed;
  });

  test("whoever is nobody has none of theirs read", async () => {
    const answer = await send({ headers: { authorization: "" }, body: "x".repeat(1_000_000) });
    expect(answer.status).toBe(415);
    const typed = { "content-type": "application/json", authorization: "Bearer hf_nobody" };
    expect((await send({ headers: typed, body: "x".repeat(1_000_000) })).status).toBe(401);
  });
});

describe("a document that asks too much, or what is not there, is refused as a whole", () => {
  const ask = (query: string, variables: unknown = {}): Promise<Answered> =>
    server.ask(RITA, query, variables);
  const nested = (depth: number): string => `${"{ a ".repeat(depth)}${"}".repeat(depth)}`;
  const fanOut = Array.from({ length: 20 }, (_none, at) => {
    return `fragment F${at} on Query { ${at === 19 ? "viewer { name }" : `...F${at + 1} ...F${at + 1}`} }`;
  }).join(" ");
  const inPackets = (inner: string): string =>
    `{ packets(first: 500) { edges { node { ${inner} } } } }`;

  test.each([
    ["D01", `{ ${Array.from({ length: 2000 }, (_none, at) => `a${at}: __typename`).join(" ")} }`],
    ["D01", `{ ${Array.from({ length: 401 }, (_none, at) => `a${at}: __typename`).join(" ")} }`],
    ["D03", `{ ${"viewer { name } ".repeat(1500)} }`],
    ["D04", `{ ${"b ".repeat(10_000)} }`],
    ["D04", `{ ${"b ".repeat(3_900)} }`],
    ["D04", `{ ${`... on Query { ${"viewer { name } ".repeat(9)} } `.repeat(90)} }`],
    ["D05", `{ viewer { name ${"@aa ".repeat(10)} } }`],
    ["D06", `{ viewer { name ${"@skip(if: false) ".repeat(500)} } }`],
    ["D07", nested(5_000)],
    ["D07", nested(20_000)],
    ["D07", nested(1_200)],
    ["D08", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"],
    ["D08", "{ ...A } fragment A on Query { ...A }"],
    ["D09", `{ ...F0 } ${fanOut}`],
    [
      "D10",
      `{ __schema { types { fields { type { fields { type { fields { type { fields { type {
        fields { type { fields { type { fields { type { name } } } } } } } } } } } } } } } } }`,
    ],
    ["D11", `{ packet(packet: ${"[".repeat(3_000)}${"]".repeat(3_000)}) { status } }`],
    ["D11", `{ packet(packet: ${"[".repeat(20_000)}${"]".repeat(20_000)}) { status } }`],
    ["D11", `{ packet(packet: [${"[".repeat(900)}"x"${"]".repeat(900)}]) { status } }`],
    ["D11", `{ ${"a".repeat(100_000)} }`],
    ["D13", `{ source(of: { train: "t", exercise: 1, kind: "MANIFEST" }) { kind } }`],
    ["D13", `{ packet(packet: 1.5) { status } }`],
    ["D13", `{ packets(first: 2147483648) { totalCount } }`],
    ["D14", "{ packets(first: 1000000000) { totalCount edges { node { status } } } }"],
    ["D14", inPackets("holds(first: 500) { edges { node { code } } }")],
    ["D14", inPackets("lineage { edges { node { entries { edges { node { note } } } } } }")],
    ["D15", "{ viewer { ... @defer { name } } }"],
    ["D15", "{ viewer { roles @stream } }"],
    ["H19", "{ veiwer { nam } }"],
    ["H21", "qwerty cop { abc }"],
    ["H27", "query"],
  ])("%s: 400 for %.60s", async (_row, query) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    const errors = errorsIn(answer);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThanOrEqual(ERRORS_MAX);
    expect(answer.text.length).toBeLessThan(4 * 100_000);
  });

  test("D11: a text of a megabyte is nobody's id", async () => {
    const query = "query ($id: UUID!) { packet(packet: $id) { status } }";
    const answer = await ask(query, { id: "x".repeat(1_000_000) });
    expect([answer.status, answer.data]).toEqual([200, { packet: null }]);
  });

  test("D12: variables nested deep, or named like what every object has, do no harm", async () => {
    const query = "query ($of: SourceOf!) { source(of: $of) { kind } }";
    const deep = `{"query":${JSON.stringify(query)},"variables":{"of":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`;
    const answer = await send(json(deep));
    expect(answer.status).toBe(400);
    const unused = `{"query":"{ __typename }","variables":{"x":${"[".repeat(10_000)}${"]".repeat(10_000)}}}`;
    expect((await send(json(unused))).status).toBe(200);
    const usual = `"train":"t","exercise":false,"kind":"MANIFEST"`;
    for (const name of ["__proto__", "constructor", "toString"]) {
      const odd = `{"query":${JSON.stringify(query)},"variables":{"of":{${usual},"${name}":{"isAdmin":true}}}}`;
      expect((await send(json(odd))).status, name).toBe(400);
    }
    const proto = `{"query":${JSON.stringify(query)},"variables":{"__proto__":{"of":{${usual}}}}}`;
    expect((await send(json(proto))).status).toBe(400);
    expect(Reflect.get(Object.prototype, "isAdmin")).toBeUndefined();
  });

  test.each(["2147483648", "1e400", "-1e400", "1.5", `"1"`, "true", "[]", "{}"])(
    "D13: the number %s is none that a revision has",
    async (number) => {
      const query = "query ($n: Int) { packets(first: $n) { totalCount } }";
      const body = `{"query":${JSON.stringify(query)},"variables":{"n":${number}}}`;
      const answer = await send(json(body));
      expect([answer.status, answer.text]).toEqual([
        400,
        expect.stringContaining("BAD_USER_INPUT"),
      ]);
    },
  );

  test("D15: what is included when nobody says whether is refused", async () => {
    const answer = await ask("query ($if: Boolean!) { viewer { name @include(if: $if) } }", {
      if: null,
    });
    expect(answer.status).toBe(400);
  });

  test("many ids at once are many elements of one list", async () => {
    const query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    const ids = Array.from({ length: 100_000 }, (_none, at) => `Packet:${at}`);
    expect((await ask(query, { ids })).status).toBe(400);
  });

  test("an id that is none finds nothing, in its place among others", async () => {
    const query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    const { packet } = ready;
    const good = [`Packet:${packet}`, `Revision:${packet}.2`, `Hold:${packet}.1`];
    const wrong = [":", "", "Packet", "Packet:", "Viewer:1", "Gate:x", "__proto__:x", "\0"];
    const strange = [packet, `${packet}.0`, `${packet}.01`, `${packet}.-1`, `${packet}.1.1`];
    const bad = [
      ...wrong,
      ...strange.flatMap((id) => [`Revision:${id}`, `Hold:${id}`]),
      `Revision:${packet}.${"9".repeat(20)}`,
      `packet:${packet}`,
      `Packet:${packet}.1`,
      `Packet: ${packet}`,
      `Packet:${packet.toUpperCase()}`,
    ];
    const ids = [...bad, ...good, ...bad];
    const answer = await ask(query, { ids });
    const found = good.map((id) => ({ __typename: id.split(":")[0], id }));
    const nothing = bad.map(() => null);
    expect(answer.data).toEqual({ nodes: [...nothing, ...found, ...nothing] });
    expect(answer.errors).toEqual([]);
    for (const id of bad) {
      const one = await ask("query ($id: ID!) { node(id: $id) { id } }", { id });
      expect([one.data, one.errors], id).toEqual([{ node: null }, []]);
    }
  });
});

describe("a query for what nobody has finds nothing", () => {
  const TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "' OR 1=1 --",
    "%00",
    "x".repeat(10_000),
    "\u202e",
  ];
  const NUMBERS = [0, -1, 2_147_483_647, -2_147_483_648];
  const inPacket = (field: string): string => `{ packet(packet: "${ready.packet}") { ${field} } }`;
  const of = "of: { train: $text, exercise: false, kind: MANIFEST }";

  test.each<[string, string, () => string]>([
    ["packet", "UUID!", () => "{ packet(packet: $text) { status } }"],
    ["gate", "UUID!", () => "{ gate(packet: $text) { status } }"],
    ["node", "ID!", () => "{ node(id: $text) { id } }"],
    ["source", "String!", () => `{ source(${of}) { version } }`],
    [
      "sourceVersions",
      "String!",
      () => `{ sourceVersions(${of}) { totalCount edges { cursor } } }`,
    ],
    [
      "packets",
      "String!",
      () => "{ packets(filter: { train: $text }) { totalCount edges { cursor } } }",
    ],
    ["revisionBy", "RevisionDigest!", () => inPacket("revisionBy(digest: $text) { number }")],
  ])("by %s, whatever the text", async (_what, type, query) => {
    for (const text of TEXTS) {
      const asked = `query ($text: ${type}) ${query()}`;
      const { status, data, errors } = await server.ask(RITA, asked, { text });
      expect([status, errors], JSON.stringify(text)).toEqual([200, []]);
      expect(JSON.stringify(data)).not.toMatch(/"(?:status|id|version|number|cursor)":/);
    }
  });

  test.each<[string, () => string]>([
    ["revisionBy", () => inPacket("revisionBy(number: $number) { number }")],
    [
      "source",
      () => `{ source(of: { train: "ready", exercise: false, kind: MANIFEST }, version: $number)
        { version } }`,
    ],
  ])("by %s, whatever the number", async (_what, query) => {
    for (const number of NUMBERS) {
      const asked = `query ($number: Int!) ${query()}`;
      const { status, data, errors } = await server.ask(RITA, asked, { number });
      expect([status, errors], String(number)).toEqual([200, []]);
      expect(JSON.stringify(data)).not.toMatch(/"(?:version|number)":/);
    }
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

describe("what is answered", () => {
  test("H20: has no timing in it, and may not be kept", async () => {
    const answer = await send(json(JSON.stringify({ query: "query cop { __typename }" })));
    expect(JSON.parse(answer.text)).toEqual({ data: { __typename: "Query" } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toContain(RESPONSE_TYPE);
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("H24: is no other origin's to read", async () => {
    for (const origin of ["https://evil.example", "null"]) {
      const preflight = await send({
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
      const asked = await send({
        headers: { origin, "content-type": "application/json" },
        body: QUERY,
      });
      for (const { headers } of [preflight, asked]) {
        expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
      expect(preflight.status).toBe(405);
    }
  });

  test("is nothing but 401 for whoever is nobody", async () => {
    const nobody = ["", "Bearer", "Bearer nobody", "Basic cml0YTo=", `${bearerOf(RITA)} x`];
    for (const authorization of nobody) {
      const answer = await send({
        headers: { "content-type": "application/json", authorization },
        body: QUERY,
      });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
        401,
        `Bearer realm="holdfast"`,
      ]);
      expect(errorsIn(answer)).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });

  test("of a subscription asked for like a query is that it runs over a stream", async () => {
    const answer = await server.ask(
      RITA,
      `subscription { revisions(packet: "${ready.packet}") { __typename } }`,
    );
    expect(answer.status).toBe(400);
    expect(errorsIn(answer)).toMatchObject([{ extensions: { code: "WRONG_TRANSPORT" } }]);
  });
});

test("the audits of graphql-http find neither an error nor a warning", async () => {
  const fetchFn = (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", bearerOf(RITA));
    return fetch(url, { ...init, headers });
  };
  const results = await auditServer({ url: server.url, fetchFn });
  expect(results.length).toBeGreaterThan(50);
  const found = results.filter(({ status }) => status === "error" || status === "warn");
  expect(found.map((result) => `${result.id} ${result.name}`)).toEqual([]);
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
