import { randomBytes } from "node:crypto";
import { TOKEN_BYTES } from "#identity/bearer.ts";
import { addPrincipal, removePrincipal } from "#identity/changePrincipals.ts";
import type { Actor } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";

const RESPONDER = { responder: true } as const;

/**
 * Adds everybody to a principals file, has their tokens used, and removes them again, however
 * that ends. Responders may sign in with a key of their own as well.
 *
 * @throws {PrincipalsUnchanged} or `PrincipalsUnusable`, with nobody left in the file who was not there.
 */
export async function withPasses<T>(
  file: string,
  actors: readonly Actor[],
  responders: readonly Actor[],
  use: (tokens: ReadonlyMap<Name, string>) => Promise<T>,
): Promise<T> {
  const tokens = new Map<Name, string>();
  try {
    for (const { actor, kind, roles } of actors) {
      const isResponder = responders.some((responder) => responder.actor === actor);
      const principal = { name: actor, kind, roles, ...(isResponder ? RESPONDER : {}) };
      tokens.set(actor, await addPrincipal(file, principal, randomBytes(TOKEN_BYTES)));
    }
    return await use(tokens);
  } finally {
    for (const name of tokens.keys()) await removePrincipal(file, name);
  }
}
