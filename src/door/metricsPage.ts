import type { IncomingMessage, ServerResponse } from "node:http";
import { type Doorkeeping, isLetIn } from "./letIn.ts";
import type { Metrics } from "./metrics.ts";

/** Where the metrics are. */
export const METRICS_PATH = "/metrics";

/** What is shown, and to whom. */
export interface MetricsPageOptions extends Doorkeeping {
  readonly metrics: Pick<Metrics, "text">;
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
    if (!(await isLetIn(this.#options, "metricsRead", request, response))) return;
    const { contentType, body } = await this.#options.metrics.text();
    response.statusCode = 200;
    response.setHeader("content-type", contentType);
    response.setHeader("content-length", Buffer.byteLength(body));
    response.setHeader("cache-control", "no-store");
    response.end(body);
  }
}
