import { GraphQLError } from "graphql";
import type { FieldClass } from "#access/classes.ts";
import { Cursors } from "#feed/cursor.ts";
import type { Context } from "#graphql/context.ts";
import { Documents } from "#graphql/request/documents.ts";
import { Role } from "#packet/actor.ts";
import { argumentsOf, mutations, nodeIds, queries, subscriptions } from "./documents.ts";
import type { Ask } from "./documents.ts";
import { FIELDS } from "./fieldTable.ts";
import { type GraphqlBody, type House, ONLY, type Told } from "./house.ts";
import { schema } from "../graphql/typesUnderTest.ts";
import type { World } from "./world.ts";

/** Everything that one role was told, and what the log said meanwhile. */
export interface Transcript {
  readonly answers: readonly Told[];
  readonly bundles: Readonly<Record<"full" | "shared", Told>>;
  readonly metrics: Told;
  readonly log: string;
}

/** All that was asked, and what each role was told of it. */
export interface Crawl {
  readonly documents: readonly string[];
  readonly of: Readonly<Record<Role, Transcript>>;
}

const DEPTH_MAX = 6;
const TOO_MUCH = /complex|deep|depth|breadth|tokens|at most/i;

/** The first event of a position before everything, by the scope of each stream's cursors. */
function cursorsFrom(house: House): (field: string, packet: string) => string | null {
  const cursors = new Cursors(house.desk.ledger.keyFor("cursor"));
  const HOLDS_BEGIN = 65_535n;
  return (field, packet) => {
    if (field === "revisions") return cursors.write(`revisions ${packet}`, 0n);
    if (field === "holdChanges") return cursors.write(`holds of ${packet}`, HOLDS_BEGIN);
    return field === "allHoldChanges" ? cursors.write("holds of all", HOLDS_BEGIN) : null;
  };
}

const isStream = (document: string): boolean => document.startsWith("subscription");

function tell(house: House, role: Role, document: string): Promise<Told> {
  return isStream(document)
    ? house.follow(ONLY[role], document, (body) =>
        /"Heartbeat"|"GateEvent"|event: complete/.test(body),
      )
    : house.ask(ONLY[role], document);
}

/** The documents of the product, by which they are judged here without being asked. */
const judged = new Documents(schema, false);
const AUDITOR = {
  actor: { actor: "only-auditor", kind: "PERSON", roles: ["AUDITOR"] },
} as Partial<Context> as Context;

/** The deepest form of a document that is within the limits. */
function deepest(ask: Ask): string {
  for (let depth = DEPTH_MAX; depth > 0; depth -= 1) {
    const document = ask({ depth, argumentsOf });
    const faults = faultsOf(document);
    if (faults.length === 0) return document;
    const [other] = faults.filter((fault) => !TOO_MUCH.test(fault));
    if (other !== undefined) throw new Error(`${document}: ${other}`);
  }
  throw new Error("nothing of it is within the limits");
}

/** What is wrong with a document before anything of it is executed. */
function faultsOf(text: string): readonly string[] {
  try {
    const asked = { document: judged.parse(text), operationName: null, variables: {} };
    const faults = judged.faults(asked, AUDITOR, isStream(text) ? "STREAM" : "REQUEST");
    return faults.map(({ message }) => message);
  } catch (fault) {
    if (fault instanceof GraphQLError) return [fault.message];
    throw fault;
  }
}

/** The JSON of an answer, or of every event of a stream. */
export function bodiesOf(body: string): GraphqlBody[] {
  const events = [...body.matchAll(/^data:(?: (.+))?$/gm)].map(([, data]) => data ?? "{}");
  const texts = body.startsWith("{") ? [body] : events;
  return texts.map((text) => JSON.parse(text) as GraphqlBody);
}

/** Asks everything that the schema has, as somebody of each role. */
export async function crawl(house: House, world: World): Promise<Crawl> {
  const { held } = world;
  const first = await house.ask(
    ONLY.AUDITOR,
    `{ packet(packet: "${held.packet}") { holds(first: 1) { nodes { id } } } }`,
  );
  const hold = /"id":"(Hold:[^"]+)"/.exec(first.body)?.[1] ?? "";
  const asks = [
    ...queries(world, nodeIds(held, hold)),
    ...mutations(),
    ...subscriptions(held, cursorsFrom(house)),
  ];
  const documents = asks.map(deepest);
  const transcripts: [Role, Transcript][] = [];
  for (const role of Role.options) {
    transcripts.push([role, await told(house, role, documents, held.packet)]);
  }
  return { documents, of: Object.fromEntries(transcripts) as Record<Role, Transcript> };
}

async function told(
  house: House,
  role: Role,
  documents: readonly string[],
  packet: string,
): Promise<Transcript> {
  const from = house.heard.lines.length;
  const answers: Told[] = [];
  for (let at = 0; at < documents.length; at += 4) {
    const some = documents.slice(at, at + 4);
    answers.push(...(await Promise.all(some.map((document) => tell(house, role, document)))));
  }
  const bundle = (form: string): Promise<Told> =>
    house.get(ONLY[role], `/graphql/bundle/${packet}?form=${form}`);
  const bundles = { full: await bundle("full"), shared: await bundle("shared") };
  const metrics = await house.get(ONLY[role], "/metrics");
  const log = house.heard.lines
    .slice(from)
    .map((line) => JSON.stringify(line))
    .join("\n");
  return { answers, bundles, metrics, log };
}

/** Everything of a transcript in one text, headers included. */
export function textOf({ answers, bundles, metrics, log }: Transcript): string {
  const all = [...answers, bundles.full, bundles.shared, metrics];
  return [...all.map(({ head, body }) => `${head}\n${body}`), log].join("\n");
}

/** What was told of one field. */
export interface Leaf {
  readonly at: string;
  readonly needs: FieldClass;
  readonly value: unknown;
}

/** Every field of an answer with the class that the table gives it: an alias tells type and name. */
export function leavesOf(value: unknown): Leaf[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([alias, part]: [string, unknown]): Leaf[] => {
    const [, type = "", name = ""] = /^([A-Z][A-Za-z]*)_(\w+)$/.exec(alias) ?? [];
    const at = `${type}.${name}`;
    const needs = FIELDS.get(at);
    return [...(needs === undefined ? [] : [{ at, needs, value: part }]), ...leavesOf(part)];
  });
}
