import { isInterfaceType, isObjectType } from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { classesOf, type FieldClass } from "#access/classes.ts";
import { classOf } from "#graphql/classGuard.ts";
import { type Actor, Role } from "#packet/actor.ts";
import { SourceKind } from "#packet/source.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { operatorHoldRelease } from "#workflow/operatorHoldRelease.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { confirmation } from "../gate/reports.ts";
import { CONTENTS, digestOf } from "../gate/train.ts";
import { IVAN, OLGA, PAUL, PROBE, REX } from "../workflow/cast.ts";
import { FULL_ENTRIES, sharedReports } from "../workflow/contents.ts";
import {
  type Opened,
  accept,
  accepted,
  approvalOf,
  newKey,
  onWire,
  openReady,
  tell,
} from "../workflow/trains.ts";
import { nextNumber } from "../workflow/verbs.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Selecting, selectionOf } from "./selection.ts";
import { type Answered, served } from "./served.ts";
import { schema } from "./typesUnderTest.ts";

const fresh = freshDatabase();
const server = served(fresh);

/**
 * In names, notes and reasons; and in what leads to the vulnerability. Base64 has no hyphen, so
 * that no signature or hash reads so by chance.
 */
const GOVERNED = /gsx-/;
const RESTRICTED = /rsx-|5ec4e7c0de/;
const branch = (name: string): object => ({
  kind: "TRUSTED_BRANCH",
  repository: `rsx-repository-${name}`,
  branch: `rsx-branch-${name}`,
  commit: "5ec4e7c0de".repeat(4),
});
const enclavesOf = (train: string) => [`gsx-${train}-north`, `gsx-${train}-south`] as const;

let held: Opened;
let approved: Opened;

beforeAll(async () => {
  const { desk } = server;
  const sources = [onWire(branch("accepted"))];
  held = await openReady(desk, "gsx-held", { sources, enclaves: enclavesOf("held") });
  await openReady(desk, "gsx-ready");
  approved = await openReady(desk, "gsx-approved", { sources, enclaves: enclavesOf("approved") });
  accepted(await packetApprove(desk, OLGA, approvalOf(approved)));
  const { packet } = held;
  const wish = (more: object): object => ({ idempotencyKey: newKey(), packet, ...more });
  const ivan = { ...IVAN, actor: "gsx-ivan" };
  for (const reason of ["gsx-reason", "gsx-other-reason"]) {
    accepted(await operatorHoldPlace(desk, ivan, wish({ reason })));
  }
  const release = wish({ placement: 1, reason: "gsx-released" });
  accepted(await operatorHoldRelease(desk, { ...REX, actor: "gsx-rex" }, release));
  await tell(desk, packet, [{ ...confirmation("app"), note: "gsx-note" }]);
  const stranger: Actor = { ...PAUL, actor: "gsx-stranger" };
  const entries = [onWire(confirmation("lib"))];
  accepted(await readinessRecord(desk, stranger, wish({ entries })));
  await everyReport();
  const artifact = { name: "gsx-artifact", digest: digestOf("gsx"), size: 1, targets: [] };
  const manifest = { ...CONTENTS.MANIFEST, artifacts: [...CONTENTS.MANIFEST.artifacts, artifact] };
  for (const source of [branch("newer"), manifest]) await accept(desk, held, onWire(source));
});

/** Something of every kind that can be reported, with every field, by a system that numbers it. */
async function everyReport(): Promise<void> {
  const { desk } = server;
  const numbered = (entries: readonly unknown[]): object => {
    return { idempotencyKey: newKey(), entries, reportNumber: nextNumber() };
  };
  const { packet } = held;
  const own = { ...numbered(FULL_ENTRIES), packet };
  accepted(await readinessRecord(desk, PROBE, own));
  const { enclave, credential, component } = sharedReports(held.enclaves[0]);
  const shared = [enclave, { ...credential, person: "dan" }, { ...component, component: "core" }];
  const probe: Actor = { ...PROBE, roles: ["REPORTER", "RELEASE_SECURITY"] };
  accepted(await sharedRecord(desk, probe, { ...numbered(shared), exercise: false }));
}

const AUDITOR = actorOf("AUDITOR");

function actorOf(role: Role): Actor {
  return { actor: `only-${role.toLowerCase()}`, kind: "PERSON", roles: [role] };
}

