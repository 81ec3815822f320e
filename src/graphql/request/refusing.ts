import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import { CHALLENGE, CHALLENGE_WORDS } from "#identity/authorization.ts";
import { AGAIN_SECONDS, REFUSED_BODY_BYTES_MAX, REFUSED_LINGER_MS } from "../limits.ts";
import type { Refused } from "./body.ts";

/** What whoever is not known is answered (RFC 6750). */
export const NOBODY: Refused = {
  status: 401,
  code: "UNAUTHENTICATED",
  message: CHALLENGE_WORDS,
  headers: { "www-authenticate": CHALLENGE },
};

/** What a page of another origin is answered, whatever it asks. */
export const FOREIGN: Refused = {
  status: 403,
  code: "FOREIGN_ORIGIN",
  message: "pages of this origin may not ask here",
};

/** A request's path without its query, which is not read. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

/** Answers a request that GraphQL does not see. */
export function refuse(
  response: ServerResponse,
  { status, code, message, headers = {} }: Refused,
): void {
  const error = { message, extensions: { code } };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  refuseWith(response, status, [error]);
}

/** By the code of an error, the status where whoever asked is not to blame, or may ask again. */
const STATUSES: ReadonlyMap<unknown, number> = new Map([
  ["INTERNAL", 500],
  ["RATE_LIMITED", 429],
  ["UNAVAILABLE", 503],
  ["UNREADABLE", 500],
  ["UNRECORDED", 503],
]);

/** Answers with errors alone, and by its status says whether to ask again: after a while (429 and 503), or never the same (400). */
export function refuseFor(response: ServerResponse, errors: readonly GraphQLError[]): void {
  const { code, retryAfterSeconds = AGAIN_SECONDS } = errors[0]?.extensions ?? {};
  const status = STATUSES.get(code) ?? 400;
  if (status === 429 || status === 503) {
    response.setHeader("retry-after", String(retryAfterSeconds));
  }
  refuseWith(response, status, errors);
}

/** Answers with errors alone, as JSON; of a body that is still sent little more is taken. */
export function refuseWith(
  response: ServerResponse,
  status: number,
  errors: readonly (GraphQLError | { readonly message: string })[],
): void {
  const body = JSON.stringify({ errors });
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
  if (!response.req.complete) dismiss(response.req);
}

/**
 * Lets the rest of a refused request come as far as its sender needs who only then reads the
 * answer; whoever sends on is not read, and cut off.
 */
function dismiss(request: IncomingMessage): void {
  let taken = 0;
  const cut = setTimeout(() => request.socket.destroy(), REFUSED_LINGER_MS);
  const stop = (): void => clearTimeout(cut);
  request.on("data", (chunk: Buffer) => {
    taken += chunk.length;
    if (taken > REFUSED_BODY_BYTES_MAX) request.pause();
  });
  request.once("end", stop).once("close", stop).resume();
}
