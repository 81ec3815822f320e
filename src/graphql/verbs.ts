import type { GraphQLResolveInfo } from "graphql";
import type { InputRef, ObjectRef, UnionRef } from "@pothos/core";
import { InvalidInput, PolicyUnmeetable, Refusal } from "#packet/refusal.ts";
import { ReportOutOfScope } from "#packet/reportScope.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Desk } from "#workflow/desk.ts";
import { builder, shared } from "./builder.ts";
import type { Context } from "./context.ts";
import { callersPath, domainInput } from "./input/domainInput.ts";
import { noteRefusal } from "./loading.ts";
import { type RefusalName, refusalName } from "./refusalNames.ts";
import { refusalTypes } from "./refusals.ts";

type Types = (typeof builder)["$inferSchemaTypes"];

/** A verb as the schema offers it. */
export interface VerbField<A extends object> {
  readonly description: string;
  readonly input: InputRef<object>;
  /** What is answered when it was done. */
  readonly payload: ObjectRef<Types, A>;
  /** Every refusal that it may answer. */
  readonly refusals: readonly RefusalName[];
  readonly run: (desk: Desk, actor: Actor, input: unknown) => Promise<A | Refusal>;
}

/** A type's name for a verb's. */
export function typeName(verb: string): string {
  return `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
}

/** The answer of a verb: what it did, or why it did nothing. */
function resultOf<A extends object>(
  name: string,
  { payload, refusals }: VerbField<A>,
): UnionRef<Types, object> {
  return builder.unionType(`${typeName(name)}Result`, {
    description: "What was asked for, or why nothing was done.",
    types: [payload, ...refusalTypes(refusals)],
    resolveType: (answer) => (answer instanceof Refusal ? refusalName(answer) : payload),
  });
}

/** Asks the verb with the caller's input; a refusal speaks of it in the caller's own words. */
async function asked<A extends object>(
  { run }: VerbField<A>,
  input: unknown,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<A | Refusal> {
  const argument = info.parentType.getFields()[info.fieldName]?.args[0];
  if (argument === undefined) throw new TypeError(`${info.fieldName} has no input`);
  const answer = await run(context.desk, context.actor, domainInput(argument.type, input));
  logAnswer(context, info.fieldName, answer);
  if (!(answer instanceof Refusal)) return answer;
  noteRefusal(context, info.fieldName, answer, (input as { readonly packet?: unknown }).packet);
  return toldCaller(answer, (path) => ["input", ...callersPath(argument.type, input, path)]);
}

/** What a field that asks a verb is made of. */
function fieldOf<A extends object>(name: string, verb: VerbField<A>) {
  const { description, input } = verb;
  const told = { description: "What is asked for." };
  return {
    ...shared,
    type: resultOf(name, verb),
    description,
    args: builder.args((t) => ({ input: t.field({ ...told, type: input }) })),
    resolve: (
      _root: object,
      args: { input: unknown },
      context: Context,
      info: GraphQLResolveInfo,
    ) => asked(verb, args.input, context, info),
  };
}

/** Adds a mutation that asks a verb. */
export function addMutation<A extends object>(name: string, verb: VerbField<A>): void {
  const options = fieldOf(name, verb);
  builder.mutationField(name, (t) => t.field(options));
}

/** Adds a query that asks a verb. */
export function addQuery<A extends object>(name: string, verb: VerbField<A>): void {
  const options = fieldOf(name, verb);
  builder.queryField(name, (t) => t.field(options));
}

/** Who asked for what, and what came of it: names, ids, numbers and codes, and nothing that was said. */
function logAnswer({ log, requestId, actor }: Context, verb: string, answer: object): void {
  const asked = { requestId, actor: actor.actor, verb };
  if (answer instanceof Refusal) {
    log.info({ ...asked, refused: answer.code }, "refused");
    return;
  }
  log.info({ ...asked, ...outcomeOf(answer) }, "done");
}

/** One revision, or one for each packet concerned. */
function outcomeOf(answer: object): object {
  const { packet, revision, repeated, appended } = answer as Partial<Appended> & {
    readonly appended?: Appended | readonly Appended[] | null;
  };
  const revisions = [appended ?? []]
    .flat()
    .map((one) => ({ packet: one.packet, revision: one.revision }));
  return { packet, revision, repeated, ...(appended === undefined ? {} : { revisions }) };
}

/** A refusal with its paths as the caller knows them. */
function toldCaller(
  refusal: Refusal,
  caller: (path: InvalidInput["faults"][number]["path"]) => readonly (string | number)[],
): Refusal {
  if (refusal instanceof InvalidInput || refusal instanceof ReportOutOfScope) {
    const faults = refusal.faults.map(({ path, message }) => ({ path: caller(path), message }));
    return refusal instanceof InvalidInput
      ? new InvalidInput(faults)
      : new ReportOutOfScope(faults);
  }
  if (refusal instanceof PolicyUnmeetable) {
    return new PolicyUnmeetable(caller(refusal.path), refusal.why);
  }
  if (refusal instanceof ReleaseInadmissible || refusal instanceof KeySlotsExhausted) {
    return refusal.at(caller(refusal.path));
  }
  return refusal;
}
