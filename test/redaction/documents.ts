import {
  type GraphQLInputType,
  type GraphQLOutputType,
  TypeInfo,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  parse,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { SourceKind } from "#packet/source.ts";
import { type Selecting, selectionOf } from "../graphql/selection.ts";
import { schema } from "../graphql/typesUnderTest.ts";
import { LISTED } from "./house.ts";
import type { Dwelling, World } from "./world.ts";

/** A document without variables, as deep as is asked. */
export type Ask = (how: Selecting) => string;

/** A type of the schema that has fields. */
export function named(name: string) {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInterfaceType(type)) throw new TypeError(`no ${name}`);
  return type;
}

/** Every type that has fields, but for those of introspection and the three roots. */
export const TYPES: readonly string[] = Object.values(schema.getTypeMap())
  .filter((type) => isObjectType(type) || isInterfaceType(type))
  .map(({ name }) => name)
  .filter((name) => !/^__|^(?:Query|Mutation|Subscription)$/.test(name));

/** Every field of every such type. */
export const FIELDS_SERVED: readonly string[] = TYPES.flatMap((type) =>
  Object.keys(named(type).getFields()).map((field) => `${type}.${field}`),
);

const LISTS: ReadonlySet<string> = new Set(
  [...TYPES, "Query"].flatMap((type) =>
    Object.values(named(type).getFields())
      .filter((field) => field.args.some(({ name }) => name === "first"))
      .map((field) => `${type}.${field.name}`),
  ),
);

/** What stands in brackets behind a field: pages that are large enough to hold everything. */
export function argumentsOf(type: string, field: string): string {
  const at = `${type}.${field}`;
  if (at === "Packet.revisionBy") return "(number: 2)";
  if (at === "Packet.evidence") return "(first: 60)";
  if (at === "Revision.inclusion") return `(size: "1")`;
  if (at === "TransparencyLog.consistency") return `(from: "1", to: "2")`;
  return LISTS.has(at) ? "(first: 12)" : "";
}

/** The selection of one field of a type with everything below it. */
function oneField(type: string, field: string): Ask {
  return (how) =>
    selectionOf(named(type), {
      ...how,
      isWanted: (of, name) => of !== type || name === field,
    }) ?? "{ __typename }";
}

/** The same of a list, by its nodes and again by its edges: entries have so many kinds that both are too broad. */
function eachSide(type: string, list: string): Ask[] {
  return (["nodes", "edges"] as const).map((other) => (how) => {
    const isWanted = (of: string, name: string): boolean =>
      of === type ? name === list : !(of.endsWith("Connection") && name === other);
    return selectionOf(named(type), { ...how, isWanted }) ?? "{ __typename }";
  });
}

function whole(type: string, how: Selecting): string {
  return selectionOf(named(type), how) ?? "{ __typename }";
}

/** The same, but no deeper than so. */
function atMost(depth: number, how: Selecting): Selecting {
  return { ...how, depth: Math.min(depth, how.depth) };
}

function ofPackets({ held, approved }: World): Ask[] {
  return [held, approved].flatMap(({ packet }) =>
    Object.keys(named("Packet").getFields()).map((field): Ask => (how) => {
      const wanted = packet === held.packet ? how : atMost(4, how);
      return `{ packet(packet: "${packet}") ${oneField("Packet", field)(wanted)} }`;
    }),
  );
}

/** Entries of every kind, each kind by itself: together they are broader than a document may be. */
function entries({ packet }: Dwelling): Ask[] {
  const entry = schema.getType("Entry");
  const kinds = isInterfaceType(entry) ? schema.getPossibleTypes(entry) : [];
  const edges = "entries(first: 3) { edges { cursor node { __typename } } }";
  const input = `{ packet: "${packet}", fromRevision: 1, toRevision: 9 }`;
  return [
    ...kinds.map(
      ({ name }): Ask =>
        (how) =>
          `{ packet(packet: "${packet}") { evidence(first: 100) { nodes { entry {
            ... on ${name} ${whole(name, how)} } } } } }`,
    ),
    () => `{ node(id: "Revision:${packet}.1") { ... on Revision { ${edges} } } }`,
    () => `{ revisionsCompare(input: ${input}) { ... on RevisionChanges { ${edges} } } }`,
  ];
}

/** The ids of a packet's own things, by which `node` finds them. */
export function nodeIds({ packet }: Dwelling, holdId: string): string[] {
  return [`Packet:${packet}`, `Revision:${packet}.1`, holdId];
}

