import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import { type ApiOptions, openApi } from "#graphql/api.ts";
import type { Actor } from "#packet/actor.ts";
import { type RunningServer, startServer } from "#server.ts";
import type { Desk } from "#workflow/desk.ts";
import type { FreshDatabase } from "../database/freshDatabase.ts";
import { type Heard, heardLog } from "../identity/heardLog.ts";
import { configFor, principalsFile } from "../server/startTest.ts";
import { needsOf } from "../server/needs.ts";

/** An answer of the API: the status, and the body as it came and as JSON. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly data: { readonly [name: string]: unknown } | null | undefined;
  readonly errors: readonly Told[];
}

/** An error of a GraphQL answer. */
interface Told {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly path?: readonly string[] };
}

/** A server of the test's own process with the whole API, on one database. */
export interface Served {
  readonly url: string;
  readonly desk: Desk;
  readonly database: Database;
  readonly heard: Heard;
  ask(by: Actor | null, query: string, variables?: unknown): Promise<Answered>;
}

/** One epoch lasts longer than any test: the clock moves only when somebody moves it. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** The header with which somebody asks this server; who they are stands in it. */
export function bearerOf(actor: Actor): string {
  return `Bearer actor.${Buffer.from(JSON.stringify(actor)).toString("base64url")}`;
}

function actorOf(authorization: string | undefined): Actor | null {
  const [, written] = /^Bearer actor\.([\w-]+)$/.exec(authorization ?? "") ?? [];
  if (written === undefined) return null;
  return JSON.parse(Buffer.from(written, "base64url").toString()) as Actor;
}

/**
 * Starts a server before a file's first test and closes it after the last. It believes whoever
 * {@link bearerOf} says they are. `before` may fill the database first.
 */
export function served(
  fresh: FreshDatabase,
  before: (database: Database) => Promise<void> = async () => undefined,
  change: Partial<ApiOptions> = {},
  variables: Readonly<Record<string, string>> = {},
): Served {
  const principals = principalsFile();
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  const heard = heardLog();
  const opened: { server?: RunningServer; desk?: Desk } = {};
  beforeAll(async () => {
    await before(database);
    const config = configFor(fresh.url, principals.path, {
      HOLDFAST_CONNECTIONS_MAX: "8",
      HOLDFAST_EPOCH_MS: String(DAY_MS),
      ...variables,
    });
    opened.server = await startServer(config, {
      ...needsOf(heard.log),
      openApi(options) {
        opened.desk = options.desk;
        return openApi({ ...options, authenticate: async (told) => actorOf(told), ...change });
      },
    });
  });
  afterAll(async () => {
    await opened.server?.close();
    await database.close();
  });
  return {
    database,
    heard,
    get url() {
      return `${opened.server?.url}/graphql`;
    },
    get desk() {
      if (opened.desk === undefined) throw new Error("the server is not started yet");
      return opened.desk;
    },
    ask(by, query, variables = {}) {
      return post(this.url, by, jsonText({ query, variables }));
    },
  };
}

/** On a connection of its own: one that is kept may be let go by the server just as it is used again. */
async function post(url: string, by: Actor | null, body: string): Promise<Answered> {
  const asking = request(url, {
    method: "POST",
    agent: false,
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      accept: "application/graphql-response+json",
      ...(by === null ? {} : { authorization: bearerOf(by) }),
    },
  });
  asking.end(body);
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  const answer = await text(response);
  const { data, errors = [] } = JSON.parse(answer) as Partial<Answered>;
  return { status: response.statusCode ?? 0, text: answer, data, errors };
}

const MINUS_ZERO = "@minus-zero@";
const TOO_GREAT = "@too-great@";

/** JSON in which -0 stays -0, and what is infinite is a number that no double holds. */
function jsonText(value: unknown): string {
  const written = JSON.stringify(value, (_name, part: unknown) => {
    if (Object.is(part, -0)) return MINUS_ZERO;
    return part === Number.POSITIVE_INFINITY ? TOO_GREAT : part;
  });
  return written.replaceAll(`"${MINUS_ZERO}"`, "-0").replaceAll(`"${TOO_GREAT}"`, "1e400");
}
