import { EventEmitter, once } from "node:events";
import { buildSchema } from "graphql";
import { classesOf } from "#access/classes.ts";
import type { Context } from "#graphql/context.ts";
import { SLOW_MS } from "#graphql/limits.ts";
import { Documents } from "#graphql/request/documents.ts";
import type { ToldEvent } from "#graphql/stream/broadcast.ts";
import type { Sink, Waiting } from "#graphql/stream/sink.ts";
import { Operations } from "#graphql/stream/operations.ts";
import { Reader } from "#graphql/stream/reader.ts";
import { type Placed, Source } from "#graphql/stream/source.ts";
import { Turns } from "#graphql/stream/turns.ts";
import type { LedgerWord } from "#identity/offlineGround.ts";
import type { Actor } from "#packet/actor.ts";
import { NO_METERS } from "#packet/meters.ts";
import { heardLog } from "../identity/heardLog.ts";

const SCHEMA = `
  type Query { none: Int }
  type Tick { cursor: String! value: Int! secret: Int filling(bytes: Int!): String }
  type Subscription { ticks(after: String): Tick! }
`;

/** Follows ticks; `secret` is for those who see what is restricted. */
export const TICKS =
  "subscription ($after: String) { ticks(after: $after) { cursor value secret } }";

/** What is at a place: a value, one that was not read, or a function that is called there. */
type Ticked = number | string | { readonly unread: number } | (() => never);

/** A stream of ticks that a test makes, told by the engine of the product. */
export class Ticks {
  readonly heard = heardLog();
  readonly operations: Operations;
  /** What happened, one after the other: a tick was MADE, or TOLD to a basket that knows of this. */
  readonly order: ("MADE" | "TOLD")[] = [];
  /** How many times each tick was executed. */
  readonly executed = new Map<unknown, number>();
  /** How many broadcasts there are. */
  broadcasts = 0;
  readonly #ticks: Ticked[] = [];
  readonly #moved = new EventEmitter();
  /** How many sources are open. */
  open = 0;
  /** How many read from the sources at this time. */
  #generation = 0;
  #isClosed = false;

