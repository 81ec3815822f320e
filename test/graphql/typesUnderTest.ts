import {
  type GraphQLInputType,
  type GraphQLResolveInfo,
  isInputType,
  isInterfaceType,
  isUnionType,
} from "graphql";
import { buildSchema } from "#graphql/schema.ts";

/** The schema as it is served. */
export const schema = buildSchema();

/** An input type of the schema by its name. */
export function inputNamed(name: string): GraphQLInputType {
  const type = schema.getType(name);
  if (type === undefined || !isInputType(type)) throw new TypeError(`no input type ${name}`);
  return type;
}

/** The name of the type with which the schema answers for one kind. */
export function typeOfKind(type: unknown, by: string, kind: string): string {
  if (!isUnionType(type) && !isInterfaceType(type)) throw new TypeError("has no members");
  const found = type.resolveType?.({ [by]: kind }, {}, {} as GraphQLResolveInfo, type);
  return typeof found === "string" ? found : `nothing for ${kind}`;
}
