import { createServer } from "node:http";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub } from "graphql-yoga";
import { WebSocketServer } from "ws";
import { type TypedEvent, appendsTo, inTurns, listen, schemaOver, typed } from "./peerSide.ts";
import type { PeerCalls } from "./peers.ts";
import { serve } from "./worker.ts";

// graphql-ws's own server over plain graphql-js. It brings no pub/sub: yoga's is taken.

const pubSub = createPubSub<{ revisions: [packet: string, event: TypedEvent] }>();

serve<PeerCalls>({
  start(options) {
    const bus = {
      subscribe: (packet: string) => pubSub.subscribe("revisions", packet),
      publish: (packet: string, event: TypedEvent) => pubSub.publish("revisions", packet, event),
    };
    const schema = schemaOver(bus, appendsTo(options, "graphql_ws_event"));
    const server = createServer((_request, response) => response.writeHead(404).end());
    useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
    return listen(server);
  },
  publish: (published) =>
    inTurns(published, ({ packet, event }) => pubSub.publish("revisions", packet, typed(event))),
});
