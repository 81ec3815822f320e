import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openHolds } from "#gate/view.ts";
import { InvalidInput } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { confirmation, enclave, rebuild } from "../gate/reports.ts";
import { CONTENTS, artifact } from "../gate/train.ts";
import { OLGA, PAUL, PIA, UMA } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import {
  BINDINGS,
  GOOD_NEWS,
  type Opened,
  REPORTERS,
  type Train,
  type Wire,
  accepted,
  approvalOf,
  newKey,
  onWire,
  readyAt,
  sealedReport,
  settle,
  tell,
} from "./trains.ts";
import { written } from "./written.ts";

const MOST = 10_000;
const BAD_AT = 7_321;

const fresh = freshDatabase();
const database = connect(fresh.appUrl, {
  applicationName: "holdfast tests",
  connectionsMax: 2,
  // An opening of this size is judged within its transaction, for longer than the default on a busy machine.
  idleInTransactionTimeoutMs: 60_000,
});
let desk: Desk;
let train: Train;
beforeAll(async () => {
  desk = await openDesk(database);
  train = await settle(desk, "big", { sources: SOURCES });
});
afterAll(() => database.close());

/** Here the preparer is accepted to report as well, so that what the packet is opened with counts. */
const reporters = [...REPORTERS, PIA.actor];
const { accepted: lists } = CONTENTS.ACCEPTED_REPORTERS;

const nameOf = (index: number): string => `modules/part-${index.toString().padStart(5, "0")}`;
const NAMES = Array.from({ length: MOST }, (_none, index) => nameOf(index));
const ARTIFACTS = NAMES.map((name) => artifact(name));
const CHECKS = NAMES.map((name) => onWire(rebuild(name)));
const CONFIRMATIONS = NAMES.map((name) => onWire(confirmation(name)));

const SOURCES: readonly Wire[] = [
  { kind: "MANIFEST", artifacts: ARTIFACTS },
  { kind: "ACCEPTED_REPORTERS", accepted: lists.map(({ kind }) => ({ kind, reporters })) },
  { kind: "REPRODUCIBILITY_POLICY", rebuilders: reporters, minRebuilders: 1 },
];

function freezing(artifacts: readonly unknown[]): Promise<unknown> {
  const source = { kind: "MANIFEST", artifacts };
  return sourceAccept(desk, UMA, {
    idempotencyKey: newKey(),
    train: "big",
    exercise: false,
    source,
  });
}

/** The list with one element changed in the middle. */
function withOne(list: readonly object[], changed: object): unknown[] {
  return list.map((element, index) => (index === BAD_AT ? { ...element, ...changed } : element));
}

async function pathsOf(asking: Promise<unknown>): Promise<readonly (readonly unknown[])[]> {
  const before = await written(database.sql);
  const answer = await asking;
  expect(await written(database.sql)).toEqual(before);
  expect(answer).toBeInstanceOf(InvalidInput);
  return answer instanceof InvalidInput ? answer.faults.map((fault) => fault.path) : [];
}

test("of 10,000 artifacts the one that is wrong is named, whatever is wrong with it", async () => {
  const at = ["source", "artifacts", BAD_AT];
  const bad: readonly [object, readonly unknown[]][] = [
    [{ name: "../part" }, [...at, "name"]],
    [{ name: "modules/p\u0430rt" }, [...at, "name"]],
    [{ digest: "sha256:00" }, [...at, "digest"]],
    [{ size: -1 }, [...at, "size"]],
    [{ name: nameOf(12) }, at],
    [{ name: nameOf(12).toUpperCase() }, at],
    [{ waive: true }, at],
  ];
  for (const [changed, path] of bad) {
    expect(await pathsOf(freezing(withOne(ARTIFACTS, changed)))).toEqual([path]);
  }
});

test("10,001 artifacts, entries or reports are refused, and so are none", async () => {
  const extra = artifact("modules/one-more");
  expect(await pathsOf(freezing([...ARTIFACTS, extra]))).toEqual([["source", "artifacts"]]);
  expect(await pathsOf(freezing([]))).toEqual([["source", "artifacts"]]);
  const opening = { idempotencyKey: newKey(), train: "big", exercise: false, bindings: BINDINGS };
  const entries = [...CHECKS, onWire(confirmation(nameOf(1)))];
  expect(await pathsOf(packetOpen(desk, PIA, { ...opening, entries }))).toEqual([["entries"]]);
  const reports = Array.from({ length: 1001 }, (_none, index) =>
    onWire(enclave(`enclave-${index}`)),
  );
  const sharing = { idempotencyKey: newKey(), exercise: false, entries: reports };
  expect(await pathsOf(sharedRecord(desk, PAUL, sharing))).toEqual([["entries"]]);
});

test("a packet opens with 10,000 artifacts and as many entries, is told the rest, and is approved", async () => {
  const wish = { idempotencyKey: newKey(), train: "big", exercise: false, bindings: BINDINGS };
  const opening = { ...wish, entries: CHECKS };
  expect(
    await pathsOf(
      packetOpen(desk, PIA, { ...wish, entries: withOne(CHECKS, { artifact: "gone" }) }),
    ),
  ).toEqual([["entries", BAD_AT, "artifact"]]);
  const opened: Opened = { ...train, ...accepted(await packetOpen(desk, PIA, opening)) };
  const { packet } = opened;
  expect(opened.revision).toBe(1);

  const record = (entries: readonly unknown[]): Promise<unknown> =>
    readinessRecord(desk, PAUL, { idempotencyKey: newKey(), packet, entries });
  expect(await pathsOf(record(withOne(CONFIRMATIONS, { digest: "sha256:00" })))).toEqual([
    ["entries", BAD_AT, "digest"],
  ]);
  expect(await pathsOf(record(withOne(CONFIRMATIONS, { artifact: nameOf(12) })))).toEqual([
    ["entries", BAD_AT, "kind"],
  ]);

  const seen = accepted(await packetRead(desk, PIA, packet));
  const held = openHolds(seen.state).filter((hold) => hold.code.startsWith("DIGEST_"));
  expect(held).toHaveLength(MOST);
  await tell(desk, packet, CONFIRMATIONS);
  await tell(desk, packet, ownNews());
  accepted(await sharedRecord(desk, PAUL, sealedReport(train)));
  const ready = await readyAt(desk, opened);
  expect(await packetApprove(desk, OLGA, approvalOf(ready))).toMatchObject({ revision: 5 });
});

/** Good news about everything but artifacts. */
function ownNews(): readonly Wire[] {
  return GOOD_NEWS.filter((entry) => !("artifact" in entry));
}
