import type { IncomingMessage, ServerResponse } from "node:http";
import { entitle } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { answerJson } from "./answers.ts";
import type { Metrics } from "./metrics.ts";

/** Where the metrics are. */
export const METRICS_PATH = "/metrics";

/** What is shown, and who somebody is. */
export interface MetricsPageOptions {
  readonly metrics: Pick<Metrics, "text">;
  /** Whom an Authorization header speaks for; null for nobody. */
  readonly authenticate: (authorization: string | undefined) => Promise<Actor | null>;
}

/**
 * The metrics, to whoever is entitled to `metricsRead`: how busy a war room is tells of the
 * outage. Anybody else is answered 401 or 403 (RFC 6750).
 */
export class MetricsPage {
  readonly #options: MetricsPageOptions;

  constructor(options: MetricsPageOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metrics, authenticate } = this.#options;
    const actor = await authenticate(request.headers.authorization);
    if (actor === null) {
      response.setHeader("www-authenticate", 'Bearer realm="holdfast"');
      const message = "say who you are with the header authorization: Bearer and your token";
      return answerJson(response, 401, { error: "UNAUTHENTICATED", message });
    }
    const refused = entitle(actor, "metricsRead");
    if (refused !== null) {
      return answerJson(response, 403, { error: refused.code, message: refused.message });
    }
    const { contentType, body } = await metrics.text();
    response.statusCode = 200;
    response.setHeader("content-type", contentType);
    response.setHeader("content-length", Buffer.byteLength(body));
    response.setHeader("cache-control", "no-store");
    response.end(body);
  }
}
