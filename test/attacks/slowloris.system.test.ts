import { once } from "node:events";
import { createConnection } from "node:net";
import { expect, test } from "vitest";
import { RITA } from "../workflow/cast.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { bearerOf, served } from "../graphql/served.ts";

const fresh = freshDatabase();
const server = served(fresh);

const DRIPPING = 150;
const DRIP_MS = 1_000;

/** Begins with some bytes, goes on with one each second, and resolves to what it was told when it is closed. */
async function drip(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = createConnection(Number(port), hostname);
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.write(bytes);
  const dripping = setInterval(() => socket.write("x"), DRIP_MS);
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    answer += text;
  });
  await once(socket, "close");
  clearInterval(dripping);
  return answer;
}

const OPENING = "POST /graphql HTTP/1.1\r\nhost: holdfast\r\ncontent-type: application/json\r\n";
const BODY = "content-length: 1000\r\n\r\n";
const SLOW = [
  ["a head", `${OPENING}x-slow: `, /^HTTP\/1\.1 408 /],
  [
    "a body of somebody's",
    `${OPENING}authorization: ${bearerOf(RITA)}\r\n${BODY}`,
    /^HTTP\/1\.1 408 /,
  ],
  ["a body of nobody's", OPENING + BODY, /^HTTP\/1\.1 401 /],
] as const;

test("H13: heads and bodies that drip in are closed, and nobody else waits for them", async () => {
  const dripping = SLOW.map(([, bytes]) =>
    Array.from({ length: DRIPPING / SLOW.length }, () => drip(bytes)),
  );
  const over = Promise.all(dripping.flat());
  for (;;) {
    const asking = server.ask(RITA, "{ viewer { name } }");
    const first = await Promise.race([over.then(() => null), asking]);
    if (first === null) break;
    expect(first.data).toEqual({ viewer: { name: "rita" } });
  }
  for (const [index, [what, , answer]] of SLOW.entries()) {
    for (const told of await Promise.all(dripping[index] ?? [])) expect(told, what).toMatch(answer);
  }
});
