import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";
import { schema } from "./typesUnderTest.ts";

/** How a selection is made. */
export interface Selecting {
  /** How many levels of fields that hold fields are followed. */
  readonly depth: number;
  /** Which fields are selected, told by type and name. */
  readonly isWanted?: (type: string, field: string) => boolean;
  /** The arguments of a field, with their brackets; nothing when left out. */
  readonly argumentsOf?: (type: string, field: string) => string;
}

/** A selection of every field of a type, in braces; nothing for a leaf, and null where no field fits the depth. */
export function selectionOf(type: GraphQLNamedType, how: Selecting): string | null {
  if (isLeafType(type)) return "";
  if (how.depth === 0) return null;
  if (isUnionType(type)) return `{ __typename ${type.getTypes().map(part(how)).join(" ")} }`;
  if (!isInterfaceType(type) && !isObjectType(type)) throw new TypeError(`no output: ${type.name}`);
  const own = Object.values(type.getFields()).map((field) => fieldOf(type.name, field, how));
  const parts = isInterfaceType(type) ? schema.getPossibleTypes(type).map(part(how)) : [];
  return `{ __typename ${[...own, ...parts].join(" ")} }`;
}

function part(how: Selecting): (type: GraphQLNamedType) => string {
  return (type) => `... on ${type.name} ${selectionOf(type, how) ?? "{ __typename }"}`;
}

/** Members of one union may have fields of one name and different types: each is called after its own. */
function fieldOf(type: string, field: GraphQLField<unknown, unknown>, how: Selecting): string {
  const { isWanted = () => true, argumentsOf = () => "" } = how;
  if (!isWanted(type, field.name)) return "";
  const given = argumentsOf(type, field.name);
  if (given === "" && field.args.some(isRequiredArgument)) return "";
  const inner = selectionOf(getNamedType(field.type), { ...how, depth: how.depth - 1 });
  return inner === null ? "" : `${type}_${field.name}: ${field.name}${given} ${inner}`;
}
