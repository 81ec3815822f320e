import { GraphQLError } from "graphql";
import { LineageBroken, OutcomeUnknown, isLoss, isShortage } from "#ledger/fault.ts";
import { AccessUnrecorded } from "#packet/accessEvent.ts";
import type { Log } from "#packet/log.ts";
import { secretIn } from "#packet/secrets.ts";

/** Where messages of the library repeat what the caller sent, and what is said instead. */
const REPEATED: readonly (readonly [RegExp, string])[] = [
  [/(?:,? found |:? value: |got invalid value )[\s\S]*$/, "."],
  [/^(Syntax Error: Unexpected (?:Name|Int|Float|String|BlockString)) [\s\S]*$/, "$1."],
  [/^Value "[\s\S]*?" does not exist in /, "A value does not exist in "],
  [/^Field "[\s\S]*?" is not defined by type /, "A field is not defined by type "],
];

/** The error without the caller's value in its message, which may be a secret (rule 7.3). */
export function withoutValues(error: GraphQLError): GraphQLError {
  const short = REPEATED.reduce(
    (told, [pattern, instead]) => told.replace(pattern, instead),
    error.message,
  );
  // A name of the document's own may be repeated, but a token that was pasted in its place is none.
  const message = secretIn(short) === null ? short : "the document seems to carry a secret";
  if (message === error.message) return error;
  const { nodes = null, source = null, positions = null, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, extensions });
}

/** What a caller is told of a crash: that there was one, what to do, and where the log has it whole. */
interface Told {
  readonly code: string;
  readonly message: string;
}

function toldOf(cause: unknown): Told {
  if (cause instanceof AccessUnrecorded) {
    return {
      code: "UNRECORDED",
      message: "no record of this could be kept, so it was not answered: ask again",
    };
  }
  if (cause instanceof OutcomeUnknown) {
    return {
      code: "OUTCOME_UNKNOWN",
      message: "it is not known whether this was recorded: ask again with the same idempotency key",
    };
  }
  if (cause instanceof LineageBroken) {
    return {
      code: "UNREADABLE",
      message:
        "the packet's lineage is broken: it is held and its gate is CLOSED until somebody looks",
    };
  }
  if (isLoss(cause)) {
    return { code: "UNAVAILABLE", message: "the database cannot be reached: ask again" };
  }
  if (isShortage(cause)) {
    return {
      code: "UNAVAILABLE",
      message: "the database refuses for now, nothing was done: ask again",
    };
  }
  return { code: "INTERNAL", message: "something went wrong here: the log says what" };
}

/** The error as it goes out. What was meant for the caller stays; a crash is masked, and whole in the log. */
export function maskError(error: unknown, requestId: string, log: Log): GraphQLError {
  if (error instanceof GraphQLError) {
    const { originalError } = error;
    if (originalError === undefined || originalError instanceof GraphQLError) return error;
  }
  const cause = error instanceof GraphQLError ? error.originalError : error;
  const { code, message } = toldOf(cause);
  log.error({ err: cause, requestId, code }, "a request ended in a crash");
  const extensions = { code, requestId };
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes = null, path = null } = error;
  return new GraphQLError(message, { nodes, path, extensions });
}
