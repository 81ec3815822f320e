import {
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isListType,
} from "graphql";
import type { Path } from "#packet/refusal.ts";

/**
 * GraphQL inputs and the domain's own differ in four ways, each told by an extension of the
 * input type: `kind: "APPROVAL_LANE"` for an object that has this kind in the domain; a `@oneOf` type with `discriminator: "kind"` stands for a union told apart by
 * that property, and a member of it with `wraps: "entries"` for that one property of the
 * union's member; `constantNames: true` for an object whose members are named LIKE_THIS; and
 * a field with `absent: "NULL"` for a member that is null when it is not given.
 */
type InputObject = Readonly<Record<string, unknown>>;

/** The input as the domain has it. What is null or absent in GraphQL is absent there. */
export function domainInput(type: GraphQLInputType, value: unknown): unknown {
  const bare = getNullableType(type);
  if (value === null || value === undefined) return value;
  if (isListType(bare)) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((item) => domainInput(bare.ofType, item));
  }
  if (!isInputObjectType(bare)) return value;
  const given = value as InputObject;
  const discriminator = discriminatorOf(bare);
  if (discriminator === undefined) return membersOf(bare, given);
  const [name = ""] = Object.keys(given);
  const member = bare.getFields()[name];
  if (member === undefined) return { [discriminator]: constantName(name) };
  const inner = domainInput(member.type, given[name]);
  const wraps = wrapsOf(member);
  const members = wraps === undefined ? (inner as object) : { [wraps]: inner };
  return { ...members, [discriminator]: constantName(name) };
}

function membersOf(type: GraphQLInputObjectType, given: InputObject): object {
  const renames = type.extensions["constantNames"] === true;
  const { kind } = type.extensions;
  const members: Record<string, unknown> = typeof kind === "string" ? { kind } : {};
  for (const field of Object.values(type.getFields())) {
    const value = domainInput(field.type, given[field.name]) ?? undefined;
    const name = renames ? constantName(field.name) : field.name;
    if (value !== undefined) members[name] = value;
    else if (field.extensions["absent"] === "NULL") members[name] = null;
  }
  return members;
}

/** A path in the domain's input as the caller knows it. */
export function callersPath(type: GraphQLInputType, value: unknown, path: Path): Path {
  const bare = getNullableType(type);
  if (isListType(bare)) {
    const [index, ...rest] = path;
    if (typeof index !== "number") return path;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return [index, ...callersPath(bare.ofType, list[index], rest)];
  }
  if (!isInputObjectType(bare)) return path;
  const given = (value ?? {}) as InputObject;
  const discriminator = discriminatorOf(bare);
  if (discriminator === undefined) return memberPath(bare, given, path);
  const [name = ""] = Object.keys(given);
  const member = bare.getFields()[name];
  if (member === undefined || path[0] === discriminator) return [name];
  const inside = path[0] === wrapsOf(member) ? path.slice(1) : path;
  return [name, ...callersPath(member.type, given[name], inside)];
}

function memberPath(type: GraphQLInputObjectType, given: InputObject, path: Path): Path {
  const [step, ...rest] = path;
  const renames = type.extensions["constantNames"] === true;
  const field = Object.values(type.getFields()).find(
    ({ name }) => step === (renames ? constantName(name) : name),
  );
  if (field === undefined) return path;
  return [field.name, ...callersPath(field.type, given[field.name], rest)];
}

function wrapsOf(member: GraphQLInputField): string | undefined {
  const wraps = member.extensions["wraps"];
  return typeof wraps === "string" ? wraps : undefined;
}

function discriminatorOf(type: GraphQLInputObjectType): string | undefined {
  const discriminator = type.extensions["discriminator"];
  return typeof discriminator === "string" ? discriminator : undefined;
}

/** `trustedBranch` to TRUSTED_BRANCH. */
function constantName(name: string): string {
  return name.replaceAll(/[A-Z]/g, "_$&").toUpperCase();
}

/** TRUSTED_BRANCH to `trustedBranch`. */
export function memberName(constant: string): string {
  return constant
    .toLowerCase()
    .replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
