import type { Actor } from "#packet/actor.ts";
import type { Refusal } from "#packet/refusal.ts";
import { PERMISSIONS, type Verb } from "#access/permissions.ts";
import { CONTENTS } from "../gate/train.ts";
import { IVAN, OLGA, PIA, REX, RITA } from "../workflow/cast.ts";
import { FULL_ENTRIES, sharedReports } from "../workflow/contents.ts";
import { PACKET_REFUSALS } from "../workflow/packetRefusals.ts";
import { type RefusalRow, about, key } from "../workflow/refusalRow.ts";
import { REPORT_REFUSALS } from "../workflow/reportRefusals.ts";
import { SCOPE_REFUSALS } from "../workflow/scopeRefusals.ts";
import { SIGNATURE_REFUSALS } from "../workflow/signatureRefusals.ts";
import { SOURCE_REFUSALS } from "../workflow/sourceRefusals.ts";
import { TRAIN_REFUSALS } from "../workflow/trainRefusals.ts";
import { BINDINGS, LANE, type Wire, onWire } from "../workflow/trains.ts";
import { MUTATION_OF } from "./verbDocuments.ts";

const OMAR: Actor = { ...OLGA, actor: "omar" };

function previewed(
  situation: "ready" | "rejected" | "revoked",
  code: Refusal["code"],
  why: string,
  change: Wire,
  by: Actor = RITA,
): RefusalRow {
  const ask: RefusalRow["ask"] = (at) => ({ by, input: { packet: at[situation].packet, change } });
  return { verb: "changePreview", why, ask, code };
}

const rejection = { kind: "REJECTION", reason: "why two bags?" };
const robot: Actor = { actor: OLGA.actor, kind: "SYSTEM", roles: ["READER"] };
const owner: Actor = { ...OLGA, roles: ["READER"] };

/** What a preview refuses because the change itself would be. */
const PREVIEWS: readonly RefusalRow[] = [
  previewed("ready", "NOT_THE_OWNER", "of somebody else's rejection", rejection),
  previewed("ready", "SYSTEM_CANNOT_DECIDE", "of a system's rejection", rejection, robot),
  previewed("revoked", "CREDENTIAL_REVOKED", "of a revoked owner's", rejection, OMAR),
  previewed("ready", "WRONG_STATUS", "of an answer to nothing", {
    kind: "RESUBMISSION",
    answer: "spare",
  }),
  previewed(
    "rejected",
    "DUTIES_NOT_SEPARATE",
    "of the owner's answer to their own rejection",
    { kind: "RESUBMISSION", answer: "spare" },
    owner,
  ),
  previewed("ready", "UNKNOWN_PLACEMENT", "of a release of nothing", {
    kind: "OPERATOR_HOLD_RELEASE",
    placement: 1,
    reason: "explained",
  }),
  previewed("ready", "APPROVAL_REFUSED", "of an approval by nobody in particular", {
    kind: "APPROVAL",
    revision: 1,
    digest: "ab".repeat(32),
  }),
];

const REPLAYS: readonly RefusalRow[] = [
  {
    verb: "packetOpen",
    why: "under a number that was used (rule 4.3.2)",
    ask: () => ({
      by: { actor: "probe", kind: "SYSTEM", roles: ["PREPARER"] },
      input: {
        ...key(),
        train: "settled",
        exercise: false,
        bindings: BINDINGS,
        entries: FULL_ENTRIES,
        reportNumber: "1",
      },
    }),
    code: "REPORT_REPLAYED",
  },
  {
    verb: "packetWithdraw",
    why: "by an owner whose credential is revoked",
    ask: about("revoked", OMAR, { reason: "superseded" }),
    code: "CREDENTIAL_REVOKED",
  },
];

type Changing = keyof typeof MUTATION_OF;

const onPacket = (words: Wire): RefusalRow["ask"] => about("ready", IVAN, words);
const onTrain =
  (words: Wire): RefusalRow["ask"] =>
  () => ({ by: IVAN, input: { ...key(), train: "settled", exercise: false, ...words } });
const onShared =
  (report: Wire): RefusalRow["ask"] =>
  () => ({ by: IVAN, input: { ...key(), exercise: false, entries: [report] } });
const onClock: RefusalRow["ask"] = () => ({ by: REX, input: { ...key(), reason: "drill" } });
const reports = sharedReports("ready-north");

