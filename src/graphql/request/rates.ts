import { type DocumentNode, GraphQLError, Kind, getOperationAST } from "graphql";
import type { Refused } from "./body.ts";

/** What somebody is answered who asks too often (RFC 6585, section 4). */
export function tooOften(retryAfterSeconds: number): Refused {
  return {
    status: 429,
    code: "RATE_LIMITED",
    message: "you ask too often: wait as long as the header retry-after says",
    headers: { "retry-after": String(retryAfterSeconds) },
  };
}

/** What somebody is answered who sends more documents that were not seen before than are read of one. */
export function tooManyNew(retryAfterSeconds: number): Refused {
  return {
    ...tooOften(retryAfterSeconds),
    message:
      "you send too many documents that were not seen before: give as variables what differs, and wait as long as the header retry-after says",
  };
}

/** What a subscription is refused with where there is no header to say when to come again. */
export function rateLimited(what: string, retryAfterSeconds: number): GraphQLError {
  const message = `${what}: wait as long as retryAfterSeconds says`;
  return new GraphQLError(message, { extensions: { code: "RATE_LIMITED", retryAfterSeconds } });
}

const DECISIONS: ReadonlySet<string> = new Set(["packetApprove", "packetReject"]);

/** How many decisions an operation asks for, aliases included; a mutation has its fields at its top (ADR 0074). */
export function decisionsIn(document: DocumentNode, operationName: string | null): number {
  const operation = getOperationAST(document, operationName);
  const selections = operation?.selectionSet.selections ?? [];
  return selections.filter(
    (selection) => selection.kind === Kind.FIELD && DECISIONS.has(selection.name.value),
  ).length;
}
