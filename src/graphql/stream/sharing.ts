import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type SelectionSetNode,
  getOperationAST,
  visit,
} from "graphql";
import type { Asked } from "../request/documents.ts";

/** What of a subscription's document decides who can be told together. */
interface Shape {
  /** The field that is followed, as the schema names it. */
  readonly field: string;
  /** The variable that only says where a reader begins; null where there is none. */
  readonly startVariable: string | null;
  /** The variables that it declares. */
  readonly declared: readonly string[];
}

const shapes = new WeakMap<DocumentNode, Map<string | null, Shape>>();

/** The field that a subscription follows. */
export function streamFieldOf({ document, operationName }: Asked): string {
  return shapeOf(document, operationName).field;
}

/** The variables that an operation declares; a reader may send any number of others, which tell nothing. */
export function declaredIn({ document, operationName, variables }: Asked): Asked["variables"] {
  const { declared } = shapeOf(document, operationName);
  return Object.fromEntries(
    declared
      .filter((name) => Object.hasOwn(variables, name))
      .map((name) => [name, variables[name]]),
  );
}

/**
 * Equal for operations that tell every reader of one company the same: text, name
 * and variables, but not the one that only says where the reader begins.
 */
export function sharedKeyOf(text: string, asked: Asked, company: string): string {
  const { startVariable } = shapeOf(asked.document, asked.operationName);
  const variables = Object.entries(asked.variables)
    .filter(([name]) => name !== startVariable)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([company, text, asked.operationName, variables]);
}

function shapeOf(document: DocumentNode, operationName: string | null): Shape {
  const known = shapes.get(document) ?? new Map<string | null, Shape>();
  shapes.set(document, known);
  const shape = known.get(operationName) ?? readShape(document, operationName);
  known.set(operationName, shape);
  return shape;
}

function readShape(document: DocumentNode, operationName: string | null): Shape {
  const operation = getOperationAST(document, operationName);
  const field = operation && rootField(document, operation.selectionSet);
  // A valid subscription has exactly one.
  if (!field) throw new Error("a subscription without a field was taken for a valid one");
  const start = field.arguments?.find(({ name }) => name.value === "after")?.value;
  const named = start?.kind === Kind.VARIABLE ? start.name.value : null;
  const isElsewhere = named !== null && usesOf(document, named) > 1;
  return {
    field: field.name.value,
    startVariable: isElsewhere ? null : named,
    declared: (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value),
  };
}

function rootField(document: DocumentNode, { selections }: SelectionSetNode): FieldNode | null {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragmentOf(document, selection.name.value);
    const field = inner && rootField(document, inner);
    if (field) return field;
  }
  return null;
}

function fragmentOf({ definitions }: DocumentNode, wanted: string): SelectionSetNode | null {
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === wanted) {
      return definition.selectionSet;
    }
  }
  return null;
}

/** How often a variable stands in a document, its definitions apart. */
function usesOf(document: DocumentNode, wanted: string): number {
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === wanted) uses += 1;
    },
  });
  return uses;
}
