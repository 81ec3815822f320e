import type { IncomingMessage, ServerResponse } from "node:http";
import { entitle } from "#access/permissions.ts";
import { authorizationOf, CHALLENGE, CHALLENGE_WORDS } from "#identity/authorization.ts";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { Reception } from "#reception/reception.ts";
import { answerJson } from "./answers.ts";
import type { Metrics } from "./metrics.ts";

/** Where the metrics are. */
export const METRICS_PATH = "/metrics";

/** What is shown, and who somebody is. */
export interface MetricsPageOptions {
  readonly metrics: Pick<Metrics, "text">;
  readonly reception: Pick<Reception, "enter">;
  /** Where a request comes from. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly access: AccessLog;
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
    const { metrics, reception, addressOf, access } = this.#options;
    const address = addressOf(request);
    const entered = await reception.enter(authorizationOf(request), address);
    if (entered.kind === "TOO_MANY") {
      response.setHeader("retry-after", entered.retryAfterSeconds);
      const message = "you ask too often: wait as long as the header retry-after says";
      return answerJson(response, 429, { error: "RATE_LIMITED", message });
    }
    if (entered.kind === "UNKNOWN") {
      response.setHeader("www-authenticate", CHALLENGE);
      return answerJson(response, 401, { error: "UNAUTHENTICATED", message: CHALLENGE_WORDS });
    }
    const { actor } = entered;
    const refused = entitle(actor, "metricsRead");
    if (refused !== null) {
      const subject = `metricsRead ${refused.code}`;
      access.note({ code: "REFUSED", actor: actor.actor, address, subject });
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
