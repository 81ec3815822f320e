import { EventEmitter, getEventListeners, once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Cursors } from "#feed/cursor.ts";
import type { Feed } from "#feed/feed.ts";
import { openApi } from "#graphql/api.ts";
import type { StreamLimits } from "#graphql/stream/streamLimits.ts";
import { type Meters, NO_METERS } from "#packet/meters.ts";
import type { PacketId } from "#packet/name.ts";
import { type RunningServer, startServer } from "#server.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Heard, heardLog } from "../identity/heardLog.ts";
import { type Passport, bearer, ownFolder, passport, textOf } from "../identity/passports.ts";
import { configFor } from "../server/startTest.ts";
import { IVAN, OLGA, PAUL, PIA, RITA } from "../workflow/cast.ts";
import { type Opened, approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { Held } from "./held.ts";
import { needsOf } from "../server/needs.ts";

/** One epoch lasts longer than any test, so that nothing happens by itself. */
export const EPOCH_MS = 24 * 60 * 60 * 1000;

const [ivan, olga, paul, pia, rita] = [IVAN, OLGA, PAUL, PIA, RITA].map(({ actor, roles }) =>
  passport(actor, roles),
) as [Passport, Passport, Passport, Passport, Passport];

/** Who asks here: an operator, the owner, a reporter, a preparer, a reader, and one who sees the gate alone. */
export const WHO = { ivan, olga, paul, pia, rita, vic: passport("vic", ["VIEWER"]) } as const;

/** A server with the whole product in it, whose limits and principals a test chooses. */
export class StreamServer {
  readonly heard: Heard = heardLog();
  /** Why sockets and streams have ended, as it is counted. */
  readonly closes: string[] = [];
  readonly #principals: string;
  readonly #signals = new Set<AbortSignal>();
  #followers = 0;
  #broadcasts = 0;
  #queueBytes: () => number = () => 0;
  #server: RunningServer | null = null;
  #desk: Desk | null = null;
  #cursors: Cursors | null = null;
  readonly #stirs = new EventEmitter();
  readonly #pulled = new Map<PacketId, number>();
  readonly #held = new Map<string | undefined, Held>();
  #aheadMs = 0;
  /** What is waited for before anybody is told where a stream's head is, as who begins to follow one is. */
  beforeHead: () => Promise<void> = () => Promise.resolve();

  constructor(principals: string) {
    this.#principals = principals;
  }

  async start(
    databaseUrl: string,
    limits: Partial<StreamLimits>,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.admit();
    const config = configFor(databaseUrl, this.#principals, {
      HOLDFAST_CONNECTIONS_MAX: "6",
      HOLDFAST_EPOCH_MS: String(EPOCH_MS),
      HOLDFAST_ORIGINS: "https://desk.example",
      ...environment,
    });
    this.#server = await startServer(config, {
      ...needsOf(this.heard.log),
      now: () => performance.now() + this.#aheadMs,
      openApi: (options) => {
        this.#desk = options.desk;
        this.#cursors = options.cursors;
        const meters = this.#counting(options.meters);
        const authenticate = async (authorization: string | undefined) => {
          await this.#held.get(authorization)?.ask();
          return options.authenticate(authorization);
        };
        const feed = this.#watched(options.feed);
        return openApi({ ...options, authenticate, meters, feed, limits });
      },
    });
  }

  get desk(): Desk {
    if (this.#desk === null) throw new Error("the server is not started yet");
    return this.#desk;
  }

  /** What this deployment writes cursors with. */
  get cursors(): Cursors {
    if (this.#cursors === null) throw new Error("the server is not started yet");
    return this.#cursors;
  }

  /** Of the API, over HTTP. */
  get url(): string {
    return `${this.#server?.url}/graphql`;
  }

  get wsUrl(): string {
    return this.url.replace("http", "ws");
  }

  /** Lets in these, beside the usual ones, from now on. */
  async admit(...others: Passport[]): Promise<void> {
    // In one step, as whoever edits it for a server that runs.
    const draft = `${this.#principals}.draft`;
    await writeFile(draft, textOf(...Object.values(WHO), ...others));
    await rename(draft, this.#principals);
    this.pass(1_000);
  }

  /** Who somebody is waits from now on until it is answered. */
  hold(by: Passport): Held {
    const held = new Held();
    this.#held.set(bearer(by), held);
    return held;
  }

  /** Moves the server's clock on. */
  pass(lengthMs: number): void {
    this.#aheadMs += lengthMs;
  }

  /** How many subscriptions run. */
  get followers(): number {
    return this.#followers;
  }

  /** Resolves when so many sockets and streams have ended since the start; the server is asked something until then. */
  async closed(count: number): Promise<void> {
    while (this.closes.length < count) await this.ask(WHO.rita, "{ viewer { name } }");
  }

  /** How many streams of the feed are followed, by however many together. */
  get sources(): number {
    return [...this.#signals].filter((signal) => getEventListeners(signal, "abort").length > 0)
      .length;
  }

  /** Has every followed gate asked again, whether or not anything moved. */
  stir(): void {
    this.#stirs.emit("stir");
  }

  /** How many bytes wait for readers to take them, as the server itself counts. */
  get queueBytes(): number {
    return this.#queueBytes();
  }

  /** How many items of a packet's stream were pulled out of the feed, by all who followed it. */
  pulled(packet: PacketId): number {
    return this.#pulled.get(packet) ?? 0;
  }

  /** Resolves when so many follow, and nothing is open or kept for nobody; the server is asked something until then. */
  async followedBy(count: number): Promise<void> {
    const isIdle = (): boolean => this.sources === 0 && this.#broadcasts === 0;
    const isReached = (): boolean => this.#followers === count && (count > 0 || isIdle());
    while (!isReached()) await this.ask(WHO.rita, "{ viewer { name } }");
  }

  /** Asks over HTTP and answers the data; throws for errors. */
  async ask(by: Passport, query: string, variables: object = {}): Promise<Answer> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { authorization: bearer(by), "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data?: Answer; errors?: unknown };
    if (errors !== undefined || !data) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Places an operator hold, and answers the revision that it became. */
  async place(packet: PacketId, reason = "odd noise"): Promise<number> {
    return this.#move(WHO.ivan, "operatorHoldPlace", { packet, reason });
  }

  /** Approves a packet as it was when it became ready. */
  async approve(ready: Opened): Promise<number> {
    return this.#move(WHO.olga, "packetApprove", approvalOf(ready));
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async #move(by: Passport, verb: string, wish: object): Promise<number> {
    const type = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
    const data = await this.ask(
      by,
      `mutation ($input: ${type}Input!) {
        moved: ${verb}(input: $input) {
          ... on ${type}Payload { revision { number } } ... on Error { code message }
        }
      }`,
      { input: { idempotencyKey: newKey(), ...wish } },
    );
    const { revision, code } = data["moved"] as { revision?: { number: number }; code?: string };
    if (revision === undefined) throw new Error(`refused: ${code}`);
    return revision.number;
  }

  /** The meters themselves, with note taken of how many follow, and of what ended. */
  #counting(meters: Meters): Meters {
    return {
      ...NO_METERS,
      following: (field, transport, change) => {
        this.#followers += change;
        meters.following(field, transport, change);
      },
      observeQueue: (depth) => {
        this.#queueBytes = depth;
      },
      broadcasting: (change) => {
        this.#broadcasts += change;
      },
      closed: (transport, reason) => {
        this.closes.push(reason);
        meters.closed(transport, reason);
      },
    };
  }

  /** The feed itself, with note taken of who follows. */
  #watched(feed: Feed): Feed {
    const seen = (signal: AbortSignal): AbortSignal => {
      this.#signals.add(signal);
      return signal;
    };
    return {
      revisions: (packet, after, signal) =>
        this.#counted(packet, feed.revisions(packet, after, seen(signal))),
      log: (after, signal) => feed.log(after, seen(signal)),
      head: async (packet, atLeast) => {
        await this.beforeHead();
        return feed.head(packet, atLeast);
      },
      logHead: async (atLeast) => {
        await this.beforeHead();
        return feed.logHead(atLeast);
      },
      stirs: (packet, signal) => this.#stirred(feed.stirs(packet, seen(signal))),
      close: () => feed.close(),
    };
  }

  async *#stirred(stirs: AsyncIterable<void>): AsyncGenerator<void, void> {
    const stirring = stirs[Symbol.asyncIterator]();
    let next = stirring.next();
    try {
      for (;;) {
        const waited = new AbortController();
        const poked = once(this.#stirs, "stir", { signal: waited.signal }).then(
          () => null,
          () => null,
        );
        const first = await Promise.race([next, poked]);
        waited.abort();
        if (first?.done === true) return;
        if (first !== null) next = stirring.next();
        yield;
      }
    } finally {
      await stirring.return?.();
    }
  }

  async *#counted<T>(packet: PacketId, items: AsyncIterable<T>): AsyncGenerator<T, void> {
    for await (const item of items) {
      this.#pulled.set(packet, this.pulled(packet) + 1);
      yield item;
    }
  }
}

