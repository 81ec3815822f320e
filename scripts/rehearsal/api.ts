import { z } from "zod";
import type { Actor } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";
import { CannotRehearse } from "./cannotRehearse.ts";

/** Where a server answers, and who may ask. */
export interface Access {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Another node of the same deployment: it answers every other question, and is followed. */
  readonly otherUrl?: string | undefined;
  /** The bearer token of each by name. */
  readonly tokens: ReadonlyMap<Name, string>;
  readonly signal: AbortSignal;
}

/** What the API refused: an answer like any other. */
export interface Refused {
  readonly code: string;
  readonly message: string;
}

/** The API found a fault where none should be. */
export class ApiFault extends Error {
  override readonly name = "ApiFault";
  /** As the API has it, such as `CURSOR_FOREIGN`; null where it gives none. */
  readonly code: string | null;

  constructor(message: string, code: string | null) {
    super(message);
    this.code = code;
  }
}

/** One mutation or query that answers with a payload or a refusal. */
export interface Verb<S extends z.ZodType> {
  /** As the schema has it, such as `mutation` and `packetOpen`. */
  readonly operation: "mutation" | "query";
  readonly field: string;
  /** The type of its input, and that of its payload with what is wanted of it. */
  readonly input: string;
  readonly payload: string;
  readonly selection: string;
  readonly shape: S;
}

const Body = z.object({
  data: z.unknown(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).optional() }))
    .optional(),
});

const Answer = z.object({ answer: z.looseObject({ kind: z.string() }) });
const Refusal = z.object({ code: z.string(), message: z.string() });

/** True for a refusal. */
export function isRefused(answer: object): answer is Refused {
  return "code" in answer && "message" in answer;
}

/** The public API over HTTP, as whoever asks. */
export class Api {
  readonly #access: Access;
  readonly #urls: readonly [string, ...string[]];
  /** The Authorization headers of those who came otherwise than by their token. */
  readonly #signedIn = new Map<Name, string>();
  #asked = 0;

  constructor(access: Access) {
    this.#access = access;
    const { url, otherUrl } = access;
    this.#urls = otherUrl === undefined ? [url] : [url, otherUrl];
  }

  /** From now on somebody comes with this header. */
  signIn({ actor }: Actor, authorization: string): void {
    this.#signedIn.set(actor, authorization);
  }

  /** Follows from where the server answers, the other node if there is one, with the asker's token. */
  socketFor(asker: Actor): { readonly url: string; readonly token: string } {
    const { url: first, otherUrl = first } = this.#access;
    const url = new URL("graphql", topOf(otherUrl));
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return { url: url.href, token: this.#tokenOf(asker) };
  }

  /**
   * Asks a query.
   *
   * @throws {CannotRehearse} if nobody answers, or the asker is not known there.
   * @throws {ApiFault} if what comes back is no answer.
   */
  async ask<S extends z.ZodType>(
    asker: Actor,
    { query, shape }: { readonly query: string; readonly shape: S },
    variables: object = {},
  ): Promise<z.output<S>> {
    const url = this.#nextUrl();
    const response = await this.#post(url, asker, { query, variables });
    const { data, errors } = await this.#bodyOf(url, response);
    const [fault] = errors ?? [];
    if (fault !== undefined) throw new ApiFault(fault.message, fault.extensions?.code ?? null);
    return shape.parse(data);
  }

  /** Asks what may be refused; faults as `ask`. */
  async wish<S extends z.ZodType>(
    asker: Actor,
    { operation, field, input, payload, selection, shape }: Verb<S>,
    wish: object,
  ): Promise<z.output<S> | Refused> {
    const query = `${operation} ($input: ${input}!) {
      answer: ${field}(input: $input) {
        kind: __typename
        ... on Error { code message }
        ... on ${payload} { ${selection} }
      }
    }`;
    const { answer } = await this.ask(asker, { query, shape: Answer }, { input: wish });
    return answer.kind === payload ? shape.parse(answer) : Refusal.parse(answer);
  }

  /** True when every node knows the asker's token; throws as `ask` for any other trouble. */
  async knows(asker: Actor): Promise<boolean> {
    for (const url of this.#urls) {
      const response = await this.#post(url, asker, { query: "{ viewer { name } }" });
      if (response.status === UNAUTHENTICATED) {
        await response.body?.cancel();
        return false;
      }
      await this.#bodyOf(url, response);
    }
    return true;
  }

  /** Nodes are asked in turn, so that each change is read elsewhere than it was made. */
  #nextUrl(): string {
    this.#asked += 1;
    return this.#urls[this.#asked % this.#urls.length] ?? this.#access.url;
  }

  #tokenOf({ actor }: Actor): string {
    const token = this.#access.tokens.get(actor);
    if (token === undefined) throw new Error(`${actor} has no token`);
    return token;
  }

  /** Sends it again where no answer came: every mutation has a key, by which it is done only once. */
  async #post(url: string, asker: Actor, body: object): Promise<Response> {
    const { signal } = this.#access;
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#postOnce(url, asker, body);
      } catch (fault) {
        if (signal.aborted) throw fault;
        if (attempts < ATTEMPTS_MAX) continue;
        throw new CannotRehearse(
          `the server at ${url} does not answer (${causeOf(fault)}): is it running there?`,
          { cause: fault },
        );
      }
    }
  }

  #postOnce(url: string, asker: Actor, body: object): Promise<Response> {
    const { signal } = this.#access;
    const headers = {
      accept: "application/graphql-response+json",
      authorization: this.#signedIn.get(asker.actor) ?? `Bearer ${this.#tokenOf(asker)}`,
      "content-type": "application/json",
    };
    return fetch(new URL("graphql", topOf(url)), {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal,
    });
  }

  async #bodyOf(url: string, response: Response): Promise<z.output<typeof Body>> {
    const text = await response.text();
    if (response.status === UNAUTHENTICATED) {
      throw new CannotRehearse(`the server at ${url} does not accept the token of somebody`);
    }
    const body = Body.safeParse(jsonOf(text));
    if (body.success) return body.data;
    throw new CannotRehearse(
      `${url} answers with HTTP ${response.status} and not as Holdfast's API does: is it the right address?`,
    );
  }
}

const UNAUTHENTICATED = 401;

/** A connection that was kept may be closed by the server just as it is used again. */
const ATTEMPTS_MAX = 3;

function topOf(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** What the network says; fetch itself only says that it failed. */
function causeOf(fault: unknown): string {
  const cause = fault instanceof Error && fault.cause instanceof Error ? fault.cause : fault;
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}
