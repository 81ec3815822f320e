import { beforeAll, describe, expect, test } from "vitest";
import { v7 } from "uuid";
import type { Role } from "#packet/actor.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { confirmation, manifest } from "../gate/reports.ts";
import { digestOf } from "../gate/train.ts";
import { PAUL, UMA } from "../workflow/cast.ts";
import { type Opened, accepted, newKey, onWire, openReady } from "../workflow/trains.ts";
import { bodiesOf } from "./crawl.ts";
import { ONLY, type Told, openHouse } from "./house.ts";

const house = openHouse(freshDatabase());
const COUNT = 40;
const NAMES = Array.from({ length: COUNT }, (_, at) => `part-${at.toString().padStart(3, "0")}`);
const BRANCH = {
  kind: "TRUSTED_BRANCH",
  repository: "forge",
  branch: "embargoed",
  commit: "5ec4e7c0de".repeat(4),
} as const;

let mine: Opened;
let other: Opened;

/** Accepts a manifest of many artifacts, which opens holds about each of them in one revision. */
async function crowd({ train }: Opened): Promise<void> {
  const source = onWire(manifest(NAMES));
  const wish = { idempotencyKey: newKey(), train, exercise: false, source };
  accepted(await sourceAccept(house.desk, UMA, wish));
}

/** Confirms artifacts as somebody found them. */
async function confirm({ packet }: Opened, names: readonly string[], found?: string) {
  const entries = names.map((name) =>
    onWire(confirmation(name, found === undefined ? {} : { observed: digestOf(found) })),
  );
  const wish = { idempotencyKey: newKey(), packet, entries };
  accepted(await readinessRecord(house.desk, PAUL, wish));
}

beforeAll(async () => {
  mine = await openReady(house.desk, "differences", { sources: [onWire(BRANCH)] });
  other = await openReady(house.desk, "elsewhere");
  await crowd(mine);
  await crowd(other);
  await confirm(mine, NAMES.slice(0, 2));
  await confirm(mine, NAMES.slice(0, 1), "something else");
});

async function dataOf(role: Role, query: string): Promise<unknown> {
  const told = await house.ask(ONLY[role], query);
  const [{ data, errors } = {}] = bodiesOf(told.body);
  if (errors !== undefined) throw new Error(told.body);
  return data;
}

/** All that a reader could tell two answers apart by, but for when they were made. */
function shapeOf({ status, head, body }: Told) {
  const headers = head.split("\n").slice(1);
  const told: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const [name = "", value = ""] = headers.slice(at, at + 2);
    if (!/^(?:date|x-request-id)$/i.test(name)) told.push([name, value]);
  }
  return { status, headers: told, body };
}

const ABSENT = v7();
const of = (train: string): string => `of: { train: "${train}", exercise: false, kind: ROSTER }`;
const preview = (packet: string, change: string): string =>
  `{ changePreview(input: { packet: "${packet}", change: { ${change} } }) { ... on Error { code message } } }`;
const reason = `idempotencyKey: "key-12345678", reason: "x"`;

/** Questions about a packet, or a train, that somebody is not entitled to. */
const QUESTIONS: readonly (readonly [string, Role, (packet: string, train: string) => string])[] = [
  ["packet", "DEVELOPER", (packet) => `{ packet(packet: "${packet}") { status } }`],
  ["node of a packet", "DEVELOPER", (packet) => `{ node(id: "Packet:${packet}") { id } }`],
  ["node of a revision", "DEVELOPER", (packet) => `{ node(id: "Revision:${packet}.1") { id } }`],
  [
    "node of a hold",
    "DEVELOPER",
    (packet) => `{ node(id: "Hold:${packet}.${"0".repeat(32)}") { id } }`,
  ],
  ["nodes", "DEVELOPER", (packet) => `{ nodes(ids: ["Packet:${packet}"]) { id } }`],
  ["gate", "DEVELOPER", (packet) => `{ gate(packet: "${packet}") { status } }`],
  [
    "revisionsCompare",
    "DEVELOPER",
    (packet) =>
      `{ revisionsCompare(input: { packet: "${packet}", fromRevision: 1, toRevision: 2 }) { ... on Error { code message } } }`,
  ],
  ["changePreview", "VIEWER", (packet) => preview(packet, `withdrawal: { reason: "x" }`)],
  ["source", "VIEWER", (_packet, train) => `{ source(${of(train)}) { version } }`],
  [
    "sourceVersions",
    "VIEWER",
    (_packet, train) => `{ sourceVersions(${of(train)}) { totalCount } }`,
  ],
  [
    "component",
    "VIEWER",
    (_packet, train) =>
      `{ component(name: "${train === mine.train ? "core" : train}", exercise: false) { label } }`,
  ],
  [
    "packets of a train",
    "VIEWER",
    (_packet, train) => `{ packets(filter: { train: "${train}" }) { totalCount } }`,
  ],
  [
    "packetApprove",
    "READER",
    (packet) =>
      `mutation { packetApprove(input: { idempotencyKey: "key-12345678", packet: "${packet}", revision: 1, digest: "${"ab".repeat(32)}" }) { ... on Error { code message } } }`,
  ],
  [
    "packetReject",
    "PREPARER",
    (packet) =>
      `mutation { packetReject(input: { ${reason}, packet: "${packet}" }) { ... on Error { code message } } }`,
  ],
  [
    "packetWithdraw",
    "VIEWER",
    (packet) =>
      `mutation { packetWithdraw(input: { ${reason}, packet: "${packet}" }) { ... on Error { code message } } }`,
  ],
];