  /** `admit` is asked of each document; all are let in unless told otherwise. `look` looks at everybody's rights. */
  constructor(
    admit: () => Promise<number | null> = () => Promise.resolve(null),
    look?: (word: LedgerWord) => Promise<number>,
  ) {
    this.#moved.setMaxListeners(0);
    const schema = buildSchema(SCHEMA);
    const ticks = schema.getSubscriptionType()?.getFields()["ticks"];
    const secret = schema.getType("Tick");
    if (ticks === undefined || secret === undefined || !("getFields" in secret)) {
      throw new Error("the schema has a stream of ticks");
    }
    ticks.subscribe = (_root, { after }: { after?: string }) => this.#source(after);
    ticks.resolve = (event: { value: unknown }) => {
      this.order.push("MADE");
      this.executed.set(event.value, (this.executed.get(event.value) ?? 0) + 1);
      return event;
    };
    const fields = secret.getFields() as Record<string, { resolve?: unknown }>;
    const resolve = ({ value }: { value: number }, _args: unknown, { classes }: Context) =>
      classes.has("RESTRICTED") ? value * 100 : null;
    Object.assign(fields["secret"] ?? {}, { resolve });
    const fill = (_tick: unknown, { bytes }: { bytes: number }): string => "x".repeat(bytes);
    Object.assign(fields["filling"] ?? {}, { resolve: fill });
    this.operations = new Operations({
      schema,
      documents: new Documents(schema, true),
      admit,
      look: look ?? (async () => this.#generation),
      meters: {
        ...NO_METERS,
        broadcasting: (change) => {
          this.broadcasts += change;
        },
      },
      slowMs: SLOW_MS,
      wallNow: () => 0,
      log: this.heard.log,
    });
  }

  /** What comes next. */
  push(...ticks: Ticked[]): void {
    this.#ticks.push(...ticks);
    this.#moved.emit("moved");
  }

  /** Everybody's rights may be others from here on. */
  changeRights(): void {
    this.#generation += 1;
  }

  /** Nothing comes any more. */
  close(): void {
    this.#isClosed = true;
    this.#moved.emit("moved");
  }

  /** A reader whose rights are those of the next actor each time they are asked for; the last stay. */
  reader(...actors: readonly (Actor | null)[]): Reader {
    const left = [...actors];
    return this.readerBy(async () => (left.length > 1 ? left.shift() : left[0]) ?? null);
  }

  /** A reader whose rights are asked for so. */
  readerBy(actorNow: () => Promise<Actor | null>): Reader {
    return new Reader("request-1", async () => {
      const actor = await actorNow();
      return actor && contextOf(actor);
    });
  }

  #source(after: string | undefined): Source {
    const goOn = (position: bigint, signal: AbortSignal) => this.#after(Number(position), signal);
    const start = after === undefined ? 0n : BigInt(after);
    const newest = async (): Promise<bigint> => BigInt(this.#ticks.length);
    return new Source({ kind: "LOG", begin: (signal) => goOn(start, signal), newest, goOn });
  }

  async *#after(start: number, signal: AbortSignal): AsyncGenerator<Placed & { value: unknown }> {
    this.open += 1;
    try {
      let at = start;
      for (;;) {
        for (; at < this.#ticks.length; at += 1) {
          const tick = this.#ticks[at];
          yield { ...placeOf("TICK", at + 1), ...valueOf(tick) };
        }
        if (this.#isClosed || signal.aborted) return;
        yield { ...placeOf("HEARTBEAT", at), value: 0 };
        while (at === this.#ticks.length && !this.#isClosed) {
          await once(this.#moved, "moved", { signal }).catch(() => undefined);
          if (signal.aborted) return;
        }
      }
    } finally {
      this.open -= 1;
    }
  }
}

function placeOf(kind: string, at: number): Placed {
  return { kind, cursor: `${at}`, position: BigInt(at), mark: `${at}`, committedAt: null };
}

function valueOf(tick: Ticked | undefined): { readonly value: unknown; readonly isUnread?: true } {
  if (typeof tick === "object") return { value: tick.unread, isUnread: true };
  return { value: typeof tick === "function" ? tick() : tick };
}

/** As much of a context as these streams look at. */
function contextOf(actor: Actor): Context {
  const classes = new Set(classesOf(actor));
  return { actor, classes, requestId: "request-1" } as Partial<Context> as Context;
}

/** Where one reader's events go, who takes them when the test says so. */
export class Basket implements Sink {
  /** The values, in the order of their coming; heartbeats are 0. */
  readonly values: number[] = [];
  readonly texts: string[] = [];
  /** What ended it: codes of errors, none where it was complete; FORBIDDEN, or TOO_SLOW. */
  ending: readonly unknown[] | "FORBIDDEN" | "TOO_SLOW" | null = null;
  readonly #moved = new EventEmitter();
  readonly untaken: Waiting;
  readonly #order: string[];
  #room = Infinity;

  /** Baskets of one connection take turns; what they are told is noted in `order`. */
  constructor(turns = new Turns(), order: string[] = []) {
    this.untaken = { bytes: 0, turns, taken: () => (this.#room > 0 ? null : this.#untilRoom()) };
    this.#order = order;
  }

  /** Lets so many events more be taken before the reader is behind. */
  setRoom(events: number): void {
    this.#room = events;
    this.#moved.emit("moved");
  }

  event({ text, cursor }: ToldEvent): boolean {
    if (this.ending !== null) return true;
    if (this.#room <= 0) return false;
    const { data } = JSON.parse(text) as { data: { ticks: { cursor: string; value?: number } } };
    if (data.ticks.cursor !== cursor) throw new Error("the cursor is another one");
    this.#order.push("TOLD");
    this.texts.push(text);
    this.values.push(data.ticks.value ?? 0);
    this.#room -= 1;
    this.#moved.emit("moved");
    return true;
  }

  async #untilRoom(): Promise<void> {
    while (this.#room <= 0 && this.ending === null) await once(this.#moved, "moved");
  }

  end(errors: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]): void {
    this.ending = errors.map(({ extensions }) => extensions["code"]);
    this.#moved.emit("moved");
  }

  tooSlow(): void {
    this.ending = "TOO_SLOW";
    this.#moved.emit("moved");
  }

  forbid(): void {
    this.ending = "FORBIDDEN";
    this.#moved.emit("moved");
  }

  /** The ticks that came. */
  get ticks(): readonly number[] {
    return this.values.filter((value) => value !== 0);
  }

  /** Resolves when so many ticks have come, or it has ended. */
  async holds(count: number): Promise<readonly number[]> {
    while (this.ticks.length < count && this.ending === null) await once(this.#moved, "moved");
    return this.ticks;
  }

  /** Resolves when it has ended. */
  async ended(): Promise<Basket["ending"]> {
    while (this.ending === null) await once(this.#moved, "moved");
    return this.ending;
  }

  /** Resolves when the reader was told that nothing is missing. */
  async isCurrent(): Promise<void> {
    while (!this.values.includes(0)) await once(this.#moved, "moved");
  }
}
