import {
  type GraphQLSchema,
  defaultFieldResolver,
  isInterfaceType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { FieldClass } from "#access/classes.ts";
import { compareNames } from "#packet/name.ts";
import type { Context } from "./context.ts";

/** Types that Relay's connections bring along; they hold places in a list and nothing else. */
const RELAY_TYPE = /(?:^PageInfo|Connection|Edge)$/;

/** The class of a field (rule 7.4); null when it declares none. */
export function classOf(
  typeName: string,
  field: { readonly extensions: Readonly<Record<string, unknown>> },
): FieldClass | null {
  const declared = field.extensions["class"];
  if (declared === "SHARED" || declared === "GOVERNED" || declared === "RESTRICTED")
    return declared;
  return RELAY_TYPE.test(typeName) ? "SHARED" : null;
}

/**
 * Has every field of a class above SHARED read as null to whoever does not see that class
 * (rule 7.2), before its own resolver is asked.
 *
 * @throws {TypeError} for a field without a class, or one above SHARED that cannot be null.
 */
export function guardClasses(schema: GraphQLSchema): GraphQLSchema {
  const guarded: Guarded[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__") || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      const needed = classOf(type.name, field);
      const at = `${type.name}.${field.name}`;
      if (needed === null) throw new TypeError(`${at} has no class`);
      if (needed === "SHARED") continue;
      if (isNonNullType(field.type)) throw new TypeError(`${at} is ${needed} and cannot be null`);
      // What is hidden is told in the schema and by `viewer.withheld`: a null alone tells nothing.
      field.description = `${field.description ?? ""} (${needed}.)`;
      if (isObjectType(type)) guarded.push({ at, needed });
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context: Context, info) =>
        context.classes.has(needed) ? resolve(source, args, context, info) : null;
    }
  }
  GUARDED.set(schema, guarded);
  return schema;
}

/** A field that not everybody sees, by its schema coordinate. */
interface Guarded {
  readonly at: string;
  readonly needed: FieldClass;
}

const GUARDED = new WeakMap<GraphQLSchema, readonly Guarded[]>();

/**
 * The fields that read as null to whoever sees only these classes, as schema coordinates in order
 * of name. It follows from the schema and the classes alone, and so tells of no value, not even
 * whether there is one.
 */
export function withheldFrom(schema: GraphQLSchema, classes: ReadonlySet<FieldClass>): string[] {
  const guarded = GUARDED.get(schema) ?? [];
  return guarded
    .filter(({ needed }) => !classes.has(needed))
    .map(({ at }) => at)
    .toSorted(compareNames);
}
