import { readFileSync } from "node:fs";
import path from "node:path";
import {
  type GraphQLArgument,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredInputField,
  isSpecifiedScalarType,
} from "graphql";
import { describe, expect, test } from "vitest";
import { PERMISSIONS, type Verb } from "#access/permissions.ts";
import { NODE_TYPES } from "#graphql/builder.ts";
import { classOf } from "#graphql/classGuard.ts";
import { printedSchema } from "#graphql/schema.ts";
import { LineageInDoubt } from "#packet/lineage.ts";
import { ChangeTokenNeeded, ChangeTokenRefused } from "#packet/changeRefusal.ts";
import * as refusals from "#packet/refusal.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import { ReportOutOfScope } from "#packet/reportScope.ts";
import { SignatureInvalid, SignatureRequired } from "#packet/signatureRefusal.ts";
import { OF_CLOCK_AND_KEYS, REFUSALS } from "./moreRefusals.ts";
import { schema } from "./typesUnderTest.ts";
import { LOOKS, MUTATION_OF, inputOf, membersOf } from "./verbDocuments.ts";

const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

test("the schema as it is checked in is the schema as it is served: `npm run schema` writes it", () => {
  const file = path.join(import.meta.dirname, "..", "..", "src", "graphql", "schema.graphql");
  expect(readFileSync(file, "utf8")).toBe(printedSchema());
});

interface Part {
  readonly at: string;
  readonly description?: string | null | undefined;
}

function within(at: string, { name, description }: Described): Part {
  return { at: `${at}.${name}`, description };
}

type Described = Pick<GraphQLArgument, "name" | "description">;

/** A type and everything in it that a reader may wonder about. */
function partsOf(type: GraphQLNamedType): Part[] {
  const whole = { at: type.name, description: type.description };
  if (isEnumType(type)) {
    const values = type.getValues().map((value) => within(type.name, value));
    return [whole, ...values];
  }
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [whole];
  if (isInputObjectType(type)) {
    const members = Object.values(type.getFields());
    return [whole, ...members.map((member) => within(type.name, member))];
  }
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const own = within(type.name, field);
    return [own, ...field.args.map((arg) => within(own.at, arg))];
  });
  return [whole, ...fields];
}

test("nothing lacks a description", () => {
  const parts = types.flatMap(partsOf);
  expect(parts.length).toBeGreaterThan(1000);
  const bare = parts.filter(({ description }) => (description ?? "").trim().length < 4);
  expect(bare.map(({ at }) => at)).toEqual([]);
});

test("every field has a class (rule 7.4)", () => {
  const unclassed = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields())
          .filter((field) => classOf(type.name, field) === null)
          .map((field) => `${type.name}.${field.name}`)
      : [],
  );
  expect(unclassed).toEqual([]);
});

/** What nobody can ask of this product, in its own word first and then in others that mean it. */
const UNASKABLE = [
  ["waive", "waiver", "exempt", "except", "exception", "excuse", "forgive", "condone"],
  ["force", "forced", "coerce", "insist", "unsafe", "yolo", "unconditional", "sudo", "admin"],
  ["override", "overrule", "overwrite", "overridden", "supersede", "replace", "patch", "set"],
  ["skip", "skipped", "omit", "pass", "neglect", "exclude", "without"],
  ["bypass", "circumvent", "evade", "avoid", "disable", "disabled", "off", "deactivate", "mute"],
  ["ignore", "ignored", "suppress", "suppressed", "dismiss", "dismissed", "silence", "snooze"],
  ["unlock", "unblock", "unhold", "clear", "resolve", "fix", "reopen", "undo", "revert", "reset"],
  ["delete", "remove", "purge", "erase", "edit", "update", "backdate", "mock", "test", "debug"],
  ["publish", "promote", "post", "broadcast", "expose", "upload", "push", "emit"],
  ["notify", "notification", "alert", "email", "mail", "message", "announce", "page", "send"],
  ["ship", "deploy", "deliver", "distribute", "rollout", "dispatch", "restore", "sign", "launch"],
].flat();

