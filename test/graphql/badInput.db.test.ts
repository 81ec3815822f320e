import { describe, expect, test } from "vitest";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Malformed, type Place, malformed } from "../workflow/malformed.ts";
import { type Ask, VERBS } from "../workflow/verbs.ts";
import { written } from "../workflow/written.ts";
import { type Sent, callersInput } from "./callersInput.ts";
import { type Misfit, isSaidOtherwise } from "./misfits.ts";
import { type Answered, served } from "./served.ts";
import { literalOf } from "./literals.ts";
import {
  type AskedVerb,
  MUTATION_OF,
  type VerbAnswer,
  documentOf,
  fieldOf,
  inputOf,
} from "./verbDocuments.ts";

const AT_ONCE = 8;
/** Which ones differ from field to field, so that over all fields every one is sent. */
const SENT_OF_TWENTY = 2;
const SECRET = "zq-secret-of-somebody";
/** One that a document can hold where the value of an enum belongs. */
const CONSTANT_SECRET = "ZQ_SECRET_OF_SOMEBODY";

const fresh = freshDatabase();
const server = served(fresh);

/** Has so many requests under way at once, and resolves to all answers in order. */
async function inTurns<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await each(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Where an answer says that faults are; null when it is no refusal of bad input. */
function placesIn({ status, data, errors }: Answered): string[][] | null {
  const answer = data?.["answer"] as VerbAnswer | null | undefined;
  if (status === 200 && errors.length === 0 && answer?.member === "InvalidInput") {
    return (answer.faults ?? []).map((fault) => [...fault.path]);
  }
  const isRefused = status === 400 && errors.length > 0 && (data ?? null) === null;
  const codes = errors.map((error) => error.extensions?.code);
  if (!isRefused || codes.some((code) => code !== "BAD_USER_INPUT")) return null;
  return errors.map((error) => [...(error.extensions?.path ?? [])]);
}

/** Whether a path names a place, or what directly holds it or lies in it: a member that is missing or too much. */
function names(path: readonly string[], place: Place): boolean {
  const asked = ["input", ...place].map(String);
  const shorter = Math.min(path.length, asked.length);
  return (
    Math.abs(path.length - asked.length) <= 2 &&
    path.slice(0, shorter).every((step, index) => step === asked[index]) &&
    shorter >= asked.length - 1
  );
}

/** Of bad values, members of nobody's and things of another form, so many of each twenty are sent; of the rest all. */
const WHOLE = / (?:has no|has \d+ elements|has a look-alike|is empty|repeats)/;

function isSent({ what }: Malformed, index: number): boolean {
  return WHOLE.test(what) || (index * 7) % 20 < SENT_OF_TWENTY;
}

const verbs: readonly AskedVerb[] = [
  ...(Object.keys(MUTATION_OF) as (keyof typeof MUTATION_OF)[]),
  "changePreview",
];

describe.each(verbs)("%s", (verb) => {
  const type = inputOf(fieldOf(verb)).type;
  const document = documentOf(verb);
  const send = ({ by }: Ask, input: unknown): Promise<Answered> =>
    server.ask(by, document, { input });

  test("names what is wrong with each part of its input, writes nothing and repeats nothing", async () => {
    const prepared = verb === "revisionsCompare" ? null : VERBS[verb];
    const asks = (await prepared?.prepare(server.desk, `train-${verb}`)) ?? [];
    const before = await written(server.database.sql);
    const known = new Set<string>();
    const cases = asks.flatMap((ask) => {
      const faults = malformed(verb, ask.input).filter(isSent);
      return faults.flatMap(({ what, input, place }): Misfit[] => {
        // What all inputs of a verb have is sent with one of them.
        if (place.length === 1 && known.has(what)) return [];
        known.add(what);
        const sent = callersInput(type, input);
        const usual = callersInput(type, ask.input);
        const misfit = { ask, what, sent: sent.value, place: placeOf(sent, usual, place) };
        const key = `${what} ${misfit.place.join(".")}`;
        // The types inside a change to preview are those of the verbs that make such a change.
        const isOfOthers = verb === "changePreview" && misfit.place.length > 2;
        if (known.has(key) || isOfOthers) return [];
        known.add(key);
        return isSaidOtherwise(type, misfit, usual.value) ? [] : [misfit];
      });
    });
    expect(cases.length).toBeGreaterThan(5);
    const wrong = await inTurns(cases, async ({ ask, what, sent, place }) => {
      const answer = await send(ask, sent);
      const places = placesIn(answer);
      if (places?.some((path) => names(path, place)) === true) return [];
      return [`${what} (${place.join(".")}): ${answer.status} ${answer.text.slice(0, 300)}`];
    });
    expect(wrong.flat()).toEqual([]);

    const secrets = asks.flatMap((ask) =>
      marked(callersInput(type, ask.input).value).map((sent) => ({ ask, sent })),
    );
    const told = await inTurns(secrets, async ({ ask, sent }) => {
      const inVariables = await send(ask, sent);
      const inDocument = await server.ask(ask.by, withLiteral(document, sent));
      return [inVariables, inDocument].flatMap((answer) => {
        const isRefused = answer.errors.length > 0 || placesIn(answer) !== null;
        return isRefused && !/zq.?secret/i.test(answer.text) && answer.status < 500
          ? []
          : [`${answer.status} ${answer.text.slice(0, 300)}`];
      });
    });
    expect(told.flat()).toEqual([]);
    expect(await written(server.database.sql)).toEqual(before);
    expect(Reflect.get(Object.prototype, "isAdmin")).toBeUndefined();
  });
});

/** Where the fault lies in what was sent; a member that is missing there lies where it usually does. */
function placeOf(sent: Sent, usual: Sent, place: Place): Place {
  const [here, there] = [sent.place(place), usual.place(place)];
  return here.length === there.length ? here : there;
}

/** The input with a secret in place of all its texts, of each other value, and as the name of a member. */
function marked(value: unknown): unknown[] {
  return [allMarked(value), ...markedIn(value)];
}

const CONSTANT = /^[A-Z][A-Z_]*$/;

function allMarked(value: unknown): unknown {
  if (typeof value === "string") return CONSTANT.test(value) ? value : `${SECRET}\0`;
  if (Array.isArray(value)) return value.map(allMarked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, allMarked(part)]));
}

function markedIn(value: unknown): unknown[] {
  if (typeof value === "string") return CONSTANT.test(value) ? [SECRET, CONSTANT_SECRET] : [];
  if (typeof value === "number" || typeof value === "boolean") return [SECRET];
  if (Array.isArray(value)) {
    const [first, ...others] = value as unknown[];
    return markedIn(first).map((one) => [one, ...others]);
  }
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, member]) =>
    markedIn(member).map((one) => ({ ...value, [name]: one })),
  );
  return [...inside, { ...value, [SECRET.replaceAll("-", "_")]: SECRET }];
}

/** The operation with its input written out in the document. */
function withLiteral(document: string, input: unknown): string {
  const literal = literalOf(input);
  return document.replace(/\(\$input: \w+!\)/, "").replace("$input", literal);
}
