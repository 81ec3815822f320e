import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { GraphQLError } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refuseFor } from "#graphql/request/refusing.ts";

/** Refuses with an error that has these extensions. */
const server = createServer((request, response) => {
  const extensions = JSON.parse(decodeURIComponent((request.url ?? "").slice(1))) as object;
  refuseFor(response, [new GraphQLError("it is refused", { extensions: { ...extensions } })]);
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
});

test.each<[extensions: object, status: number, retryAfter: string | null]>([
  [{ code: "UNAVAILABLE" }, 503, "1"],
  [{ code: "UNRECORDED" }, 503, "1"],
  [{ code: "RATE_LIMITED", retryAfterSeconds: 7 }, 429, "7"],
  [{ code: "INTERNAL" }, 500, null],
  [{ code: "UNREADABLE" }, 500, null],
  [{ code: "CURSOR_FORGED" }, 400, null],
  [{ code: "constructor" }, 400, null],
  [{}, 400, null],
])("what is refused with %o is answered %d, and told to come again in %s s", async (...row) => {
  const [extensions, status, retryAfter] = row;
  const { port } = server.address() as AddressInfo;
  const at = `http://127.0.0.1:${port}/${encodeURIComponent(JSON.stringify(extensions))}`;
  const answer = await fetch(at);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter]);
  const told = Object.keys(extensions).length === 0 ? {} : { extensions };
  expect(await answer.json()).toEqual({ errors: [{ message: "it is refused", ...told }] });
});
