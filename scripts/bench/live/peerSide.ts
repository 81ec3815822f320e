import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createSchema } from "graphql-yoga";
import { connect } from "#database/connect.ts";
import { type RevisionEvent, renumbered } from "./dialect.ts";
import type { PeerOptions, Published } from "./peers.ts";

/** What the peers' processes share: the schema in which they tell the product's events, and the row of an append. */

/** The part of the product's schema that dashboards ask for. */
export const TYPES = `
  scalar UUID
  scalar Cursor
  scalar Epoch
  scalar DateTime
  scalar RevisionDigest
  enum PacketStatus { ON_HOLD ESCALATED READY_FOR_APPROVAL APPROVED CLOSED }
  type HoldChange { code: String! transition: String! count: Int! }
  type Revision {
    number: Int!
    status: PacketStatus!
    openHolds: Int!
    cause: String!
    actor: String
    epoch: Epoch!
    at: DateTime!
    digest: RevisionDigest!
    holdChanges: [HoldChange!]!
  }
  type RevisionEvent { cursor: Cursor! revision: Revision! }
  type Heartbeat { cursor: Cursor! head: String! }
  union RevisionStream = RevisionEvent | Heartbeat
  type Query { nodes: Int! }
  type Mutation { record(packet: UUID!): Revision! }
  type Subscription { revisions(packet: UUID!): RevisionStream! }
`;

/** How an event tells of which type of the union it is. */
export type TypedEvent = RevisionEvent & { readonly __typename: "RevisionEvent" };

/** The event as resolvers take it. */
export function typed(event: RevisionEvent): TypedEvent {
  return { ...event, __typename: "RevisionEvent" };
}

interface PacketArgument {
  readonly packet: string;
}

/** Where a peer's events come from and go to. */
export interface Bus {
  subscribe(packet: string): AsyncIterable<TypedEvent>;
  publish(packet: string, event: TypedEvent): void;
}

/** The schema over a bus; `append` gives the number of the new event. */
export function schemaOver(bus: Bus, append: Append) {
  return createSchema({
    typeDefs: TYPES,
    resolvers: {
      Query: { nodes: () => 1 },
      Mutation: {
        record: async (_root: unknown, { packet }: PacketArgument) => {
          const event = typed(await append());
          bus.publish(packet, event);
          return event.revision;
        },
      },
      Subscription: {
        revisions: {
          subscribe: (_root: unknown, { packet }: PacketArgument) => bus.subscribe(packet),
          resolve: (event: TypedEvent) => event,
        },
      },
    },
  });
}

/** Appends one row and resolves to the event that tells of it. */
export type Append = () => Promise<RevisionEvent>;

/** As many bytes as a revision of ours has. */
const ROW = Buffer.alloc(1_200, 0xab);

/** Appends over one connection: what is asked first is answered first, so events are told in order. */
export function appendsTo({ databaseUrl, event }: PeerOptions, table: string): Append {
  if (databaseUrl === null || event === null) {
    return () => Promise.reject(new Error("this peer was started without a database"));
  }
  const options = { applicationName: "holdfast bench", connectionsMax: 1 };
  const { sql } = connect(databaseUrl, options);
  return async () => {
    const rows = await sql<{ id: bigint }[]>`
      INSERT INTO ${sql(table)} (body) VALUES (${ROW}) RETURNING id`;
    return renumbered(event, Number(rows[0]?.id));
  };
}

/** Listens on a free port of this machine, and resolves to it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Publishes each in a turn of its own. */
export async function inTurns(
  published: readonly Published[],
  publish: (one: Published) => unknown,
): Promise<void> {
  for (const one of published) {
    await publish(one);
    await nextTurn();
  }
}
