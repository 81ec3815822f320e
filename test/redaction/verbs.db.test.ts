import { beforeAll, describe, expect, test } from "vitest";
import { Role } from "#packet/actor.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { callersInput } from "../graphql/callersInput.ts";
import { schema } from "../graphql/typesUnderTest.ts";
import { inputOf } from "../graphql/verbDocuments.ts";
import { sharedReports } from "../workflow/contents.ts";
import { type Opened, newKey, openReady } from "../workflow/trains.ts";
import { bodiesOf } from "./crawl.ts";
import { leastInput } from "./documents.ts";
import { ONLY, type Told, openHouse } from "./house.ts";
import { MUTATIONS, QUERIES, SUBSCRIPTIONS } from "./roleTable.ts";

const house = openHouse(freshDatabase());
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(house.desk, "verbs");
});

/** The codes of an answer: of its errors, and of a union's member. */
function codesOf({ body }: Told): unknown[] {
  return bodiesOf(body).flatMap(({ data, errors = [] }) => [
    ...errors.map((error) => error.extensions?.code),
    ...Object.values(data ?? {}).flatMap((answer) =>
      typeof answer === "object" && answer !== null && "code" in answer ? [answer.code] : [],
    ),
  ]);
}

const fieldsOf = (kind: "Query" | "Mutation" | "Subscription"): string[] => {
  const root = { Query: schema.getQueryType(), Mutation: schema.getMutationType() };
  const type = kind === "Subscription" ? schema.getSubscriptionType() : root[kind];
  return Object.keys(type?.getFields() ?? {}).toSorted();
};

const OF = `of: { train: "verbs", exercise: false, kind: ROSTER }`;
/** The least document of each query, about the packet that is there. */
const ASKED: Readonly<Record<string, (packet: string) => string>> = {
  viewer: () => "viewer { name }",
  deployment: () => "deployment { deployment }",
  node: (packet) => `node(id: "Packet:${packet}") { id }`,
  nodes: (packet) => `nodes(ids: ["Revision:${packet}.1"]) { id }`,
  packet: (packet) => `packet(packet: "${packet}") { packet }`,
  packets: () => "packets(first: 1) { totalCount }",
  gate: (packet) => `gate(packet: "${packet}") { status }`,
  workList: () => "workList(mine: false, first: 1) { totalCount }",
  log: () => "log { origin }",
  approvalStatement: (packet) =>
    `approvalStatement(input: { packet: "${packet}", revision: ${ready.revision}, digest: "${ready.digest}", decision: APPROVE }) {
      ... on Error { code } ... on ApprovalStatement { namespace } }`,
  entryStatements: (packet) =>
    `entryStatements(input: { about: { packet: { packet: "${packet}", entries: [
      { observation: { artifact: "odd", digest: "sha256:${"ab".repeat(32)}", location: "mirror", status: SEEN } }] } } }) {
      ... on Error { code } ... on EntryStatements { namespace } }`,
  accessRecords: () => "accessRecords(first: 1) { totalCount }",
  responders: () => "responders { lastExercise { epoch } }",
  component: () => `component(name: "core", exercise: false) { label }`,
  rollbackForecast: () =>
    `rollbackForecast(input: { component: "core", exercise: false, change: { floor: 1 } }) {
      ... on Error { code } ... on RollbackForecast { unreadable } }`,
  components: () => "components(exercise: false, first: 1) { totalCount }",
  emergencyPlan: () => "emergencyPlan(exercise: false) { gaps { code } }",
  lastKnownPackets: () => "lastKnownPackets { status }",
  revocationPreview: () =>
    `revocationPreview(input: { revoked: ["principal:ann"] }) {
      ... on Error { code } ... on RevocationImpact { refusedHere } }`,
  recoveryDesign: () => "recoveryDesign(exercise: false) { epoch }",
  source: () => `source(${OF}) { version }`,
  sourceVersions: () => `sourceVersions(${OF}, first: 1) { totalCount }`,
  revisionsCompare: (packet) =>
    `revisionsCompare(input: { packet: "${packet}", fromRevision: 1, toRevision: 2 }) {
      ... on Error { code } ... on RevisionChanges { to { number } } }`,
  changePreview: (packet) =>
    `changePreview(input: { packet: "${packet}", change: { operatorHold: { reason: "odd" } } }) {
      ... on Error { code } ... on Preview { status } }`,
};

test("the tables name every query, mutation and subscription, and no other", () => {
  expect(Object.keys(QUERIES).toSorted()).toEqual(fieldsOf("Query"));
  expect(Object.keys(ASKED).toSorted()).toEqual(fieldsOf("Query"));
  const mutations = new Set(Object.keys(MUTATIONS).map((row) => row.split(" ")[0] ?? ""));
  expect([...mutations].toSorted()).toEqual(fieldsOf("Mutation"));
  expect(Object.keys(SUBSCRIPTIONS).toSorted()).toEqual(fieldsOf("Subscription"));
});

const NOT_ENTITLED = ["NOT_ENTITLED"];

describe.each(Object.entries(QUERIES))("the query %s", (field, roles) => {
  test.each(Role.options)("by somebody whose only role is %s", async (role) => {
    const told = await house.ask(ONLY[role], `{ ${ASKED[field]?.(ready.packet)} }`);
    expect([told.status, codesOf(told)]).toEqual([200, roles.includes(role) ? [] : NOT_ENTITLED]);
  });
});

/** Who may report on what packets share depends on what it is: the fault is a person's number. */
function sharedInput(what: string): unknown {
  const entry = sharedReports("north")[what as keyof ReturnType<typeof sharedReports>];
  const wish = { idempotencyKey: newKey(), exercise: false, entries: [entry], reportNumber: "1" };
  return callersInput(inputOf("sharedRecord").type, wish).value;
}

describe.each(Object.entries(MUTATIONS))("the mutation %s", (row, roles) => {
  const [field = "", what] = row.split(" ");
  const { type } = inputOf(field);
  const answer = "{ ... on Error { code } }";
  test.each(Role.options)("by somebody whose only role is %s", async (role) => {
    const told =
      what === undefined
        ? await house.ask(ONLY[role], `mutation { ${field}(input: ${leastInput(type)}) ${answer} }`)
        : await house.ask(
            ONLY[role],
            `mutation ($input: ${String(type)}) { ${field}(input: $input) ${answer} }`,
            { input: sharedInput(what) },
          );
    const expected = roles.includes(role) ? ["INVALID_INPUT"] : NOT_ENTITLED;
    expect([told.status, codesOf(told)]).toEqual([200, expected]);
  });
});

describe.each(Object.entries(SUBSCRIPTIONS))("the subscription %s", (field, roles) => {
  const argument = (packet: string): string =>
    field === "allHoldChanges" ? "" : `(packet: "${packet}")`;
  test.each(Role.options)("by somebody whose only role is %s", async (role) => {
    const query = `subscription { ${field}${argument(ready.packet)} { __typename } }`;
    const told = await house.follow(ONLY[role], query, (body) => /"__typename"/.test(body));
    const expected = roles.includes(role) ? [200, []] : [400, NOT_ENTITLED];
    expect([told.status, codesOf(told)]).toEqual(expected);
  });
});
