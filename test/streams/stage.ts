import { expect } from "vitest";
import type { Passport } from "../identity/passports.ts";
import { type Event, StreamEnded } from "./inbox.ts";
import { type StreamServer, type StreamWorld, WHO } from "./streamWorld.ts";
import type { Followed, Transport } from "./transports.ts";

/** Where one claim about streams is shown, with one client. */
export class Stage {
  readonly world: StreamWorld;
  readonly transport: Transport;
  readonly #opened: Followed[] = [];

  constructor(world: StreamWorld, transport: Transport) {
    this.world = world;
    this.transport = transport;
  }

  get server(): StreamServer {
    return this.world.server;
  }

  /** Follows on the usual server, as a reader, unless told otherwise. */
  follow(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    { by = WHO.rita, server = this.server }: { by?: Passport; server?: StreamServer } = {},
  ): Followed {
    const followed = this.transport.follow({ url: server.url, by, query, variables });
    this.#opened.push(followed);
    return followed;
  }

  /** Ends every stream, and resolves when the server has let go of all. */
  async clear(): Promise<void> {
    for (const followed of this.#opened.splice(0)) followed.leave();
    await this.server.followedBy(0);
  }
}

/** The next event that tells something. */
export async function told(stream: Followed): Promise<Event> {
  for (;;) {
    const event = await stream.next();
    if (event.kind !== "Heartbeat") return event;
  }
}

/** So many events that tell something. */
export async function toldTimes(stream: Followed, count: number): Promise<Event[]> {
  const events: Event[] = [];
  while (events.length < count) events.push(await told(stream));
  return events;
}

/** Resolves to the cursor at which the reader is current with a head. */
export async function current(stream: Followed, head: number | bigint): Promise<string> {
  const event = await stream.next();
  expect(event).toEqual({ kind: "Heartbeat", cursor: event.cursor, head: String(head) });
  return event.cursor;
}

/** The codes that end a stream; throws if it tells something before. */
export async function endOf(stream: Followed): Promise<readonly string[]> {
  try {
    const event = await told(stream);
    throw new Error(`it told ${JSON.stringify(event)}`);
  } catch (fault) {
    if (fault instanceof StreamEnded) return fault.codes;
    throw fault;
  }
}

/** The number of the revision that an event is about. */
export function numberOf(event: Event): number {
  return (event["revision"] as { number: number }).number;
}

/** What an event tells of holds, such as `OPENED OPERATOR_HOLD 1`. */
export function changeOf(event: Event): string {
  const change = event["change"] as { transition: string; code: string; count: number };
  return `${change.transition} ${change.code} ${change.count}`;
}