export type Answer = { readonly [name: string]: unknown };

/** What the files of this folder start from: a database and a server on it. */
export interface StreamWorld {
  readonly server: StreamServer;
  /** Another server on the same database, until the file's last test is over; it finds this in its environment too. */
  start(
    limits: Partial<StreamLimits>,
    environment?: Readonly<Record<string, string>>,
  ): Promise<StreamServer>;
  /** A packet that is READY_FOR_APPROVAL, of a train of its own. */
  packet(): Promise<Opened>;
  readonly databaseUrl: string;
}

/** Call once at the top of a file. */
export function streamWorld(limits: Partial<StreamLimits> = {}): StreamWorld {
  const database = freshDatabase();
  const folder = ownFolder();
  const servers: StreamServer[] = [];
  let trains = 0;
  const world: StreamWorld = {
    get server() {
      const [first] = servers;
      if (first === undefined) throw new Error("no server is started yet");
      return first;
    },
    databaseUrl: database.url,
    async start(own, environment) {
      const server = new StreamServer(path.join(folder.path, `principals-${servers.length}.json`));
      servers.push(server);
      await server.start(database.url, own, environment);
      return server;
    },
    packet: () => openReady(world.server.desk, `train-${(trains += 1)}`),
  };
  beforeAll(async () => {
    await world.start(limits);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  return world;
}
