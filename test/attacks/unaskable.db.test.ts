import { describe, expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { type Wire, approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { callersInput } from "../graphql/callersInput.ts";
import { served } from "../graphql/served.ts";
import {
  MUTATION_OF,
  type VerbAnswer,
  askVerb,
  documentOf,
  fieldOf,
  inputOf,
} from "../graphql/verbDocuments.ts";
import { json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
const server = served(fresh);

const hold = (input: Wire): Promise<VerbAnswer> =>
  askVerb(server, "operatorHoldPlace", IVAN, input);

describe("A08: nothing waives, forces or skips", () => {
  const WORDS = ["waive", "force", "override", "skip", "bypass", "ignoreHolds", "sudo"];

  test("as an argument, as a member of an input, or as a mutation", async () => {
    const wish = approvalOf(await openReady(server.desk, "unwaivable"));
    for (const word of WORDS) {
      const asked = [
        `mutation ($input: PacketApproveInput!) { packetApprove(input: $input, ${word}: true) { __typename } }`,
        `mutation ($input: PacketApproveInput!) { packet${word}(input: $input) { __typename } }`,
        `mutation ($input: PacketApproveInput!) @${word} { packetApprove(input: $input) { __typename } }`,
      ];
      for (const query of asked) {
        expect((await server.ask(OLGA, query, { input: wish })).status, query).toBe(400);
      }
      const input = { ...wish, [word]: true };
      expect((await server.ask(OLGA, documentOf("packetApprove"), { input })).status).toBe(400);
    }
  });

  test("as a header", async () => {
    const { packet, ...opened } = await openReady(server.desk, "headed");
    await hold({ idempotencyKey: newKey(), packet, reason: "odd noise" });
    const headers = Object.fromEntries(WORDS.map((word) => [`x-${word.toLowerCase()}`, "true"]));
    const body = JSON.stringify({
      query: documentOf("packetApprove"),
      variables: { input: approvalOf({ packet, ...opened }) },
    });
    const sent = json(body);
    const answer = await sendTo(server.url, OLGA, {
      ...sent,
      headers: { ...sent.headers, ...headers },
    });
    expect(answer.text).toContain("HELD");
  });

  test.each(WORDS)("as a variable of the environment: HOLDFAST_%s", (word) => {
    expect(() => readConfig({ [`HOLDFAST_${word.toUpperCase()}`]: "1" })).toThrow("is not known");
  });
});

describe("A12: what the server decides by itself is nobody's to say", () => {
  const STRAY = [
    "timestamp",
    "at",
    "seq",
    "number",
    "hash",
    "digestOf",
    "actor",
    "epoch",
    "recordedEpoch",
  ];

  test.each([...new Set(Object.values(MUTATION_OF))])("%s takes none of it", async (field) => {
    const verb = Object.keys(MUTATION_OF).find(
      (name) => MUTATION_OF[name as keyof typeof MUTATION_OF] === field,
    ) as keyof typeof MUTATION_OF;
    for (const name of STRAY) {
      const input = { idempotencyKey: newKey(), [name]: "olga" };
      const { status, text } = await server.ask(OLGA, documentOf(verb), { input });
      expect([status, text], name).toEqual([400, expect.stringContaining("does not have")]);
    }
  });

  test("not by a header either: who acts is whose token it is, and when is the server's clock", async () => {
    const { packet } = await openReady(server.desk, "whose");
    const input = { idempotencyKey: newKey(), packet, reason: "odd noise" };
    const told = ["x-actor", "x-user", "x-forwarded-user", "from", "x-remote-user"];
    const headers = Object.fromEntries(told.map((name) => [name, "olga"]));
    const sent = json(
      JSON.stringify({
        query: documentOf("operatorHoldPlace"),
        variables: { input: callersInput(inputOf(fieldOf("operatorHoldPlace")).type, input).value },
      }),
    );
    const date = new Date(0).toUTCString();
    await sendTo(server.url, IVAN, { ...sent, headers: { ...sent.headers, ...headers, date } });
    const [row] = await server.database.sql<{ actor: string; year: number }[]>`
      SELECT actor, extract(year FROM at)::int AS year FROM revision
      WHERE packet = ${packet} ORDER BY number DESC LIMIT 1`;
    expect(row?.actor).toBe("ivan");
    expect(row?.year).toBeGreaterThan(2020);
  });
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