describe("what is not there and what is not yours are answered alike", () => {
  test.each(QUESTIONS)("%s, by %s", async (_what, role, question) => {
    const [there, absent] = await Promise.all([
      house.ask(ONLY[role], question(mine.packet, mine.train)),
      house.ask(ONLY[role], question(ABSENT, "no-such-train")),
    ]);
    expect(there.body).toMatch(/NOT_ENTITLED/);
    expect(shapeOf(there)).toEqual(shapeOf(absent));
  });

  test.each(["full", "shared"])("the %s bundle", async (form) => {
    const [there, absent] = await Promise.all(
      [mine.packet, ABSENT].map((packet) =>
        house.get(ONLY.DEVELOPER, `/graphql/bundle/${packet}?form=${form}`),
      ),
    );
    expect(there?.status).toBe(403);
    expect(shapeOf(there as Told)).toEqual(shapeOf(absent as Told));
  });

  test.each(["revisions", "holdChanges", "register", "gate"])("the stream %s", async (field) => {
    const follow = (packet: string): Promise<Told> =>
      house.follow(
        ONLY.DEVELOPER,
        `subscription { ${field}(packet: "${packet}") { __typename } }`,
        () => false,
      );
    const [there, absent] = await Promise.all([follow(mine.packet), follow(ABSENT)]);
    expect(there.body).toMatch(/NOT_ENTITLED/);
    expect(shapeOf(there)).toEqual(shapeOf(absent));
  });
});

describe("a branch that somebody guesses", () => {
  const guess = (commit: string): string =>
    preview(
      mine.packet,
      `source: { trustedBranch: { repository: "forge", branch: "embargoed", commit: "${commit}" } }`,
    );

  test("is previewed by nobody who may not see it, rightly guessed or wrongly", async () => {
    const [right, wrong] = await Promise.all([
      house.ask(ONLY.READER, guess(BRANCH.commit)),
      house.ask(ONLY.READER, guess("0".repeat(40))),
    ]);
    expect(right.body).toMatch(/NOT_ENTITLED/);
    expect(shapeOf(right)).toEqual(shapeOf(wrong));
  });
});

interface Holds {
  readonly packet: {
    readonly holds: {
      readonly totalCount: number;
      readonly edges: readonly {
        readonly cursor: string;
        readonly node: {
          readonly id: string;
          readonly code: string;
          readonly label: string;
          readonly subject: string | null;
          readonly ordinal: number | null;
          readonly sinceRevision: number;
          readonly status: string;
        };
      }[];
    };
  };
}

async function holdsOf(role: Role, { packet }: Opened, args = "") {
  const data = (await dataOf(
    role,
    `{ packet(packet: "${packet}") { holds(first: 500 ${args}) { totalCount
      edges { cursor node { id code label subject ordinal sinceRevision status } } } } }`,
  )) as Holds;
  return data.packet.holds;
}

/** The share of neighbours that stand in rising order: all of them where a list follows a name. */
function risingShare(values: readonly (string | number)[]): number {
  const rising = values.slice(1).filter((value, at) => value > (values[at] ?? "")).length;
  return rising / (values.length - 1);
}

