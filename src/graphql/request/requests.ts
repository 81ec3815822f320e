import { AsyncLocalStorage } from "node:async_hooks";
import type { DocumentNode, GraphQLError, GraphQLSchema } from "graphql";
import { type Plugin, createYoga } from "graphql-yoga";
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

/** Opens graphql-yoga with nothing of its own switched on but the protocol. */
export function openRequests(schema: GraphQLSchema, documents: Documents, log: Log): Requests {
  const requestIds = new AsyncLocalStorage<string>();
  const mask = (error: unknown): GraphQLError =>
    maskError(error, requestIds.getStore() ?? "none", log);
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
    maskedErrors: { maskError: mask },
    plugins: [asRead(), judgedBy(documents)],
  });
  return {
    async answer(params, accept, context) {
      const headers = { "content-type": "application/json", accept };
      const request = new Request(ENDPOINT, { method: "POST", headers });
      const carried = { carried: context, asked: params };
      return requestIds.run(context.requestId, () => yoga.fetch(request, carried));
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

/** Has documents read and judged as everywhere else. */
function judgedBy(documents: Documents): Plugin<Carried & { params: Params }> {
  return {
    onParse({ setParseFn }) {
      setParseFn((source) => documents.parse(String(source)));
    },
    onValidate({ params: { documentAST }, context, setResult }) {
      const { operationName = null, variables } = context.params;
      const document = documentAST as DocumentNode;
      const asked = { document, operationName, variables: variables ?? {} };
      setResult(documents.faults(asked, context.carried, "REQUEST"));
    },
  };
}
