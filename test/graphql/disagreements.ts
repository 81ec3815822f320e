import {
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLUnionType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isNullableType,
  isObjectType,
  isScalarType,
  isUnionType,
} from "graphql";
import { memberName } from "#graphql/input/domainInput.ts";
import type { Member, Shape } from "./domainShape.ts";
import { schema, typeOfKind } from "./typesUnderTest.ts";

/** Everything in which an input type differs from what the domain reads. */
export function inputDisagreements(shape: Shape, type: GraphQLInputType, at: string): string[] {
  const bare = getNullableType(type);
  if (shape.is === "LIST") {
    if (!isListType(bare)) return [`${at}: is no list`];
    const holes = isNullableType(bare.ofType) ? [`${at}: may hold null`] : [];
    return [...holes, ...inputDisagreements(shape.of, bare.ofType, `${at}[]`)];
  }
  if (isListType(bare)) return [`${at}: is a list`];
  if (shape.is === "OBJECT") {
    return isInputObjectType(bare) ? objectInput(shape, bare, at) : [`${at}: is no object`];
  }
  if (shape.is === "UNION") {
    return isInputObjectType(bare) ? unionInput(shape, bare, at) : [`${at}: is no union`];
  }
  return leafDisagreements(shape, bare, at);
}

type Of<I extends Shape["is"]> = Extract<Shape, { readonly is: I }>;

function objectInput(
  { members }: Of<"OBJECT">,
  type: GraphQLInputObjectType,
  at: string,
): string[] {
  const renames = type.extensions["constantNames"] === true;
  const wanted = Object.entries(members)
    .filter(([name, { shape }]) => !isTold(name, shape, type))
    .map(([name, member]) => [renames ? memberName(name) : name, member] as const);
  const fields = type.getFields();
  const faults = nameFaults(
    wanted.map(([name]) => name),
    Object.keys(fields),
    at,
  );
  if (type.isOneOf) faults.push(`${at}: is @oneOf`);
  for (const [name, member] of wanted) {
    const field = fields[name];
    if (field === undefined) continue;
    const here = `${at}.${name}`;
    const mayLack = member.isOptional || member.isNullable;
    if (isNonNullType(field.type) === mayLack) {
      faults.push(`${here}: ${mayLack ? "must be given" : "may be left out"}`);
    }
    const readsNull = field.extensions["absent"] === "NULL";
    if (readsNull !== member.isNullable) {
      faults.push(`${here}: ${readsNull ? "reads as null" : "does not read as null"} when absent`);
    }
    faults.push(...inputDisagreements(member.shape, field.type, here));
  }
  return faults;
}

/** A literal is not asked for where the type alone tells it. */
function isTold(name: string, shape: Shape, type: GraphQLInputObjectType): boolean {
  return shape.is === "LITERAL" && type.extensions[name] === shape.value;
}

function unionInput({ by, members }: Of<"UNION">, type: GraphQLInputObjectType, at: string) {
  const fields = type.getFields();
  const kinds = [...members].map(([kind, shape]) => [memberName(kind), shape] as const);
  const faults = nameFaults(
    kinds.map(([name]) => name),
    Object.keys(fields),
    at,
  );
  if (!type.isOneOf) faults.push(`${at}: is not @oneOf`);
  if (type.extensions["discriminator"] !== by) faults.push(`${at}: is not told apart by ${by}`);
  for (const [name, shape] of kinds) {
    const field = fields[name];
    if (field === undefined || shape.is !== "OBJECT") continue;
    const { [by]: _, ...members } = shape.members;
    faults.push(...chosenInput(members, field, `${at}.${name}`));
  }
  return faults;
}

/** What one member of a `@oneOf` type stands for, without what tells it apart. */
function chosenInput(
  members: Readonly<Record<string, Member>>,
  field: GraphQLInputField,
  at: string,
): string[] {
  const wraps = field.extensions["wraps"];
  if (typeof wraps !== "string")
    return inputDisagreements({ is: "OBJECT", members }, field.type, at);
  const faults = nameFaults(Object.keys(members), [wraps], at);
  const wrapped = members[wraps];
  if (wrapped === undefined) return faults;
  const mayLack = wrapped.isOptional || wrapped.isNullable;
  if (mayLack) faults.push(`${at}: may be left out`);
  return [...faults, ...inputDisagreements(wrapped.shape, field.type, at)];
}