/** A document without variables. */
type Ask = (how: Selecting) => string;

const LISTS = new Set(
  Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter((field) => field.args.some(({ name }) => name === "first"))
          .map((field) => `${type.name}.${field.name}`)
      : [],
  ),
);

function argumentsOf(type: string, field: string): string {
  if (`${type}.${field}` === "Packet.revisionBy") return "(number: 2)";
  if (`${type}.${field}` === "Packet.evidence") return "(first: 60)";
  return LISTS.has(`${type}.${field}`) ? "(first: 12)" : "";
}

function named(name: string) {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInterfaceType(type)) throw new TypeError(`no ${name}`);
  return type;
}

/** The selection of one field of a type with everything below it. */
function oneField(type: string, field: string): (how: Selecting) => string {
  return (how) =>
    selectionOf(named(type), {
      ...how,
      isWanted: (of, name) => of !== type || name === field,
    }) ?? "{ __typename }";
}

/** Every query of the schema, a packet's once for each of its fields. */
function asks(): Ask[] {
  const ids = [held.packet, approved.packet];
  const fields = Object.keys(named("Packet").getFields());
  const ofPackets = ids.flatMap((id) =>
    fields.map((field): Ask => (how) => {
      const wanted = id === held.packet ? how : atMost(4, how);
      return `{ packet(packet: "${id}") ${oneField("Packet", field)(wanted)} }`;
    }),
  );
  const nodeIds = ids.flatMap((id) => [`Packet:${id}`, `Revision:${id}.1`, `Hold:${id}.1`]);
  const nodes = ["Packet", "Revision", "Hold"].flatMap((type) =>
    Object.keys(named(type).getFields()).map((field): Ask => (how) => {
      const part = `... on ${type} ${oneField(type, field)(atMost(3, how))}`;
      const id = nodeIds.find((one) => one.startsWith(type)) ?? "";
      return `{ node(id: "${id}") { __typename ${part} } }`;
    }),
  );
  const of = (kind: SourceKind): string =>
    `of: { train: "gsx-held", exercise: false, kind: ${kind} }`;
  const sources = SourceKind.options.flatMap((kind): Ask[] => [
    (how) => `{ source(${of(kind)}) ${whole("AcceptedSource", how)} }`,
    (how) => `{ sourceVersions(${of(kind)}) ${whole("QuerySourceVersionsConnection", how)} }`,
  ]);
  const changes = [
    `operatorHold: { reason: "odd noise" }`,
    `bindings: { trustedBranch: 2, manifest: 2, reproducibilityPolicy: 1, rollbackScope: 1 }`,
    `withdrawal: { reason: "superseded" }`,
  ];
  const approval = `approval: { revision: 1, digest: "${"ab".repeat(32)}" }`;
  const previews = [...changes, approval].map((change): Ask => (how) => {
    const input = `{ packet: "${held.packet}", change: { ${change} } }`;
    return `{ changePreview(input: ${input}) { ... on Error { code message }
      ... on Preview ${whole("Preview", how)}
      ... on ApprovalRefused ${whole("ApprovalRefused", how)} } }`;
  });
  const comparisons = Object.keys(named("RevisionChanges").getFields()).map((field): Ask => {
    const input = `{ packet: "${held.packet}", fromRevision: 1, toRevision: 9 }`;
    return (how) => `{ revisionsCompare(input: ${input}) { ... on Error { code message }
      ... on RevisionChanges ${oneField("RevisionChanges", field)(how)} } }`;
  });
  return [
    ...ofPackets,
    ...nodes,
    ...sources,
    ...previews,
    ...comparisons,
    (how) =>
      `{ nodes(ids: ${JSON.stringify(nodeIds)}) { __typename id } viewer ${whole("Viewer", how)} }`,
    (how) => `{ deployment ${whole("Deployment", how)} }`,
    (how) => `{ packets(first: 5) ${whole("QueryPacketsConnection", how)} }`,
    (how) => `{ packets(filter: { train: "gsx-held" }) { totalCount } workList(mine: false first: 5)
      ${whole("QueryWorkListConnection", how)} }`,
    ...ids.map(
      (id): Ask =>
        (how) =>
          `{ gate(packet: "${id}") ${whole("Gate", how)} }`,
    ),
  ];
}

