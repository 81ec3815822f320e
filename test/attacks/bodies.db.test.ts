import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { BODY_BYTES_MAX, REFUSED_BODY_BYTES_MAX } from "#graphql/limits.ts";
import type { Actor } from "#packet/actor.ts";
import { RITA } from "../workflow/cast.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { bearerOf, served } from "../graphql/served.ts";
import { type Init, type Raw, errorsIn, json, sendTo, speak } from "./sending.ts";

const fresh = freshDatabase();
const server = served(fresh);

const QUERY = JSON.stringify({ query: "{ __typename }" });
const MEBIBYTE = 1024 * 1024;

/** More than the kernel keeps for both ends of a connection of this machine. */
const KERNEL_BYTES = 16 * MEBIBYTE;

const send = (init: Init): Promise<Raw> => sendTo(server.url, RITA, init);

function begin(headers: object, by: Actor | null = RITA): ClientRequest {
  return request(server.url, {
    method: "POST",
    agent: false,
    headers: {
      ...(by === null ? {} : { authorization: bearerOf(by) }),
      "content-type": "application/json",
      ...headers,
    },
  });
}

/** Sends without end, and resolves to the answer and how much could be sent when the connection was cut. */
async function pour(asking: ClientRequest): Promise<{ status: number; bytes: number }> {
  const answered = new Promise<IncomingMessage>((resolve) => {
    asking.once("response", resolve);
  });
  const closed = new Promise<void>((resolve) => {
    asking.once("close", resolve);
  });
  asking.on("error", () => undefined);
  const chunk = Buffer.alloc(MEBIBYTE, " ");
  let bytes = 0;
  const more = (): void => {
    while (!asking.destroyed) {
      bytes += chunk.length;
      if (!asking.write(chunk)) return;
    }
  };
  asking.on("drain", more);
  more();
  const answer = await answered;
  answer.on("error", () => undefined).resume();
  await closed;
  return { status: answer.statusCode ?? 0, bytes };
}

test("H12: told by its length, a body that is too long is refused before it is read", async () => {
  const asking = begin({ "content-length": BODY_BYTES_MAX + 1 });
  asking.flushHeaders();
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(413);
  asking.destroy();
});

test("H12: sent whole, it is told that it is too long, and the next one is answered", async () => {
  const long = await send(json(" ".repeat(BODY_BYTES_MAX + 1)));
  expect(long.status).toBe(413);
  expect(errorsIn(long)).toMatchObject([{ extensions: { code: "TOO_LARGE" } }]);
  expect((await send(json(QUERY.padEnd(BODY_BYTES_MAX)))).status).toBe(200);
});

test("H12: without end, it is refused where the limit is passed, and its connection is cut", async () => {
  const { status, bytes } = await pour(begin({ "transfer-encoding": "chunked" }));
  expect(status).toBe(413);
  expect(bytes).toBeLessThan(BODY_BYTES_MAX + REFUSED_BODY_BYTES_MAX + KERNEL_BYTES);
});

test("H12: of whoever is nobody no body is read, however much they send", async () => {
  const answer = await send({ headers: { authorization: "" }, body: "x".repeat(1_000_000) });
  expect(answer.status).toBe(415);
  const typed = { "content-type": "application/json", authorization: "Bearer hf_nobody" };
  expect((await send({ headers: typed, body: "x".repeat(1_000_000) })).status).toBe(401);
  for (const headers of [{ "transfer-encoding": "chunked" }, { "content-length": 1e12 }]) {
    const { status, bytes } = await pour(begin(headers, null));
    expect(status).toBe(401);
    expect(bytes).toBeLessThan(REFUSED_BODY_BYTES_MAX + KERNEL_BYTES);
  }
});

test("H12: of a body longer than its length says, the rest is no request", async () => {
  const hidden = `POST /graphql HTTP/1.1\r\nhost: x\r\n\r\n`;
  const head = [
    "POST /graphql HTTP/1.1",
    "host: holdfast",
    `authorization: ${bearerOf(RITA)}`,
    "content-type: application/json",
    `content-length: ${QUERY.length}`,
  ];
  const said = await speak(server.url, `${head.join("\r\n")}\r\n\r\n${QUERY}NONSENSE\r\n${hidden}`);
  // The first may be answered before the rest is read or be lost with it; the one hidden in it is neither.
  const statuses = said.match(/^HTTP\/1\.1 \d{3}/gm) ?? [];
  expect(statuses.at(-1)).toBe("HTTP/1.1 400");
  expect(said).not.toContain("UNAUTHENTICATED");
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
