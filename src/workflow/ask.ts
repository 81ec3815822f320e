import type { z } from "zod";
import { type Verb, entitle } from "#access/permissions.ts";
import { arranged } from "#ledger/arranged.ts";
import type { Asker } from "#ledger/asker.ts";
import type { Actor } from "#packet/actor.ts";
import { InvalidInput, type Path, PolicyUnmeetable, Refusal } from "#packet/refusal.ts";
import { secretsIn } from "#packet/secrets.ts";
import { ReportOutOfScope } from "#packet/reportScope.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import { NotCanonical, canonical } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";

/** An input that was read, from somebody entitled to it. */
export interface Asked<W> {
  readonly wish: W;
  readonly asker: Asker;
}

/**
 * Reads an input by its schema. Every fault is named with its path, and nothing of the input is
 * repeated. Rule 7.3: an input that carries a secret anywhere is refused, whatever its schema.
 */
export function read<S extends z.ZodType>(schema: S, input: unknown): z.output<S> | InvalidInput {
  const parsed = schema.safeParse(input);
  const secrets = secretsIn(input);
  if (parsed.success && secrets.length === 0) return parsed.data;
  const misread = (parsed.error?.issues ?? []).map((issue) => ({
    path: issue.path.map((step) => (typeof step === "symbol" ? step.toString() : step)),
    message: issue.code === "unrecognized_keys" ? unknownMembers(issue.keys) : issue.message,
  }));
  return new InvalidInput([...secrets, ...misread]);
}

/** Names a member that is not known only where it looks like a name: anything may have been pasted there (rule 7.3). */
function unknownMembers(keys: readonly string[]): string {
  const names = keys.filter((key) => /^[A-Za-z]{1,40}$/.test(key));
  const which = names.length === keys.length ? `: ${names.join(", ")}` : "";
  return `has ${keys.length === 1 ? "a member" : "members"} that no such input has${which}`;
}

/** The door of every verb: who may, and what exactly is asked. The same input has the same digest (decision 12). */
export function ask<S extends z.ZodType<{ idempotencyKey: string }>>(
  verb: Verb,
  schema: S,
  actor: Actor,
  input: unknown,
): Asked<z.output<S>> | Refusal {
  const refused = entitle(actor, verb);
  if (refused !== null) return refused;
  const wish = read(schema, input);
  if (wish instanceof Refusal) return wish;
  const digest = inputDigest(wish);
  if (digest instanceof Refusal) return digest;
  return { wish, asker: { actor, verb, idempotencyKey: wish.idempotencyKey, input: digest } };
}

/** The digest of an input that was read; a value that the schema lets pass may still have no canonical form, such as -0. */
export function inputDigest(wish: unknown): string | InvalidInput {
  try {
    return sha256Hex(canonical(arranged(wish)));
  } catch (fault) {
    if (!(fault instanceof NotCanonical)) throw fault;
    return new InvalidInput([{ path: stepsOf(fault.path), message: "has no canonical form" }]);
  }
}

/** The steps of a JSON pointer (RFC 6901); no member of an input has a number for its name. */
function stepsOf(pointer: string): Path {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** A refusal of a part of the input, its paths told from the whole. */
export function within(path: Path, refusal: Refusal): Refusal {
  if (refusal instanceof InvalidInput || refusal instanceof ReportOutOfScope) {
    const faults = refusal.faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
    return refusal instanceof InvalidInput
      ? new InvalidInput(faults)
      : new ReportOutOfScope(faults);
  }
  if (refusal instanceof PolicyUnmeetable) {
    return new PolicyUnmeetable([...path, ...refusal.path], refusal.why);
  }
  if (refusal instanceof ReleaseInadmissible || refusal instanceof KeySlotsExhausted) {
    return refusal.at([...path, ...refusal.path]);
  }
  return refusal;
}

/** Rule 4.3.2: an automated reporter numbers its reports, a person does not. */
export function numberFault(actor: Actor, reportNumber: bigint | undefined): InvalidInput | null {
  const needed = actor.kind === "SYSTEM";
  if (needed === (reportNumber !== undefined)) return null;
  const message = needed
    ? "is missing: an automated reporter numbers its reports"
    : "must be left out: only automated reporters number their reports";
  return new InvalidInput([{ path: ["reportNumber"], message }]);
}
