import {
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNullableType,
} from "graphql";
import type { Place } from "../workflow/malformed.ts";
import type { Ask } from "../workflow/verbs.ts";

/** An input with one fault, as a caller sends it. */
export interface Misfit {
  readonly ask: Ask;
  readonly what: string;
  readonly sent: unknown;
  readonly place: Place;
}

/**
 * Whether what is a fault of the domain's input is none in GraphQL's own terms, or cannot be
 * said there at all: what is null counts as left out, a value stands for a list of one, and
 * JSON knows neither NaN nor a bigint.
 */
export function isSaidOtherwise(
  type: GraphQLInputType,
  { sent, place }: Misfit,
  usual: unknown,
): boolean {
  if (JSON.stringify(sent, bigintAsNumber) === JSON.stringify(usual)) return true;
  const value = valueAt(sent, place);
  if (typeof value === "bigint" || Number.isNaN(value)) return true;
  const needed = typeAt(type, place);
  if (needed === null) return false;
  if ((value === null || value === undefined) && isNullableType(needed)) return true;
  const bare = getNullableType(needed);
  return isListType(bare) && !Array.isArray(value) && value !== null && value !== undefined;
}

function bigintAsNumber(_name: string, part: unknown): unknown {
  return typeof part === "bigint" ? Number(part) : part;
}

function valueAt(value: unknown, [step, ...rest]: Place): unknown {
  if (step === undefined) return value;
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? valueAt(Reflect.get(value, step), rest)
    : undefined;
}

function typeAt(type: GraphQLInputType, [step, ...rest]: Place): GraphQLInputType | null {
  if (step === undefined) return type;
  const bare = getNullableType(type);
  if (isListType(bare)) return typeAt(bare.ofType, rest);
  const field = isInputObjectType(bare) ? bare.getFields()[String(step)] : undefined;
  return field === undefined ? null : typeAt(field.type, rest);
}
