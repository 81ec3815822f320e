import type { IncomingMessage, ServerResponse } from "node:http";
import { type LookVerb, entitle } from "#access/permissions.ts";
import { authorizationOf, CHALLENGE, CHALLENGE_WORDS } from "#identity/authorization.ts";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { Reception } from "#reception/reception.ts";
import { answerJson } from "./answers.ts";

/** Who somebody is, where they come from, and where it is recorded. */
export interface Doorkeeping {
  readonly reception: Pick<Reception, "enter">;
  /** Where a request comes from. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly access: AccessLog;
}

/**
 * Whether whoever asks is entitled to this. Where they are not, they have been answered: 429 for too
 * many requests, 401 for somebody unknown, 403 for somebody who may not (RFC 9110).
 */
export async function isLetIn(
  { reception, addressOf, access }: Doorkeeping,
  verb: LookVerb,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const address = addressOf(request);
  const entered = await reception.enter(authorizationOf(request), address);
  if (entered.kind === "TOO_MANY") {
    response.setHeader("retry-after", entered.retryAfterSeconds);
    const message = "you ask too often: wait as long as the header retry-after says";
    answerJson(response, 429, { error: "RATE_LIMITED", message });
    return false;
  }
  if (entered.kind === "UNKNOWN") {
    response.setHeader("www-authenticate", CHALLENGE);
    answerJson(response, 401, { error: "UNAUTHENTICATED", message: CHALLENGE_WORDS });
    return false;
  }
  const { actor } = entered;
  const refused = entitle(actor, verb);
  if (refused === null) return true;
  const subject = `${verb} ${refused.code}`;
  access.note({ code: "REFUSED", actor: actor.actor, address, subject });
  answerJson(response, 403, { error: refused.code, message: refused.message });
  return false;
}
