import type { IncomingMessage, ServerResponse } from "node:http";
import { entitle } from "#access/permissions.ts";
import { authorizationOf } from "#identity/authorization.ts";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { Name } from "#packet/name.ts";
import { readShardText, SIGNED_LIST_BYTES_MAX } from "#proof/revocationList.ts";
import type { Reception } from "#reception/reception.ts";
import type { Received, RevocationCopy } from "#revocation/revocationCopy.ts";
import { answerJson, isReading, pathOf } from "./answers.ts";

/** Where lists of revoked credentials are handed over and fetched. */
const REVOCATION_PATH = "/revocation";

/** Anybody may hand a list over: so many bodies are read at a time, of a megabyte each at most. */
const TAKEN_AT_ONCE_MAX = 32;

/** What is shown and taken, and who somebody is. */
export interface RevocationPageOptions {
  readonly copy: Pick<RevocationCopy, "node" | "held" | "faults" | "text" | "revokesNode">;
  /** Judges a list that somebody handed over for a shard. */
  readonly receive: (shard: number, text: Uint8Array) => Promise<Received>;
  /** The node that an `authorization` header speaks for; null for none. */
  readonly nodeOf: (authorization: string | undefined) => Name | null;
  readonly reception: Pick<Reception, "enter">;
  /** Where a request comes from. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly access: AccessLog;
}

/** Whether a path is answered here. */
export function isOfRevocation(path: string): boolean {
  return path === REVOCATION_PATH || path.startsWith(`${REVOCATION_PATH}/`);
}

/**
 * `POST /revocation/SHARD` hands a signed list over: its signature is all that it needs, so that it
 * can be pushed when nobody can sign in. `GET /revocation` says which lists are held and `GET
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
    if (!(await this.#isLetIn(request, response))) return;
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
    const text = await bodyOf(request);
    if (text === null) {
      response.setHeader("connection", "close");
      const message = `a list has at most ${SIGNED_LIST_BYTES_MAX} bytes`;
      return answerJson(response, 413, { error: "TOO_LARGE", message });
    }
    const received = await this.#options.receive(shard, text);
    if (received.outcome !== "REFUSED") {
      const { outcome, version } = received;
      return answerJson(response, 200, { outcome, version: version.toString() });
    }
    const { faults } = received;
    const [first] = faults;
    const isForLater = first?.code === "BUSY" || first?.code === "TOO_SOON";
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
  async #isLetIn(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { copy, nodeOf, reception, addressOf, access } = this.#options;
    const authorization = authorizationOf(request);
    const node = nodeOf(authorization);
    if (node !== null) {
      if (!copy.revokesNode(node)) return true;
      const message = "the credential of this node is revoked: start it under another name";
      answerJson(response, 403, { error: "CREDENTIAL_REVOKED", message });
      return false;
    }
    const address = addressOf(request);
    const entered = await reception.enter(authorization, address);
    if (entered.kind === "TOO_MANY") {
      response.setHeader("retry-after", entered.retryAfterSeconds);
      const message = "you ask too often: wait as long as the header retry-after says";
      answerJson(response, 429, { error: "RATE_LIMITED", message });
      return false;
    }
    if (entered.kind === "UNKNOWN") {
      response.setHeader("www-authenticate", 'Bearer realm="holdfast"');
      const message = "say who you are with the header authorization";
      answerJson(response, 401, { error: "UNAUTHENTICATED", message });
      return false;
    }
    const { actor } = entered;
    const refused = entitle(actor, "revocationRead");
    if (refused === null) return true;
    const subject = `revocationRead ${refused.code}`;
    access.note({ code: "REFUSED", actor: actor.actor, address, subject });
    answerJson(response, 403, { error: refused.code, message: refused.message });
    return false;
  }
}

function told({ version, digest }: { readonly version: bigint; readonly digest: string }): object {
  return { version: version.toString(), digest };
}

/** The whole body; null as soon as it is longer than any list. Whoever sends more can still read the answer. */
function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= SIGNED_LIST_BYTES_MAX) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(null);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
