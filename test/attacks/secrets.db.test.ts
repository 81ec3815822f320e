import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { HARMLESS, SECRETS, SENTINEL } from "../packet/secretTexts.ts";
import { bearer } from "../identity/passports.ts";
import { RUTH } from "../server/startTest.ts";
import { IVAN } from "../workflow/cast.ts";
import { type Opened, type Wire, newKey, openReady } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { callersInput } from "../graphql/callersInput.ts";
import { literalOf } from "../graphql/literals.ts";
import { type Answered, served } from "../graphql/served.ts";
import {
  type AskedVerb,
  MUTATION_OF,
  type VerbAnswer,
  askVerb,
  documentOf,
  fieldOf,
  inputOf,
} from "../graphql/verbDocuments.ts";

const fresh = freshDatabase();
const server = served(fresh);
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
});

const MARKED = SECRETS.map(([, text]) => text).filter((text) => text.includes(SENTINEL));
const TRACES = [SENTINEL, Buffer.from(SENTINEL).toString("hex"), SENTINEL.toUpperCase()];

/** Every row of every table as Postgres writes it, in which bytes are in hexadecimal. */
async function everyRow(): Promise<string> {
  const { sql } = server.database;
  const tables = await sql<{ name: string }[]>`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`;
  const texts = await Promise.all(
    tables.map(({ name }) =>
      sql.unsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${name} AS t`),
    ),
  );
  return texts
    .flat()
    .map(({ row }) => row)
    .join("\n");
}

async function everyMeter(): Promise<string> {
  const page = await fetch(server.url.replace(/\/graphql$/, "/metrics"), {
    headers: { authorization: bearer(RUTH) },
  });
  expect(page.status).toBe(200);
  return page.text();
}

function expectNoTrace(where: string, text: string): void {
  expect(
    TRACES.filter((trace) => text.includes(trace)),
    where,
  ).toEqual([]);
}

type Place = readonly (string | number)[];

/** Where texts stand in an input; of a list the first element stands for all. Choices are not texts. */
function textsIn(value: unknown, place: Place = []): Place[] {
  if (typeof value === "string") return /^[A-Z][A-Z_]*$/.test(value) ? [] : [place];
  if (Array.isArray(value))
    return value.slice(0, 1).flatMap((item) => textsIn(item, [...place, 0]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => textsIn(member, [...place, name]));
}

function withText(value: unknown, [step, ...rest]: Place, text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) {
    return value.map((item, at) => (at === step ? withText(item, rest, text) : item) as unknown);
  }
  const holder = value as Wire;
  return { ...holder, [step]: withText(holder[step], rest, text) };
}

/** Where an answer says that its faults are. */
function placesIn({ data, errors }: Answered): string[] {
  const answer = data?.["answer"] as VerbAnswer | undefined;
  const inDomain = (answer?.faults ?? []).map((fault) => fault.path);
  return [...inDomain, ...errors.map((error) => error.extensions?.path ?? [])].map((path) =>
    path.join("."),
  );
}

const verbs: readonly AskedVerb[] = [
  ...(Object.keys(MUTATION_OF) as (keyof typeof MUTATION_OF)[]),
  "changePreview",
];

describe("rule 7.3: a secret in place of a text", () => {
  test.each(verbs)("of %s is refused at its path", async (verb) => {
    const { type } = inputOf(fieldOf(verb));
    const asks =
      verb === "revisionsCompare" ? [] : await VERBS[verb].prepare(server.desk, `t-${verb}`);
    const wrong: string[] = [];
    let sent = 0;
    for (const { by, input } of asks) {
      const usual = callersInput(type, input).value;
      for (const place of textsIn(usual)) {
        const secret = MARKED[(sent += 1) % MARKED.length] ?? "";
        const answer = await server.ask(by, documentOf(verb), {
          input: withText(usual, place, secret),
        });
        const path = ["input", ...place].join(".");
        if (!placesIn(answer).includes(path)) wrong.push(`${path}: ${answer.text.slice(0, 200)}`);
        expectNoTrace(path, answer.text);
      }
    }
    expect(sent).toBeGreaterThan(0);
    expect(wrong).toEqual([]);
  });

  test.each(SECRETS)("such as %s (%#) is refused in a reason", async (kind, text) => {
    for (const reason of [text, `As said at the vault: ${text} (Carla)`]) {
      const input = { idempotencyKey: newKey(), packet: ready.packet, reason };
      const { member, faults } = await place(IVAN, input);
      expect([member, faults]).toEqual([
        "InvalidInput",
        [{ path: ["input", "reason"], message: expect.stringContaining(kind) as string }],
      ]);
    }
  });

  test("is refused in a document as well, as a name or as a value", async () => {
    const input = {
      idempotencyKey: newKey(),
      packet: ready.packet,
      reason: `pin=4829 ${SENTINEL}`,
    };
    const document = documentOf("operatorHoldPlace")
      .replace(/\(\$input: \w+!\)/, "")
      .replace("$input", literalOf(input));
    const answer = await server.ask(IVAN, document);
    expect(placesIn(answer)).toEqual(["input.reason"]);
    expectNoTrace("value", answer.text);
    const pasted = `hf_${SENTINEL}`;
    for (const query of [
      `{ ${pasted} }`,
      `{ viewer { ${pasted} } }`,
      `query ($${pasted}: Int!) { viewer { name } }`,
      `{ viewer { name @${pasted} } }`,
      `{ viewer(${pasted}: 1) { name } }`,
      `{ ...${pasted} }`,
      `query ${pasted} { viewer { nam } }`,
    ]) {
      const { status, text } = await server.ask(IVAN, query);
      expect(status, query).toBe(400);
      expectNoTrace(query, text);
    }
  });
});

function place(by: Actor, input: Wire): Promise<VerbAnswer> {
  return askVerb(server, "operatorHoldPlace", by, input);
}

test("what people write of a release, and public keys, signatures and digests, are no secrets", async () => {
  const { packet } = ready;
  for (const reason of HARMLESS) {
    const answer = await place(IVAN, { idempotencyKey: newKey(), packet, reason });
    expect(answer.member, reason).toBe("OperatorHoldPlacePayload");
  }
});

test("of no secret that was refused is there a trace: in the log, in a table or in a meter", async () => {
  expect(server.heard.lines.length).toBeGreaterThan(100);
  expectNoTrace("log", JSON.stringify(server.heard.lines));
  const rows = await everyRow();
  expect(rows.length).toBeGreaterThan(100_000);
  expectNoTrace("tables", rows);
  expectNoTrace("meters", await everyMeter());
  // The look finds what is there: a word of a note that was kept.
  expect(rows).toContain(Buffer.from("SOURCE_DATE_EPOCH").toString("hex"));
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
