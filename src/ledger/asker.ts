import type { Actor } from "#packet/actor.ts";
import { IdempotencyConflict } from "#packet/refusal.ts";
import { canonical } from "#proof/canonical.ts";
import { arranged } from "./arranged.ts";
import type { Query } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";

/** Who asks for a change, and under which key (decision 12). */
export interface Asker {
  readonly actor: Actor;
  readonly idempotencyKey: string;
  readonly verb: string;
  /** Digest of the canonical input. */
  readonly input: string;
}

/** What was once answered under a key. */
export interface Answered {
  readonly verb: string;
  readonly input: string;
  readonly answer: string;
}

/** An answer to be kept. */
export interface Answer {
  readonly asker: Asker;
  readonly answer: string;
}

/** An answer as it is kept: canonical JSON. */
export function writeAnswer(answer: object): string {
  return canonical(arranged(answer));
}

/** The first answer's JSON, or why it is not this request's. */
export function firstAnswer(asker: Asker, answered: Answered): unknown {
  const isSame = answered.verb === asker.verb && answered.input === asker.input;
  return isSame ? JSON.parse(answered.answer) : new IdempotencyConflict();
}

/** What was answered under the asker's key, or null. */
export async function findAnswered(sql: Query, asker: Asker | null): Promise<Answered | null> {
  if (asker === null) return null;
  const [answered] = await rowsOf(sql<Answered[]>`
    SELECT verb, input, answer FROM idempotency
    WHERE actor = ${asker.actor.actor} AND key = ${asker.idempotencyKey}`);
  return answered ?? null;
}
