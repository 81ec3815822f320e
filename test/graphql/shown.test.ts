import { TOLD_TO_MANY } from "#graphql/governedReads.ts";
import {
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  execute,
  getNamedType,
  isOutputType,
  isObjectType,
  isUnionType,
  parse,
} from "graphql";
import { describe, expect, test } from "vitest";
import type { FieldClass } from "#access/classes.ts";
import type { Entry, Report } from "#packet/entry.ts";
import { type AcceptedSource, SourceKind } from "#packet/source.ts";
import { Cursors } from "#feed/cursor.ts";
import {
  byDigest,
  commitment,
  component,
  emergencyPlan,
  exercise,
  confirmation,
  enclave,
  held,
  quarantine,
  rebuild,
  revocation,
  safeguard,
  sighting,
} from "../gate/reports.ts";
import { CONTENTS, accepted } from "../gate/train.ts";
import { schema, typeOfKind } from "./typesUnderTest.ts";

const cursors = new Cursors(new Uint8Array(32).fill(7));
const ALL: readonly FieldClass[] = ["SHARED", "GOVERNED", "RESTRICTED"];

/** Everything that a type has, connections as the nodes of their first page. */
function everythingOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isUnionType(named)) return `{ ${named.getTypes().map(fragmentOf).join(" ")} }`;
  if (!isObjectType(named)) return "";
  if (named.name.endsWith("Connection")) {
    const edge = getNamedType(named.getFields()["edges"]?.type);
    const node = isObjectType(edge) ? edge.getFields()["node"]?.type : undefined;
    return node === undefined ? "" : `{ edges { node ${everythingOf(node)} } }`;
  }
  const fields = Object.values(named.getFields());
  return `{ ${fields.map((field) => `${field.name} ${everythingOf(field.type)}`).join(" ")} }`;
}

function fragmentOf(type: GraphQLObjectType): string {
  return `... on ${type.name} ${everythingOf(type)}`;
}

/** What somebody who sees these classes is shown of a value. */
async function shownTo(
  classes: readonly FieldClass[],
  typeName: string,
  fragment: string,
  value: unknown,
): Promise<unknown> {
  const type = schema.getType(typeName);
  if (!isOutputType(type)) throw new TypeError(`no ${typeName}`);
  const fields = { shown: { type, resolve: () => value } };
  const answer = await execute({
    schema: new GraphQLSchema({
      query: new GraphQLObjectType({ name: "Shown", fields }),
      types: Object.values(schema.getTypeMap()),
    }),
    document: parse(`{ shown ${fragment} }`),
    contextValue: { ...TOLD_TO_MANY, classes: new Set(classes), cursors },
  });
  expect(answer.errors).toBeUndefined();
  return plain(answer.data?.["shown"]);
}

/** An answer as the domain would write it: a connection is a list. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("edges" in value) return (value.edges as { node: unknown }[]).map(({ node }) => plain(node));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

/** A value of the domain as JSON has it, without what the type alone tells. */
function onWire(value: unknown, told: readonly string[]): unknown {
  const text = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === "bigint" ? part.toString() : part,
  );
  const members = Object.entries(JSON.parse(text) as object);
  return Object.fromEntries(members.filter(([name]) => !told.includes(name)));
}

/** The same without what is null, which the domain leaves out. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(members.map(([name, item]) => [name, present(item)]));
}

/** Every text and number of an answer. */
function leavesOf(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return value === null ? [] : [value];
  return Object.values(value).flatMap(leavesOf);
}

describe.each(SourceKind.options)("an accepted %s", (kind) => {
  const source: AcceptedSource = accepted(CONTENTS[kind], 3, 7n);
  const receipt = "kind version digest acceptedBy proposedBy acceptedEpoch";
  const type = schema.getType(typeOfKind(schema.getType("SourceContent"), "kind", kind));
  const content = isObjectType(type) ? fragmentOf(type) : "";
  const asked = `{ ${receipt} content { ${content} } }`;

  test("is shown whole to whoever sees every class", async () => {
    const whole = {
      ...(onWire(source, ["content"]) as object),
      content: onWire(source.content, ["kind"]),
    };
    const shown = await shownTo(ALL, "AcceptedSource", asked, source);
    expect(present(shown)).toEqual(present(whole));
  });

  test("is shown by its receipt alone to whoever sees what is shared", async () => {
    expect(await shownTo(["SHARED"], "AcceptedSource", asked, source)).toEqual({
      ...(onWire(source, ["content"]) as object),
      digest: null,
      acceptedBy: null,
      proposedBy: null,
      content: null,
    });
  });
});

test("a trusted branch is told only to whoever sees what is restricted", async () => {
  const source = accepted(CONTENTS.TRUSTED_BRANCH, 1, 1n);
  const asked = "{ content { ... on TrustedBranch { repository branch commit } } }";
  expect(await shownTo(["SHARED", "GOVERNED"], "AcceptedSource", asked, source)).toEqual({
    content: { repository: null, branch: null, commit: null },
  });
});

const REPORTS: readonly Report[] = [
  confirmation("app"),
  rebuild("lib"),
  commitment("ana", "early"),
  held("ben"),
  safeguard("REGISTRY_RELEASE", "ENGAGED"),
  sighting("app", "rogue", "mirror"),
  quarantine(byDigest("rogue")),
  quarantine({ by: "LOCATION", location: "cache" }),
  quarantine({ by: "MANIFEST", version: 1 }),
  enclave("north"),
  revocation("ana"),
  component(3, { denied: ["sha256:00"], trustedKeys: ["key-1"] }),
  emergencyPlan(["ana"]),
  exercise("ana"),
];

describe.each(REPORTS)("an entry of $kind", (report) => {
  const entry = {
    ...report,
    entry: "019a0000-0000-7000-8000-000000000001",
    reporter: "probe",
    reporterKind: "SYSTEM",
    observedEpoch: 5n,
    recordedEpoch: 6n,
    reportNumber: 9_007_199_254_740_993n,
    note: "seen by two people",
  } as Entry;
  const type = schema.getType(typeOfKind(schema.getType("Entry"), "kind", report.kind));
  const asked = isObjectType(type) ? `{ ${fragmentOf(type)} }` : "";

  test("is shown whole to whoever sees every class", async () => {
    const selector = "selector" in entry ? { selector: onWire(entry.selector, ["by"]) } : {};
    // A signature that is not there, and by what right somebody's word about a shift counts.
    const derived = { isSigned: false, ...("shift" in entry ? { how: "ROSTER_SYSTEM" } : {}) };
    const whole = { ...(onWire(entry, []) as object), ...selector, ...derived };
    expect(present(await shownTo(ALL, "Entry", asked, entry))).toEqual(present(whole));
  });

  test("is shown without a name, a digest or a word to whoever sees what is shared", async () => {
    const shown = leavesOf(await shownTo(["SHARED"], "Entry", asked, entry));
    const neutral = /^(?:false|[A-Z_]+|[0-9]|019a0000-0000-7000-8000-000000000001)$/;
    expect(shown.filter((leaf) => !neutral.test(String(leaf)))).toEqual([]);
  });
});
