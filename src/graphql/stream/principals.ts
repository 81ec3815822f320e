import { GraphQLError } from "graphql";
import { SteadyRate } from "#rateLimits/steadyRate.ts";
import { SUBSCRIPTION_BYTES } from "../limits.ts";
import { Places } from "./places.ts";
import type { StreamLimits } from "./streamLimits.ts";

/** What one socket may have and send of what its principal may. */
export interface Allowance {
  /** Gives the place of the socket back; to be called once. */
  readonly release: () => void;
  /**
   * Takes places for one subscription beside those that the socket runs, by the bytes of its message.
   * Answers how to give them back, to be called once, or what its reader is told where there are none.
   */
  readonly subscribe: (running: number, bytes: number) => (() => void) | GraphQLError;
  /** Counts a message; false where the principal has sent too many. */
  readonly mayTell: () => boolean;
}

/** What each principal has and sends on this node, over all their sockets and streams. */
export class Principals {
  readonly #limits: StreamLimits;
  readonly #streams: Places;
  readonly #subscriptions: Places;
  readonly #messages: SteadyRate;

  /** `now` is in milliseconds; only differences count. */
  constructor(limits: StreamLimits, now: () => number) {
    this.#limits = limits;
    this.#streams = new Places(limits.streamsOfPrincipalMax);
    this.#subscriptions = new Places(limits.subscriptionsOfPrincipalMax);
    this.#messages = new SteadyRate({ perMinute: limits.messagesOfPrincipalPerMinuteMax, now });
  }

  /** Takes a place for one socket or stream more; null when the principal has all of theirs. */
  admit(actor: string): Allowance | null {
    const release = this.#streams.take(actor);
    if (release === null) return null;
    return {
      release,
      subscribe: (running, bytes) => this.#subscribe(actor, running, bytes),
      mayTell: () => this.#messages.take(actor) === null,
    };
  }

  #subscribe(actor: string, running: number, bytes: number): (() => void) | GraphQLError {
    const { subscriptionsMax, subscriptionsOfPrincipalMax } = this.#limits;
    if (running >= subscriptionsMax) return tooMany("a socket has", subscriptionsMax);
    const release = this.#subscriptions.take(actor, Math.ceil(bytes / SUBSCRIPTION_BYTES));
    return release ?? tooMany("you have", subscriptionsOfPrincipalMax);
  }
}

/** What whoever subscribes once too often is told of that one operation. */
function tooMany(whose: string, max: number): GraphQLError {
  const message = `${whose} at most ${max} subscriptions: end one first`;
  return new GraphQLError(message, { extensions: { code: "SUBSCRIPTION_LIMIT" } });
}
