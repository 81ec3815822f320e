import { beforeAll, describe, expect, test } from "vitest";
import type { PacketId } from "#packet/name.ts";
import type { Actor } from "#packet/actor.ts";
import { digestOf } from "../gate/train.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { REX, RITA } from "../workflow/cast.ts";
import type { Place } from "../workflow/malformed.ts";
import { type Situations, situations } from "../workflow/situations.ts";
import { type Wire, times } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { gained, written } from "../workflow/written.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { callersInput } from "./callersInput.ts";
import { REFUSALS } from "./moreRefusals.ts";
import { served } from "./served.ts";
import {
  type AskedVerb,
  MUTATION_OF,
  type VerbAnswer,
  askVerb,
  fieldOf,
  inputOf,
  membersOf,
} from "./verbDocuments.ts";

const AT_ONCE = 50;

const fresh = freshDatabase();
let at: Situations;
const server = served(fresh, async (database) => {
  const desk = await openDesk(database);
  at = await situations(desk);
  await desk.ledger.close();
});
let time: (epochs: number) => string;
beforeAll(async () => {
  time = await times(server.desk);
});

/** Which members of its union each verb was seen to answer. */
const seen = new Map<string, Set<string>>();

async function ask(verb: AskedVerb, by: Actor, input: unknown): Promise<VerbAnswer> {
  const answer = await askVerb(server, verb, by, input);
  const field = fieldOf(verb);
  seen.set(field, (seen.get(field) ?? new Set()).add(answer.member));
  return answer;
}

/** Where the caller is told that a fault of the domain's input is. */
function told(verb: AskedVerb, input: unknown, place: Place): string[] {
  const sent = callersInput(inputOf(fieldOf(verb)).type, input);
  return ["input", ...sent.place(place)].map(String);
}

describe("what is refused is a member of the answer, and nothing is written", () => {
  const rows = REFUSALS.flatMap(({ verb, ...row }) =>
    verb === "packetRead" || verb === "gateRead" ? [] : [{ verb, ...row }],
  );
  test.each(rows)("$verb $why: $code", async ({ verb, ask: of, code, paths, reasons }) => {
    const before = await written(server.database.sql);
    const { by, input } = of(at, time);
    const answer = await ask(verb, by, input);
    expect(answer).toMatchObject({ code });
    const name = answer.member.replaceAll(/(?!^)([A-Z])/g, "_$1").toUpperCase();
    expect(name).toBe(code);
    const places = (paths ?? []).map((place) => told(verb, input, place));
    if (code === "INVALID_INPUT") {
      expect(answer.faults?.map((fault) => fault.path)).toEqual(places);
    }
    if (code === "POLICY_UNMEETABLE") expect([answer.path]).toEqual(places);
    if (reasons !== undefined) expect(answer.reasons?.map((one) => one.code)).toEqual(reasons);
    expect(await written(server.database.sql)).toEqual(before);
  });

  const looks = REFUSALS.filter(({ verb }) => verb === "packetRead" || verb === "gateRead");
  test.each(looks)("$verb $why: null", async ({ verb, ask: of }) => {
    const field = verb === "packetRead" ? "packet" : "gate";
    const { input } = of(at, time);
    const query = `query ($id: UUID!) { found: ${field}(packet: $id) { __typename } }`;
    const { status, data, errors } = await server.ask(RITA, query, { id: input });
    expect({ status, data, errors }).toEqual({ status: 200, data: { found: null }, errors: [] });
  });
});

/** Some part of an input replaced by another that is as well formed. */
function another(input: Wire): Wire {
  for (const name of ["reason", "note", "answer"]) if (name in input) return { [name]: "another" };
  if ("train" in input) return { train: "another-train" };
  if ("exercise" in input) return { exercise: true };
  return "revision" in input ? { revision: 1 } : { expectedRevision: 99 };
}

/** An answer without what tells the first from its repeats. */
function once(answer: VerbAnswer): object {
  return { ...answer, repeated: null };
}

// The clock's come last: a step by hand holds every packet.
const verbs = Object.keys(MUTATION_OF) as (keyof typeof MUTATION_OF)[];
describe.each(verbs)("%s", (verb) => {
  test("asked fifty times at once has one effect, and is answered alike ever after", async () => {
    const [first, ...others] = await VERBS[verb].prepare(server.desk, `train-${verb}`);
    const { by, input } = first;
    const before = await written(server.database.sql);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(verb, by, input)));
    expect(answers[0]?.member).toBe(`${fieldOf(verb).replace(/^./, upper)}Payload`);
    expect(new Set(answers.map((one) => JSON.stringify(once(one)))).size).toBe(1);
    expect(answers.filter(({ repeated }) => repeated === true)).toHaveLength(AT_ONCE - 1);
    const after = await written(server.database.sql);
    const { idempotency, revision = 0 } = gained(before, after);
    expect(idempotency).toBe(1);
    expect(revision).toBe(revisionsIn(answers[0]));

    const conflict = await ask(verb, by, { ...(input as Wire), ...another(input as Wire) });
    expect(conflict).toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
    expect(await written(server.database.sql)).toEqual(after);

    for (const other of others) {
      expect(await ask(verb, other.by, other.input)).toMatchObject({ repeated: false });
    }
    const again = await ask(verb, by, input);
    expect({ ...again }).toEqual({ ...answers[0], repeated: true });
  });
});

