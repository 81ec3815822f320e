import { spawn } from "node:child_process";
import { type SubscriptionForwarder, Client as Urql, subscriptionExchange } from "@urql/core";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { type Passport, bearer } from "../identity/passports.ts";
import { EventText } from "./eventText.ts";
import { type Event, Inbox, type ToldError, codesOf, eventOf } from "./inbox.ts";

/** What somebody wants to follow. */
export interface Wanted {
  readonly url: string;
  readonly by: Passport;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A stream as its reader has it. */
export interface Followed {
  /** The next event; throws a StreamEnded when there is none any more. */
  next(): Promise<Event>;
  leave(): void;
}

/** One real client. */
export interface Transport {
  readonly name: string;
  follow(wanted: Wanted): Followed;
  /** The code with which a reader is told that their rights are not what they were. */
  readonly lostRights: string;
  /** What ends a stream whose server goes away. */
  readonly goneAway: string;
}

/** A client of graphql-ws with a socket of its own. */
function socketClient(url: string, by: Passport): Client {
  return createClient({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: bearer(by) },
    retryAttempts: 0,
  });
}

/** Follows over a socket of graphql-ws's client. */
function followBy(client: Client, { query, variables }: Omit<Wanted, "url" | "by">) {
  const inbox = new Inbox();
  const leave = client.subscribe(
    { query, ...(variables === undefined ? {} : { variables }) },
    {
      next: ({ data, errors }) => {
        if (errors === undefined) inbox.push(eventOf(data));
        else inbox.end(codesOf(errors));
      },
      error: (fault) => inbox.end(codesOfFault(fault)),
      complete: () => inbox.end([]),
    },
  );
  return { next: () => inbox.next(), leave };
}

/** Either the errors of an operation, or what closed its socket. */
function codesOfFault(fault: unknown): string[] {
  if (Array.isArray(fault)) return codesOf(fault as ToldError[]);
  return [String((fault as CloseEvent).code)];
}

export const GRAPHQL_WS: Transport = {
  name: "graphql-ws",
  follow: (wanted) => followBy(socketClient(wanted.url, wanted.by), wanted),
  lostRights: "4403",
  goneAway: "1001",
};

export const URQL: Transport = {
  name: "urql",
  follow({ url, by, query, variables = {} }) {
    const socket = socketClient(url, by);
    const forwardSubscription: SubscriptionForwarder = (request) => {
      const payload = { query: request.query ?? "", variables: { ...request.variables } };
      return {
        subscribe: ({ next, error, complete }) => ({
          unsubscribe: socket.subscribe(payload, {
            next: ({ data = null, errors = [] }) =>
              next(errors.length === 0 ? { data } : { data, errors: [...errors] }),
            error,
            complete,
          }),
        }),
      };
    };
    const client = new Urql({
      url,
      preferGetMethod: false,
      exchanges: [subscriptionExchange({ forwardSubscription })],
    });
    const inbox = new Inbox();
    const running = client.subscription<object>(query, variables).subscribe((result) => {
      const { data, error, hasNext } = result;
      if (error?.networkError) inbox.end(codesOfFault(error.networkError));
      else if (error !== undefined) inbox.end(codesOf(error.graphQLErrors));
      else if (hasNext) inbox.push(eventOf(data));
      else inbox.end([]);
    });
    return { next: () => inbox.next(), leave: () => running.unsubscribe() };
  },
  lostRights: "4403",
  goneAway: "1001",
};

/** Every client that speaks over a socket. */
export const SOCKETS: readonly Transport[] = [GRAPHQL_WS, URQL];

/** Follows with curl; `headers` are added to what it sends. */
export function curl(
  { url, by, query, variables = {} }: Wanted,
  headers: readonly string[] = [],
): Followed & { readonly events: EventText } {
  const body = JSON.stringify({ query, variables });
  const sent = ["accept: text/event-stream", "content-type: application/json", ...headers];
  const child = spawn(
    "curl",
    ["-s", "-i", "-N", "--compressed", url, "--data-binary", body].concat(
      [`authorization: ${bearer(by)}`, ...sent].flatMap((header) => ["-H", header]),
    ),
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const events = new EventText();
  child.stdout.setEncoding("utf8").on("data", (text: string) => events.take(text));
  child.on("close", () => events.close());
  return { events, next: () => events.inbox.next(), leave: () => child.kill() };
}

/** curl, as the README has it. */
export const CURL: Transport = {
  name: "curl",
  follow: curl,
  lostRights: "FORBIDDEN",
  goneAway: "CUT",
};
