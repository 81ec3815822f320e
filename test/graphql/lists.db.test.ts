import { beforeAll, describe, expect, test } from "vitest";
import { Cursors } from "#feed/cursor.ts";
import type { Actor } from "#packet/actor.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { operatorHoldRelease } from "#workflow/operatorHoldRelease.ts";
import { packetBind } from "#workflow/packetBind.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { confirmation, declaration } from "../gate/reports.ts";
import { CONTENTS, digestOf } from "../gate/train.ts";
import { IVAN, PAUL, PIA, REX } from "../workflow/cast.ts";
import {
  BINDINGS,
  type Opened,
  type Train,
  accept,
  accepted,
  newKey,
  onWire,
  open,
  openReady,
  settle,
  tell,
} from "../workflow/trains.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "./served.ts";
import { schema } from "./typesUnderTest.ts";

const fresh = freshDatabase();
const server = served(fresh);

const AUDITOR: Actor = { actor: "ada", kind: "PERSON", roles: ["AUDITOR", "OPERATOR"] };
const PAGE = 3;
/** After so many pages nobody appends any more, so that a walk comes to its end. */
const APPENDS_MAX = 4;

let packet: Opened;
/** Revisions between which holds left the scope. */
let scoped: { readonly from: number; readonly to: number };
const trains: Train[] = [];

const words = (more: object): object => ({ idempotencyKey: newKey(), ...more });
const place = (): Promise<unknown> =>
  operatorHoldPlace(server.desk, IVAN, words({ packet: packet.packet, reason: "odd noise" }));
const declare = (): Promise<void> => {
  const outage = { ...CONTENTS.OUTAGE_DECLARATION, fallbackTrains: [packet.train] };
  return accept(server.desk, packet, onWire(outage));
};

/** A manifest of the usual artifacts and of further ones. */
function manifestWith(...names: string[]): object {
  const more = names.map((name) => ({ name, digest: digestOf(name), size: 1, targets: [] }));
  return { ...CONTENTS.MANIFEST, artifacts: [...CONTENTS.MANIFEST.artifacts, ...more] };
}

async function bindManifest(version: number, content: object): Promise<number> {
  await accept(server.desk, packet, onWire(content));
  const bindings = { ...BINDINGS, MANIFEST: version };
  const bound = await packetBind(server.desk, PIA, words({ packet: packet.packet, bindings }));
  return accepted(bound).revision;
}

beforeAll(async () => {
  const { desk } = server;
  packet = await openReady(desk, "lists");
  for (let count = 0; count < 7; count += 1) await place();
  for (const placement of [1, 2, 3, 4]) {
    const wish = words({ packet: packet.packet, placement, reason: "explained" });
    accepted(await operatorHoldRelease(desk, REX, wish));
  }
  const extra = ["w", "x", "y", "z"];
  const from = await bindManifest(2, manifestWith(...extra));
  scoped = { from, to: await bindManifest(3, manifestWith()) };
  // Advisories: a reporter whom nobody accepted, on many subjects; and escalations of each source.
  const stranger: Actor = { ...PAUL, actor: "stranger" };
  const entries = ["app", "lib"].map((name) => onWire(confirmation(name)));
  accepted(await readinessRecord(desk, stranger, words({ packet: packet.packet, entries })));
  const branch = { kind: "TRUSTED_BRANCH", repository: "git", branch: "b", commit: "b".repeat(40) };
  for (const content of [manifestWith("late"), branch, CONTENTS.ROLLBACK_SCOPE]) {
    await accept(desk, packet, onWire(content));
  }
  await accept(desk, packet, onWire({ ...CONTENTS.REPRODUCIBILITY_POLICY, rebuilders: ["paul"] }));
  for (let count = 0; count < 5; count += 1) await declare();
  for (let count = 0; count < 4; count += 1) await openReady(desk, `other-${count}`);
  const declared = Array.from({ length: 6 }, (_, at) => declaration({ component: `part-${at}` }));
  const declaring = words({ exercise: false, entries: declared.map(onWire) });
  accepted(await sharedRecord(desk, REX, declaring));
  for (let count = 0; count < 2 * APPENDS_MAX; count += 1) {
    trains.push(await settle(desk, `more-${count}`));
  }
});

/** How a list is reached, what tells its elements apart, and what another client does meanwhile. */
interface Listed {
  /** The query around the list, which stands where LIST does. */
  readonly around: string;
  readonly field: string;
  readonly key: string;
  readonly append: () => Promise<unknown>;
  /** Some lists are read forwards only. */
  readonly forwardsOnly?: true;
  /** Arguments beside those of the page. */
  readonly more?: string;
}

