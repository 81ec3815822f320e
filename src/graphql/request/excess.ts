import { type DocumentNode, GraphQLError, visit } from "graphql";
import { ALIASES_MAX, DIRECTIVES_MAX, FIELDS_MAX } from "../limits.ts";

/**
 * What a document has too many of, counted as it is written. It is looked at before the rules of
 * the specification, of which some compare each field with each other.
 */
export function excessIn(document: DocumentNode): readonly GraphQLError[] {
  const aliases = new Map<string, number>();
  let [directives, fields] = [0, 0];
  visit(document, {
    Field({ alias, name }) {
      fields += 1;
      if (alias !== undefined) aliases.set(name.value, (aliases.get(name.value) ?? 0) + 1);
    },
    Directive() {
      directives += 1;
    },
  });
  const counted = [
    ["fields", fields, FIELDS_MAX],
    ["aliases of one field", Math.max(0, ...aliases.values()), ALIASES_MAX],
    ["directives", directives, DIRECTIVES_MAX],
  ] as const;
  return counted
    .filter(([, count, max]) => count > max)
    .map(([what, , max]) => new GraphQLError(`a document has at most ${max} ${what}`));
}
