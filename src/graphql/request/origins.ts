import type { IncomingMessage } from "node:http";

/** Whether a page that is none of ours had a browser ask: a browser says of which origin its page is. */
export function isForeignPage(
  { headers: { origin } }: IncomingMessage,
  origins: readonly string[],
): boolean {
  return origin !== undefined && !origins.includes(origin);
}