const SOURCE = `of: { train: "lists", exercise: false, kind: OUTAGE_DECLARATION }`;
const inPacket = `packet(packet: $packet) { LIST }`;
const inReadiness = `packet(packet: $packet) { readiness { LIST } }`;
const openNext = async (): Promise<unknown> => {
  const train = trains.shift();
  return train === undefined ? null : open(server.desk, train);
};
const report = (): Promise<unknown> =>
  tell(server.desk, packet.packet, [confirmation("app"), confirmation("lib")]);

function compared(part: string, range: () => { readonly from: number; readonly to: number }) {
  return {
    get around() {
      const { from, to } = range();
      const input = `{ packet: "${packet.packet}", fromRevision: ${from}, toRevision: ${to} }`;
      return `revisionsCompare(input: ${input}) { ... on RevisionChanges { LIST } }`;
    },
    field: part,
    key: part === "entries" ? "entry" : "ordinal",
    append: place,
  };
}

const untilScoped = () => ({ from: 1, to: scoped.from });
const LISTS: Readonly<Record<string, Listed>> = {
  QueryPackets: {
    around: "LIST",
    field: "packets",
    key: "packet",
    append: openNext,
    forwardsOnly: true,
  },
  QueryWorkList: {
    around: "LIST",
    field: "workList",
    key: "packetId",
    append: openNext,
    forwardsOnly: true,
    more: "mine: false",
  },
  QuerySourceVersions: {
    around: "LIST",
    field: "sourceVersions",
    key: "version",
    append: declare,
    more: SOURCE,
  },
  // What comes to be while somebody walks may stand before them: its order tells nothing.
  QueryComponents: {
    around: "LIST",
    field: "components",
    key: "component",
    append: place,
    more: "exercise: false",
  },
  PacketLineage: { around: inPacket, field: "lineage", key: "number", append: place },
  PacketHolds: { around: inPacket, field: "holds", key: "ordinal", append: place },
  PacketEscalations: {
    around: inPacket,
    field: "escalations",
    key: "hold { ordinal }",
    append: place,
  },
  PacketAdvisories: {
    around: inPacket,
    field: "advisories",
    key: "code subject",
    append: declare,
  },
  PacketEvidence: {
    around: inPacket,
    field: "evidence",
    key: "entry { entry }",
    append: report,
  },
  PrerequisiteReadinessEvidence: {
    around: inReadiness,
    field: "evidence",
    key: "entry { entry }",
    append: report,
  },
  PrerequisiteReadinessHolds: {
    around: inReadiness,
    field: "holds",
    key: "ordinal",
    append: place,
  },
  ManifestArtifacts: {
    around: `packet(packet: $packet) { sources { content { ... on Manifest { LIST } } } }`,
    field: "artifacts",
    key: "name",
    append: place,
  },
  HoldChangeHolds: {
    around: `packet(packet: $packet) { revisionBy(number: 1) {
      holdChanges(code: DIGEST_CONFIRMATION_MISSING, transition: OPENED) { LIST }
    } }`,
    field: "holds",
    key: "ordinal",
    append: place,
  },
  RevisionEntries: {
    around: `packet(packet: $packet) { revisionBy(number: 2) { LIST } }`,
    field: "entries",
    key: "entry",
    append: place,
  },
  RevisionChangesEntries: compared("entries", untilScoped),
  RevisionChangesOpened: compared("opened", untilScoped),
  RevisionChangesCleared: compared("cleared", untilScoped),
  RevisionChangesPassed: compared("passed", untilScoped),
  RevisionChangesOutOfScope: compared("outOfScope", () => scoped),
};

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: unknown }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Every list of an answer, in the order in which they stand there. */
function listsIn(value: unknown): Page[] {
  if (typeof value !== "object" || value === null) return [];
  if ("list" in value) return [value.list as Page];
  return Object.values(value).flatMap(listsIn);
}

function askList({ around, field, key, more = "" }: Listed, args: string) {
  const given = `${args} ${more}`.trim();
  const list = `list: ${field}${given === "" ? "" : `(${given})`} {
    totalCount edges { cursor node { ${key} } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }`;
  const query = `query ($packet: UUID!) { viewer { name } ${around.replace("LIST", () => list)} }`;
  return server.ask(AUDITOR, query.replace("($packet: UUID!)", variableOf(around)), {
    packet: packet.packet,
  });
}

function variableOf(around: string): string {
  return around.includes("$packet") ? "($packet: UUID!)" : "";
}

/** The page of that list which is the longest, where a query comes by several. */
async function pageOf(listed: Listed, at: number, args: string): Promise<Page> {
  const answer = await askList(listed, args);
  const page = listsIn(answer.data)[at];
  if (page === undefined) throw new Error(`${answer.status} ${answer.text}`);
  return page;
}

async function longestOf(listed: Listed): Promise<number> {
  const answer = await askList(listed, "");
  const lists = listsIn(answer.data);
  if (lists.length === 0) throw new Error(`${answer.status} ${answer.text}`);
  const counts = lists.map(({ totalCount }) => totalCount);
  return counts.indexOf(Math.max(...counts));
}

