import { beforeAll, describe, expect, test } from "vitest";
import { classOf } from "#graphql/classGuard.ts";
import { Role } from "#packet/actor.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Crawl, type Leaf, bodiesOf, crawl, leavesOf, textOf } from "./crawl.ts";
import { FIELDS_SERVED, TYPES, fieldsSelected, named } from "./documents.ts";
import { FIELDS } from "./fieldTable.ts";
import { passport } from "../identity/passports.ts";
import { ONLY, openHouse } from "./house.ts";
import { CLASSES, EXPORTS, QUERIES } from "./roleTable.ts";
import { type World, buildWorld } from "./world.ts";

const house = openHouse(freshDatabase());
let world: World;
let crawled: Crawl;
/** What each role was told of each field. */
const cells = new Map<Role, Map<string, Leaf[]>>();

beforeAll(async () => {
  world = await buildWorld(house.desk);
  await changeRoles();
  for (const { packet } of [world.held, world.approved]) await copied(packet);
  crawled = await crawl(house, world);
  for (const role of Role.options) {
    const leaves = crawled.of[role].answers.flatMap(({ body }) =>
      bodiesOf(body).flatMap(({ data }) => leavesOf(data)),
    );
    const byField = new Map<string, Leaf[]>();
    for (const leaf of leaves) byField.set(leaf.at, [...(byField.get(leaf.at) ?? []), leaf]);
    cells.set(role, byField);
  }
});

/** Resolves when the node has its own copy of a packet at its head. */
async function copied(packet: string): Promise<void> {
  const query = `{ packet(packet: "${packet}") { revision } lastKnownPackets { packet revision } }`;
  for (;;) {
    const [told] = bodiesOf((await house.ask(ONLY.AUDITOR, query)).body);
    const { revision } = (told?.data?.["packet"] ?? { revision: 0 }) as { revision: number };
    const known = told?.data?.["lastKnownPackets"] as { packet: string; revision: number }[];
    if (known.some((one) => one.packet === packet && one.revision === revision)) return;
  }
}

/** What no exercise has: the product records it, and nobody signs or numbers it. */
const OF_NO_EXERCISE: readonly string[] = ["note", "reportNumber", "signature", "signatureKey"].map(
  (name) => `EmergencyExercise.${name}`,
);

/** Somebody comes and somebody's roles change, which is recorded. */
async function changeRoles(): Promise<void> {
  const person = world.sentinels.veil("responder");
  const come = passport(person, ["READER"]);
  await house.admit({ ...come, entry: { ...come.entry, responder: true } });
  const query = "{ accessRecords(where: { code: ROLES_CHANGED }) { totalCount } }";
  for (let told = ""; !/"totalCount":[1-9]/.test(told);) {
    told = (await house.ask(ONLY.AUDITOR, query)).body;
  }
  const changed = passport(person, ["READER", "OPERATOR"]);
  await house.admit({ ...changed, entry: { ...changed.entry, responder: true } });
  for (let told = ""; !/"totalCount":(?:[2-9]|\d\d)/.test(told);) {
    told = (await house.ask(ONLY.AUDITOR, query)).body;
  }
}

const GUARDED = ["GOVERNED", "RESTRICTED"] as const;
const leaves = (role: Role, at: string): readonly Leaf[] => cells.get(role)?.get(at) ?? [];
const isTold = (role: Role, at: string): boolean =>
  leaves(role, at).some(({ value }) => value !== null);
const typeOf = (at: string): string => at.split(".")[0] ?? "";
/** Whether the role met an object of a type at all. */
const meets = (role: Role, type: string): boolean =>
  Object.keys(named(type).getFields()).some((field) => leaves(role, `${type}.${field}`).length > 0);

describe("the table of fields", () => {
  test("names every field that is served, and no other", () => {
    expect([...FIELDS.keys()].toSorted()).toEqual([...FIELDS_SERVED].toSorted());
  });

  test("gives each the class that the schema guards it by", () => {
    const served = TYPES.flatMap((type) =>
      Object.values(named(type).getFields()).map((field) => [
        `${type}.${field.name}`,
        classOf(type, field),
      ]),
    );
    expect(Object.fromEntries(served)).toEqual(Object.fromEntries(FIELDS));
  });
});

