import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
} from "graphql";
import { memberName } from "#graphql/input/domainInput.ts";
import type { Place } from "../workflow/malformed.ts";
import type { Wire } from "../workflow/trains.ts";

/** An input of the domain as a caller of the API sends it. */
export interface Sent {
  readonly value: unknown;
  /** Where a place of the domain's input lies in what was sent. */
  place(of: Place): Place;
}

/**
 * Writes an input of the domain in the form of a GraphQL type. What does not fit the type
 * stays as it is, so that a fault of the one is a fault of the other.
 */
export function callersInput(type: GraphQLInputType, value: unknown): Sent {
  const places = new Map<string, Place>();
  const sent = written(type, value, { from: [], to: [], places });
  return {
    value: sent,
    place(of) {
      for (let length = of.length; length >= 0; length -= 1) {
        const known = places.get(JSON.stringify(of.slice(0, length)));
        if (known !== undefined) return [...known, ...of.slice(length)];
      }
      return of;
    },
  };
}

interface At {
  readonly from: Place;
  readonly to: Place;
  readonly places: Map<string, Place>;
}

function inside({ from, to, places }: At, step: string | number, asStep = step): At {
  return { from: [...from, step], to: [...to, asStep], places };
}

function note({ from, to, places }: At): void {
  places.set(JSON.stringify(from), to);
}

function written(type: GraphQLInputType, value: unknown, at: At): unknown {
  note(at);
  const bare = getNullableType(type);
  if (isListType(bare) && Array.isArray(value)) {
    return value.map((item, index) => written(bare.ofType, item, inside(at, index)));
  }
  if (!isInputObjectType(bare) || !isWire(value)) return value;
  const discriminator = bare.extensions["discriminator"];
  if (typeof discriminator !== "string") return writtenMembers(bare, value, at);
  const { [discriminator]: kind, ...members } = value;
  if (typeof kind !== "string") return {};
  const name = memberName(kind);
  note(inside(at, discriminator, name));
  const member = bare.getFields()[name];
  const wraps = member?.extensions["wraps"];
  const chosen = { ...at, to: [...at.to, name] };
  // What is wrong with a choice as a whole is wrong with what was chosen.
  note(chosen);
  if (member === undefined) return own([[name, members]]);
  if (typeof wraps !== "string") return { [name]: written(member.type, members, chosen) };
  const inner = { ...chosen, from: [...at.from, wraps] };
  // A member that the one inside leaves no room for makes it a choice of two.
  const { [wraps]: wrapped, ...others } = members;
  return { ...others, [name]: written(member.type, wrapped, inner) };
}

function writtenMembers(type: GraphQLInputObjectType, value: Wire, at: At): unknown {
  const fields = type.getFields();
  const renames = type.extensions["constantNames"] === true;
  const members = Object.entries(value).filter(
    ([name]) => !(name === "kind" && type.extensions["kind"] !== undefined),
  );
  return own(
    members.map(([name, member]) => {
      const called = renames && name === name.toUpperCase() ? memberName(name) : name;
      const field = fields[called];
      const here = inside(at, name, called);
      return [called, field === undefined ? member : written(field.type, member, here)];
    }),
  );
}

/** An object whose members are its own, whatever they are called. */
function own(members: readonly (readonly [string, unknown])[]): Wire {
  const made: Wire = {};
  for (const [name, value] of members) {
    Object.defineProperty(made, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return made;
}

function isWire(value: unknown): value is Wire {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
