import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  createSourceEventStream,
  execute,
} from "graphql";
import type { Log } from "#packet/log.ts";
import type { Context } from "./context.ts";
import type { Asked, Documents } from "./documents.ts";
import { maskError } from "./errors.ts";

/** What a reader asks to follow. */
export interface Following {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** One event as it goes out, with the cursor from which a reader goes on. */
export interface Delivery {
  readonly result: ExecutionResult;
  readonly cursor: string | null;
}

/** A subscription that runs, or why it does not. */
export type Followed =
  | { readonly kind: "REFUSED"; readonly errors: readonly GraphQLError[] }
  | { readonly kind: "RUNNING"; readonly deliveries: AsyncIterableIterator<Delivery> };

/**
 * Runs subscriptions for whatever carries them. A context is made anew for every event
 * (`renew`), so that rights are those of the moment; null ends the stream.
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

  async follow(
    { query, operationName = null, variables }: Following,
    context: Context,
    renew: () => Promise<Context | null>,
  ): Promise<Followed> {
    const asked = this.#read(query, operationName, variables ?? {});
    if (asked instanceof GraphQLError) return { kind: "REFUSED", errors: [asked] };
    const errors = this.#documents.faults(asked, context, "STREAM");
    if (errors.length > 0) return { kind: "REFUSED", errors };
    const source = await createSourceEventStream({
      schema: this.#schema,
      document: asked.document,
      operationName: asked.operationName,
      variableValues: asked.variables,
      contextValue: context,
    });
    if (!(Symbol.asyncIterator in source)) {
      const masked = (source.errors ?? []).map((error) => this.#mask(error, context));
      return { kind: "REFUSED", errors: masked };
    }
    return { kind: "RUNNING", deliveries: this.#deliver(asked, source, context, renew) };
  }

  #read(
    query: string,
    operationName: string | null,
    variables: Readonly<Record<string, unknown>>,
  ): Asked | GraphQLError {
    try {
      return { document: this.#documents.parse(query), operationName, variables };
    } catch (fault) {
      if (fault instanceof GraphQLError) return fault;
      throw fault;
    }
  }

  /** Each event is executed when the reader asks for it, so a slow reader makes nothing pile up. */
  #deliver(
    asked: Asked,
    source: AsyncIterable<unknown>,
    first: Context,
    renew: () => Promise<Context | null>,
  ): AsyncIterableIterator<Delivery> {
    const events = source[Symbol.asyncIterator]();
    const done = { done: true, value: undefined } as const;
    const next = async (): Promise<IteratorResult<Delivery, undefined>> => {
      const event = await this.#next(events, first);
      if (event.done === true) return done;
      if (event.value instanceof GraphQLError) {
        await events.return?.();
        return { done: false, value: { result: { errors: [event.value] }, cursor: null } };
      }
      const context = await renew();
      if (context === null) {
        await events.return?.();
        return done;
      }
      const result = await this.#execute(asked, event.value, context);
      return { done: false, value: { result, cursor: cursorOf(event.value) } };
    };
    return {
      next,
      async return() {
        await events.return?.();
        return done;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async #next(
    events: AsyncIterator<unknown>,
    context: Context,
  ): Promise<IteratorResult<unknown, undefined>> {
    try {
      return (await events.next()) as IteratorResult<unknown, undefined>;
    } catch (fault) {
      return { done: false, value: this.#mask(fault, context) };
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

  #mask(error: unknown, { requestId }: Context): GraphQLError {
    return maskError(error, requestId, this.#log);
  }
}

function cursorOf(event: unknown): string | null {
  const { cursor } = event as { cursor?: unknown };
  return typeof cursor === "string" ? cursor : null;
}
