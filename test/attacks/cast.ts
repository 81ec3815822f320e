import type { Actor } from "#packet/actor.ts";

/** Develops a client: may ask for the schema where that is switched on, and reads. */
export const DORA: Actor = { actor: "dora", kind: "PERSON", roles: ["READER", "DEVELOPER"] };
