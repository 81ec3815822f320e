import { describe, expect, test } from "vitest";
import { RateLimits } from "#rateLimits/rateLimits.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "../graphql/served.ts";
import { OLGA, RITA } from "../workflow/cast.ts";
import { type Raw, errorsIn, json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
/** Of a hundred in a minute a tenth may come at once; the clock of the rate stands. */
const AT_ONCE = 10;
const MANY = 1_000_000;
const rates = new RateLimits({
  rates: {
    requestsPerMinute: MANY,
    decisionsPerMinute: MANY,
    failedSignInsPerMinute: MANY,
    newDocumentsPerMinute: AT_ONCE * 10,
  },
  deployment: "tests",
  shared: null,
  now: () => 0,
});
const server = served(fresh, undefined, { rates });

const documentOf = (name: string): string => `{ ${name}: viewer { name } }`;
const send = (by: typeof RITA, query: string): Promise<Raw> =>
  sendTo(server.url, by, json(JSON.stringify({ query })));

describe("D16: whoever sends more new documents than a node reads of one", () => {
  test("is answered 429 and when to come again, while others and known documents are answered", async () => {
    const names = Array.from({ length: AT_ONCE }, (_none, at) => `fresh${at}`);
    for (const name of names) expect((await send(RITA, documentOf(name))).status).toBe(200);
    const refused = await send(RITA, documentOf("tooMany"));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(errorsIn(refused)).toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
    expect(errorsIn(refused)[0]?.message).toContain("give as variables what differs");
    for (const name of names) expect((await send(RITA, documentOf(name))).status).toBe(200);
    expect((await send(OLGA, documentOf("tooMany"))).status).toBe(200);
    expect((await send(RITA, documentOf("tooMany"))).status).toBe(200);
  });

  test("has what is no document counted, too, once however often it comes", async () => {
    const pia = { ...RITA, actor: "pia" };
    const bad = Array.from({ length: AT_ONCE }, (_none, at) => `{ ${"}".repeat(at + 1)}`);
    for (const query of [...bad, ...bad]) expect((await send(pia, query)).status).toBe(400);
    expect((await send(pia, "{ }}}}}}}}}}}}}}}")).status).toBe(429);
  });

  test("has it on record that they were refused", async () => {
    const { data } = await server.ask(
      { ...OLGA, roles: ["AUDITOR"] },
      `{ accessRecords(where: { code: REFUSED }, first: 10) { nodes { actor subject } } }`,
    );
    expect(data).toMatchObject({
      accessRecords: {
        nodes: [
          { actor: "rita", subject: "documents RATE_LIMITED" },
          { actor: "pia", subject: "documents RATE_LIMITED" },
        ],
      },
    });
  });

  test("is told so on a stream as well", async () => {
    const query = "subscription tooMany { allHoldChanges { __typename } }";
    const response = await sendTo(server.url, RITA, {
      ...json(JSON.stringify({ query })),
      headers: { "content-type": "application/json", accept: "text/event-stream" },
    });
    expect([response.status, response.text]).toEqual([
      429,
      expect.stringContaining("RATE_LIMITED"),
    ]);
  });
});