describe("the crawl", () => {
  test("selects every field of every type, without an exception", () => {
    const selected = fieldsSelected(crawled.documents);
    expect(FIELDS_SERVED.filter((at) => !selected.has(at))).toEqual([]);
  });

  test("reaches every sentinel as somebody who is entitled to all", () => {
    const text = textOf(crawled.of.AUDITOR);
    for (const one of GUARDED) {
      const words = world.sentinels.of(one);
      expect(words.filter((word) => !text.includes(word))).toEqual([]);
      expect(words.length).toBeGreaterThan(one === "GOVERNED" ? 60 : 5);
    }
  });

  test("is told a value of every field that is not for everybody", () => {
    // Only people declare and rotate, and a person's report has no number; a change is told to whoever asked for one and waits.
    const isNever = (at: string): boolean =>
      /^(?:ComponentDeclaration|KeyRotation)\.reportNumber$|^Change\./.test(at);
    const guarded = [...FIELDS].filter(
      ([at, needs]) => needs !== "SHARED" && !at.startsWith("Entry.") && !isNever(at),
    );
    const untold = guarded.filter(([at]) => !isTold("AUDITOR", at)).map(([at]) => at);
    expect(untold.filter((at) => !OF_NO_EXERCISE.includes(at))).toEqual([]);
  });

  test("ended in no crash", () => {
    expect(house.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe.each(Role.options)("%s", (role) => {
  const hidden = GUARDED.filter((one) => !CLASSES[role].includes(one));

  test("meets no sentinel of a class that they do not see: in data, errors, extensions, cursors, headers, exports or the log", () => {
    expect(world.sentinels.within(textOf(crawled.of[role]), hidden)).toEqual([]);
  });

  test("is answered, or told that their roles do not entitle them", () => {
    const codes = crawled.of[role].answers.flatMap(({ body }) =>
      bodiesOf(body).flatMap(({ errors = [] }) => errors.map((one) => one.extensions?.code)),
    );
    const mayAskAll = Object.values(QUERIES).every((roles) => roles.includes(role));
    expect(new Set(codes)).toEqual(new Set(mayAskAll ? [] : ["NOT_ENTITLED"]));
  });

  test("is sent the bundle's forms and the metrics that the table gives them", () => {
    const { bundles, metrics } = crawled.of[role];
    const status = (isEntitled: boolean): number => (isEntitled ? 200 : 403);
    expect([bundles.shared.status, bundles.full.status, metrics.status]).toEqual([
      status(EXPORTS.bundleShared.includes(role)),
      status(EXPORTS.bundleFull.includes(role)),
      status(EXPORTS.metrics.includes(role)),
    ]);
  });

  test("reads a value of each field of their classes, and null of every other", () => {
    const expected = [...FIELDS].map(([at, needs]) => {
      const shown = CLASSES[role].includes(needs) && meets(role, typeOf(at));
      return [at, shown && Role.options.some((one) => isTold(one, at))];
    });
    const seen = [...FIELDS.keys()].map((at) => [at, isTold(role, at)]);
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(expected));
  });
});

test("whoever is nobody is told nothing but that", async () => {
  const told = await Promise.all(crawled.documents.map((document) => house.ask(null, document)));
  expect(new Set(told.map(({ status }) => status))).toEqual(new Set([401]));
  const text = told.map(({ head, body }) => head + body).join("\n");
  expect(world.sentinels.within(text, GUARDED)).toEqual([]);
});

test("a full bundle carries what is governed and restricted, so that the shared one's silence means something", () => {
  const { full, shared } = crawled.of.AUDITOR.bundles;
  expect(world.sentinels.within(full.body, GUARDED).length).toBeGreaterThan(60);
  expect(world.sentinels.within(shared.body, GUARDED)).toEqual([]);
});

test("what is withheld from a reader is told by the fields' names, and is what reads as null to them", async () => {
  for (const role of Role.options) {
    const { body } = await house.ask(ONLY[role], "{ viewer { withheld } }");
    const expected = [...FIELDS]
      .filter(([at, needs]) => !CLASSES[role].includes(needs) && !at.startsWith("Entry."))
      .map(([at]) => at)
      .toSorted();
    expect(bodiesOf(body)[0]?.data).toEqual({ viewer: { withheld: expected } });
  }
});
