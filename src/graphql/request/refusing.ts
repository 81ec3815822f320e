import type { IncomingMessage, ServerResponse } from "node:http";
import type { GraphQLError } from "graphql";
import type { Refused } from "./body.ts";

/** What whoever is not known is answered (RFC 6750). */
export const NOBODY: Refused = {
  status: 401,
  code: "UNAUTHENTICATED",
  message: "say who you are with the header authorization: Bearer and your token",
  headers: { "www-authenticate": 'Bearer realm="holdfast"' },
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

/** Answers with errors alone, as JSON. */
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
}
