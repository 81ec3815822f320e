import { type GraphQLArgument, getNamedType, isObjectType, isUnionType } from "graphql";
import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { callersInput } from "./callersInput.ts";
import type { Answered, Served } from "./served.ts";
import { schema } from "./typesUnderTest.ts";

/** The mutation of every verb that changes anything; one of them takes six kinds of report. */
export const MUTATION_OF = {
  sourceAccept: "sourceAccept",
  lanePropose: "lanePropose",
  laneConfirm: "laneConfirm",
  packetOpen: "packetOpen",
  packetBind: "packetBind",
  readinessRecord: "readinessRecord",
  sharedRecord: "sharedRecord",
  enclaveReport: "sharedRecord",
  credentialRevoke: "sharedRecord",
  componentReport: "sharedRecord",
  componentDeclare: "sharedRecord",
  releaseInitialise: "sharedRecord",
  keyRotate: "sharedRecord",
  emergencyPlanReport: "sharedRecord",
  operatorHoldPlace: "operatorHoldPlace",
  operatorHoldRelease: "operatorHoldRelease",
  escalationAcknowledge: "escalationAcknowledge",
  packetApprove: "packetApprove",
  packetReject: "packetReject",
  packetResubmit: "packetResubmit",
  packetWithdraw: "packetWithdraw",
  epochAdvance: "epochAdvance",
  epochFreeze: "epochFreeze",
  epochThaw: "epochThaw",
  epochRateChange: "epochRateChange",
} as const satisfies Partial<Record<Verb, string>>;

/** The verbs that only look. */
export const LOOKS = [
  "packetRead",
  "changePreview",
  "gateRead",
  "rollbackForecast",
] as const satisfies Verb[];

/** A verb that the schema answers with a union. */
export type AskedVerb =
  | keyof typeof MUTATION_OF
  | "changePreview"
  | "revisionsCompare"
  | "rollbackForecast";

/** What the schema calls a verb. */
export function fieldOf(verb: AskedVerb): string {
  return verb in MUTATION_OF ? MUTATION_OF[verb as keyof typeof MUTATION_OF] : verb;
}

/** The members of a verb's answer: its payload, and every refusal. */
export function membersOf(field: string): string[] {
  const found = rootField(field);
  const union = getNamedType(found.type);
  if (!isUnionType(union)) throw new TypeError(`${field} answers no union`);
  return union.getTypes().map(({ name }) => name);
}

/** The one argument of a verb. */
export function inputOf(field: string): GraphQLArgument {
  const [input, ...others] = rootField(field).args;
  if (input?.name !== "input" || others.length > 0)
    throw new TypeError(`${field} has no one input`);
  return input;
}

function rootField(field: string) {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  const found = mutation?.getFields()[field] ?? query?.getFields()[field];
  if (found === undefined) throw new TypeError(`the schema has no ${field}`);
  return found;
}

const REFUSED = `... on Error {
  code message
  ... on InvalidInput { faults { path message } }
  ... on PolicyUnmeetable { path }
  ... on ReleaseInadmissible { path causes }
  ... on KeySlotsExhausted { path slots used }
  ... on ApprovalRefused { reasons { code } }
}`;

const APPENDED = "packet { packet } revision { number digest }";

/** What of each payload tells that something was done once. */
const PAYLOADS: Readonly<Record<string, string>> = {
  revision: "packet { packet } revision { number digest }",
  appended: `appended { ${APPENDED} }`,
  source: "source { kind version digest }",
  proposal: "proposal digest",
  epoch: "epoch frozen",
  repeated: "repeated",
  unreadable: "unreadable",
  status: "status",
  to: "to { number }",
};

/** The operation that asks a verb, with `$input` as its variable. */
export function documentOf(verb: AskedVerb): string {
  const field = fieldOf(verb);
  const kind = verb === field && LOOKING.has(verb) ? "query" : "mutation";
  const payload = membersOf(field)
    .map((name) => schema.getType(name))
    .filter((type) => isObjectType(type))
    .filter((type) => !type.getInterfaces().some(({ name }) => name === "Error"))
    .map((type) => {
      const told = Object.keys(type.getFields()).map((name) => PAYLOADS[name] ?? "");
      return `... on ${type.name} { ${told.join(" ")} }`;
    });
  return `${kind} ($input: ${String(inputOf(field).type)}) {
    answer: ${field}(input: $input) { member: __typename ${REFUSED} ${payload.join(" ")} }
  }`;
}

const LOOKING: ReadonlySet<string> = new Set([
  "changePreview",
  "revisionsCompare",
  "rollbackForecast",
]);

/** What a verb answered. */
export interface VerbAnswer {
  readonly member: string;
  readonly code?: string;
  readonly message?: string;
  readonly faults?: readonly { readonly path: readonly string[]; readonly message: string }[];
  readonly path?: readonly string[];
  readonly reasons?: readonly { readonly code: string }[];
  readonly repeated?: boolean;
  readonly [name: string]: unknown;
}

/** Asks a verb over HTTP with the domain's input. */
export async function askVerb(
  at: Served,
  verb: AskedVerb,
  by: Actor,
  input: unknown,
): Promise<VerbAnswer> {
  const sent = callersInput(inputOf(fieldOf(verb)).type, input).value;
  return answerOf(await at.ask(by, documentOf(verb), { input: sent }));
}

/** The member of the union that was answered; a request that failed is told whole. */
function answerOf({ status, data, errors, text }: Answered): VerbAnswer {
  const answer = data?.["answer"];
  if (status !== 200 || errors.length > 0 || typeof answer !== "object" || answer === null) {
    throw new Error(`${status}: ${text}`);
  }
  return answer as VerbAnswer;
}
