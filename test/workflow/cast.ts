import type { Actor, Role } from "#packet/actor.ts";

function person(actor: string, ...roles: Role[]): Actor {
  return { actor, kind: "PERSON", roles };
}

function system(actor: string, ...roles: Role[]): Actor {
  return { actor, kind: "SYSTEM", roles };
}

/** Two of release security: who proposes a lane, and who confirms it. */
export const REX = person("rex", "RELEASE_SECURITY");
export const RUTH = person("ruth", "RELEASE_SECURITY");
/** The authority that the lane names for every kind of source. */
export const UMA = person("uma", "SOURCE_AUTHORITY");
export const PIA = person("pia", "PREPARER");
/** The approval owner. */
export const OLGA = person("olga", "APPROVAL_OWNER");
/** An accepted reporter who is a person, and so does not number reports. */
export const PAUL = person("paul", "REPORTER");
/** Two accepted reporters that are systems. */
export const PROBE = system("probe", "REPORTER");
export const SCOUT = system("scout", "REPORTER");
export const IVAN = person("ivan", "OPERATOR");
export const RITA = person("rita", "READER");
