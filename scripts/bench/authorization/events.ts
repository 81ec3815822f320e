import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import process from "node:process";
import type { GraphQLSchema } from "graphql";
import type { Feed, Item } from "#feed/feed.ts";
import type { Context } from "#graphql/context.ts";
import { SLOW_MS } from "#graphql/limits.ts";
import { Documents } from "#graphql/request/documents.ts";
import { Operations } from "#graphql/stream/operations.ts";
import type { Sink } from "#graphql/stream/sink.ts";
import { Presence } from "#graphql/stream/presence.ts";
import { Reader } from "#graphql/stream/reader.ts";
import { Turns } from "#graphql/stream/turns.ts";
import type { LedgerWord } from "#identity/offlineGround.ts";
import type { Revision } from "#ledger/ledger.ts";
import { NO_METERS } from "#packet/meters.ts";
import type { PacketId } from "#packet/name.ts";
import { interleave } from "../measure.ts";
import { appendDrift, openPacket } from "../store.ts";
import { type Rounds, SILENT, type Stage, actorOf, contextOf } from "./stage.ts";

/** How many subscribers are told together. */
export const SUBSCRIBERS = 100;

/** How many revisions they are told in one round. */
export const REVISIONS = 100;

const REVISIONS_TOLD = `subscription ($packet: UUID!, $after: Cursor) {
  revisions(packet: $packet, after: $after) { ... on RevisionEvent { cursor
    revision { number digest actor note epoch status openHolds
      holdChanges { code transition count holds(first: 10) { nodes { label subject } } } } }
    ... on Heartbeat { cursor head } } }`;

interface Rights {
  readonly look: (word: LedgerWord) => Promise<number>;
  readonly context: () => Promise<Context>;
}

/** What is followed, and from whom. */
interface Told {
  readonly stage: Stage;
  readonly schema: GraphQLSchema;
  readonly rights: Rights;
  readonly packet: PacketId;
}

/** Rights that are looked at anew, and rights that are taken for granted. */
async function bothRights(stage: Stage, feed?: Feed): Promise<{ looked: Rights; trusted: Rights }> {
  const presence = new Presence();
  const contextFor = async (): Promise<Context> => {
    const context = contextOf(stage, presence, await actorOf(stage));
    return feed === undefined ? context : { ...context, feed };
  };
  const known = await contextFor();
  return {
    looked: { look: (word) => stage.options.rights.look(word), context: contextFor },
    trusted: { look: () => Promise.resolve(0), context: () => Promise.resolve(known) },
  };
}

async function driftedPacket({ options }: Stage): Promise<PacketId> {
  const packet = await openPacket(options.desk.ledger, 10, "train-authorization");
  for (let count = 0; count < REVISIONS; count += 1) {
    await appendDrift(options.desk.ledger, packet);
  }
  return packet;
}

/** Revisions told to many together: each event is guarded, and preceded by a look at everybody's rights. */
export async function eventRounds(stage: Stage): Promise<Rounds> {
  const packet = await driftedPacket(stage);
  const revisions = await stage.options.desk.ledger.revisions(packet, 1, REVISIONS);
  const readers = await startReaders(SUBSCRIBERS);
  const tell = async (schema: GraphQLSchema, kind: "looked" | "trusted"): Promise<void> => {
    const feed = new HeldFeed(revisions);
    const rights = (await bothRights(stage, feed))[kind];
    await tellTogether({ stage, schema, rights, packet }, readers.sockets, feed);
  };
  try {
    const times = await interleave(
      { warmUp: 5, counted: 40 },
      () => tell(stage.guarded, "looked"),
      () => tell(stage.bare, "trusted"),
    );
    return { ...times, settings: { revisions: REVISIONS, subscribers: SUBSCRIBERS } };
  } finally {
    await readers.stop();
  }
}

/** Revisions told to one who catches up alone: rights are looked at before each. */
export async function catchUpRounds(stage: Stage): Promise<Rounds> {
  const packet = await driftedPacket(stage);
  const { looked, trusted } = await bothRights(stage);
  const after = stage.options.cursors.write(`revisions ${packet}`, 1n);
  const times = await interleave(
    { warmUp: 5, counted: 40 },
    () => catchUp({ stage, schema: stage.guarded, rights: looked, packet }, after),
    () => catchUp({ stage, schema: stage.bare, rights: trusted, packet }, after),
  );
  return { ...times, settings: { revisions: REVISIONS, subscribers: 1 } };
}