function nameFaults(wanted: readonly string[], found: readonly string[], at: string): string[] {
  return [
    ...wanted.filter((name) => !found.includes(name)).map((name) => `${at}.${name}: is missing`),
    ...found.filter((name) => !wanted.includes(name)).map((name) => `${at}.${name}: is too much`),
  ];
}

function leafDisagreements(shape: Shape, type: unknown, at: string): string[] {
  if (shape.is === "SCALAR") {
    const name = isScalarType(type) ? type.name : String(type);
    return shape.scalars.includes(name) ? [] : [`${at}: is ${name}, not ${shape.scalars.join()}`];
  }
  if (!isEnumType(type)) return [`${at}: is no enum`];
  const values = valuesOf(type);
  if (shape.is === "LITERAL") {
    return values.includes(shape.value) ? [] : [`${at}: cannot be ${shape.value}`];
  }
  return shape.is === "ENUM" ? nameFaults(shape.values, values, at) : [`${at}: is an enum`];
}

function valuesOf(type: GraphQLEnumType): string[] {
  return type.getValues().map(({ name }) => name);
}

/** Everything in which an output type differs from what the domain keeps. */
export function outputDisagreements(shape: Shape, type: GraphQLOutputType, at: string): string[] {
  const bare = getNullableType(type);
  if (shape.is === "LIST") {
    const element = isListType(bare) ? bare.ofType : nodeOf(bare);
    if (element === null) return [`${at}: is no list`];
    const holes = isNullableType(element) ? [`${at}: may hold null`] : [];
    return [...holes, ...outputDisagreements(shape.of, element, `${at}[]`)];
  }
  if (isListType(bare)) return [`${at}: is a list`];
  if (shape.is === "OBJECT") {
    return isObjectType(bare) ? objectOutput(shape.members, bare, at) : [`${at}: is no object`];
  }
  if (shape.is === "UNION") {
    return isUnionType(bare) ? unionOutput(shape, bare, at) : [`${at}: is no union`];
  }
  return leafDisagreements(shape, bare, at);
}

/** What a connection is a list of. */
function nodeOf(type: GraphQLOutputType): GraphQLOutputType | null {
  if (!isObjectType(type) || !type.name.endsWith("Connection")) return null;
  const edges = getNullableType(type.getFields()["edges"]?.type);
  const edge = isListType(edges) ? getNullableType(edges.ofType as GraphQLOutputType) : undefined;
  return isObjectType(edge) ? (edge.getFields()["node"]?.type ?? null) : null;
}

function objectOutput(
  members: Readonly<Record<string, Member>>,
  type: GraphQLObjectType,
  at: string,
): string[] {
  const fields = type.getFields();
  // What tells the members of a union apart is told by the type; some show it all the same.
  const wanted = Object.keys(members).filter(
    (name) => members[name]?.shape.is !== "LITERAL" || name in fields,
  );
  const faults = nameFaults(wanted, Object.keys(fields), at);
  for (const name of wanted) {
    const [field, member] = [fields[name], members[name]];
    if (field === undefined || member === undefined) continue;
    const here = `${at}.${name}`;
    // Rule 7.2: what somebody may not see reads as null.
    const isHidden = field.extensions["class"] !== "SHARED";
    const mayLack = member.isOptional || member.isNullable || isHidden;
    if (isNonNullType(field.type) === mayLack) {
      faults.push(`${here}: ${mayLack ? "cannot be null" : "may be null"}`);
    }
    faults.push(...outputDisagreements(member.shape, field.type, here));
  }
  return faults;
}

function unionOutput({ by, members }: Of<"UNION">, type: GraphQLUnionType, at: string): string[] {
  const named = [...members].map(
    ([kind, shape]) => [kind, typeOfKind(type, by, kind), shape] as const,
  );
  const faults = nameFaults(
    named.map(([, name]) => name),
    type.getTypes().map(({ name }) => name),
    at,
  );
  for (const [kind, name, shape] of named) {
    const member = schema.getType(name);
    if (isObjectType(member)) faults.push(...outputDisagreements(shape, member, `${at}.${kind}`));
  }
  return faults;
}
