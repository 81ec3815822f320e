import { GraphQLError, buildSchema } from "graphql";
import { describe, expect, test } from "vitest";
import type { Context } from "#graphql/context.ts";
import { Documents } from "#graphql/request/documents.ts";
import { type Delivery, Operations } from "#graphql/stream/operations.ts";
import { Reader } from "#graphql/stream/reader.ts";
import { abortable, orQuiet } from "#graphql/stream/stream.ts";
import type { Actor } from "#packet/actor.ts";
import { heardLog } from "../identity/heardLog.ts";
import { RITA } from "../workflow/cast.ts";

const QUERY = "subscription { ticks { cursor value } }";

/** A schema with one stream, which gives these; a function is called where it comes. */
function following(events: readonly (object | (() => never))[], actors: readonly (Actor | null)[]) {
  const schema = buildSchema(`
    type Query { none: Int }
    type Tick { cursor: String! value: Int! }
    type Subscription { ticks: Tick! }
  `);
  let hasEnded = false;
  const ticks = schema.getSubscriptionType()?.getFields()["ticks"];
  if (ticks === undefined) throw new Error("the schema has a stream");
  ticks.subscribe = () =>
    abortable(async function* give() {
      try {
        for (const event of events) yield typeof event === "function" ? event() : event;
      } finally {
        hasEnded = true;
      }
    });
  ticks.resolve = (event: unknown) => event;
  const heard = heardLog();
  const operations = new Operations(schema, new Documents(schema, true), heard.log);
  const left = [...actors];
  const reader = new Reader("request-1", async () => {
    const actor = left.length > 1 ? left.shift() : left[0];
    return actor ? contextOf(actor) : null;
  });
  return {
    heard,
    hasEnded: () => hasEnded,
    async all(): Promise<readonly Delivery[] | string> {
      const followed = await operations.follow({ query: QUERY }, reader);
      if (followed.kind !== "RUNNING") return followed.kind;
      const told: Delivery[] = [];
      for await (const delivery of followed.deliveries) told.push(delivery);
      return told;
    },
  };
}

/** As much of a context as these streams look at. */
function contextOf(actor: Actor): Context {
  return { actor, classes: new Set(), requestId: "request-1" } as Partial<Context> as Context;
}

const tick = (value: unknown) => ({ cursor: `at-${String(value)}`, value });
const event = (value: number) => ({
  kind: "EVENT",
  cursor: `at-${value}`,
  result: { data: { ticks: tick(value) } },
});

describe("a stream", () => {
  test("brings its events with their cursors", async () => {
    const stream = following([tick(1), tick(2)], [RITA]);
    expect(await stream.all()).toEqual([event(1), event(2)]);
  });

  test("ends with the event that could not be executed, which has no cursor", async () => {
    const stream = following([tick(1), tick("no number"), tick(3)], [RITA]);
    expect(await stream.all()).toMatchObject([event(1), { kind: "FAILED", errors: [{}] }]);
    expect(stream.hasEnded()).toBe(true);
  });

  test("ends with a crash of its source, which only the log has whole", async () => {
    const crash = new Error("nobody may read this");
    const stream = following(
      [
        tick(1),
        () => {
          throw crash;
        },
      ],
      [RITA],
    );
    const [first, last] = await stream.all();
    expect(first).toEqual(event(1));
    expect(last).toMatchObject({ kind: "FAILED", errors: [{ extensions: { code: "INTERNAL" } }] });
    expect(JSON.stringify(last)).not.toContain(crash.message);
    expect(stream.heard.lines).toMatchObject([{ fields: { err: crash, requestId: "request-1" } }]);
  });

  test("ends with a refusal of its source as it is", async () => {
    const refusal = new GraphQLError("go away", { extensions: { code: "GO_AWAY" } });
    const stream = following(
      [
        () => {
          throw refusal;
        },
      ],
      [RITA],
    );
    expect(await stream.all()).toMatchObject([{ kind: "FAILED", errors: [refusal] }]);
    expect(stream.heard.lines).toEqual([]);
  });

  test.each<[string, Actor | null]>([
    ["is nobody any more", null],
    ["lost a role", { ...RITA, roles: [] }],
    ["is somebody else", { ...RITA, actor: "rosa" }],
    ["became a system", { ...RITA, kind: "SYSTEM" }],
  ])("ends before the next event where its reader %s", async (_what, later) => {
    const stream = following([tick(1), tick(2)], [RITA, RITA, later]);
    expect(await stream.all()).toEqual([event(1), { kind: "FORBIDDEN" }]);
    expect(stream.hasEnded()).toBe(true);
  });

  test("does not begin for nobody", async () => {
    expect(await following([tick(1)], [null]).all()).toBe("FORBIDDEN");
  });
});

describe("what is asked also when it is quiet", () => {
  test("yields for stirs and for silence, and ends with the stirs", async () => {
    let stir: () => void = () => undefined;
    const ended = new AbortController();
    async function* stirs() {
      yield;
      await new Promise<void>((resolve) => {
        stir = resolve;
      });
      yield;
      ended.abort();
    }
    const asked = orQuiet(stirs(), 1);
    expect(await asked.next()).toEqual({ done: false, value: undefined });
    expect(await asked.next()).toEqual({ done: false, value: undefined });
    expect(ended.signal.aborted).toBe(false);
    stir();
    while ((await asked.next()).done !== true) continue;
    expect(ended.signal.aborted).toBe(true);
  });

  test("lets go of the stirs when its reader leaves", async () => {
    let hasEnded = false;
    async function* stirs() {
      try {
        for (;;) yield;
      } finally {
        hasEnded = true;
      }
    }
    const asked = orQuiet(stirs(), 60_000);
    await asked.next();
    await asked.return();
    expect(hasEnded).toBe(true);
  });
});