function upper(letter: string): string {
  return letter.toUpperCase();
}

/** How many revisions an answer tells of. */
function revisionsIn(answer: VerbAnswer | undefined): number {
  const { revision, appended } = answer ?? { revision: null, appended: null };
  if (Array.isArray(appended)) return appended.length;
  return (revision ?? null) === null && (appended ?? null) === null ? 0 : 1;
}

describe("what the clock refuses", () => {
  const step = (reason: string): Wire => ({ idempotencyKey: `clock-${reason}`, reason });

  test("while it is frozen or not, and by hand within a second", async () => {
    await expect(ask("epochThaw", REX, step("thaw-again"))).resolves.toMatchObject({
      code: "CLOCK_UNCHANGED",
    });
    await ask("epochFreeze", REX, step("freeze"));
    const frozen = await written(server.database.sql);
    expect(await ask("epochFreeze", REX, step("freeze-again"))).toMatchObject({
      code: "CLOCK_UNCHANGED",
    });
    expect(await ask("epochAdvance", REX, step("advance-frozen"))).toMatchObject({
      code: "CLOCK_IN_DOUBT",
    });
    expect(await written(server.database.sql)).toEqual(frozen);
    await ask("epochThaw", REX, step("thaw"));
    const rate = { ...step("rate"), epochMs: 86_399_000 };
    await ask("epochRateChange", REX, rate);
    const again = { ...rate, idempotencyKey: "clock-rate-again" };
    expect(await ask("epochRateChange", REX, again)).toMatchObject({ code: "CLOCK_UNCHANGED" });
    for (let tries = 0, isTooSoon = false; !isTooSoon; tries += 1) {
      const { code } = await ask("epochAdvance", REX, step(`advance-${tries}`));
      isTooSoon = code === "EPOCH_TOO_SOON";
    }
  });
});

describe("two revisions", () => {
  const compare = (by: Actor, packet: PacketId, fromRevision: number, toRevision: number) =>
    ask("revisionsCompare", by, { packet, fromRevision, toRevision });

  test("are compared, or it is said why not", async () => {
    const { packet } = at.ready;
    expect(await compare(RITA, packet, 1, 3)).toMatchObject({ to: { number: 3 } });
    expect(await compare(RITA, packet, 3, 1)).toMatchObject({
      faults: [{ path: ["input", "toRevision"] }],
    });
    expect(await compare(RITA, packet, 1, 999)).toMatchObject({
      faults: [{ path: ["input", "toRevision"] }],
    });
    const nowhere = "01a1ff9f-f613-75f0-a6ff-9051e6983bf8";
    expect(await compare(RITA, nowhere, 1, 2)).toMatchObject({ code: "UNKNOWN_PACKET" });
    const stranger: Actor = { actor: "vera", kind: "PERSON", roles: [] };
    expect(await compare(stranger, packet, 1, 2)).toMatchObject({ code: "NOT_ENTITLED" });
  });
});

describe("a forecast", () => {
  const forecast = (by: Actor, component: string, change: Wire) =>
    ask("rollbackForecast", by, { component, exercise: false, change });
  const keys = { outgoing: "key-1", incoming: "key-2" };

  test("is answered for every kind of change, or it is said why not", async () => {
    const changes = [
      { kind: "FLOOR", floor: 5 },
      { kind: "DENY", denied: [digestOf("r1")] },
      { kind: "ROTATION", mode: "SUDDEN", ...keys },
    ];
    for (const change of changes) {
      const answer = await forecast(RITA, "core", change);
      expect(answer).toMatchObject({ member: "RollbackForecast" });
    }
    const same = { kind: "ROTATION", mode: "SUDDEN", outgoing: "key-1", incoming: "key-1" };
    expect(await forecast(RITA, "core", same)).toMatchObject({
      faults: [{ path: ["input", "change", "rotation", "incoming"] }],
    });
    const narrow = { kind: "ROTATION", mode: "OVERLAP", ...keys };
    expect(await forecast(RITA, "slots-of-ready", narrow)).toMatchObject({
      code: "KEY_SLOTS_EXHAUSTED",
      path: ["input", "change", "rotation", "incoming"],
    });
    const stranger: Actor = { actor: "vera", kind: "PERSON", roles: ["VIEWER"] };
    expect(await forecast(stranger, "core", narrow)).toMatchObject({ code: "NOT_ENTITLED" });
  });
});

test("a preview is answered for every kind of change", async () => {
  const asks = await VERBS.changePreview.prepare(server.desk, "train-preview");
  const before = await written(server.database.sql);
  for (const { by, input } of asks) {
    expect(await ask("changePreview", by, input)).toMatchObject({ member: "Preview" });
  }
  expect(await written(server.database.sql)).toEqual(before);
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});

/** Where the change rate is controlled: changeTokens.db.test.ts sees them for each verb that needs tokens. */
const OF_TOKENS = ["ChangeTokenNeeded", "ChangeTokenRefused"];

const answers = [
  ...new Set(verbs.map(fieldOf)),
  "changePreview",
  "revisionsCompare",
  "rollbackForecast",
];
test("every member of every answer was seen", () => {
  const unseen = answers.flatMap((field) =>
    membersOf(field)
      .filter((name) => seen.get(field)?.has(name) !== true && !OF_TOKENS.includes(name))
      .map((name) => `${field}: ${name}`),
  );
  expect(unseen).toEqual([]);
});