const keysOf = ({ edges }: Page): string[] => edges.map(({ node }) => JSON.stringify(node));

/** What somebody sees who walks through all pages while somebody else appends at the same time. */
async function walked(listed: Listed, at: number, forwards: boolean): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0, more = true; more; pages += 1) {
    const place: string = cursor === null ? "" : `${forwards ? "after" : "before"}: "${cursor}"`;
    const isAppending = pages < APPENDS_MAX;
    const [page]: [Page, unknown] = await Promise.all([
      pageOf(listed, at, `${forwards ? "first" : "last"}: ${PAGE} ${place}`),
      isAppending ? listed.append() : null,
    ]);
    const keys = keysOf(page);
    if (forwards) seen.push(...keys);
    else seen.unshift(...keys);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor }: Page["pageInfo"] =
      page.pageInfo;
    expect([startCursor, endCursor]).toEqual([
      page.edges[0]?.cursor ?? null,
      page.edges.at(-1)?.cursor ?? null,
    ]);
    // Whoever reads forwards comes back for what was appended since.
    more = forwards ? hasNextPage || isAppending : hasPreviousPage;
    cursor = (forwards ? endCursor : startCursor) ?? cursor;
  }
  return seen;
}

/** Of records that every request may add to: walked in test/accessLog. */
const ELSEWHERE = "QueryAccessRecordsConnection";

test("every list of the schema is walked here", () => {
  const connections = Object.keys(schema.getTypeMap()).filter(
    (name) => name.endsWith("Connection") && name !== ELSEWHERE,
  );
  expect(Object.keys(LISTS).toSorted()).toEqual(
    connections.map((name) => name.replace(/Connection$/, "")).toSorted(),
  );
});

describe.each(Object.entries(LISTS))("%s", (name, listed) => {
  test("in small pages is the whole list, without a gap and without a double, while others append", async () => {
    const at = await longestOf(listed);
    const whole = async (): Promise<string[]> => keysOf(await pageOf(listed, at, "first: 100"));
    const directions = listed.forwardsOnly === true ? [true] : [true, false];
    for (const forwards of directions) {
      const before = await whole();
      expect(before.length, name).toBeGreaterThan(1);
      const seen = await walked(listed, at, forwards);
      const after = await whole();
      expect(new Set(seen).size).toBe(seen.length);
      const stayed = before.filter((key) => after.includes(key));
      expect(stayed.filter((key) => !seen.includes(key))).toEqual([]);
      if (forwards) expect(after.filter((key) => !seen.includes(key))).toEqual([]);
      // What is seen stands in the order of the list.
      const kept = seen.filter((key) => after.includes(key));
      expect(kept).toEqual(after.filter((key) => kept.includes(key)));
    }
  });

  test("refuses what is no page of it", async () => {
    const forged = "A".repeat(56);
    const foreign = new Cursors(server.desk.ledger.keyFor("cursor")).write("another list", 1n);
    // In a list of lists the cost of so great a page comes before its size.
    const isCostly = /readiness|sources|holdChanges/.test(listed.around);
    const misuses: readonly (readonly [string, string])[] = [
      ["first: -1", "INVALID_PAGE"],
      ["last: -1", "INVALID_PAGE"],
      ["first: 501", isCostly ? "QUERY_COMPLEXITY" : "INVALID_PAGE"],
      ["first: 2 last: 2", "INVALID_PAGE"],
      [`first: 2 after: "${forged}"`, "CURSOR_FORGED"],
      [`first: 2 after: ""`, "CURSOR_FORGED"],
      [`first: 2 after: "MQ=="`, "CURSOR_FORGED"],
      [`first: 2 before: "${forged}"`, "CURSOR_FORGED"],
      [`first: 2 after: "${foreign}"`, "CURSOR_FOREIGN"],
      [`last: 2 before: "${foreign}"`, "CURSOR_FOREIGN"],
    ];
    const told = await Promise.all(
      misuses.map(async ([args]) => {
        const { status, errors } = await askList(listed, args);
        return [args, [...new Set(errors.map((error) => error.extensions?.code))], status];
      }),
    );
    const statusOf = (code: string): number => (code === "QUERY_COMPLEXITY" ? 400 : 200);
    expect(told).toEqual(misuses.map(([args, code]) => [args, [code], statusOf(code)]));
    const tooMany = await askList(listed, "first: 1000000000");
    expect(tooMany.status).toBe(400);
    const backwards = await askList(listed, "last: 2");
    expect(backwards.errors.length === 0).toBe(listed.forwardsOnly !== true);
  });

  test("has no element in a page of none, and says how many there are", async () => {
    const at = await longestOf(listed);
    const page = await pageOf(listed, at, "first: 0");
    expect(page.edges).toEqual([]);
    expect(page.pageInfo).toMatchObject({ startCursor: null, endCursor: null });
    expect(page.totalCount).toBeGreaterThan(1);
  });
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
