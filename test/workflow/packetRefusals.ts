import type { Actor } from "#packet/actor.ts";
import { confirmation } from "../gate/reports.ts";
import { CONTENTS } from "../gate/train.ts";
import { IVAN, OLGA, PAUL, PIA, REX, RITA } from "./cast.ts";
import { NOWHERE, type PacketIn, type RefusalRow, about, invalid, key } from "./refusalRow.ts";
import { BINDINGS, type Wire, approvalOf, onWire } from "./trains.ts";

function approving(
  situation: PacketIn,
  reasons: readonly string[],
  why: string,
  change: Wire = {},
  by: Actor = OLGA,
): RefusalRow {
  return {
    verb: "packetApprove",
    why,
    ask: (at) => ({ by, input: { ...approvalOf(at[situation]), ...change } }),
    code: "APPROVAL_REFUSED",
    reasons,
  };
}

const robot: Actor = { actor: OLGA.actor, kind: "SYSTEM", roles: OLGA.roles };

const APPROVALS: readonly RefusalRow[] = [
  approving("ready", ["DIGEST_UNKNOWN"], "of a digest that no revision has (rule 5.1)", {
    digest: "ab".repeat(32),
  }),
  approving("ready", ["DIGEST_UNKNOWN"], "of another revision's digest (rule 5.1)", {
    revision: 2,
  }),
  approving("ready", ["DIGEST_UNKNOWN"], "of a revision that is not there (rule 5.1)", {
    revision: 2_147_483_647,
  }),
  approving(
    "ready",
    ["NOT_THE_OWNER"],
    "by another owner than the lane names (rule 5.1)",
    {},
    { ...OLGA, actor: "omar" },
  ),
  approving(
    "overtaken",
    ["STALE_REVISION"],
    "of a revision after which a hold opened, since cleared (rule 5.1)",
  ),
  approving("held", ["HELD", "STALE_REVISION"], "while a hold is open (rule 5.1)"),
  approving("approved", ["ALREADY_APPROVED"], "of what is approved (rule 5.1)"),
  approving(
    "rejected",
    ["HELD", "STALE_REVISION"],
    "of what was rejected and not answered (rule 5.3)",
  ),
  approving(
    "revoked",
    ["CREDENTIAL_REVOKED", "HELD"],
    "by an owner whose credential is revoked (rule 5.1)",
    {},
    { ...OLGA, actor: "omar" },
  ),
  {
    verb: "packetApprove",
    why: "of a packet that is not there",
    ask: () => ({
      by: OLGA,
      input: { ...key(), packet: NOWHERE, revision: 1, digest: "ab".repeat(32) },
    }),
    code: "UNKNOWN_PACKET",
  },
  {
    verb: "packetApprove",
    why: "of a packet that is closed",
    ask: (at) => ({ by: OLGA, input: approvalOf(at.closed) }),
    code: "PACKET_CLOSED",
  },
  {
    verb: "packetApprove",
    why: "by a system (rule 5.3)",
    ask: (at) => ({ by: robot, input: approvalOf(at.ready) }),
    code: "SYSTEM_CANNOT_DECIDE",
  },
];

const WORDS: Readonly<Record<string, Wire>> = {
  packetBind: { bindings: BINDINGS },
  readinessRecord: { entries: [onWire(confirmation("app"))] },
  operatorHoldPlace: { reason: "odd noise" },
  operatorHoldRelease: { placement: 1, reason: "explained" },
  escalationAcknowledge: { note: "seen" },
  packetReject: { reason: "why two bags?" },
  packetResubmit: { answer: "spare" },
  packetWithdraw: { reason: "superseded" },
};
const BY: Readonly<Record<string, Actor>> = {
  packetBind: PIA,
  readinessRecord: PAUL,
  operatorHoldPlace: IVAN,
  operatorHoldRelease: REX,
  escalationAcknowledge: IVAN,
  packetReject: OLGA,
  packetResubmit: PIA,
  packetWithdraw: REX,
};

/** What every verb about a packet refuses alike. */
const EVERYWHERE: readonly RefusalRow[] = Object.entries(WORDS).flatMap(([name, words]) => {
  const verb = name as RefusalRow["verb"];
  const by = BY[name] ?? RITA;
  return [
    {
      verb,
      why: "of a packet that is not there",
      ask: about("ready", by, { packet: NOWHERE, ...words }),
      code: "UNKNOWN_PACKET",
    },
    {
      verb,
      why: "of a packet that is closed",
      ask: about("closed", by, words),
      code: "PACKET_CLOSED",
    },
    {
      verb,
      why: "at a head that has moved",
      ask: about("ready", by, { expectedRevision: 2, ...words }),
      code: "REVISION_CONFLICT",
    },
  ];
});

