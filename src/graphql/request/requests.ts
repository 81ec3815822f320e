import type { DocumentNode, GraphQLError, GraphQLSchema } from "graphql";
import { type Plugin, createYoga, isAsyncIterable } from "graphql-yoga";
import type { Log } from "#packet/log.ts";
import type { Params } from "./body.ts";
import type { Context } from "../context.ts";
import type { Documents } from "./documents.ts";
import { maskError } from "./errors.ts";

/** What is handed to yoga with each request. */
interface Carried extends Record<string, unknown> {
  readonly carried: Context;
  readonly asked: Params;
}

/** Queries and mutations: graphql-yoga behind a door that has read the request already. */
export interface Requests {
  /** Answers what was asked; `accept` is the caller's, by which the form of the answer is chosen. */
  answer(params: Params, accept: string, context: Context): Promise<Response>;
}

const ENDPOINT = "http://holdfast/graphql";

/**
 * Opens graphql-yoga with nothing of its own switched on but the protocol. A crash is masked where it
 * is known whose request it was: a store that follows every promise would cost each of them.
 */
export function openRequests(schema: GraphQLSchema, documents: Documents, log: Log): Requests {
  const mask = (error: unknown, requestId = "none"): GraphQLError =>
    maskError(error, requestId, log);
  const yoga = createYoga<Carried, Context>({
    schema,
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    cors: false,
    logging: false,
    parserAndValidationCache: false,
    maxRequestBodySize: false,
    context: ({ carried }) => carried,
    maskedErrors: { maskError: (error) => mask(error) },
    plugins: [asRead(), judgedBy(documents, mask), maskedBy(mask)],
  });
  return {
    async answer(params, accept, context) {
      const headers = { "content-type": "application/json", accept };
      const carried = { carried: context, asked: params };
      // A Request of Node's own is kept, with all that it leads to, until the next full collection.
      return yoga.fetch(ENDPOINT, { method: "POST", headers }, carried);
    },
  };
}

/** Takes the parameters as they were read: written out again, -0 and what is too great for a double would be others. */
function asRead(): Plugin<Context, Carried> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      const { query, operationName, variables } = serverContext.asked;
      const named = typeof operationName === "string" ? { operationName } : {};
      setRequestParser(() => ({ query, ...named, variables: { ...variables } }));
    },
  };
}

/** What goes out in place of an error of this request. */
type Mask = (error: unknown, requestId: string) => GraphQLError;

/** Has documents read and judged as everywhere else. */
function judgedBy(documents: Documents, mask: Mask): Plugin<Carried & { params: Params }> {
  return {
    onParse({ context, setParseFn }) {
      const { requestId } = context.carried;
      setParseFn((source) => orMasked(mask, requestId, () => documents.parse(String(source))));
    },
    onValidate({ params: { documentAST }, context, setResult }) {
      const { operationName = null, variables } = context.params;
      const document = documentAST as DocumentNode;
      const asked = { document, operationName, variables: variables ?? {} };
      const { carried } = context;
      const judge = () => documents.faults(asked, carried, "REQUEST");
      setResult(orMasked(mask, carried.requestId, judge));
    },
  };
}

function orMasked<T>(mask: Mask, requestId: string, run: () => T): T {
  try {
    return run();
  } catch (fault) {
    throw mask(fault, requestId);
  }
}

/** Masks what goes wrong while something is executed. */
function maskedBy(mask: Mask): Plugin<Carried> {
  return {
    onExecute({ context }) {
      const { requestId } = context.carried;
      return {
        onExecuteDone({ result, setResult }) {
          if (isAsyncIterable(result) || result.errors === undefined) return;
          setResult({ ...result, errors: result.errors.map((error) => mask(error, requestId)) });
        },
      };
    },
  };
}
