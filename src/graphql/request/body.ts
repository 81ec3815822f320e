import type { IncomingMessage } from "node:http";
import { wholeBody } from "#outpost/wholeBody.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { parseJson } from "./json.ts";

/** A request that is refused before GraphQL sees it. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The parameters of a request (GraphQL over HTTP, section 5.3). */
export interface Params {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

const JSON_TYPE = /^application\/(?:json|graphql\+json)\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** Why this request is not even read; null when it may be. */
export function refusalOfHead(request: IncomingMessage): Refused | null {
  if (request.method !== "POST") {
    const headers = { allow: "POST" };
    return { status: 405, code: "METHOD_NOT_ALLOWED", message: "ask with POST", headers };
  }
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = request.headers;
  if (!JSON_TYPE.test(type)) {
    return {
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "send application/json in UTF-8",
    };
  }
  if (encoding !== "identity") {
    return {
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      message: "send it without content-encoding",
    };
  }
  return null;
}

const TOO_LARGE: Refused = {
  status: 413,
  code: "TOO_LARGE",
  message: `a request has at most ${BODY_BYTES_MAX} bytes`,
};

function bad(message: string): Refused {
  return { status: 400, code: "BAD_REQUEST", message };
}

/** Reads the body, at most so much as is allowed, and what it asks. */
export async function readParams(request: IncomingMessage): Promise<Params | Refused> {
  const body = await wholeBody(request, BODY_BYTES_MAX);
  if (body === null) return TOO_LARGE;
  let parsed: unknown;
  try {
    parsed = parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return bad("the body is no JSON in UTF-8, or names a member of an object twice");
  }
  return paramsOf(parsed);
}

function paramsOf(body: unknown): Params | Refused {
  if (Array.isArray(body)) return bad("batching is not supported: ask one thing at a time");
  if (!isObject(body)) return bad("the body must be a JSON object");
  const { query, operationName, variables, extensions } = body;
  if (typeof query !== "string" || query === "") return bad("query must be a text");
  if (operationName !== undefined && operationName !== null && typeof operationName !== "string") {
    return bad("operationName must be a text");
  }
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    return bad("variables must be an object");
  }
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) {
    return bad("extensions must be an object");
  }
  return {
    query,
    operationName: operationName ?? null,
    variables: variables ?? null,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
