import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PERMISSIONS, type Verb } from "#access/permissions.ts";
import { connect } from "#database/connect.ts";
import { type Actor, Role } from "#packet/actor.ts";
import { InvalidInput, NotEntitled, SystemCannotDecide } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { onWire } from "./trains.ts";
import { openDesk } from "./openDesk.ts";
import { sharedReports } from "./contents.ts";
import { VERBS } from "./verbs.ts";
import { type Written, written } from "./written.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 2 });
let desk: Desk;
let before: Written;
beforeAll(async () => {
  desk = await openDesk(database);
  before = await written(database.sql);
});
afterAll(() => database.close());

const LOOKS = ["packetRead", "changePreview", "gateRead", "rollbackForecast"] as const;

/** What each role is for; whom a lane names and who is accepted to report comes on top of it. */
const DUTIES: Readonly<Record<Role, readonly Verb[]>> = {
  VIEWER: ["packetRead", "gateRead"],
  READER: LOOKS,
  AUDITOR: LOOKS,
  REPORTER: [...LOOKS, "readinessRecord", "sharedRecord", "enclaveReport", "operatorHoldPlace"],
  PREPARER: [
    ...LOOKS,
    "packetOpen",
    "packetBind",
    "packetResubmit",
    "readinessRecord",
    "operatorHoldPlace",
    "escalationAcknowledge",
  ],
  SOURCE_AUTHORITY: [...LOOKS, "sourceAccept", "operatorHoldPlace"],
  APPROVAL_OWNER: [
    ...LOOKS,
    "packetApprove",
    "packetReject",
    "packetWithdraw",
    "readinessRecord",
    "operatorHoldPlace",
    "escalationAcknowledge",
  ],
  DEVELOPER: [],
  OPERATOR: [
    ...LOOKS,
    "readinessRecord",
    "sharedRecord",
    "enclaveReport",
    "operatorHoldPlace",
    "escalationAcknowledge",
  ],
  RELEASE_SECURITY: [
    ...LOOKS,
    "sourceAccept",
    "lanePropose",
    "laneConfirm",
    "readinessRecord",
    "sharedRecord",
    "enclaveReport",
    "credentialRevoke",
    "componentReport",
    "componentDeclare",
    "releaseInitialise",
    "keyRotate",
    "emergencyPlanReport",
    "operatorHoldPlace",
    "operatorHoldRelease",
    "escalationAcknowledge",
    "packetWithdraw",
    "epochAdvance",
    "epochFreeze",
    "epochThaw",
    "epochRateChange",
  ],
};

/** Rule 5.3: what takes a person. A system may report, prepare, accept for its authority, and look. */
const FOR_SYSTEMS: readonly Verb[] = [
  ...LOOKS,
  "sourceAccept",
  "packetOpen",
  "packetBind",
  "readinessRecord",
  "sharedRecord",
  "enclaveReport",
  "credentialRevoke",
  "componentReport",
  "releaseInitialise",
  "emergencyPlanReport",
];

const verbs = Object.keys(PERMISSIONS) as Verb[];

/**
 * An input that no verb accepts, so that who is entitled gets as far as its fault. Reports on
 * shared subjects must be readable, because who may speak depends on the kind: theirs is the number.
 */
function faulty(verb: Verb, { kind }: Actor): unknown {
  const { enclave, credential, component, declaration, initialisation, rotation, plan } =
    sharedReports("north");
  const reports: Partial<Record<Verb, unknown>> = {
    sharedRecord: enclave,
    enclaveReport: enclave,
    credentialRevoke: credential,
    componentReport: component,
    componentDeclare: declaration,
    releaseInitialise: initialisation,
    keyRotate: rotation,
    emergencyPlanReport: plan,
  };
  const report = reports[verb];
  if (report === undefined) return {};
  const number = kind === "PERSON" ? { reportNumber: "1" } : {};
  return onWire({ idempotencyKey: "12345678", exercise: false, entries: [report], ...number });
}

describe.each(verbs)("%s", (verb) => {
  test.each(Role.options)("by a person whose only role is %s", async (role) => {
    const actor: Actor = { actor: "rolf", kind: "PERSON", roles: [role] };
    const answer = await VERBS[verb].call(desk, actor, faulty(verb, actor));
    expect(answer).toBeInstanceOf(DUTIES[role].includes(verb) ? InvalidInput : NotEntitled);
  });

  test("by a system with every role (rule 5.3)", async () => {
    const actor: Actor = { actor: "robot", kind: "SYSTEM", roles: Role.options };
    const answer = await VERBS[verb].call(desk, actor, faulty(verb, actor));
    expect(answer).toBeInstanceOf(FOR_SYSTEMS.includes(verb) ? InvalidInput : SystemCannotDecide);
  });

  test("by somebody without a role", async () => {
    const actor: Actor = { actor: "nobody", kind: "PERSON", roles: [] };
    const answer = await VERBS[verb].call(desk, actor, faulty(verb, actor));
    expect(answer).toBeInstanceOf(NotEntitled);
  });
});

test("nothing was written by any of them", async () => {
  expect(await written(database.sql)).toEqual(before);
});