/** The words of a name, in whatever case it is written. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

describe("nothing that may be asked waives, skips or ships anything", () => {
  const inputs = types.filter(isInputObjectType);
  const args = types.flatMap((type) =>
    isObjectType(type) ? Object.values(type.getFields()).flatMap((field) => field.args) : [],
  );
  const names = [
    ...mutations.map(({ name }) => name),
    ...args.map(({ name }) => name),
    ...inputs.map(({ name }) => name),
    ...inputs.flatMap((type) => Object.keys(type.getFields())),
  ];

  test("by any name of a mutation, an argument or a field of an input", () => {
    expect(names.length).toBeGreaterThan(150);
    const found = names.filter((name) => wordsOf(name).some((word) => UNASKABLE.includes(word)));
    expect(found).toEqual([]);
  });

  const UNHIDDEN = ["packet", "ship", "skip", "quorum", "holds", "ignored"];
  test("and such a word would be seen within any name", () => {
    expect(["packetShip", "SKIP_QUORUM", "holdsIgnored"].flatMap(wordsOf)).toEqual(UNHIDDEN);
  });
});

test("whatever has an id can be found again by it", () => {
  const node = schema.getType("Node");
  const found = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
  expect(found.map(({ name }) => name).toSorted()).toEqual(NODE_TYPES);
});

describe("the mutations", () => {
  test("are the verbs that change anything, and no more", () => {
    const looks: readonly Verb[] = LOOKS;
    const changing = Object.keys(PERMISSIONS).filter((verb) => !looks.includes(verb as Verb));
    expect(Object.keys(MUTATION_OF).toSorted()).toEqual(changing.toSorted());
    const served = new Set(Object.values(MUTATION_OF));
    expect(mutations.map(({ name }) => name).toSorted()).toEqual([...served].toSorted());
  });

  test("take one input each, with a key that must be given", () => {
    const keyless = mutations.filter(({ name }) => {
      const type = inputOf(name).type;
      const input = "ofType" in type ? type.ofType : type;
      const field = isInputObjectType(input) ? input.getFields()["idempotencyKey"] : undefined;
      return field === undefined || !isRequiredInputField(field);
    });
    expect(keyless.map(({ name }) => name)).toEqual([]);
  });

  test("as they were reviewed: names, arguments and answers", () => {
    const surface = mutations
      .map(({ name, args, type }) => {
        const taken = args.map((arg) => `${arg.name}: ${String(arg.type)}`).join(", ");
        return `${name}(${taken}): ${String(type)} = ${membersOf(name).toSorted().join(" | ")}`;
      })
      .toSorted();
    expect(surface).toMatchInlineSnapshot(`
      [
        "epochAdvance(input: EpochAdvanceInput!): EpochAdvanceResult! = ChangeTokenNeeded | ChangeTokenRefused | ClockInDoubt | EpochAdvancePayload | EpochTooSoon | IdempotencyConflict | InvalidInput | NotEntitled | SystemCannotDecide",
        "epochFreeze(input: EpochFreezeInput!): EpochFreezeResult! = ChangeTokenNeeded | ChangeTokenRefused | ClockUnchanged | EpochFreezePayload | IdempotencyConflict | InvalidInput | NotEntitled | SystemCannotDecide",
        "epochRateChange(input: EpochRateChangeInput!): EpochRateChangeResult! = ChangeTokenNeeded | ChangeTokenRefused | ClockUnchanged | EpochRateChangePayload | IdempotencyConflict | InvalidInput | NotEntitled | SystemCannotDecide",
        "epochThaw(input: EpochThawInput!): EpochThawResult! = ChangeTokenNeeded | ChangeTokenRefused | ClockUnchanged | EpochThawPayload | IdempotencyConflict | InvalidInput | NotEntitled | SystemCannotDecide",
        "escalationAcknowledge(input: EscalationAcknowledgeInput!): EscalationAcknowledgeResult! = EscalationAcknowledgePayload | IdempotencyConflict | InvalidInput | NotEntitled | PacketClosed | RevisionConflict | SystemCannotDecide | UnknownPacket | WrongStatus",
        "laneConfirm(input: LaneConfirmInput!): LaneConfirmResult! = DutiesNotSeparate | IdempotencyConflict | InvalidInput | LaneConfirmPayload | NotEntitled | SystemCannotDecide | UnknownProposal",
        "lanePropose(input: LaneProposeInput!): LaneProposeResult! = DutiesNotSeparate | IdempotencyConflict | InvalidInput | LaneProposePayload | NotEntitled | SystemCannotDecide",
        "operatorHoldPlace(input: OperatorHoldPlaceInput!): OperatorHoldPlaceResult! = IdempotencyConflict | InvalidInput | NotEntitled | OperatorHoldPlacePayload | PacketClosed | RevisionConflict | SystemCannotDecide | UnknownPacket",
        "operatorHoldRelease(input: OperatorHoldReleaseInput!): OperatorHoldReleaseResult! = IdempotencyConflict | InvalidInput | NotEntitled | OperatorHoldReleasePayload | PacketClosed | RevisionConflict | SystemCannotDecide | UnknownPacket | UnknownPlacement",
        "packetApprove(input: PacketApproveInput!): PacketApproveResult! = ApprovalRefused | IdempotencyConflict | InvalidInput | NotEntitled | PacketApprovePayload | PacketClosed | SystemCannotDecide | UnknownPacket",
        "packetBind(input: PacketBindInput!): PacketBindResult! = IdempotencyConflict | InvalidInput | NotEntitled | PacketBindPayload | PacketClosed | RevisionConflict | UnknownPacket",
        "packetOpen(input: PacketOpenInput!): PacketOpenResult! = DutiesNotSeparate | IdempotencyConflict | InvalidInput | NotEntitled | PacketOpenPayload | ReportOutOfScope | ReportReplayed | SourcesMissing | TrainHasPacket | UnknownPacket",
        "packetReject(input: PacketRejectInput!): PacketRejectResult! = CredentialRevoked | DigestUnknown | IdempotencyConflict | InvalidInput | NotEntitled | NotTheOwner | PacketClosed | PacketRejectPayload | RevisionConflict | SignatureInvalid | StaleRevision | SystemCannotDecide | UnknownPacket",
        "packetResubmit(input: PacketResubmitInput!): PacketResubmitResult! = DutiesNotSeparate | IdempotencyConflict | InvalidInput | NotEntitled | PacketClosed | PacketResubmitPayload | RevisionConflict | SystemCannotDecide | UnknownPacket | WrongStatus",
        "packetWithdraw(input: PacketWithdrawInput!): PacketWithdrawResult! = CredentialRevoked | IdempotencyConflict | InvalidInput | NotEntitled | PacketClosed | PacketWithdrawPayload | RevisionConflict | SystemCannotDecide | UnknownPacket",
        "readinessRecord(input: ReadinessRecordInput!): ReadinessRecordResult! = IdempotencyConflict | InvalidInput | NotEntitled | PacketClosed | ReadinessRecordPayload | ReportOutOfScope | ReportReplayed | RevisionConflict | UnknownPacket",
        "sharedRecord(input: SharedRecordInput!): SharedRecordResult! = ChangeTokenNeeded | ChangeTokenRefused | IdempotencyConflict | InvalidInput | KeySlotsExhausted | NotEntitled | ReleaseInadmissible | ReportOutOfScope | ReportReplayed | SharedRecordPayload | SystemCannotDecide",
        "sourceAccept(input: SourceAcceptInput!): SourceAcceptResult! = IdempotencyConflict | InvalidInput | NotEntitled | NotTheAuthority | PolicyUnmeetable | SourceAcceptPayload | SourcesMissing",
      ]
    `);
  });

  test("with all that their inputs hold, as reviewed", () => {
    const asked = new Set(mutations.map(({ name }) => String(inputOf(name).type).replace("!", "")));
    const surface = types
      .filter(isInputObjectType)
      .filter(({ name }) => asked.has(name))
      .map((type) => {
        const fields = Object.values(type.getFields());
        const held = fields.map((field) => `${field.name}: ${String(field.type)}`).toSorted();
        return `${type.name} { ${held.join(", ")} }`;
      })
      .toSorted();
    expect(surface).toMatchInlineSnapshot(`
      [
        "EpochAdvanceInput { idempotencyKey: String!, reason: String!, token: String }",
        "EpochFreezeInput { idempotencyKey: String!, reason: String!, token: String }",
        "EpochRateChangeInput { epochMs: Int!, idempotencyKey: String!, reason: String!, token: String }",
        "EpochThawInput { idempotencyKey: String!, reason: String!, token: String }",
        "EscalationAcknowledgeInput { expectedRevision: Int, idempotencyKey: String!, note: String!, packet: UUID! }",
        "LaneConfirmInput { digest: Digest!, exercise: Boolean!, idempotencyKey: String!, proposal: UUID!, train: String! }",
        "LaneProposeInput { exercise: Boolean!, idempotencyKey: String!, lane: ApprovalLaneInput!, train: String! }",
        "OperatorHoldPlaceInput { expectedRevision: Int, idempotencyKey: String!, packet: UUID!, reason: String! }",
        "OperatorHoldReleaseInput { expectedRevision: Int, idempotencyKey: String!, packet: UUID!, placement: Int!, reason: String! }",
        "PacketApproveInput { digest: RevisionDigest!, idempotencyKey: String!, packet: UUID!, revision: Int!, signature: DecisionSignatureInput }",
        "PacketBindInput { bindings: BindingsInput!, expectedRevision: Int, idempotencyKey: String!, packet: UUID! }",
        "PacketOpenInput { bindings: BindingsInput!, entries: [PacketReportInput!]!, exercise: Boolean!, idempotencyKey: String!, packet: UUID, reportNumber: ReportNumber, succeeds: UUID, train: String! }",
        "PacketRejectInput { expectedRevision: Int, idempotencyKey: String!, packet: UUID!, reason: String!, signature: RejectionSignatureInput }",
        "PacketResubmitInput { answer: String!, expectedRevision: Int, idempotencyKey: String!, packet: UUID! }",
        "PacketWithdrawInput { expectedRevision: Int, idempotencyKey: String!, packet: UUID!, reason: String! }",
        "ReadinessRecordInput { entries: [PacketReportInput!]!, expectedRevision: Int, idempotencyKey: String!, packet: UUID!, reportNumber: ReportNumber }",
        "SharedRecordInput { entries: [SharedReportInput!]!, exercise: Boolean!, idempotencyKey: String!, reportNumber: ReportNumber, tokens: [String!] }",
        "SourceAcceptInput { exercise: Boolean!, idempotencyKey: String!, source: SourceProposalInput!, train: String! }",
      ]
    `);
  });
});

describe("refusals", () => {
  const elsewhere = [
    ChangeTokenNeeded,
    ChangeTokenRefused,
    KeySlotsExhausted,
    LineageInDoubt,
    ReleaseInadmissible,
    ReportOutOfScope,
    SignatureInvalid,
    SignatureRequired,
  ];
  const names = [...Object.keys(refusals), ...elsewhere.map(({ name }) => name)].filter(
    (name) => name !== "Refusal",
  );

  test("have a type each, which is an Error", () => {
    const error = schema.getType("Error");
    const known = isInterfaceType(error) ? schema.getPossibleTypes(error) : [];
    expect(known.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  const codeOf = (name: string): string => name.replaceAll(/(?!^)([A-Z])/g, "_$1").toUpperCase();
  const answers = [...new Set(Object.values(MUTATION_OF)), "changePreview"];
  test.each(answers)(
    "of %s are the members of its answer, each of them shown by a test",
    (field) => {
      const verbs = Object.entries(MUTATION_OF).filter(([, mutation]) => mutation === field);
      const asked: readonly string[] =
        field === "changePreview" ? [field] : verbs.map(([verb]) => verb);
      const shown = new Set<string>([
        ...REFUSALS.filter(({ verb }) => asked.includes(verb)).map(({ code }) => code),
        ...asked.flatMap((verb) => OF_CLOCK_AND_KEYS[verb as Verb] ?? []),
        ...(field === "changePreview" ? [] : ["IDEMPOTENCY_CONFLICT"]),
      ]);
      const listed = membersOf(field).filter((name) => names.includes(name));
      expect(listed.map(codeOf).toSorted()).toEqual([...shown].toSorted());
    },
  );
});
