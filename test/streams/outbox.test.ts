import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { ToldEvent } from "#graphql/stream/broadcast.ts";
import { Outbox, openingOf } from "#graphql/stream/outbox.ts";
import { STREAM_LIMITS } from "#graphql/stream/streamLimits.ts";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
const listening = once(server, "listening");
beforeAll(() => listening);
afterAll(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

/** A message that comes to so many bytes in its frame. */
function eventOf(lengthBytes: number): { readonly opening: Buffer; readonly told: ToldEvent } {
  const opening = openingOf("1");
  const [before, after] = ['{"data":"', '"}'];
  const filling = lengthBytes - opening.length - before.length - after.length - 1;
  const text = before + "x".repeat(filling) + after;
  return { opening, told: { kind: "EVENT", text, bytes: Buffer.from(text), cursor: "" } };
}

test.each([
  ["the longest whose length is one byte", 125, [0x81, 125]],
  ["the shortest of two", 126, [0x81, 126, 0, 126]],
  ["the longest of two", 65_535, [0x81, 126, 0xff, 0xff]],
  ["the shortest of eight", 65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])("an event is one frame and one message: %s", async (_length, lengthBytes, head) => {
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const [socket, request] = (await once(server, "connection")) as [WebSocket, IncomingMessage];
  const wire = new PassThrough();
  wire.pipe(request.socket, { end: false });
  const written = buffer(wire);
  const outbox = new Outbox(socket, wire, STREAM_LIMITS, () => undefined);
  const { opening, told } = eventOf(lengthBytes);
  const coming = once(client, "message");
  outbox.event(opening, told);
  const [message, isBinary] = (await coming) as [Buffer, boolean];
  expect(isBinary).toBe(false);
  expect(message.length).toBe(lengthBytes);
  expect(JSON.parse(message.toString())).toEqual({
    id: "1",
    type: "next",
    payload: JSON.parse(told.text) as unknown,
  });
  wire.end();
  const frame = await written;
  expect([...frame.subarray(0, head.length)]).toEqual(head);
  expect(frame.length).toBe(head.length + lengthBytes);
});
