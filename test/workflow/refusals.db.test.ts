import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { ChangeTokenNeeded, ChangeTokenRefused } from "#packet/changeRefusal.ts";
import * as refusals from "#packet/refusal.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import { ReportOutOfScope } from "#packet/reportScope.ts";
import { SignatureInvalid, SignatureRequired } from "#packet/signatureRefusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "./openDesk.ts";
import { PACKET_REFUSALS } from "./packetRefusals.ts";
import { REPORT_REFUSALS } from "./reportRefusals.ts";
import { SCOPE_REFUSALS } from "./scopeRefusals.ts";
import { SIGNATURE_REFUSALS } from "./signatureRefusals.ts";
import { type Situations, situations } from "./situations.ts";
import { SOURCE_REFUSALS } from "./sourceRefusals.ts";
import { TRAIN_REFUSALS } from "./trainRefusals.ts";
import { times } from "./trains.ts";
import { VERBS } from "./verbs.ts";
import { written } from "./written.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let at: Situations;
let time: (epochs: number) => string;
beforeAll(async () => {
  desk = await openDesk(database);
  at = await situations(desk);
  time = await times(desk);
});
afterAll(() => database.close());

const rows = [
  ...SOURCE_REFUSALS,
  ...TRAIN_REFUSALS,
  ...REPORT_REFUSALS,
  ...PACKET_REFUSALS,
  ...SCOPE_REFUSALS,
  ...SIGNATURE_REFUSALS,
];

/** Of the clock, of keys and of cursors, and of whoever has a key to sign with: tested by themselves. */
const ELSEWHERE = [
  "CHANGE_TOKEN_NEEDED",
  "CHANGE_TOKEN_REFUSED",
  "CLOCK_IN_DOUBT",
  "CLOCK_UNCHANGED",
  "CURSOR_FOREIGN",
  "CURSOR_FORGED",
  "CURSOR_FUTURE",
  "EPOCH_TOO_SOON",
  "IDEMPOTENCY_CONFLICT",
  "SIGNATURE_REQUIRED",
];

test("every refusal that there is stands in the tables", () => {
  const told = [...rows.flatMap(({ code, reasons = [] }) => [code, ...reasons]), ...ELSEWHERE];
  const own = Object.keys(refusals).filter((name) => name !== "Refusal");
  const elsewhere = [
    ChangeTokenNeeded,
    ChangeTokenRefused,
    KeySlotsExhausted,
    ReleaseInadmissible,
    ReportOutOfScope,
    SignatureInvalid,
    SignatureRequired,
  ];
  const classes = [...own, ...elsewhere.map(({ name }) => name)];
  const codes = classes.map((name) => name.replaceAll(/(?!^)([A-Z])/g, "_$1").toUpperCase());
  expect([...new Set(told)].toSorted()).toEqual(codes.toSorted());
});

test.each(rows)("$verb $why is refused: $code", async ({ verb, ask, code, paths, reasons }) => {
  const before = await written(database.sql);
  const { by, input } = ask(at, time);
  const answer = await VERBS[verb].call(desk, by, input);
  expect(answer).toBeInstanceOf(refusals.Refusal);
  expect(answer).toMatchObject({ code });
  if (answer instanceof refusals.InvalidInput || answer instanceof ReportOutOfScope) {
    expect(answer.faults.map((fault) => fault.path)).toEqual(paths);
  }
  if (answer instanceof refusals.PolicyUnmeetable) expect([answer.path]).toEqual(paths);
  if (answer instanceof refusals.ApprovalRefused) {
    expect(answer.reasons.map((reason) => reason.code)).toEqual(reasons);
  }
  expect(await written(database.sql)).toEqual(before);
});
