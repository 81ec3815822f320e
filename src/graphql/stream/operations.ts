import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  createSourceEventStream,
  execute,
  getOperationAST,
} from "graphql";
import type { Log } from "#packet/log.ts";
import type { Context } from "../context.ts";
import type { Asked, Documents } from "../request/documents.ts";
import { maskError } from "../request/errors.ts";
import type { Reader } from "./reader.ts";

/** What a reader asks to follow. */
export interface Following {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * What a stream brings: events, each with the cursor from which a reader goes on, and at most
 * one other thing, which is the last. What failed has no cursor, so that it is not passed over.
 */
export type Delivery =
  | { readonly kind: "EVENT"; readonly result: ExecutionResult; readonly cursor: string | null }
  | { readonly kind: "FAILED"; readonly errors: readonly GraphQLError[] }
  /** The reader's rights are not any more what they were. */
  | { readonly kind: "FORBIDDEN" };

/** A subscription that runs, or why it does not. */
export type Followed =
  | { readonly kind: "REFUSED"; readonly errors: readonly GraphQLError[] }
  | { readonly kind: "FORBIDDEN" }
  | { readonly kind: "RUNNING"; readonly deliveries: AsyncIterableIterator<Delivery> };

const DONE = { done: true, value: undefined } as const;

/**
 * Runs subscriptions for whatever carries them. The reader's rights are asked for anew before
 * each event is executed, after whatever the stream itself has read: so one that was begun with
 * rights since lost tells nothing more.
 */
export class Operations {
  readonly #schema: GraphQLSchema;
  readonly #documents: Documents;
  readonly #log: Log;

  constructor(schema: GraphQLSchema, documents: Documents, log: Log) {
    this.#schema = schema;
    this.#documents = documents;
    this.#log = log;
  }

  /** Whether this asks for a subscription; false also for what cannot be read. */
  isSubscription({ query, operationName = null }: Following): boolean {
    const document = this.#parse(query);
    if (document instanceof GraphQLError) return false;
    const operation = getOperationAST(document, operationName);
    return operation?.operation === OperationTypeNode.SUBSCRIPTION;
  }

  /** Never rejects. */
  async follow(following: Following, reader: Reader): Promise<Followed> {
    try {
      return await this.#follow(following, reader);
    } catch (fault) {
      return { kind: "REFUSED", errors: [this.#mask(fault, reader)] };
    }
  }

  async #follow(
    { query, operationName = null, variables }: Following,
    reader: Reader,
  ): Promise<Followed> {
    const context = await reader.renew();
    if (context === null) return { kind: "FORBIDDEN" };
    const document = this.#parse(query);
    if (document instanceof GraphQLError) {
      return { kind: "REFUSED", errors: [coded(document, "GRAPHQL_PARSE_FAILED")] };
    }
    const asked = { document, operationName, variables: variables ?? {} };
    const errors = this.#documents.faults(asked, context, "STREAM");
    if (errors.length > 0) {
      const invalid = errors.map((error) => coded(error, "GRAPHQL_VALIDATION_FAILED"));
      return { kind: "REFUSED", errors: invalid };
    }
    const source = await createSourceEventStream({
      schema: this.#schema,
      document: asked.document,
      operationName: asked.operationName,
      variableValues: asked.variables,
      contextValue: context,
    });
    if (Symbol.asyncIterator in source) {
      return { kind: "RUNNING", deliveries: this.#deliver(asked, source, reader) };
    }
    const masked = (source.errors ?? []).map((error) => this.#mask(error, reader));
    return { kind: "REFUSED", errors: masked };
  }

  #parse(query: string): Asked["document"] | GraphQLError {
    try {
      return this.#documents.parse(query);
    } catch (fault) {
      if (fault instanceof GraphQLError) return fault;
      throw fault;
    }
  }

  /** Each event is executed when the reader asks for it, so a slow reader makes nothing pile up. */
  #deliver(
    asked: Asked,
    source: AsyncIterable<unknown>,
    reader: Reader,
  ): AsyncIterableIterator<Delivery> {
    const events = source[Symbol.asyncIterator]();
    let isOver = false;
    const leave = async (): Promise<typeof DONE> => {
      isOver = true;
      await events.return?.();
      return DONE;
    };
    const next = async (): Promise<IteratorResult<Delivery, undefined>> => {
      const value = isOver ? null : await this.#next(asked, events, reader);
      if (value === null) return DONE;
      if (value.kind !== "EVENT") await leave();
      return { done: false, value };
    };
    return {
      next,
      return: leave,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Null at the end. */
  async #next(
    asked: Asked,
    events: AsyncIterator<unknown>,
    reader: Reader,
  ): Promise<Delivery | null> {
    try {
      const event: IteratorResult<unknown, unknown> = await events.next();
      if (event.done === true) return null;
      const context = await reader.renew();
      if (context === null) return { kind: "FORBIDDEN" };
      const result = await this.#execute(asked, event.value, context);
      if (result.data !== null && result.data !== undefined) {
        return { kind: "EVENT", result, cursor: cursorOf(event.value) };
      }
      return { kind: "FAILED", errors: result.errors ?? [] };
    } catch (fault) {
      return { kind: "FAILED", errors: [this.#mask(fault, reader)] };
    }
  }

  async #execute(asked: Asked, event: unknown, context: Context): Promise<ExecutionResult> {
    const result = await execute({
      schema: this.#schema,
      document: asked.document,
      operationName: asked.operationName,
      variableValues: asked.variables,
      rootValue: event,
      contextValue: context,
    });
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map((error) => this.#mask(error, context)) };
  }

  #mask(error: unknown, { requestId }: Pick<Context, "requestId">): GraphQLError {
    return maskError(error, requestId, this.#log);
  }
}

function cursorOf(event: unknown): string | null {
  const { cursor } = event as { cursor?: unknown };
  return typeof cursor === "string" ? cursor : null;
}

/** The error with a code, as graphql-yoga gives one to what it answers. */
function coded(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions["code"] !== undefined) return error;
  const { message, nodes = null, source = null, positions = null, extensions } = error;
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    extensions: { ...extensions, code },
  });
}
