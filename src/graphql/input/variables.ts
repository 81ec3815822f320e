import {
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  coerceInputValue,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
} from "graphql";
import { ERRORS_MAX } from "../limits.ts";

type Path = readonly (string | number)[];

/**
 * What is wrong with the values of an operation's variables: where, and what is needed. The
 * values themselves, and names that are not the schema's, are never repeated (rule 7.3).
 */
export function variableErrors(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError[] {
  const errors: GraphQLError[] = [];
  for (const { variable, type: node, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    if (!isInputType(type)) continue;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) {
      if (defaultValue === undefined && isNonNullType(type))
        errors.push(fault([name], "is missing"));
      continue;
    }
    collectFaults(value, type, (path, message) => {
      errors.push(fault([name, ...path], told(type, path, message)));
      return errors.length < ERRORS_MAX;
    });
    if (errors.length >= ERRORS_MAX) break;
  }
  return errors;
}

/** Goes through a value until `add` says that it has enough: there may be as many faults as the body has members. */
function collectFaults(
  value: unknown,
  type: GraphQLInputType,
  add: (path: Path, message: string) => boolean,
): void {
  try {
    const onFault = (path: Path, _value: unknown, { message }: GraphQLError): void => {
      if (!add(path, message)) throw new Enough();
    };
    coerceInputValue(value, type, onFault, true);
  } catch (fault) {
    if (!(fault instanceof Enough)) throw fault;
  }
}

/** Carries the way out of a value of which enough is known. */
class Enough extends Error {
  override readonly name = "Enough";
}

function fault(path: Path, message: string): GraphQLError {
  const where = path.map(String);
  return new GraphQLError(`${where.join(".")}: ${message}`, {
    extensions: { code: "BAD_USER_INPUT", path: where },
  });
}

/** The fault in words of our own; the library's repeat the value. */
function told(type: GraphQLInputType, path: Path, message: string): string {
  const missing = /^Field "(\w+)" of required type "[\w![\]]+" was not provided\.$/.exec(message);
  if (missing !== null) return `lacks ${missing[1] ?? ""}`;
  const place = typeAt(type, path);
  const needed = place === null ? "another value" : nameOf(place);
  if (/^Field "[\s\S]*" is not defined by type /.test(message)) {
    return `has a field that ${needed} does not have`;
  }
  if (/^(?:Exactly one key|Field "\w+" must be non-null)/.test(message)) {
    return "must give exactly one of its fields, and not null";
  }
  return `must be a valid ${needed}`;
}

function nameOf(type: GraphQLInputType): string {
  return isListType(getNullableType(type)) ? "list" : getNamedType(type).name;
}

function typeAt(type: GraphQLInputType, path: Path): GraphQLInputType | null {
  const [step, ...rest] = path;
  if (step === undefined) return type;
  const bare = getNullableType(type);
  if (isListType(bare)) return typeAt(bare.ofType, typeof step === "number" ? rest : path);
  if (!isInputObjectType(bare)) return null;
  const field = bare.getFields()[String(step)];
  return field === undefined ? null : typeAt(field.type, rest);
}
