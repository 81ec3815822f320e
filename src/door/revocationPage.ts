import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizationOf } from "#identity/authorization.ts";
import { wholeBody } from "#outpost/wholeBody.ts";
import type { Name } from "#packet/name.ts";
import { readShardText, SIGNED_LIST_BYTES_MAX } from "#proof/revocationList.ts";
import type { Received, RevocationCopy } from "#revocation/revocationCopy.ts";
import { answerJson, isReading, pathOf } from "./answers.ts";
import { type Doorkeeping, isLetIn } from "./letIn.ts";

/** Where lists of revoked credentials are handed over and fetched. */
const REVOCATION_PATH = "/revocation";

/** The header that a token of the change-rate service comes in. */
const TOKEN_HEADER = "change-token";

/** Anybody may hand a list over: so many bodies are read at a time, of a megabyte each at most. */
const TAKEN_AT_ONCE_MAX = 32;

/** What is shown and taken, and who somebody is. */
export interface RevocationPageOptions extends Doorkeeping {
  readonly copy: Pick<RevocationCopy, "node" | "held" | "faults" | "text" | "revokesNode">;
  /** Judges a list that somebody handed over for a shard. */
  readonly receive: (
    shard: number,
    text: Uint8Array,
    token: string | undefined,
  ) => Promise<Received>;
  /** The node that an `authorization` header speaks for; null for none. */
  readonly nodeOf: (authorization: string | undefined) => Name | null;
}

/** Whether a path is answered here. */
export function isOfRevocation(path: string): boolean {
  return path === REVOCATION_PATH || path.startsWith(`${REVOCATION_PATH}/`);
}

/**
 * `POST /revocation/SHARD` hands a signed list over: its signature is all that it needs, so that it
 * can be pushed when nobody can sign in, and a token of the change-rate service in the header
 * `change-token` where that decides how fast lists are pushed. `GET /revocation` says which lists are held and `GET
 * /revocation/SHARD` gives one: to other nodes, and to whoever is entitled to `revocationRead`.
 */
export class RevocationPage {
  readonly #options: RevocationPageOptions;
  #taking = 0;

  constructor(options: RevocationPageOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = pathOf(request).slice(REVOCATION_PATH.length + 1);
    const shard = readShardText(place);
    if (place !== "" && shard === null) {
      const message = "a shard is two hexadecimal digits in lower case";
      return answerJson(response, 404, { error: "NOT_FOUND", message });
    }
    if (request.method === "POST" && shard !== null) return this.#take(request, response, shard);
    if (!isReading(request)) {
      response.setHeader("allow", shard === null ? "GET, HEAD" : "GET, HEAD, POST");
      const message = "ask with GET, or hand a list over with POST /revocation/SHARD";
      return answerJson(response, 405, { error: "METHOD_NOT_ALLOWED", message });
    }
    if (!(await this.#mayRead(request, response))) return;
    if (shard === null) answerJson(response, 200, this.#status());
    else await this.#give(response, shard);
  }

  async #take(request: IncomingMessage, response: ServerResponse, shard: number): Promise<void> {
    if (this.#taking >= TAKEN_AT_ONCE_MAX) {
      response.setHeader("retry-after", 1);
      response.setHeader("connection", "close");
      const message = "many lists are being handed over: come again in a moment";
      return answerJson(response, 503, { error: "BUSY", message });
    }
    this.#taking += 1;
    try {
      await this.#takeNow(request, response, shard);
    } finally {
      this.#taking -= 1;
    }
  }

  async #takeNow(request: IncomingMessage, response: ServerResponse, shard: number): Promise<void> {
    const text = await wholeBody(request, SIGNED_LIST_BYTES_MAX);
    if (text === null) {
      response.setHeader("connection", "close");
      const message = `a list has at most ${SIGNED_LIST_BYTES_MAX} bytes`;
      return answerJson(response, 413, { error: "TOO_LARGE", message });
    }
    const token = request.headersDistinct[TOKEN_HEADER]?.at(-1);
    const received = await this.#options.receive(shard, text, token);
    if (received.outcome !== "REFUSED") {
      const { outcome, version } = received;
      return answerJson(response, 200, { outcome, version: version.toString() });
    }
    const { faults } = received;
    const [first] = faults;
    const isForLater =
      first?.code === "BUSY" || first?.code === "TOO_SOON" || first?.code === "EPOCH_UNKNOWN";
    if (isForLater) response.setHeader("retry-after", 1);
    const message = faults.map((fault) => fault.message).join("; ");
    answerJson(response, isForLater ? 503 : 409, { error: first?.code, message, faults });
  }

  #status(): object {
    const { copy } = this.#options;
    const { lost, refused } = copy.faults();
    return {
      node: copy.node,
      lists: Object.fromEntries([...copy.held()].map(([shard, mark]) => [shard, told(mark)])),
      lost,
      refused: Object.fromEntries(
        [...refused].map(([shard, { faults, ...mark }]) => [shard, { ...told(mark), faults }]),
      ),
    };
  }

  async #give(response: ServerResponse, shard: number): Promise<void> {
    const text = await this.#options.copy.text(shard);
    if (text === null) {
      const message = "no list of this shard is held";
      return answerJson(response, 404, { error: "NOT_FOUND", message });
    }
    response.statusCode = 200;
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.setHeader("content-length", text.length);
    response.setHeader("cache-control", "no-store");
    response.end(text);
  }

  /** Answers whoever is not let in. */
  async #mayRead(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { copy, nodeOf } = this.#options;
    const node = nodeOf(authorizationOf(request));
    if (node !== null) {
      if (!copy.revokesNode(node)) return true;
      const message = "the credential of this node is revoked: start it under another name";
      answerJson(response, 403, { error: "CREDENTIAL_REVOKED", message });
      return false;
    }
    return isLetIn(this.#options, "revocationRead", request, response);
  }
}

function told({ version, digest }: { readonly version: bigint; readonly digest: string }): object {
  return { version: version.toString(), digest };
}
