import { once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll } from "vitest";
import { openApi } from "#graphql/api.ts";
import { Role } from "#packet/actor.ts";
import { type RunningServer, startServer } from "#server.ts";
import type { Desk } from "#workflow/desk.ts";
import type { FreshDatabase } from "../database/freshDatabase.ts";
import { type Heard, heardLog } from "../identity/heardLog.ts";
import { type Passport, bearer, passport, textOf } from "../identity/passports.ts";
import { configFor, principalsFile } from "../server/startTest.ts";
import { needsOf } from "../server/needs.ts";

/** An answer as it came: everything in it is looked through. */
export interface Told {
  readonly status: number;
  /** The status line and every header. */
  readonly head: string;
  readonly body: string;
}

/** The error or the data of a GraphQL answer. */
export interface GraphqlBody {
  readonly data?: { readonly [name: string]: unknown } | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string };
  }[];
}

/** Somebody of each role and no other, by their name. */
export const ONLY = Object.fromEntries(
  Role.options.map((role) => [role, passport(`only-${role.toLowerCase()}`, [role])]),
) as Readonly<Record<Role, Passport>>;

/** A running server that lets in one of each role by their tokens, and whoever else is named. */
export interface House {
  readonly desk: Desk;
  readonly heard: Heard;
  ask(by: Passport | null, query: string, variables?: unknown): Promise<Told>;
  get(by: Passport, path: string): Promise<Told>;
  /** Has the file of principals list these beside the usual ones, from now on. */
  admit(...others: readonly Passport[]): Promise<void>;
  /** What a subscription tells over server-sent events until `isEnough`, or until it ends. */
  follow(by: Passport, query: string, isEnough: (body: string) => boolean): Promise<Told>;
}

/** A key that somebody of the world has, and uses for nothing. */
export const LISTED = {
  fingerprint: "SHA256:bjUlwnO+22tVRWpF7ZaaESTupJ8uKnRWYAkiaUkHPOw",
  line: `gsx-paul-z9 namespaces="entry@holdfast" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOHczxXnRMmyNgcutKmhiNimPdprBa2gJ3r7yaAIsMRp\n`,
} as const;

/** One epoch lasts longer than any test: the clock moves only when somebody moves it. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Starts the server before a file's first test and closes it after the last. */
export function openHouse(fresh: FreshDatabase): House {
  const principals = principalsFile();
  const heard = heardLog();
  const opened: { server?: RunningServer; desk?: Desk } = {};
  beforeAll(async () => {
    await writeFile(principals.path, textOf(...Object.values(ONLY)));
    const data = path.dirname(principals.path);
    await writeFile(path.join(data, "allowed_signers"), LISTED.line);
    await writeFile(path.join(data, "revoked_keys"), "");
    const config = configFor(fresh.url, principals.path, {
      HOLDFAST_CONNECTIONS_MAX: "8",
      HOLDFAST_EPOCH_MS: String(DAY_MS),
    });
    opened.server = await startServer(config, {
      ...needsOf(heard.log),
      openApi(options) {
        opened.desk = options.desk;
        return openApi(options);
      },
    });
  });
  afterAll(() => opened.server?.close());
  const send = (by: Passport | null, path: string, sent: Sent): Promise<Receiving> =>
    sending(`${opened.server?.url}${path}`, by, sent);
  return {
    heard,
    get desk() {
      if (opened.desk === undefined) throw new Error("the server is not started yet");
      return opened.desk;
    },
    async ask(by, query, variables = {}) {
      const accept = "application/graphql-response+json";
      return whole(await send(by, "/graphql", { accept, body: { query, variables } }));
    },
    async admit(...more) {
      // In one step, as whoever edits it for a server that runs.
      const draft = `${principals.path}.draft`;
      await writeFile(draft, textOf(...Object.values(ONLY), ...more));
      await rename(draft, principals.path);
    },
    async get(by, path) {
      return whole(await send(by, path, { accept: "*/*" }));
    },
    async follow(by, query, isEnough) {
      const accept = "text/event-stream";
      return untilEnough(await send(by, "/graphql", { accept, body: { query } }), isEnough);
    },
  };
}

interface Sent {
  readonly accept: string;
  readonly body?: object;
}

interface Receiving {
  readonly head: string;
  readonly response: IncomingMessage;
  readonly leave: () => void;
}

/** On a connection of its own: one that is kept may be let go by the server just as it is used again. */
async function sending(url: string, by: Passport | null, { accept, body }: Sent) {
  const written = body === undefined ? "" : JSON.stringify(body);
  const asking = request(url, {
    method: body === undefined ? "GET" : "POST",
    agent: false,
    headers: {
      accept,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(by === null ? {} : { authorization: bearer(by) }),
    },
  });
  asking.end(written);
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  const head = [`${response.statusCode}`, ...response.rawHeaders].join("\n");
  return { head, response, leave: () => asking.destroy() };
}

async function whole({ head, response }: Receiving): Promise<Told> {
  return { status: response.statusCode ?? 0, head, body: await text(response) };
}

async function untilEnough(
  { head, response, leave }: Receiving,
  isEnough: (body: string) => boolean,
): Promise<Told> {
  let body = "";
  response.setEncoding("utf8");
  for await (const piece of response) {
    body += String(piece);
    if (isEnough(body)) break;
  }
  leave();
  return { status: response.statusCode ?? 0, head, body };
}
