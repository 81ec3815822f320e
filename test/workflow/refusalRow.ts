import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import type { Refusal } from "#packet/refusal.ts";
import type { Place } from "./malformed.ts";
import type { Situations } from "./situations.ts";
import { type Opened, type Wire, newKey } from "./trains.ts";
import type { Ask } from "./verbs.ts";

/** Something that a verb refuses though every part of its input is well formed. */
export interface RefusalRow {
  readonly verb: Verb;
  /** Completes the sentence that begins with the verb. */
  readonly why: string;
  /** `time` gives the time of an epoch counted from the current one. */
  readonly ask: (at: Situations, time: (epochs: number) => string) => Ask;
  readonly code: Refusal["code"];
  /** Where the faults are said to be, all of them. */
  readonly paths?: readonly Place[];
  /** The codes of all reasons, for an approval. */
  readonly reasons?: readonly Refusal["code"][];
}

/** An id that nothing has. */
export const NOWHERE = "01a1ff9f-f613-75f0-a6ff-9051e6983bf8";

/** A key of its own for each row. */
export const key = (): Wire => ({ idempotencyKey: newKey() });

/** The situations that are packets. */
export type PacketIn = {
  [K in keyof Situations]: Situations[K] extends Opened ? K : never;
}[keyof Situations];

/** Asks a verb about the packet of a situation. */
export function about(situation: PacketIn, by: Actor, more: Wire): RefusalRow["ask"] {
  return (at) => ({ by, input: { ...key(), packet: at[situation].packet, ...more } });
}

/** A row whose faults are all in the input, at these paths. */
export function invalid(
  verb: Verb,
  why: string,
  ask: RefusalRow["ask"],
  ...paths: (string | number)[][]
): RefusalRow {
  return { verb, why, ask, code: "INVALID_INPUT", paths };
}
