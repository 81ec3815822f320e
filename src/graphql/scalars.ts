import { GraphQLError, Kind, type ValueNode } from "graphql";
import { builder } from "./builder.ts";

/**
 * Scalars take any text of theirs and leave its judgement to the verb, which refuses a bad
 * one with its path. What is no text at all is refused here, without repeating it (rule 7.3).
 */
const TEXTS = {
  Epoch:
    "A point of the deployment's own time (rule 6.1): a whole number of 64 bits as a decimal string. A JSON number is refused.",
  Epochs: "A length of time in epochs: a whole number of 64 bits as a decimal string.",
  UUID: "A UUID of version 7 (RFC 9562) in lower case.",
  Digest: "`sha256:` and 64, or `sha512:` and 128 lower-case hexadecimal digits.",
  RevisionDigest:
    "The SHA-256 of a revision in 64 lower-case hexadecimal digits: what an owner approves (rule 5.6).",
  Cursor: "A place in a list or stream. Opaque: what is inside may change.",
  LogPosition:
    "A revision's place in the log of all packets, from 1, or how many revisions it has: a whole number of 64 bits as a decimal string.",
  Base64: "Bytes in base64 (RFC 4648, section 4).",
  ReportNumber:
    "An automated reporter's own count of its reports (rule 4.3.2): a whole number of 64 bits as a decimal string.",
} as const;

function readText(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new GraphQLError(`${name} must be a string`);
}

function readTextNode(name: string, node: ValueNode): string {
  if (node.kind === Kind.STRING) return node.value;
  throw new GraphQLError(`${name} must be a string`, { nodes: node });
}

function textScalar(name: keyof typeof TEXTS): void {
  builder.scalarType(name, {
    description: TEXTS[name],
    serialize: (value: bigint | string) => value.toString(),
    parseValue: (value) => readText(name, value),
    parseLiteral: (node) => readTextNode(name, node),
  });
}

/** A whole number that a double carries exactly; GraphQL's Int ends at 2 147 483 647. */
function readSafeInt(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new GraphQLError("SafeInt must be a whole number of at most 53 bits");
}

/** Declares every scalar of the schema. */
export function declareScalars(): void {
  for (const name of Object.keys(TEXTS)) textScalar(name as keyof typeof TEXTS);
  builder.scalarType("DateTime", {
    description:
      "A time for people, RFC 3339 in UTC with at most milliseconds. It decides nothing (rule 6.4).",
    serialize: (value) => (value instanceof Date ? value.toISOString() : value),
    parseValue: (value) => readText("DateTime", value),
    parseLiteral: (node) => readTextNode("DateTime", node),
  });
  builder.scalarType("SafeInt", {
    description: "A whole number of at most 53 bits.",
    serialize: (value) => value,
    parseValue: readSafeInt,
    parseLiteral: (node) => readSafeInt(node.kind === Kind.INT ? Number(node.value) : null),
  });
}
