import type { Advisory, Hold } from "#packet/hold.ts";
import type { PacketId } from "#packet/name.ts";
import { CLEARING, type Escalation } from "#gate/view.ts";
import { builder, governed, shared } from "../builder.ts";
import {
  AdvisoryCodeRef,
  HoldCodeRef,
  HoldStatusRef,
  PrerequisiteRef,
  RemedyRef,
  SourceKindRef,
} from "../enums.ts";
import { loadPacket } from "../loading.ts";
import { LABEL, labelOf } from "./labels.ts";
import { veilOf } from "./veil.ts";

/** A hold with the packet whose register it stands in. */
export interface HoldOf {
  readonly packet: PacketId;
  readonly hold: Hold;
}

export const HoldRef = builder.objectRef<HoldOf>("Hold");

builder.node(HoldRef, {
  description:
    "One reason why the packet may not be approved, in one opening. Code and subject identify it (rule 4.2.2).",
  id: {
    ...shared,
    description: "Finds this opening again through `node`.",
    resolve: ({ packet, hold }, _args, { desk }) =>
      `${packet}.${veilOf(desk.ledger, packet).nameOf(hold.ordinal)}`,
  },
  isTypeOf: (value) =>
    typeof value === "object" && value !== null && "hold" in value && "packet" in value,
  async loadWithoutCache(id, context) {
    const [packet = "", name = ""] = id.split(".", 2);
    const seen = await loadPacket(context, packet);
    if (seen === null || id !== `${packet}.${name}`) return null;
    const opening = veilOf(context.desk.ledger, packet).ordinalOf(name);
    const hold = seen.state.register.valuesArray().find(({ ordinal }) => ordinal === opening);
    return hold === undefined ? null : { packet, hold };
  },
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: HoldCodeRef,
      description: "Why.",
      resolve: ({ hold }) => hold.code,
    }),
    subject: t.string({
      ...governed,
      description: "What it is about: names apart by a space.",
      resolve: ({ hold }) => hold.subject,
    }),
    label: t.string({
      ...shared,
      description: LABEL,
      resolve: ({ packet, hold }, _args, { desk }) => labelOf(desk.ledger, packet, hold),
    }),
    prerequisite: t.field({
      ...shared,
      type: PrerequisiteRef,
      description: "What it keeps from being met.",
      resolve: ({ hold }) => hold.prerequisite,
    }),
    ordinal: t.int({
      ...governed,
      description:
        "The register's own number of this opening, from 1. What one revision opens is numbered in order of name.",
      resolve: ({ hold }) => hold.ordinal,
    }),
    status: t.field({
      ...shared,
      type: HoldStatusRef,
      description: "How it stands.",
      resolve: ({ hold }) => hold.status,
    }),
    why: t.string({
      ...governed,
      description: "A sentence for a person.",
      resolve: ({ hold }) => hold.why,
    }),
    evidence: t.field({
      ...governed,
      type: ["UUID"],
      description: "The entries behind it.",
      resolve: ({ hold }) => [...hold.evidence],
    }),
    sinceRevision: t.int({
      ...shared,
      description: "The revision that opened it.",
      resolve: ({ hold }) => hold.sinceRevision,
    }),
    sinceEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch of its opening.",
      resolve: ({ hold }) => hold.sinceEpoch,
    }),
    endedRevision: t.int({
      ...shared,
      nullable: true,
      description: "The revision at which it ceased to be open; null while it is.",
      resolve: ({ hold }) => hold.endedRevision,
    }),
    endedEpoch: t.field({
      ...shared,
      nullable: true,
      type: "Epoch",
      description: "The epoch at which it ceased to be open; null while it is.",
      resolve: ({ hold }) => hold.endedEpoch,
    }),
    clearedBy: t.string({
      ...shared,
      description: "What clears it; nothing else does (rule 3.5).",
      resolve: ({ hold }) => CLEARING[hold.code].clearedBy,
    }),
    remedy: t.field({
      ...shared,
      type: RemedyRef,
      description: "Who can clear it.",
      resolve: ({ hold }) => CLEARING[hold.code].remedy,
    }),
  }),
});

/** An advisory with the packet that it is of. */
export interface AdvisoryOf extends Advisory {
  readonly packet: PacketId;
}

export const AdvisoryRef = builder.objectRef<AdvisoryOf>("Advisory").implement({
  description:
    "Something worth knowing that blocks nothing; shown beside the holds, never instead of one.",
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: AdvisoryCodeRef,
      description: "What kind.",
      resolve: ({ code }) => code,
    }),
    subject: t.exposeString("subject", {
      ...governed,
      description: "What it is about: names apart by a space.",
    }),
    label: t.string({
      ...shared,
      description: LABEL,
      resolve: (advisory, _args, { desk }) => labelOf(desk.ledger, advisory.packet, advisory),
    }),
    why: t.exposeString("why", { ...governed, description: "A sentence for a person." }),
    evidence: t.field({
      ...governed,
      type: ["UUID"],
      description: "The entries behind it.",
      resolve: ({ evidence }) => [...evidence],
    }),
  }),
});

/** An escalation with the packet that it is of. */
export interface EscalationOf extends Escalation {
  readonly packet: PacketId;
}

export const EscalationRef = builder.objectRef<EscalationOf>("Escalation").implement({
  description: "The bounded mismatch behind an escalating hold (rule 3.8).",
  fields: (t) => ({
    hold: t.field({
      ...shared,
      type: HoldRef,
      description: "The hold.",
      resolve: ({ packet, hold }) => ({ packet, hold }),
    }),
    source: t.field({
      ...shared,
      type: SourceKindRef,
      description: "The source that must be settled.",
      resolve: ({ source }) => source,
    }),
    bound: t.int({
      ...shared,
      nullable: true,
      description:
        "The version that the packet is bound to; null where it binds none of this kind.",
      resolve: ({ bound }) => bound,
    }),
    accepted: t.exposeInt("accepted", { ...shared, description: "The newest accepted version." }),
    authority: t.exposeString("authority", { ...governed, description: "Who must settle it." }),
  }),
});

/** How many holds of a code there are. */
export interface HoldCount {
  readonly code: Hold["code"];
  readonly open: number;
}

export const HoldCountRef = builder.objectRef<HoldCount>("HoldCount").implement({
  description: "How many holds of one code are open.",
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: HoldCodeRef,
      description: "The code.",
      resolve: ({ code }) => code,
    }),
    open: t.exposeInt("open", { ...shared, description: "How many are open." }),
  }),
});
