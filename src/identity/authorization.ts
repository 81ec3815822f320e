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