/** A well-formed input of every verb: who asks is what is wrong with it. */
const ASKED: Readonly<Record<Changing | "changePreview", RefusalRow["ask"]>> = {
  sourceAccept: onTrain({ source: onWire(CONTENTS.MANIFEST) }),
  lanePropose: onTrain({ lane: LANE }),
  laneConfirm: (at) => ({ by: IVAN, input: { ...key(), ...at.waiting } }),
  packetOpen: onTrain({ bindings: BINDINGS, entries: [] }),
  packetBind: onPacket({ bindings: BINDINGS }),
  readinessRecord: onPacket({ entries: [FULL_ENTRIES[0]] }),
  sharedRecord: onShared(reports.enclave),
  enclaveReport: onShared(reports.enclave),
  credentialRevoke: onShared(reports.credential),
  componentReport: onShared(reports.component),
  componentDeclare: onShared(reports.declaration),
  releaseInitialise: onShared(reports.initialisation),
  keyRotate: onShared(reports.rotation),
  emergencyPlanReport: onShared(reports.plan),
  operatorHoldPlace: onPacket({ reason: "odd noise" }),
  operatorHoldRelease: onPacket({ placement: 1, reason: "explained" }),
  escalationAcknowledge: onPacket({ note: "seen" }),
  packetApprove: (at) => {
    const { packet, revision, digest } = at.ready;
    return { by: IVAN, input: { ...key(), packet, revision, digest } };
  },
  packetReject: onPacket({ reason: "why two bags?" }),
  packetResubmit: onPacket({ answer: "spare" }),
  packetWithdraw: onPacket({ reason: "superseded" }),
  epochAdvance: onClock,
  epochFreeze: onClock,
  epochThaw: onClock,
  epochRateChange: () => ({ by: REX, input: { ...key(), reason: "drill", epochMs: 86_399_000 } }),
  changePreview: about("ready", RITA, { change: rejection }),
};

function asBy(verb: Changing | "changePreview", by: Actor): RefusalRow["ask"] {
  return (at, time) => {
    const { input } = ASKED[verb](at, time);
    if (verb !== "changePreview") return { by, input };
    const { idempotencyKey: _, ...words } = input as Wire;
    return { by, input: words };
  };
}

/** Rule 5.3 and the table of permissions, for every verb alike. */
const ENTITLEMENTS: readonly RefusalRow[] = (
  Object.keys(ASKED) as (Changing | "changePreview")[]
).flatMap((verb) => {
  const { roles, personsOnly } = PERMISSIONS[verb];
  const viewer: Actor = { actor: "vera", kind: "PERSON", roles: ["VIEWER"] };
  const machine: Actor = { actor: "robot", kind: "SYSTEM", roles };
  const row = (why: string, by: Actor, code: Refusal["code"]): RefusalRow => ({
    verb,
    why,
    ask: asBy(verb, by),
    code,
  });
  const byViewer = row("by somebody who may only look at gates", viewer, "NOT_ENTITLED");
  if (personsOnly !== true) return [byViewer];
  return [byViewer, row("by a system (rule 5.3)", machine, "SYSTEM_CANNOT_DECIDE")];
});

/** Every input of the verb has a fault; of all other faults, each field's own test tells. */
const FAULTS: readonly RefusalRow[] = (Object.keys(MUTATION_OF) as Changing[]).map((verb) => ({
  verb,
  why: "under a key that is too short",
  ask: (at, time) => {
    const { input } = ASKED[verb](at, time);
    const by: Actor = { ...PIA, roles: PERMISSIONS[verb].roles };
    const entitled: Actor = { ...by, roles: [...by.roles, ...PERMISSIONS.sharedRecord.roles] };
    return { by: entitled, input: { ...(input as Wire), idempotencyKey: "short" } };
  },
  code: "INVALID_INPUT",
  paths: [["idempotencyKey"]],
}));

/** Every refusal that an input alone brings about, in one of the situations. */
export const REFUSALS: readonly RefusalRow[] = [
  ...SOURCE_REFUSALS,
  ...TRAIN_REFUSALS,
  ...REPORT_REFUSALS,
  ...SCOPE_REFUSALS,
  ...SIGNATURE_REFUSALS,
  ...PACKET_REFUSALS,
  ...PREVIEWS,
  ...REPLAYS,
  ...ENTITLEMENTS,
  ...FAULTS,
];

const OF_TOKENS = ["CHANGE_TOKEN_NEEDED", "CHANGE_TOKEN_REFUSED"] as const;

/** What stands in no situation of a packet: what the clock refuses, and what waits for a token. */
export const OF_CLOCK_AND_KEYS: Readonly<Partial<Record<Verb, readonly Refusal["code"][]>>> = {
  epochAdvance: ["CLOCK_IN_DOUBT", "EPOCH_TOO_SOON", ...OF_TOKENS],
  epochFreeze: ["CLOCK_UNCHANGED", ...OF_TOKENS],
  epochThaw: ["CLOCK_UNCHANGED", ...OF_TOKENS],
  epochRateChange: ["CLOCK_UNCHANGED", ...OF_TOKENS],
  releaseInitialise: OF_TOKENS,
};
