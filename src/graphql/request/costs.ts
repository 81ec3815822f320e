import {
  type ASTVisitor,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  TypeInfo,
  type ValueNode,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { createComplexityRule } from "@pothos/plugin-complexity";
import type { Context } from "../context.ts";
import { BREADTH_MAX, COMPLEXITY_MAX, DEPTH_MAX } from "../limits.ts";
import type { Asked } from "./documents.ts";
import { withoutValues } from "./errors.ts";

type Faults = readonly GraphQLError[];

/** Whether operations cost too much. Where that is no matter of their variables it is worked out once. */
export class Costs {
  readonly #schema: GraphQLSchema;
  /** By document and operation; VARIES where variables tell how much is asked for. */
  readonly #known = new WeakMap<DocumentNode, Map<string | null, Faults> | "VARIES">();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** What is wrong with the cost of a valid operation whose variables are sound. */
  faults(asked: Asked, context: Context): Faults {
    const known = this.#knownOf(asked.document);
    if (known === "VARIES") return this.#judge(asked, context);
    const faults = known.get(asked.operationName) ?? this.#judge(asked, context);
    known.set(asked.operationName, faults);
    return faults;
  }

  #knownOf(document: DocumentNode): Map<string | null, Faults> | "VARIES" {
    const known =
      this.#known.get(document) ?? (varies(this.#schema, document) ? "VARIES" : new Map());
    this.#known.set(document, known);
    return known;
  }

  #judge({ document, operationName, variables }: Asked, context: Context): Faults {
    const rule = createComplexityRule({
      variableValues: { ...variables },
      operationName,
      context,
      maxComplexity: COMPLEXITY_MAX,
      maxDepth: DEPTH_MAX,
      maxBreadth: BREADTH_MAX,
    });
    return validate(this.#schema, document, [rule]).map(withoutValues);
  }
}

/** Whether a variable is given to a field whose cost is worked out from its arguments. */
function varies(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let isVariable = false;
  const visitor: ASTVisitor = {
    Argument({ value }) {
      const cost: unknown = types.getFieldDef()?.extensions["complexity"];
      isVariable ||= typeof cost === "function" && hasVariable(value);
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return isVariable;
}

function hasVariable(value: ValueNode): boolean {
  let isFound = false;
  visit(value, {
    Variable() {
      isFound = true;
    },
  });
  return isFound;
}