/** Operations that share nothing with those of another round. */
function operationsOf({ stage, schema, rights }: Told): Operations {
  const documents = new Documents(schema, false);
  const { wallNow } = stage.options;
  const { look } = rights;
  const admit = () => Promise.resolve(null);
  return new Operations({
    schema,
    documents,
    admit,
    look,
    meters: NO_METERS,
    slowMs: SLOW_MS,
    wallNow,
    log: SILENT,
  });
}

async function follow(
  operations: Operations,
  { rights, packet }: Told,
  sink: Sink,
  after?: string,
) {
  const followed = await operations.follow(
    { query: REVISIONS_TOLD, variables: { packet, after: after ?? null } },
    new Reader("bench", rights.context),
  );
  if (followed.kind !== "READY") throw new Error(JSON.stringify(followed));
  return followed.to(sink, "sse");
}

/** Resolves when something was told, and when so many events were. */
class Counting implements Sink {
  readonly untaken = { bytes: 0, turns: new Turns(), taken: () => null };
  readonly first: Promise<void>;
  readonly all: Promise<void>;
  readonly #count: number;
  readonly #take: (bytes: Buffer) => void;
  #told = 0;
  #begin: () => void = () => undefined;
  #resolve: () => void = () => undefined;
  #reject: (fault: Error) => void = () => undefined;

  constructor(count: number, take: (bytes: Buffer) => void = () => undefined) {
    this.#count = count;
    this.#take = take;
    this.first = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.all = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  event({ bytes }: { readonly bytes: Buffer }): boolean {
    this.#take(bytes);
    this.#told += 1;
    this.#begin();
    if (this.#told === this.#count) this.#resolve();
    return true;
  }

  end(errors: readonly unknown[]): void {
    this.#reject(new Error(`the stream ended: ${JSON.stringify(errors)}`));
  }

  tooSlow(): void {
    this.#reject(new Error("nothing waits to be taken"));
  }

  forbid(): void {
    this.#reject(new Error("the rights were lost"));
  }
}

async function catchUp(told: Told, after: string): Promise<void> {
  const sink = new Counting(REVISIONS);
  const follower = await follow(operationsOf(told), told, sink, after);
  const running = follower.run();
  await sink.all;
  follower.stop();
  await running;
}

async function tellTogether(told: Told, sockets: readonly Socket[], feed: HeldFeed): Promise<void> {
  const operations = operationsOf(told);
  // A heartbeat comes before the revisions.
  const sinks = sockets.map(
    (socket) => new Counting(REVISIONS + 1, (bytes) => socket.write(bytes)),
  );
  const followers = await Promise.all(sinks.map((sink) => follow(operations, told, sink)));
  const running = followers.map((follower) => follower.run());
  await Promise.all(sinks.map(({ first }) => first));
  feed.release();
  await Promise.all(sinks.map(({ all }) => all));
  for (const follower of followers) follower.stop();
  await Promise.all(running);
}

/** A feed of revisions that were read before, which come once everybody follows. */
class HeldFeed implements Feed {
  readonly #revisions: readonly Revision[];
  readonly #released: Promise<void>;
  release: () => void = () => undefined;

  constructor(revisions: readonly Revision[]) {
    this.#revisions = revisions;
    this.#released = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  async *revisions(): AsyncGenerator<Item<Revision>, void, undefined> {
    yield { kind: "HEARTBEAT", head: 1n };
    await this.#released;
    for (const value of this.#revisions) {
      yield { kind: "ITEM", position: BigInt(value.number), value };
    }
  }

  head(): Promise<bigint> {
    return Promise.resolve(1n);
  }

  logHead(): Promise<bigint> {
    return Promise.resolve(0n);
  }

  log(): never {
    throw new Error("only revisions are followed here");
  }

  stirs(): never {
    throw new Error("only revisions are followed here");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const DISCARDING = `
  const server = require("node:net").createServer((socket) => socket.resume());
  server.listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
`;

/** Sockets whose other ends are read by a process of its own. */
async function startReaders(count: number) {
  const child = spawn(process.execPath, ["-e", DISCARDING], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port.toString()), "127.0.0.1");
      await once(socket, "connect");
      return socket;
    }),
  );
  return {
    sockets,
    async stop() {
      for (const socket of sockets) socket.destroy();
      child.kill();
      await exited;
    },
  };
}