function nodes(ids: readonly string[]): Ask[] {
  return ids.flatMap((id) => {
    const type = id.split(":")[0] ?? "";
    return Object.keys(named(type).getFields()).map((field): Ask => (how) => {
      const depth = type === "Revision" ? 5 : 3;
      const part = `... on ${type} ${oneField(type, field)(atMost(depth, how))}`;
      return `{ node(id: "${id}") { __typename ${part} } }`;
    });
  });
}

function sources({ train }: Dwelling): Ask[] {
  return SourceKind.options.flatMap((kind): Ask[] => {
    const of = `of: { train: "${train}", exercise: false, kind: ${kind} }`;
    return [
      (how) => `{ source(${of}) ${whole("AcceptedSource", how)} }`,
      (how) => `{ source(${of}, version: 1) ${whole("AcceptedSource", how)} }`,
      (how) => `{ sourceVersions(${of}) ${whole("QuerySourceVersionsConnection", how)} }`,
    ];
  });
}

function previews({ packet }: Dwelling): Ask[] {
  const changes = [
    `operatorHold: { reason: "odd noise" }`,
    `bindings: { trustedBranch: 2, manifest: 2, reproducibilityPolicy: 1, rollbackScope: 1 }`,
    `withdrawal: { reason: "superseded" }`,
    `approval: { revision: 1, digest: "${"ab".repeat(32)}" }`,
  ];
  return changes.map((change) => (how) => {
    const input = `{ packet: "${packet}", change: { ${change} } }`;
    return `{ changePreview(input: ${input}) { ... on Error { code message }
      ... on Preview ${whole("Preview", how)}
      ... on ApprovalRefused ${whole("ApprovalRefused", how)} } }`;
  });
}

function comparisons({ packet }: Dwelling): Ask[] {
  const type = "RevisionChanges";
  const input = `{ packet: "${packet}", fromRevision: 1, toRevision: 9 }`;
  const selections = Object.keys(named(type).getFields()).flatMap((field) =>
    field === "entries" ? eachSide(type, field) : [oneField(type, field)],
  );
  return selections.map(
    (selection): Ask =>
      (how) =>
        `{ revisionsCompare(input: ${input}) { ... on Error { code message }
      ... on RevisionChanges ${selection(how)} } }`,
  );
}

/** Whoever sits anywhere, the owner, a key and a node. */
const REVOKED = [
  ...["olga", "ana", "ben", "cleo", "dan", "eve"].map((name) => `principal:gsx-${name}-z9`),
  `key:${LISTED.fingerprint}`,
  "node:gsx-north-z9",
];

/** Every list of a packet in which entries are told of, by each of its sides. */
function entriesOf({ packet }: Dwelling): Ask[] {
  const lists = [
    ["revisionBy(number: 2)", "Revision", "entries"],
    ["readiness", "PrerequisiteReadiness", "holds"],
    ["readiness", "PrerequisiteReadiness", "evidence"],
  ] as const;
  return lists.flatMap(([field, type, list]) =>
    eachSide(type, list).map(
      (selection): Ask =>
        (how) =>
          `{ packet(packet: "${packet}") { ${field} ${selection(how)} } }`,
    ),
  );
}

const OBSERVED = `{ observation: { artifact: "odd", digest: "sha256:${"ab".repeat(32)}", location: "mirror", status: SEEN } }`;

