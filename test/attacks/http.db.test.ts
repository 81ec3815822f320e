import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { auditServer } from "graphql-http";
import { describe, expect, test } from "vitest";
import { RITA } from "../workflow/cast.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { bearerOf, served } from "../graphql/served.ts";
import { DORA } from "./cast.ts";
import { type Init, RESPONSE_TYPE, type Raw, errorsIn, json, sendTo, speak } from "./sending.ts";

const fresh = freshDatabase();
const server = served(fresh, undefined, { origins: ["https://desk.example"] });

const QUERY = JSON.stringify({ query: "{ __typename }" });

/** Sends a request as it is given, by a reader unless told otherwise. */
const send = (init: Init, path = ""): Promise<Raw> => sendTo(`${server.url}${path}`, RITA, init);

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

  test("H14: what would unpack to a thousand times its size is not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const answer = await send({ headers, body: bomb });
    expect(answer.status).toBe(415);
    expect(errorsIn(answer)).toMatchObject([{ extensions: { code: "UNSUPPORTED_MEDIA_TYPE" } }]);
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
    ["A14", `{"query":"{ viewer { name } }","query":"{ __typename }"}`],
    ["A14", String.raw`{"query":"{ __typename }","qu\u0065ry":"{ __typename }"}`],
    ["A14", String.raw`{"query":"{ __typename }","variables":{"a":[{"b\\":1,"b\\":2}]}}`],
    ["D17", `{"query":"query A { __typename } query B { __typename }"}`],
    ["D17", `{"query":"query A { __typename }","operationName":"B"}`],
    ["D17", `{"query":"query A { __typename }","operationName":""}`],
  ] as [string, string | Buffer<ArrayBuffer>][])("%s: 400 for %s", async (_row, body) => {
    const answer = await send(json(body));
    expect(answer.status).toBe(400);
    expect(errorsIn(answer)).toHaveLength(1);
  });

  test("A14: colons and quotes within texts make no member twice", async () => {
    const variables = {
      a: String.raw`{"a":1,"a":2}\\":`,
      b: [{ a: 1 }, { a: 1 }],
      c: '\\"',
      d: "",
    };
    const answer = await send(json(JSON.stringify({ query: "{ __typename }", variables })));
    expect(answer.status).toBe(200);
  });
});

describe("H26: what another on the way might read otherwise is refused", () => {
  const head = (more: readonly string[], line = "POST /graphql HTTP/1.1"): string =>
    [
      line,
      "host: holdfast",
      `authorization: ${bearerOf(RITA)}`,
      "content-type: application/json",
      ...more,
      "",
      "",
    ].join("\r\n");
  const whole = [`content-length: ${QUERY.length}`];

  test.each([
    ["a length and chunks", head([...whole, "transfer-encoding: chunked"]) + QUERY],
    ["two lengths", head([...whole, "content-length: 5"]) + QUERY],
    ["chunks twice over", head(["transfer-encoding: chunked, identity"]) + QUERY],
    ["a length that is none", head(["content-length: +5"]) + QUERY],
    ["a bare carriage return", head(whole).replace("\r\ncontent-type", "\rcontent-type") + QUERY],
    ["a folded header", head([...whole, "x-long: a", " b"]) + QUERY],
    ["a space before the colon", head([...whole, "x-odd : a"]) + QUERY],
    ["two hosts", head([...whole, "host: elsewhere"]) + QUERY],
    ["two content types", head([...whole, "content-type: text/plain"]) + QUERY],
    ["no host", head(whole).replace("host: holdfast\r\n", "") + QUERY],
    ["a length that is too short", head(["content-length: 5", "connection: close"]) + QUERY],
    ["what is no HTTP", "NONSENSE\r\n\r\n"],
  ])("%s is 400", async (_what, bytes) => {
    expect(await speak(server.url, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each([
    ["TRACE", head(["connection: close"], "TRACE /graphql HTTP/1.1")],
    ["CONNECT", "CONNECT holdfast:443 HTTP/1.1\r\nhost: holdfast:443\r\n\r\n"],
  ])("%s is 405", async (_method, bytes) => {
    expect(await speak(server.url, bytes)).toMatch(/^HTTP\/1\.1 405 /);
  });

  test("as is a head that is longer than any of ours", async () => {
    const long = head([`x-long: ${randomBytes(20_000).toString("hex")}`]);
    expect(await speak(server.url, long)).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("H23 H24: a page of another origin", () => {
  const FOREIGN = [
    "https://evil.example",
    "null",
    "https://desk.example.evil",
    "https://desk.example, https://evil.example",
    "http://desk.example",
    "HTTPS://DESK.EXAMPLE",
    "",
  ];

  test.each(FOREIGN)(
    "%j reads nothing and asks nothing, whatever it sends along",
    async (origin) => {
      const asked = { origin, cookie: "session=1" };
      const simple = { ...asked, "content-type": "text/plain" };
      const preflight = { ...asked, "access-control-request-method": "POST" };
      const answers = [
        await send({ method: "OPTIONS", headers: preflight }),
        await send({ headers: { ...asked, "content-type": "application/json" }, body: QUERY }),
        await send({ headers: simple, body: QUERY }),
        await send({ method: "GET", headers: asked }, "?query={__typename}"),
        await send({ method: "GET", headers: asked }, "/explorer"),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(403);
        expect(errorsIn(answer)).toMatchObject([{ extensions: { code: "FOREIGN_ORIGIN" } }]);
        const shared = [...answer.headers.keys()].filter((name) =>
          name.startsWith("access-control"),
        );
        expect(shared).toEqual([]);
      }
    },
  );

  test("of ours may ask, and is told nothing that would let another read it", async () => {
    const headers = { origin: "https://desk.example", "content-type": "application/json" };
    const answer = await send({ headers, body: QUERY });
    expect(answer.status).toBe(200);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual(
      [],
    );
  });

  test("is nobody by a cookie alone: who asks is told by a header that no page sends by itself", async () => {
    const headers = {
      cookie: `authorization=${bearerOf(RITA)}`,
      "content-type": "application/json",
    };
    const answer = await sendTo(server.url, null, { headers, body: QUERY });
    expect(answer.status).toBe(401);
  });
});

describe("what is answered", () => {
  test("H20: has no timing in it, and may not be kept", async () => {
    const answer = await send(json(JSON.stringify({ query: "query cop { __typename }" })));
    expect(JSON.parse(answer.text)).toEqual({ data: { __typename: "Query" } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toContain(RESPONSE_TYPE);
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
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
        'Bearer realm="holdfast", Holdfast-Sshsig realm="holdfast"',
      ]);
      expect(errorsIn(answer)).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });
});

/** What ADR 0074 decides: nothing is asked by GET. */
const NOTICES = ["5A70", "D6D5", "6A70"];

test("the audits of graphql-http find neither an error nor a warning, for a developer", async () => {
  const fetchFn = (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set("authorization", bearerOf(DORA));
    return fetch(url, { ...init, headers });
  };
  const results = await auditServer({ url: server.url, fetchFn });
  expect(results.length).toBeGreaterThan(50);
  const found = results.filter(({ status }) => status !== "ok");
  const told = found.map(({ status, id }) => `${status} ${id}`);
  expect(told).toEqual(NOTICES.map((id) => `notice ${id}`));
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
