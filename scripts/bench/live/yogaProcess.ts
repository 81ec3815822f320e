import { createServer } from "node:http";
import { createRedisEventTarget } from "@graphql-yoga/redis-event-target";
import type { DocumentNode, ExecutionArgs, GraphQLError, GraphQLSchema } from "graphql";
import type { OperationResult } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub, createYoga } from "graphql-yoga";
import { Redis } from "ioredis-5";
import { WebSocketServer } from "ws";
import { type TypedEvent, appendsTo, inTurns, listen, schemaOver, typed } from "./peerSide.ts";
import type { PeerCalls, PeerOptions } from "./peers.ts";
import { serve } from "./worker.ts";

// graphql-yoga with its own pub/sub, over sockets as its documentation has them: graphql-ws carries
// what yoga's envelope executes. With Redis, its event target carries events between nodes.

type Run = (args: ExecutionArgs) => OperationResult;

interface Enveloped {
  readonly schema: GraphQLSchema;
  readonly execute: Run;
  readonly subscribe: Run;
  readonly parse: (query: string) => DocumentNode;
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
  readonly contextFactory: () => unknown;
}

function runsOf({ rootValue }: ExecutionArgs): Pick<Enveloped, "execute" | "subscribe"> {
  return rootValue as Enveloped;
}

let publish: (packet: string, event: TypedEvent) => void = () => undefined;

serve<PeerCalls>({
  start,
  publish: (published) => inTurns(published, ({ packet, event }) => publish(packet, typed(event))),
});

async function start(options: PeerOptions): Promise<number> {
  const pubSub = createPubSub<{ revisions: [packet: string, event: TypedEvent] }>(
    options.redisUrl === null ? {} : { eventTarget: eventTargetOf(options.redisUrl) },
  );
  publish = (packet, event) => pubSub.publish("revisions", packet, event);
  const subscribe = (packet: string) => pubSub.subscribe("revisions", packet);
  const schema = schemaOver({ subscribe, publish }, appendsTo(options, "yoga_event"));
  const yoga = createYoga({ schema, graphiql: { subscriptionsProtocol: "WS" }, logging: false });
  const server = createServer((request, response) => {
    // What yoga answers with is the whole of it; a fault of its own ends this process.
    Promise.resolve(yoga(request, response)).catch((fault: unknown) => {
      throw fault;
    });
  });
  const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });
  useServer(
    {
      execute: (args) => runsOf(args).execute(args),
      subscribe: (args) => runsOf(args).subscribe(args),
      onSubscribe: async (context, _id, params) => {
        const enveloped: Enveloped = yoga.getEnveloped({
          ...context,
          req: context.extra.request,
          socket: context.extra.socket,
          params,
        });
        const args = {
          schema: enveloped.schema,
          operationName: params.operationName,
          document: enveloped.parse(params.query),
          variableValues: params.variables,
          contextValue: await enveloped.contextFactory(),
          rootValue: { execute: enveloped.execute, subscribe: enveloped.subscribe },
        };
        const errors = enveloped.validate(args.schema, args.document);
        return errors.length > 0 ? errors : args;
      },
    },
    sockets,
  );
  return listen(server);
}

function eventTargetOf(url: string) {
  // It is made for ioredis 5, and its types name whichever ioredis is installed.
  const clients: unknown = { publishClient: new Redis(url), subscribeClient: new Redis(url) };
  return createRedisEventTarget(clients as Parameters<typeof createRedisEventTarget>[0]);
}
