import type { Actor } from "#packet/actor.ts";
import { classesOf } from "./classes.ts";
import { PERMISSIONS, type Verb, entitle } from "./permissions.ts";

const VERBS = Object.keys(PERMISSIONS) as Verb[];

/**
 * What an actor may see and ask for, as one text: equal for two actors exactly where no answer
 * to them differs but by who they are. Whatever is shared between readers is keyed by it.
 */
export function authorizationClassOf(actor: Actor): string {
  const verbs = VERBS.filter((verb) => entitle(actor, verb) === null);
  return `${classesOf(actor).join(",")} ${verbs.join(",")}`;
}

/** An actor of the same class who is nobody: no name can get into what is shared. */
export function standInFor({ kind, roles }: Actor): Actor {
  return { actor: "(anybody of this class)", kind, roles };
}
