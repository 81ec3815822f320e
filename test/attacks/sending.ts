import { once } from "node:events";
import { createConnection } from "node:net";
import { expect } from "vitest";
import type { Actor } from "#packet/actor.ts";
import type { Answered } from "../graphql/served.ts";
import { bearerOf } from "../graphql/served.ts";

/** The form of answers that most is asked in here. */
export const RESPONSE_TYPE = "application/graphql-response+json";

/** An answer as it came. */
export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What of a request is sent in another way than usual. */
export interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
}

/** Sends a request as it is given, by somebody or, with null, by nobody. */
export async function sendTo(url: string, by: Actor | null, init: Init): Promise<Raw> {
  const response = await fetch(url, {
    method: "POST",
    ...init,
    headers: {
      accept: RESPONSE_TYPE,
      ...(by === null ? {} : { authorization: bearerOf(by) }),
      ...init.headers,
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A request with a body of JSON. */
export function json(body: BodyInit): Init {
  return { headers: { "content-type": "application/json" }, body };
}

/** The errors of an answer that has nothing else in it: neither data nor where in our code they arose. */
export function errorsIn({
  text,
}: Pick<Raw, "text">): readonly { readonly message: string; readonly extensions?: object }[] {
  const { data, errors, ...others } = JSON.parse(text) as Partial<Answered>;
  expect([data ?? null, Object.keys(others)]).toEqual([null, []]);
  expect(text).not.toMatch(/stacktrace|node_modules|\.ts:\d/);
  return errors ?? [];
}

/** Writes bytes to a server and resolves to all that it says until it closes the connection. */
export async function speak(url: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  await once(socket, "connect");
  let answer = "";
  // A connection that is reset is over as well.
  socket.on("error", () => undefined);
  socket.setEncoding("latin1").on("data", (text: string) => {
    answer += text;
  });
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}