const DECISIONS: readonly RefusalRow[] = [
  {
    verb: "operatorHoldRelease",
    why: "of a hold that nobody placed",
    ask: about("ready", REX, { placement: 1, reason: "explained" }),
    code: "UNKNOWN_PLACEMENT",
  },
  {
    verb: "operatorHoldRelease",
    why: "of a hold that was released",
    ask: about("overtaken", REX, { placement: 1, reason: "explained" }),
    code: "UNKNOWN_PLACEMENT",
  },
  {
    verb: "operatorHoldRelease",
    why: "by somebody who is not release security (rule 3.5)",
    ask: about("held", IVAN, { placement: 1, reason: "explained" }),
    code: "NOT_ENTITLED",
  },
  {
    verb: "escalationAcknowledge",
    why: "of what is not ESCALATED",
    ask: about("held", IVAN, { note: "seen" }),
    code: "WRONG_STATUS",
  },
  {
    verb: "packetReject",
    why: "by another owner than the lane names (rule 5.3)",
    ask: about("ready", { ...OLGA, actor: "omar" }, { reason: "no" }),
    code: "NOT_THE_OWNER",
  },
  {
    verb: "packetReject",
    why: "by an owner whose credential is revoked",
    ask: about("revoked", { ...OLGA, actor: "omar" }, { reason: "no" }),
    code: "CREDENTIAL_REVOKED",
  },
  {
    verb: "packetResubmit",
    why: "of what was not rejected",
    ask: about("ready", PIA, { answer: "spare" }),
    code: "WRONG_STATUS",
  },
  {
    verb: "packetResubmit",
    why: "by the owner who rejected it",
    ask: about("rejected", { ...OLGA, roles: ["PREPARER"] }, { answer: "spare" }),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "packetWithdraw",
    why: "by another owner than the lane names (rule 5.3)",
    ask: about("ready", { ...OLGA, actor: "omar" }, { reason: "no" }),
    code: "NOT_ENTITLED",
  },
  invalid(
    "packetBind",
    "to a version that was never accepted",
    about("ready", PIA, { bindings: { ...BINDINGS, TRUSTED_BRANCH: 4 } }),
    ["bindings", "TRUSTED_BRANCH"],
  ),
];

const LONG_AGO = {
  kind: "SHIPMENT_WINDOW",
  startsAt: "2001-01-01T00:00:00Z",
  endsAt: "2001-01-02T00:00:00Z",
};

function previewing(why: string, change: Wire, path: readonly (string | number)[]): RefusalRow {
  const ask: RefusalRow["ask"] = (at) => ({ by: RITA, input: { packet: at.ready.packet, change } });
  return { verb: "changePreview", why, ask, code: "INVALID_INPUT", paths: [["change", ...path]] };
}

const READINGS: readonly RefusalRow[] = [
  {
    verb: "packetRead",
    why: "of a packet that is not there",
    ask: () => ({ by: RITA, input: NOWHERE }),
    code: "UNKNOWN_PACKET",
  },
  {
    verb: "gateRead",
    why: "of a packet that is not there",
    ask: () => ({ by: RITA, input: NOWHERE }),
    code: "UNKNOWN_PACKET",
  },
  {
    verb: "changePreview",
    why: "of a packet that is not there",
    ask: () => ({
      by: RITA,
      input: { packet: NOWHERE, change: { kind: "WITHDRAWAL", reason: "no" } },
    }),
    code: "UNKNOWN_PACKET",
  },
  {
    verb: "changePreview",
    why: "of a packet that is closed",
    ask: (at) => ({
      by: RITA,
      input: { packet: at.closed.packet, change: { kind: "OPERATOR_HOLD", reason: "no" } },
    }),
    code: "PACKET_CLOSED",
  },
  previewing(
    "of entries that would be refused",
    { kind: "ENTRIES", entries: [onWire(confirmation("unheard-of"))] },
    ["entries", 0, "artifact"],
  ),
  previewing(
    "of a binding that would be refused",
    { kind: "BINDINGS", bindings: { ...BINDINGS, MANIFEST: 7 } },
    ["bindings", "MANIFEST"],
  ),
  previewing("of a window that would be refused", { kind: "SOURCE", source: LONG_AGO }, [
    "source",
    "startsAt",
  ]),
  {
    ...previewing(
      "of a policy that would be refused",
      { kind: "SOURCE", source: onWire({ ...CONTENTS.ROLLBACK_SCOPE, minCustodians: 4 }) },
      ["source", "minCustodians"],
    ),
    code: "POLICY_UNMEETABLE",
  },
];

/** What is refused about a packet. */
export const PACKET_REFUSALS: readonly RefusalRow[] = [
  ...APPROVALS,
  ...EVERYWHERE,
  ...DECISIONS,
  ...READINGS,
];