/** Every query of the schema, a packet's once for each of its fields. */
export function queries(world: World, ids: readonly string[]): Ask[] {
  const { held, ready, approved } = world;
  const listed = JSON.stringify(ids);
  return [
    ...ofPackets(world),
    ...entries(held),
    ...nodes(ids),
    ...sources(held),
    ...previews(held),
    ...entriesOf(held),
    ...comparisons(held),
    (how) => `{ nodes(ids: ${listed}) { __typename id } viewer ${whole("Viewer", how)} }`,
    (how) => `{ deployment ${whole("Deployment", how)} }`,
    (how) => `{ log ${whole("TransparencyLog", how)} }`,
    (how) =>
      `{ component(name: "${world.sentinels.veil("core")}", exercise: false) ${whole("Component", how)} }`,
    (how) => `{ components(exercise: false first: 5) ${whole("QueryComponentsConnection", how)} }`,
    ...["zip", "turn"].map(
      (name): Ask =>
        (how) =>
          `{ component(name: "${world.sentinels.veil(name)}", exercise: false) ${whole("Component", how)} }`,
    ),
    (how) => `{ rollbackForecast(input: {
      component: "${world.sentinels.veil("zip")}" exercise: false change: { floor: 9 } }) {
      ... on Error { code message } ... on RollbackForecast ${whole("RollbackForecast", how)} } }`,
    (how) => `{ packets(first: 5) ${whole("QueryPacketsConnection", how)} }`,
    (how) => `{ accessRecords(last: 40) ${whole("QueryAccessRecordsConnection", how)} }`,
    (how) =>
      `{ accessRecords(where: { code: ROLES_CHANGED }) ${whole("QueryAccessRecordsConnection", how)} }`,
    (how) => `{ responders ${whole("Responder", how)} }`,
    (how) => `{ emergencyPlan(exercise: false) ${whole("EmergencyAccess", how)} }`,
    (how) => `{ lastKnownPackets ${whole("LastKnownPacket", how)} }`,
    (how) =>
      `{ revocationPreview(input: { revoked: ${JSON.stringify(REVOKED)} }) {
      ... on Error { code message } ... on RevocationImpact ${whole("RevocationImpact", how)} } }`,
    (how) => `{ recoveryDesign(exercise: false) ${whole("RecoveryDesign", how)} }`,
    (how) => `{ recoveryDesign(exercise: true) ${whole("RecoveryDesign", how)} }`,
    (
      how,
    ) => `{ approvalStatement(input: { packet: "${ready.packet}", revision: ${ready.revision}, digest: "${ready.digest}", decision: APPROVE }) {
      ... on Error { code message } ... on ApprovalStatement ${whole("ApprovalStatement", how)} } }`,
    (
      how,
    ) => `{ entryStatements(input: { about: { packet: { packet: "${ready.packet}", entries: [${OBSERVED}] } } }) {
      ... on Error { code message } ... on EntryStatements ${whole("EntryStatements", how)} } }`,
    () => `{ packets(filter: { train: "${held.train}" }) { totalCount } }`,
    (how) => `{ workList(mine: false first: 5) ${whole("QueryWorkListConnection", how)} }`,
    ...[held, approved].map(
      ({ packet }): Ask =>
        (how) =>
          `{ gate(packet: "${packet}") ${whole("Gate", how)} }`,
    ),
  ];
}

/** The least input that fits a type; its key is one that no verb takes, so that nothing is done. */
export function leastInput(type: GraphQLInputType): string {
  if (isNonNullType(type)) return leastInput(type.ofType);
  if (isListType(type)) return `[${leastInput(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "";
  if (!isInputObjectType(type)) return LEAST[type.name] ?? `"x"`;
  const fields = Object.values(type.getFields());
  const needed = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField);
  return `{ ${needed.map((field) => `${field.name}: ${leastInput(field.type)}`).join(", ")} }`;
}

const LEAST: Readonly<Record<string, string>> = {
  Int: "1",
  SafeInt: "1",
  Boolean: "false",
  Epoch: `"1"`,
  Epochs: `"1"`,
  ReportNumber: `"1"`,
  UUID: `"0192f0c1-2d3e-7f40-8a5b-6c7d8e9f0a1b"`,
  Digest: `"sha256:${"ab".repeat(32)}"`,
  RevisionDigest: `"${"ab".repeat(32)}"`,
  DateTime: `"2026-01-01T00:00:00.000Z"`,
};

function rootFields(kind: "Mutation" | "Subscription") {
  return Object.values(named(kind).getFields());
}

/** Every mutation, with a selection of all that it can answer. */
export function mutations(): Ask[] {
  return rootFields("Mutation").map(({ name, args, type }): Ask => {
    const given = args.map((arg) => `${arg.name}: ${leastInput(arg.type)}`).join(", ");
    return (how) => `mutation { ${name}(${given}) ${selected(type, how)} }`;
  });
}

/** Every subscription from the packet's beginning, with a selection of all that it can tell. */
export function subscriptions(
  { packet }: Dwelling,
  cursorOf: (field: string, packet: string) => string | null,
): Ask[] {
  return rootFields("Subscription").map(({ name, args, type }): Ask => {
    const after = cursorOf(name, packet);
    const given = [
      ...(args.some((arg) => arg.name === "packet") ? [`packet: "${packet}"`] : []),
      ...(after === null ? [] : [`after: "${after}"`]),
    ];
    const brackets = given.length === 0 ? "" : `(${given.join(", ")})`;
    return (how) => `subscription { ${name}${brackets} ${selected(type, atMost(4, how))} }`;
  });
}

function selected(type: GraphQLOutputType, how: Selecting): string {
  return selectionOf(getNamedType(type), how) ?? "{ __typename }";
}

/** The fields that documents select, by the type that each is selected on. */
export function fieldsSelected(documents: readonly string[]): Set<string> {
  const selected = new Set<string>();
  for (const document of documents) {
    const types = new TypeInfo(schema);
    visit(
      parse(document),
      visitWithTypeInfo(types, {
        Field({ name }) {
          selected.add(`${types.getParentType()?.name}.${name.value}`);
        },
      }),
    );
  }
  return selected;
}