describe("the order of a list", () => {
  test("of holds is the same for everybody, and follows no name and no number", async () => {
    const code = "code: DIGEST_CONFIRMATION_MISSING";
    const [seen, shown] = await Promise.all([
      holdsOf("AUDITOR", mine, code),
      holdsOf("VIEWER", mine, code),
    ]);
    const ids = (holds: typeof seen): string[] => holds.edges.map(({ node }) => node.id);
    expect(ids(shown)).toEqual(ids(seen));
    expect(shown.totalCount).toBe(seen.totalCount);
    const crowded = seen.edges.filter(({ node }) => node.subject?.startsWith("part-") === true);
    expect(crowded.length).toBe(COUNT);
    for (const key of ["subject", "ordinal"] as const) {
      const share = risingShare(crowded.map(({ node }) => node[key] ?? ""));
      expect([key, share > 0.1 && share < 0.9]).toEqual([key, true]);
    }
  });

  test("of a revision's changes likewise, also in its cursors", async () => {
    const { edges } = await holdsOf("AUDITOR", mine, "code: DIGEST_CONFIRMATION_MISSING");
    const crowded = edges.filter(({ node }) => node.subject?.startsWith(NAMES[9] ?? "") === true);
    const number = crowded[0]?.node.sinceRevision;
    const data = (await dataOf(
      "AUDITOR",
      `{ packet(packet: "${mine.packet}") { revisionBy(number: ${number}) {
        holdChanges(code: DIGEST_CONFIRMATION_MISSING, transition: OPENED) {
          holds(first: 100) { nodes { holdId label subject ordinal } } } } } }`,
    )) as { packet: { revisionBy: { holdChanges: { holds: { nodes: Changed[] } }[] } } };
    const changed = data.packet.revisionBy.holdChanges[0]?.holds.nodes ?? [];
    expect(changed.length).toBe(COUNT);
    const share = risingShare(changed.map(({ subject }) => subject));
    expect(share > 0.1 && share < 0.9).toBe(true);
    const known = new Map(edges.map(({ node }) => [node.label, node.subject]));
    expect(changed.map(({ label }) => known.get(label))).toEqual(
      changed.map(({ subject }) => subject),
    );
  });

  test("leaves the register's own numbers out of whatever a viewer is told", async () => {
    const shown = await holdsOf("VIEWER", mine);
    expect(new Set(shown.edges.map(({ node }) => node.ordinal))).toEqual(new Set([null]));
    const [seen, cursors] = [
      await holdsOf("AUDITOR", mine),
      shown.edges.map(({ cursor }) => cursor),
    ];
    const positions = cursors.map((cursor) =>
      Buffer.from(cursor, "base64url").subarray(10, 26).toString("hex"),
    );
    const crowded = seen.edges
      .map(({ node }, at) => ({ ordinal: node.ordinal ?? 0, position: positions[at] ?? "" }))
      .filter((_, at) => seen.edges[at]?.node.subject?.startsWith("part-") === true)
      .toSorted((left, right) => left.ordinal - right.ordinal);
    const share = risingShare(crowded.map(({ position }) => position));
    expect(share > 0.1 && share < 0.9).toBe(true);
  });
});

interface Changed {
  readonly holdId: string;
  readonly label: string;
  readonly subject: string;
  readonly ordinal: number;
}

describe("a neutral label", () => {
  const labelsBySubject = async (packet: Opened): Promise<Map<string, Set<string>>> => {
    const labels = new Map<string, Set<string>>();
    for (const { node } of (await holdsOf("AUDITOR", packet)).edges) {
      const key = `${node.label.split("-")[0]} ${node.subject}`;
      labels.set(key, new Set([...(labels.get(key) ?? []), node.label]));
    }
    return labels;
  };

  test("is one for each subject, whatever the code, and no two subjects share one", async () => {
    const labels = await labelsBySubject(mine);
    expect([...labels.values()].map(({ size }) => size)).toEqual([...labels].map(() => 1));
    expect(new Set([...labels.values()].flatMap((one) => [...one])).size).toBe(labels.size);
    const codes = (await holdsOf("AUDITOR", mine)).edges.map(({ node }) => node.code);
    expect(new Set(codes).size).toBeGreaterThan(2);
  });

  test("stays when a hold ends and another opens about the same", async () => {
    const opening = async () =>
      (await holdsOf("VIEWER", mine, "code: DIGEST_MISMATCH, status: OPEN")).edges[0]?.node;
    const before = await opening();
    await confirm(mine, NAMES.slice(0, 1));
    expect(await opening()).toBeUndefined();
    await confirm(mine, NAMES.slice(0, 1), "something else again");
    const after = await opening();
    expect(after?.label).toBe(before?.label);
    expect(after?.id).not.toBe(before?.id);
  });

  test("is another for the same subject of another packet", async () => {
    const [here, there] = [await labelsBySubject(mine), await labelsBySubject(other)];
    const both = [...here.keys()].filter((key) => there.has(key));
    expect(both.length).toBeGreaterThan(COUNT - 3);
    expect(
      both.filter((key) => [...(here.get(key) ?? [])][0] === [...(there.get(key) ?? [])][0]),
    ).toEqual([]);
  });

  test("finds a hold by its id for whoever sees only that", async () => {
    const [first] = (await holdsOf("VIEWER", mine)).edges;
    const data = await dataOf(
      "VIEWER",
      `{ node(id: "${first?.node.id}") { ... on Hold { label subject } } }`,
    );
    expect(data).toEqual({ node: { label: first?.node.label, subject: null } });
  });
});