function whole(type: string, how: Selecting): string {
  return selectionOf(named(type), how) ?? "{ __typename }";
}

const DEPTH_MAX = 6;

/** The same, but no deeper than so. */
function atMost(depth: number, how: Selecting): Selecting {
  return { ...how, depth: Math.min(depth, how.depth) };
}

/** The deepest form of each query that is within the limits, as somebody finds who sees everything. */
async function deepest(): Promise<string[]> {
  return Promise.all(
    asks().map(async (ask) => {
      for (let depth = DEPTH_MAX; depth > 0; depth -= 1) {
        const document = ask({ depth, argumentsOf });
        const { status, text } = await server.ask(AUDITOR, document);
        if (status === 200) return document;
        if (!/complex|deep|depth|breadth|tokens/i.test(text))
          throw new Error(`${document} ${text}`);
      }
      throw new Error("nothing of it is within the limits");
    }),
  );
}

/** What was told of one field. */
interface Leaf {
  readonly at: string;
  readonly needs: FieldClass;
  readonly value: unknown;
}

/** Every field of an answer with its class: an alias tells the type and the name. */
function leavesOf(value: unknown): Leaf[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([alias, part]: [string, unknown]): Leaf[] => {
    const [, type = "", name = ""] = /^([A-Z][A-Za-z]*)_(\w+)$/.exec(alias) ?? [];
    const field = type === "" ? undefined : named(type).getFields()[name];
    const needs = field === undefined ? null : classOf(type, field);
    const own = needs === null ? [] : [{ at: `${type}.${name}`, needs, value: part }];
    return [...own, ...leavesOf(part)];
  });
}

let documents: string[];
const answers = new Map<Role, Answered[]>();
beforeAll(async () => {
  documents = await deepest();
  for (const role of Role.options) {
    answers.set(
      role,
      await Promise.all(documents.map((document) => server.ask(actorOf(role), document))),
    );
  }
});

const answersOf = (role: Role): readonly Answered[] => answers.get(role) ?? [];
const textOf = (role: Role): string =>
  answersOf(role)
    .map(({ text }) => text)
    .join("\n");

describe.each(Role.options)("%s", (role) => {
  const classes = classesOf(actorOf(role));

  test("reads null for every field of a class that they do not see", () => {
    const shown = answersOf(role)
      .flatMap(({ data }) => leavesOf(data))
      .filter(({ needs, value }) => !classes.includes(needs) && value !== null);
    expect(shown).toEqual([]);
  });

  test("never meets what is governed or restricted, in data or in errors, unless they see it", () => {
    const text = textOf(role);
    expect(text.length).toBeGreaterThan(1000);
    expect([GOVERNED.test(text), RESTRICTED.test(text)]).toEqual([
      classes.includes("GOVERNED"),
      classes.includes("RESTRICTED"),
    ]);
  });

  test("is answered, or told that their roles do not entitle them", () => {
    const told = answersOf(role).flatMap(({ errors }) => errors.map((one) => one.extensions?.code));
    expect(new Set(told)).toEqual(new Set(role === "VIEWER" ? ["NOT_ENTITLED"] : []));
  });
});

test("what is governed or restricted was asked for, each field of it, and is there to be seen", () => {
  const seen = new Set<string>();
  for (const { at, needs, value } of answersOf("AUDITOR").flatMap(({ data }) => leavesOf(data))) {
    if (needs !== "SHARED" && value !== null) seen.add(at);
  }
  const guarded = Object.values(schema.getTypeMap())
    .flatMap((type) =>
      isObjectType(type)
        ? Object.values(type.getFields())
            .filter((field) => classOf(type.name, field) !== "SHARED")
            .map((field) => `${type.name}.${field.name}`)
        : [],
    )
    .filter((at) => !at.startsWith("__"));
  expect(guarded.filter((at) => !seen.has(at))).toEqual([]);
  expect(seen.size).toBeGreaterThan(60);
});

test("whoever is nobody is told nothing but that", async () => {
  const told = await Promise.all(documents.map((document) => server.ask(null, document)));
  expect(new Set(told.map(({ status }) => status))).toEqual(new Set([401]));
  expect(told.map(({ text }) => text).join("\n")).not.toMatch(/gsx-|rsx-/);
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
