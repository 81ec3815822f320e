import { writeFile } from "node:fs/promises";
import type { Cursors } from "#feed/cursor.ts";
import type { PacketId } from "#packet/name.ts";
import { textOf } from "../identity/passports.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";
import { newKey, openReady } from "../workflow/trains.ts";
import { StreamEnded } from "./inbox.ts";
import { numberOf } from "./stage.ts";
import { EPOCH_MS, type StreamWorld, WHO } from "./streamWorld.ts";
import { ALL_HOLD_CHANGES, HOLD_CHANGES, REGISTER, REVISIONS } from "./subscriptions.ts";
import type { Followed, Transport } from "./transports.ts";

/** A server in a process of its own, which can be killed and started again, elsewhere. */
class MortalServer {
  readonly #environment: Readonly<Record<string, string>>;
  #main: MainProcess | null = null;
  #started: PromiseWithResolvers = withResolvers();

  constructor(databaseUrl: string, principals: string) {
    this.#environment = {
      DATABASE_URL: databaseUrl,
      HOLDFAST_EPOCH_MS: String(EPOCH_MS),
      HOLDFAST_PORT: "0",
      HOLDFAST_PRINCIPALS: principals,
    };
  }

  async start(): Promise<void> {
    const main = startMain(this.#environment);
    this.#main = main;
    await main.says("Holdfast serves");
    this.#started.resolve(`${urlOf(main)}/graphql`);
  }

  /** Where it serves, as soon as it does. */
  url(): Promise<string> {
    return this.#started.promise;
  }

  /** Ends it without a word: nothing is flushed, nothing is said to anybody. */
  async kill(): Promise<void> {
    this.#started = withResolvers();
    process.kill(this.#main?.pid ?? 0, "SIGKILL");
    await this.#main?.exited;
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<string>;
  readonly resolve: (url: string) => void;
}

function withResolvers(): PromiseWithResolvers {
  let resolve: (url: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Lets the usual ones in. */
function writePrincipals(file: string): Promise<void> {
  return writeFile(file, textOf(...Object.values(WHO)));
}

/** One reader, who comes back with the last cursor as often as the server is gone. */
class ReturningReader {
  /** The numbers of the revisions that it was told of, in the order in which they came. */
  readonly told: number[] = [];
  /** How often the stream was taken up again. */
  returns = 0;
  readonly #server: MortalServer;
  readonly #transport: Transport;
  readonly #query: string;
  readonly #packet: PacketId;
  #cursor: string;

  constructor(
    server: MortalServer,
    { transport, query, packet, after }: Reading & { readonly transport: Transport },
  ) {
    this.#server = server;
    this.#transport = transport;
    this.#query = query;
    this.#packet = packet;
    this.#cursor = after;
  }

  /** Reads until so many events have come. */
  async read(count: number): Promise<void> {
    while (this.told.length < count) {
      const stream = this.#open(await this.#server.url());
      try {
        while (this.told.length < count) await this.#take(stream);
      } catch (fault) {
        if (!(fault instanceof StreamEnded)) throw fault;
        this.returns += 1;
      } finally {
        stream.leave();
      }
    }
  }

  #open(url: string): Followed {
    const own = this.#query === ALL_HOLD_CHANGES ? {} : { packet: this.#packet };
    return this.#transport.follow({
      url,
      by: WHO.rita,
      query: this.#query,
      variables: { ...own, after: this.#cursor },
    });
  }

  async #take(stream: Followed): Promise<void> {
    const event = await stream.next();
    this.#cursor = event.cursor;
    const isOne = event.kind === "RevisionEvent" || event.kind === "HoldsChanged";
    if (isOne) this.told.push(numberOf(event));
  }
}

/** What is read, from where. */
interface Reading {
  readonly query: string;
  readonly packet: PacketId;
  readonly after: string;
}

/** Every stream in which nothing conflates, from after a revision of a packet. */
function readings(
  packet: PacketId,
  cursors: Cursors,
  { revision, log }: { readonly revision: bigint; readonly log: bigint },
): Reading[] {
  const write = (scope: string, position: bigint): string => cursors.write(scope, position);
  const nothingLeft = (at: bigint): bigint => at * 65_536n + 65_535n;
  return [
    { query: REVISIONS, packet, after: write(`revisions ${packet}`, revision) },
    { query: HOLD_CHANGES, packet, after: write(`holds of ${packet}`, nothingLeft(revision)) },
    { query: REGISTER, packet, after: write(`holds of ${packet}`, nothingLeft(revision)) },
    { query: ALL_HOLD_CHANGES, packet, after: write("holds of all", nothingLeft(log)) },
  ];
}

const PLACE = `mutation ($input: OperatorHoldPlaceInput!) {
  operatorHoldPlace(input: $input) {
    ... on OperatorHoldPlacePayload { revision { number } } ... on Error { code }
  }
}`;

/** Places a hold over HTTP, and asks again with the same key until it is known to be placed. */
async function placeSurely(server: MortalServer, packet: PacketId): Promise<void> {
  const input = { packet, reason: "odd noise", idempotencyKey: newKey() };
  for (;;) {
    try {
      const response = await fetch(await server.url(), {
        method: "POST",
        headers: {
          authorization: `Bearer ${WHO.ivan.token}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ query: PLACE, variables: { input } }),
      });
      const answer = (await response.json()) as { data?: { operatorHoldPlace: object } };
      if ("revision" in (answer.data?.operatorHoldPlace ?? {})) return;
      throw new Error(`refused: ${JSON.stringify(answer)}`);
    } catch (fault) {
      // The connection was refused or cut: the server is gone, or not there yet.
      if (!(fault instanceof TypeError)) throw fault;
    }
  }
}

/** How much is read and written, and how often the server is killed meanwhile. */
export interface Trial {
  readonly transports: readonly Transport[];
  readonly placements: number;
  readonly kills: number;
}

/** What came of it. */
export interface Tried {
  readonly readers: readonly ReturningReader[];
  /** The revisions that were made, which every reader must have been told of. */
  readonly numbers: readonly number[];
}

/**
 * Readers follow every stream over every transport while holds are placed over HTTP, and the
 * server is killed and started again.
 */
export async function tryResuming(
  { server: { desk, cursors }, ...world }: StreamWorld,
  principals: string,
  { transports, placements, kills }: Trial,
): Promise<Tried> {
  const { packet, revision } = await openReady(desk, "resumed");
  const log = await desk.ledger.sequence();
  const starts = readings(packet, cursors, { revision: BigInt(revision), log });
  await writePrincipals(principals);
  const server = new MortalServer(world.databaseUrl, principals);
  await server.start();
  const readers = transports.flatMap((transport) =>
    starts.map((reading) => new ReturningReader(server, { ...reading, transport })),
  );
  const reading = readers.map((reader) => reader.read(placements));
  let restarted = Promise.resolve();
  for (let placed = 1; placed <= placements; placed += 1) {
    await placeSurely(server, packet);
    // In the middle of the next placements, wherever they are then.
    if (placed % Math.ceil(placements / (kills + 1)) !== 0) continue;
    await restarted;
    restarted = server.kill().then(() => server.start());
  }
  await Promise.all([restarted, ...reading]);
  await server.kill();
  const numbers = Array.from({ length: placements }, (_none, index) => revision + 1 + index);
  return { readers, numbers };
}
