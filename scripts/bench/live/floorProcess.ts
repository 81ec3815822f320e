import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { json } from "node:stream/consumers";
import { Redis } from "ioredis";
import { type WebSocket, WebSocketServer } from "ws";
import { messageOf } from "./dialect.ts";
import { appendsTo, inTurns, listen } from "./peerSide.ts";
import type { PeerCalls, PeerOptions } from "./peers.ts";
import { serve } from "./worker.ts";

// The floor: what has to happen at least. An event is one row, one publication in Redis where there
// are more nodes, and one plain message to each socket, made once for all of them.

const sockets = new Map<string, Set<WebSocket>>();

function send(packet: string, message: Buffer): void {
  for (const socket of sockets.get(packet) ?? []) socket.send(message, { binary: false });
}

serve<PeerCalls>({
  async start(options: PeerOptions) {
    const redis = options.redisUrl === null ? null : await openRedis(options.redisUrl);
    const append = appendsTo(options, "floor_event");
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { packet } = (await json(request)) as { packet: string };
      const event = await append();
      await redis?.publish.publish(packet, messageOf(event));
      const body = JSON.stringify({ number: event.revision.number });
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    };
    const server = createServer((request, response) => {
      answer(request, response).catch((fault: unknown) => {
        response.writeHead(500).end(String(fault));
      });
    });
    const opening = new WebSocketServer({ server });
    opening.on("connection", (socket, { url = "/" }) => {
      const packet = url.slice(1);
      const followers = sockets.get(packet) ?? new Set();
      if (followers.size === 0) redis?.subscribe.subscribe(packet).catch(fail);
      sockets.set(packet, followers.add(socket));
      socket.on("error", () => undefined);
      socket.once("close", () => followers.delete(socket));
    });
    return listen(server);
  },
  publish: (published) =>
    inTurns(published, ({ packet, event }) => send(packet, Buffer.from(messageOf(event)))),
});

async function openRedis(url: string): Promise<{ publish: Redis; subscribe: Redis }> {
  const clients = { publish: new Redis(url), subscribe: new Redis(url) };
  for (const client of Object.values(clients)) client.on("error", fail);
  clients.subscribe.on("message", (packet, message) => send(packet, Buffer.from(message)));
  await clients.publish.ping();
  return clients;
}

function fail(fault: unknown): void {
  process.stderr.write(`${String(fault)}\n`);
  process.exit(1);
}
