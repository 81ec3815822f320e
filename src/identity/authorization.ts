import type { IncomingMessage } from "node:http";

/**
 * What a request says of who asks. Node gives the first of several `Authorization` headers; here
 * they are one text with commas between them (RFC 9110, section 5.3), which no scheme is, so that
 * two of them are nobody.
 */
export function authorizationOf({
  headersDistinct,
}: Pick<IncomingMessage, "headersDistinct">): string | undefined {
  return headersDistinct["authorization"]?.join(", ");
}

/** Every way to say who one is, as whoever is nobody is told (RFC 9110, section 11.6.1). */
export const CHALLENGE = 'Bearer realm="holdfast", Holdfast-Sshsig realm="holdfast"';

/** The same in words. */
export const CHALLENGE_WORDS =
  "say who you are with the header authorization: Bearer and your token, or Holdfast-Sshsig and what you signed";
