import type { Name } from "#packet/name.ts";
import { sha256Hex } from "#proof/digest.ts";
import { networkOf } from "./clientAddress.ts";
import { Counter } from "./counter.ts";
import { ADDRESS_BUCKETS } from "./limits.ts";
import type { SharedCounts } from "./sharedCounts.ts";
import { SteadyRate } from "./steadyRate.ts";

/** How much there may be of what, within a minute. */
export interface Rates {
  /** Requests of one principal. */
  readonly requestsPerMinute: number;
  /** Approvals and rejections that one principal asks for. */
  readonly decisionsPerMinute: number;
  /** Refused sign-ins from one address. */
  readonly failedSignInsPerMinute: number;
  /** Documents of one principal that a node has not read yet. */
  readonly newDocumentsPerMinute: number;
}

/** The rates, and where they are counted. */
export interface RateLimitsOptions {
  readonly rates: Rates;
  readonly deployment: string;
  /** Where nodes count together; null for a node that is alone. */
  readonly shared: SharedCounts | null;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
}

/** Who may ask how often (ADR 0077). Each answer is null, or in how many seconds to come again. */
export class RateLimits {
  readonly #requests: Counter;
  readonly #decisions: Counter;
  readonly #failedSignIns: Counter;
  readonly #newDocuments: SteadyRate;
  readonly #shared: SharedCounts | null;

  constructor({ rates, deployment, shared, now }: RateLimitsOptions) {
    const counter = (name: string, perMinute: number, trails = false): Counter =>
      new Counter({ name, perMinute, shared, deployment, trails });
    this.#requests = counter("request", rates.requestsPerMinute, true);
    this.#decisions = counter("decision", rates.decisionsPerMinute);
    this.#failedSignIns = counter("failed-sign-in", rates.failedSignInsPerMinute);
    this.#newDocuments = new SteadyRate({ perMinute: rates.newDocumentsPerMinute, now });
    this.#shared = shared;
  }

  /** Counts one request of somebody who is known. */
  request(actor: Name): Promise<number | null> {
    return this.#requests.take(keyOf(actor));
  }

  /** Counts so many decisions that somebody asks for. */
  decisions(actor: Name, count: number): Promise<number | null> {
    return this.#decisions.take(keyOf(actor), count);
  }

  /** Counts a sign-in that was refused. Addresses in one bucket share what is left; a good credential is never refused for it. */
  failedSignIn(address: string): Promise<number | null> {
    const digits = sha256Hex(networkOf(address)).slice(0, 8);
    return this.#failedSignIns.take(String(Number.parseInt(digits, 16) % ADDRESS_BUCKETS));
  }

  /** Counts one document that this node has to read first; no other node is asked, as it costs none of them anything. */
  newDocument(actor: Name): number | null {
    return this.#newDocuments.take(actor);
  }

  close(): void {
    this.#shared?.close();
  }
}

/** No name gets into a Redis that others may use too. */
function keyOf(actor: Name): string {
  return sha256Hex(actor).slice(0, 32);
}
