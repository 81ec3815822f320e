import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  createSourceEventStream,
  execute,
  getOperationAST,
} from "graphql";
import { standInFor } from "#access/authorizationClass.ts";
import type { LedgerWord } from "#identity/offlineGround.ts";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import type { Meters, Transport } from "#packet/meters.ts";
import type { Context } from "../context.ts";
import type { Asked, Documents } from "../request/documents.ts";
import { TOLD_TO_MANY, asksForGoverned } from "../governedReads.ts";
import { maskError } from "../request/errors.ts";
import { rateLimited } from "../request/rates.ts";
import { EVENT_BYTES_MAX, TOLD_BYTES_KEPT } from "../limits.ts";
import { Broadcast, Recent, type Told } from "./broadcast.ts";
import { type Course, Follower } from "./follower.ts";
import { type Reader, companyOf } from "./reader.ts";
import type { Sink } from "./sink.ts";
import { declaredIn, sharedKeyOf, streamFieldOf } from "./sharing.ts";
import { type Placed, Source } from "./source.ts";

/** What a reader asks to follow. */
export interface Following {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A subscription that can be told, or why not. */
export type Followed =
  | { readonly kind: "REFUSED"; readonly errors: readonly GraphQLError[] }
  | { readonly kind: "FORBIDDEN" }
  | {
      readonly kind: "READY";
      /** Has it told into a sink once it is run. */
      readonly to: (sink: Sink, transport: Transport) => Follower;
    };

/** What operations work with. */
export interface OperationsNeeds {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  /** Has a document judged in its turn; in how many seconds to come again where its sender has sent too many new ones. */
  readonly admit: (query: string, context: Context) => Promise<number | null>;
  /** Looks at everybody's rights anew and answers their generation. */
  readonly look: (word: LedgerWord) => Promise<number>;
  readonly meters: Meters;
  /** How long a reader may be behind and not gain, in milliseconds. */
  readonly slowMs: number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  readonly log: Log;
}

/** Runs subscriptions for whatever carries them. */
export class Operations {
  readonly #needs: OperationsNeeds;
  readonly #broadcasts = new Map<string, Broadcast>();
  readonly #recent = new Recent(TOLD_BYTES_KEPT);

  constructor(needs: OperationsNeeds) {
    this.#needs = needs;
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

  async #follow(following: Following, reader: Reader): Promise<Followed> {
    const context = await reader.renew();
    if (context === null) return { kind: "FORBIDDEN" };
    const { query, operationName = null, variables } = following;
    const laterSeconds = await this.#needs.admit(query, context);
    if (laterSeconds !== null) {
      const tooMany = "you send too many documents that were not seen before";
      return { kind: "REFUSED", errors: [rateLimited(tooMany, laterSeconds)] };
    }
    const document = this.#parse(query);
    if (document instanceof GraphQLError) {
      return { kind: "REFUSED", errors: [coded(document, "GRAPHQL_PARSE_FAILED")] };
    }
    const asked = { query, document, operationName, variables: variables ?? {} };
    const errors = this.#needs.documents.faults(asked, context, "STREAM");
    if (errors.length > 0) {
      const invalid = errors.map((error) => coded(error, "GRAPHQL_VALIDATION_FAILED"));
      return { kind: "REFUSED", errors: invalid };
    }
    const meant = { ...asked, variables: declaredIn(asked) };
    const course = await this.#courseOf(meant, context);
    if (!("source" in course)) {
      return { kind: "REFUSED", errors: course.map((error) => this.#mask(error, reader)) };
    }
    const to = (sink: Sink, transport: Transport): Follower =>
      this.#follower({ asked: meant, actor: context.actor, course, reader, sink, transport });
    return { kind: "READY", to };
  }

  /**
   * What is followed, shared with the company of this context, which it is executed with: the
   * reader may have gained more meanwhile. Errors where it cannot be followed.
   */
  async #courseOf(asked: AskedText, context: Context): Promise<Course | readonly GraphQLError[]> {
    const source = await createSourceEventStream({
      schema: this.#needs.schema,
      document: asked.document,
      operationName: asked.operationName,
      variableValues: asked.variables,
      contextValue: context,
    });
    if (!isSource(source)) {
      if ("errors" in source) return source.errors ?? [];
      throw new Error("a subscription is followed by a source");
    }
    await this.#recordReading(asked, context);
    const company = companyOf(context.actor);
    const key = sharedKeyOf(asked.query, asked, company);
    const broadcast = (): Broadcast =>
      this.#broadcasts.get(key) ?? this.#broadcastOf(key, asked, context);
    return { source, broadcast, company };
  }

  /** Who begins to be told governed data is recorded first; what they are told later is not, one by one. */
  async #recordReading(asked: Asked, { classes, reads }: Context): Promise<void> {
    const isGoverned = classes.has("GOVERNED") || classes.has("RESTRICTED");
    if (!isGoverned || !asksForGoverned(this.#needs.schema, asked.document)) return;
    await reads.covered(`Subscription.${streamFieldOf(asked)}`);
  }

  #broadcastOf(key: string, asked: Asked, context: Context): Broadcast {
    const { meters, wallNow } = this.#needs;
    const field = streamFieldOf(asked);
    const broadcast = new Broadcast({
      recent: this.#recent,
      execute: (event) => this.#execute(asked, event, context),
      mask: (fault) => this.#mask(fault, context),
      look: this.#lookFor(context.actor),
      onDelivered: ({ committedAt }, count) => {
        const lagMs = committedAt === null ? null : Math.max(0, wallNow() - committedAt.getTime());
        meters.delivered(field, count, lagMs);
      },
      onDeserted: () => {
        this.#broadcasts.delete(key);
        meters.broadcasting(-1);
      },
    });
    this.#broadcasts.set(key, broadcast);
    meters.broadcasting(1);
    return broadcast;
  }

  /** Whoever came offline is told what was read once the ledger has said anew what it knows of them. */
  #lookFor({ offlineKey }: Actor): (event: Placed) => Promise<number> {
    const isOffline = offlineKey !== undefined;
    return (event) => this.#needs.look(isOffline && event.isUnread !== true ? "NEW" : "LAST");
  }

