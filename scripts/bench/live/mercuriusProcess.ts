import { fastify } from "fastify";
import { type PubSub, mercurius } from "mercurius";
import { TYPES, inTurns, typed } from "./peerSide.ts";
import type { PeerCalls } from "./peers.ts";
import { serve } from "./worker.ts";

// mercurius on fastify, with subscriptions switched on and everything else as it comes.

const app = fastify();

serve<PeerCalls>({
  async start() {
    await app.register(mercurius, {
      schema: TYPES,
      resolvers: {
        Subscription: {
          revisions: {
            subscribe: (
              _root: unknown,
              { packet }: { packet: string },
              context: { pubsub: PubSub },
            ) => context.pubsub.subscribe(packet),
          },
        },
      },
      subscription: true,
    });
    const address = await app.listen({ host: "127.0.0.1", port: 0 });
    return Number(new URL(address).port);
  },
  publish: (published) =>
    inTurns(published, ({ packet, event }) =>
      app.graphql.pubsub.publish({ topic: packet, payload: { revisions: typed(event) } }),
    ),
});
