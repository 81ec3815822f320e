import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { GraphQLSchema } from "graphql";
import { v7 as newId } from "uuid";
import { classesOf } from "#access/classes.ts";
import { readConfig } from "#config.ts";
import { type Api, type ApiOptions, openApi } from "#graphql/api.ts";
import { builder } from "#graphql/builder.ts";
import type { Context } from "#graphql/context.ts";
import { TOLD_TO_MANY } from "#graphql/governedReads.ts";
import { buildSchema } from "#graphql/schema.ts";
import type { Presence } from "#graphql/stream/presence.ts";
import type { Actor } from "#packet/actor.ts";
import { startServer } from "#server.ts";
import { tokenOf, writePrincipals } from "../built.ts";
import type { Figure } from "../measure.ts";
import { EPOCH_MS, withPostgres } from "../store.ts";

/** A log that keeps nothing. */
export const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A running server's parts. */
export interface Stage {
  readonly options: ApiOptions;
  readonly guarded: GraphQLSchema;
  /** The same types and resolvers without the classes' guard. */
  readonly bare: GraphQLSchema;
}

/** What a figure's run gives. */
export type Rounds = Awaited<ReturnType<Figure["run"]>>;

/** A server on a Postgres of its own, and its schema with the classes' guard and without. */
export function withStage(use: (stage: Stage) => Promise<Rounds>): Promise<Rounds> {
  return withPostgres(async ({ url }) => {
    const directory = await mkdtemp(path.join(tmpdir(), "holdfast-bench-"));
    try {
      const principals = path.join(directory, "principals.json");
      await writePrincipals(principals);
      return await withServer({ url, principals }, use);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
}

interface Place {
  readonly url: string;
  readonly principals: string;
}

async function withServer(
  { url, principals }: Place,
  use: (stage: Stage) => Promise<Rounds>,
): Promise<Rounds> {
  const config = readConfig({
    DATABASE_URL: url,
    HOLDFAST_DATA: path.dirname(principals),
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: principals,
  });
  const opened: { options?: ApiOptions } = {};
  const server = await startServer(config, {
    log: SILENT,
    tell: () => undefined,
    newId,
    newSalt: () => randomBytes(32),
    now: () => performance.now(),
    wallNow: () => Date.now(),
    openApi(options): Api {
      opened.options = options;
      return openApi(options);
    },
  });
  try {
    const { options } = opened;
    if (options === undefined) throw new Error("the server opened no API");
    const guarded = buildSchema();
    return await use({ options, guarded, bare: builder.toSchema({ sortSchema: false }) });
  } finally {
    await server.close();
  }
}

const AUTHORIZATION_HEADER = `Bearer ${tokenOf("rita")}`;

/** Whom a token speaks for, looked up as for each request. */
export async function actorOf({ options }: Stage): Promise<Actor> {
  const actor = await options.authenticate(AUTHORIZATION_HEADER);
  if (actor === null) throw new Error("rita is not known");
  return actor;
}

/** A context as the API makes it, but for the records of access, which are another cost. */
export function contextOf({ options }: Stage, presence: Presence, actor: Actor): Context {
  const { desk, feed, cursors, notary, embedded, log, records } = options;
  const classes = new Set(classesOf(actor));
  const lastKnown = () => Promise.resolve([]);
  const own = { actor, classes, address: "", requestId: "bench", lastKnown, lastEventId: null };
  return { ...TOLD_TO_MANY, ...own, records, desk, feed, cursors, presence, notary, embedded, log };
}