  #follower({ asked, actor, course, reader, sink, transport }: Followable): Follower {
    const { meters, slowMs } = this.#needs;
    const field = streamFieldOf(asked);
    return new Follower(course, {
      reader,
      sink,
      look: this.#lookFor(actor),
      slowMs,
      courseFor: async (context) => {
        const other = await this.#courseOf(asked, context);
        if ("source" in other) return other;
        throw other[0] ?? new Error("a source that does not open says why");
      },
      mask: (fault) => this.#mask(fault, reader),
      onBehind: (change) => meters.behind(change),
      onFollowing: (change) => meters.following(field, transport, change),
      onDelivered: () => meters.delivered(field, 1, null),
    });
  }

  #parse(query: string): Asked["document"] | GraphQLError {
    try {
      return this.#needs.documents.parse(query);
    } catch (fault) {
      if (fault instanceof GraphQLError) return fault;
      throw fault;
    }
  }

  /** In the name of nobody: what is told to a whole class has no person in it. */
  async #execute(asked: Asked, event: Placed, context: Context): Promise<Told> {
    const result = await execute({
      schema: this.#needs.schema,
      document: asked.document,
      operationName: asked.operationName,
      variableValues: asked.variables,
      rootValue: event,
      contextValue: {
        ...context,
        ...TOLD_TO_MANY,
        actor: standInFor(context.actor),
        lastEventId: null,
      },
    });
    const errors = (result.errors ?? []).map((error) => this.#mask(error, context));
    if (result.data === null || result.data === undefined) return { kind: "FAILED", errors };
    const told: ExecutionResult = { ...(errors.length > 0 && { errors }), data: result.data };
    const text = JSON.stringify(told);
    const bytes = Buffer.from(text);
    if (bytes.length > EVENT_BYTES_MAX) return { kind: "FAILED", errors: [tooLarge(bytes.length)] };
    return { kind: "EVENT", text, bytes, cursor: event.cursor };
  }

  #mask(error: unknown, { requestId }: Pick<Context, "requestId">): GraphQLError {
    return maskError(error, requestId, this.#needs.log);
  }
}

/** An operation with its text. */
interface AskedText extends Asked {
  readonly query: string;
}

interface Followable {
  readonly asked: AskedText;
  readonly actor: Actor;
  readonly course: Course;
  readonly reader: Reader;
  readonly sink: Sink;
  readonly transport: Transport;
}

function isSource(value: object): value is Source {
  return value instanceof Source;
}

/** What a socket has no status for. */
function tooLarge(bytes: number): GraphQLError {
  const message = `an event came to ${bytes} bytes, and at most ${EVENT_BYTES_MAX} are sent: ask for fewer fields or smaller pages`;
  return new GraphQLError(message, { extensions: { code: "EVENT_TOO_LARGE" } });
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
