import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  type OperationDefinitionNode,
  type ValidationRule,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { entitle } from "#access/permissions.ts";
import { Lru } from "#ledger/lru.ts";
import type { Context } from "../context.ts";
import {
  DOCUMENTS_KEPT,
  DOCUMENT_CHARACTERS_KEPT,
  DOCUMENT_CHARACTERS_MAX,
  ERRORS_MAX,
  MUTATIONS_MAX,
  TOKENS_MAX,
} from "../limits.ts";
import { Costs } from "./costs.ts";
import { withoutValues } from "./errors.ts";
import { excessIn } from "./excess.ts";
import { requireShallow } from "./nesting.ts";
import { variableErrors } from "../input/variables.ts";

/** How an operation came in: subscriptions run over streams, all else over requests. */
export type Transport = "REQUEST" | "STREAM";

/** What of a request is executed. */
export interface Asked {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Those of the specification, and that of few mutations. */
const RULES: readonly ValidationRule[] = [...specifiedRules, fewMutations];

/** Reads documents and finds everything that is wrong with an operation before it is executed. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #introspection: boolean;
  readonly #costs: Costs;
  readonly #read = new Lru<string, Read>(DOCUMENT_CHARACTERS_KEPT, ({ weight }) => weight);
  readonly #forAll = new Validity([...RULES, NoSchemaIntrospectionCustomRule]);
  readonly #forDevelopers = new Validity(RULES);

  /** With `introspection` a developer may ask for the schema; without it nobody may. */
  constructor(schema: GraphQLSchema, introspection: boolean) {
    this.#schema = schema;
    this.#introspection = introspection;
    this.#costs = new Costs(schema);
  }

  /**
   * The document of a text, parsed once.
   *
   * @throws {GraphQLError} for a text that is no document, or too long a one.
   */
  parse(text: string): DocumentNode {
    const { document } = this.#read.get(text) ?? this.#remember(text);
    if (document instanceof GraphQLError) throw document;
    return document;
  }

  /** Whether a text was parsed, and judged for whoever asks, and is remembered: to ask it again is cheap. */
  isKnown(text: string, context: Context): boolean {
    const document = this.#read.get(text)?.document;
    if (document === undefined || document instanceof GraphQLError) return document !== undefined;
    return this.#validityFor(context).hasJudged(document);
  }

  /** Parses a text and judges it by all rules but those of its cost, and remembers what came of it. */
  judge(text: string, context: Context): void {
    const { document } = this.#read.get(text) ?? this.#remember(text);
    if (!(document instanceof GraphQLError)) {
      this.#validityFor(context).errors(this.#schema, document);
    }
  }

  #remember(text: string): Read {
    const weight = Math.max(text.length, DOCUMENT_CHARACTERS_KEPT / DOCUMENTS_KEPT);
    const read = { document: this.#documentOf(text), weight };
    if (weight <= DOCUMENT_CHARACTERS_MAX) this.#read.set(text, read);
    return read;
  }

  #documentOf(text: string): DocumentNode | GraphQLError {
    // Comments are no tokens: whoever sends megabytes of them is not to have them read.
    if (text.length > DOCUMENT_CHARACTERS_MAX) {
      return new GraphQLError(`a document has at most ${DOCUMENT_CHARACTERS_MAX} characters`);
    }
    try {
      requireShallow(text);
      return parse(text, { maxTokens: TOKENS_MAX, noLocation: false });
    } catch (fault) {
      if (fault instanceof GraphQLError) return withoutValues(fault);
      throw fault;
    }
  }

  /** Everything wrong with it; nothing may be executed unless this is empty. */
  faults(asked: Asked, context: Context, transport: Transport): readonly GraphQLError[] {
    const invalid = this.#validityFor(context).errors(this.#schema, asked.document);
    if (invalid.length > 0) return invalid;
    const operation = getOperationAST(asked.document, asked.operationName);
    if (!operation) return [new GraphQLError("say which operation of the document is meant")];
    const misplaced = transportFault(operation, transport);
    if (misplaced !== null) return [misplaced];
    const wrong = variableErrors(this.#schema, operation, asked.variables);
    return wrong.length > 0 ? wrong : this.#costs.faults(asked, context);
  }

  /** What is valid for a developer may be another's question about the schema: the two are kept apart. */
  #validityFor({ actor }: Context): Validity {
    const isDeveloper = this.#introspection && entitle(actor, "schemaRead") === null;
    return isDeveloper ? this.#forDevelopers : this.#forAll;
  }
}

/** What was read of a text, and how much of what is remembered it takes. */
interface Read {
  readonly document: DocumentNode | GraphQLError;
  readonly weight: number;
}

/** What one set of rules says of documents, each judged once. */
class Validity {
  readonly #rules: readonly ValidationRule[];
  readonly #judged = new WeakMap<DocumentNode, readonly GraphQLError[]>();

  constructor(rules: readonly ValidationRule[]) {
    this.#rules = rules;
  }

  hasJudged(document: DocumentNode): boolean {
    return this.#judged.has(document);
  }

  errors(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
    const known = this.#judged.get(document);
    if (known !== undefined) return known;
    const excess = excessIn(document);
    const errors = excess.length > 0 ? excess : this.#judge(schema, document);
    this.#judged.set(document, errors);
    return errors;
  }

  #judge(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
    // Suggestions would tell the schema to whoever may not ask for it.
    const options = { maxErrors: ERRORS_MAX - 1, hideSuggestions: true };
    return validate(schema, document, this.#rules, options).map(withoutValues);
  }
}

function transportFault(
  { operation }: OperationDefinitionNode,
  transport: Transport,
): GraphQLError | null {
  if ((operation === OperationTypeNode.SUBSCRIPTION) === (transport === "STREAM")) return null;
  const message =
    transport === "STREAM"
      ? "only subscriptions run over a stream: ask this with a plain POST"
      : "subscriptions run over graphql-transport-ws or with accept: text/event-stream";
  return new GraphQLError(message, { extensions: { code: "WRONG_TRANSPORT" } });
}

/** A document with many mutations at once is an attempt to guess or to flood. */
function fewMutations(context: Parameters<ValidationRule>[0]): ReturnType<ValidationRule> {
  return {
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.MUTATION) return;
      const fields = node.selectionSet.selections.filter(({ kind }) => kind === Kind.FIELD).length;
      const others = node.selectionSet.selections.length - fields;
      if (others === 0 && fields <= MUTATIONS_MAX) return;
      const message =
        others > 0
          ? "a mutation names its fields itself, without fragments"
          : `a document has at most ${MUTATIONS_MAX} mutations`;
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}
