import { CloseCode } from "graphql-ws";
import type { Entered } from "#reception/reception.ts";
import type { Allowance } from "./principals.ts";
import type { Reader } from "./reader.ts";

/** Who a socket is for, or with what to close it. */
export type Introduced =
  | { readonly kind: "ADMITTED"; readonly reader: Reader; readonly allowance: Allowance }
  | { readonly kind: "TURNED_AWAY"; readonly code: number; readonly reason: string };

/** What an introduction works with. */
export interface IntroductionNeeds {
  /** Lets somebody in: they are counted and recorded. */
  readonly enter: (authorization: string | undefined) => Promise<Entered>;
  /** Whoever an authorization speaks for. */
  readonly readerOf: (authorization: string | undefined) => Reader;
  /** Takes a place for a principal, which must be released; null when they have all of theirs. */
  readonly admit: (actor: string) => Allowance | null;
}

/** Lets the reader of a socket in, or says why not. Whoever is admitted has a place that must be released. */
export async function introduce(
  { enter, readerOf, admit }: IntroductionNeeds,
  authorization: string | undefined,
): Promise<Introduced> {
  const entered = await enter(authorization);
  if (entered.kind === "TOO_MANY") {
    const reason = `you come too often: come again in ${entered.retryAfterSeconds} seconds`;
    return { kind: "TURNED_AWAY", code: CloseCode.TooManyInitialisationRequests, reason };
  }
  const reader = readerOf(authorization);
  const context = entered.kind === "KNOWN" ? await reader.renew() : null;
  if (context === null) {
    const reason = "nobody you say you are is known";
    return { kind: "TURNED_AWAY", code: CloseCode.Forbidden, reason };
  }
  const allowance = admit(context.actor.actor);
  if (allowance !== null) return { kind: "ADMITTED", reader, allowance };
  const reason = "you have too many streams";
  return { kind: "TURNED_AWAY", code: CloseCode.TooManyInitialisationRequests, reason };
}
