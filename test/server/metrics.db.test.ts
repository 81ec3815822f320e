import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Role } from "#packet/actor.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { readExposition } from "../door/exposition.ts";
import { bearer, passport, textOf } from "../identity/passports.ts";
import { configFor, principalsFile, startTestServer, type TestServer } from "./startTest.ts";

const database = freshDatabase();
const principals = principalsFile();
const people = Role.options.map((role) => passport(role.toLowerCase(), [role]));
const scraper = passport("scraper", ["VIEWER", "OPERATOR"]);
const ENTITLED = ["AUDITOR", "RELEASE_SECURITY", "OPERATOR"];

let own: TestServer;
beforeAll(async () => {
  await writeFile(principals.path, textOf(...people, scraper));
  own = await startTestServer(configFor(database.url, principals.path));
});
afterAll(() => own.server.close());

function scrape(authorization?: string, method = "GET"): Promise<Response> {
  const headers = authorization === undefined ? {} : { authorization };
  return fetch(`${own.server.url}/metrics`, { method, headers });
}

test("whoever may is given the Prometheus text format, and no cache keeps it", async () => {
  const response = await scrape(bearer(scraper));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const families = readExposition(await response.text());
  const named = [...families].map(([name, { type }]) => `${type} ${name}`);
  expect(named.toSorted()).toMatchInlineSnapshot(`
    [
      "counter holdfast_epoch_ticks_total",
      "counter holdfast_feed_idle_wakes_total",
      "counter holdfast_feed_revisions_total",
      "counter holdfast_stream_closes_total",
      "counter holdfast_stream_deliveries_total",
      "counter process_cpu_seconds_total",
      "gauge holdfast_stream_behind",
      "gauge holdfast_stream_broadcasts",
      "gauge holdfast_stream_followers",
      "gauge holdfast_stream_queue_bytes",
      "gauge nodejs_eventloop_lag_max_seconds",
      "gauge nodejs_eventloop_lag_p99_seconds",
      "gauge nodejs_heap_size_used_bytes",
      "gauge process_resident_memory_bytes",
      "histogram holdfast_stream_lag_seconds",
    ]
  `);
});

test("a head of it has its length, and nothing can be sent to it", async () => {
  const head = await scrape(bearer(scraper), "HEAD");
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(Number(head.headers.get("content-length"))).toBeGreaterThan(1_000);
  const sent = await scrape(bearer(scraper), "POST");
  expect([sent.status, sent.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

describe("nobody else is given any of it", () => {
  test.each([
    ["without a token", undefined],
    ["with a token that is not known", "Bearer hf_nobody"],
    ["with a token in another scheme", `Basic ${scraper.token}`],
  ])("%s", async (_what, authorization) => {
    const response = await scrape(authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      'Bearer realm="holdfast", Holdfast-Sshsig realm="holdfast"',
    );
    expect(await response.json()).toMatchObject({ error: "UNAUTHENTICATED" });
  });

  test("with a token in the address", async () => {
    const response = await fetch(`${own.server.url}/metrics?token=${scraper.token}`);
    expect(response.status).toBe(401);
  });

  test.each(Role.options.map((role, index) => [role, index] as const))(
    "whose only role is %s, unless that entitles",
    async (role, index) => {
      const person = people[index];
      if (person === undefined) throw new TypeError(`nobody has the role ${role}`);
      const response = await scrape(bearer(person));
      const text = await response.text();
      expect(response.status).toBe(ENTITLED.includes(role) ? 200 : 403);
      if (!ENTITLED.includes(role)) {
        expect(JSON.parse(text)).toEqual({
          error: "NOT_ENTITLED",
          message: "your roles do not entitle you to metricsRead",
        });
      }
    },
  );
});
