import type { AccessLog } from "#packet/accessEvent.ts";
import type { Actor } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";
import { networkOf } from "#rateLimits/clientAddress.ts";
import type { RateLimits } from "#rateLimits/rateLimits.ts";

/** Whoever came in, or why not. */
export type Entered =
  | { readonly kind: "KNOWN"; readonly actor: Actor }
  | { readonly kind: "UNKNOWN" }
  | { readonly kind: "TOO_MANY"; readonly retryAfterSeconds: number };

/** Who looks at credentials, who counts, and where it is recorded. */
export interface ReceptionOptions {
  /** Whom an Authorization header speaks for; null for nobody. */
  readonly authenticate: (authorization: string | undefined) => Promise<Actor | null>;
  readonly rates: Pick<RateLimits, "request" | "failedSignIn">;
  readonly access: AccessLog;
  /** Told of whoever came in with a key of their own, once that is recorded; never rejects. */
  readonly cameOffline?: (actor: Actor) => Promise<void>;
}

const JSON_WEB_TOKEN = /^bearer +[\w-]+\.[\w-]+\.[\w-]+$/i;

/**
 * Where everybody comes by who asks for something: they say who they are, are counted, and are
 * recorded. A good credential is never turned away because of others from the same address.
 */
export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /**
   * Lets somebody in or turns them away. Rejects with `AccessUnrecorded` where somebody would
   * come in offline and that cannot be recorded.
   */
  async enter(authorization: string | undefined, address: string): Promise<Entered> {
    const { authenticate, rates, access } = this.#options;
    const actor = await authenticate(authorization);
    if (actor === null) {
      // Counted by the network: whoever has one has as many addresses as they like.
      access.note({ code: "SIGN_IN_REFUSED", actor: null, address: networkOf(address) });
      return turnedAway(await rates.failedSignIn(address)) ?? { kind: "UNKNOWN" };
    }
    const tooMany = turnedAway(await this.count(actor.actor, address));
    if (tooMany !== null) return tooMany;
    await this.#record(actor, authorization ?? "", address);
    if (actor.offlineKey !== undefined) await this.#options.cameOffline?.(actor);
    return { kind: "KNOWN", actor };
  }

  /** Counts one request of somebody who was let in; in how many seconds to come again where they ask too often. */
  async count(actor: Name, address: string): Promise<number | null> {
    const { rates, access } = this.#options;
    const retryAfterSeconds = await rates.request(actor);
    if (retryAfterSeconds !== null) {
      access.note({ code: "REFUSED", actor, address, subject: "requests RATE_LIMITED" });
    }
    return retryAfterSeconds;
  }

  async #record(
    { actor, roles, offlineKey }: Actor,
    authorization: string,
    address: string,
  ): Promise<void> {
    const { access } = this.#options;
    const came = { actor, address, after: roles };
    if (offlineKey !== undefined) {
      await access.record({ ...came, code: "SIGNED_IN_OFFLINE", subject: offlineKey });
      return;
    }
    // With the database away those who are known can still be told so.
    const subject = JSON_WEB_TOKEN.test(authorization) ? "OIDC" : "TOKEN";
    access.note({ ...came, code: "SIGNED_IN", subject });
  }
}

function turnedAway(retryAfterSeconds: number | null): Entered | null {
  return retryAfterSeconds === null ? null : { kind: "TOO_MANY", retryAfterSeconds };
}
