import type {
  Appended,
  ProposalAnswer,
  ReportAnswer,
  SourceAnswer,
  StepAnswer,
} from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { rateControlIn } from "#recovery/changeToken.ts";
import { builder, shared } from "./builder.ts";
import { RateControlRef } from "./changes.ts";
import type { Context } from "./context.ts";
import { loadPacket } from "./loading.ts";
import { PacketRef } from "./packet/packet.ts";
import { RevisionRef, SourceReceiptRef } from "./packet/revision.ts";

const REPEATED = "True when an earlier request with the same key and input did it.";

async function packetOf(context: Context, packet: PacketId) {
  const seen = await loadPacket(context, packet);
  if (seen === null) throw new Error("a packet that was just changed is missing");
  return seen;
}

async function revisionOf({ desk, reads }: Context, { packet, revision }: Appended) {
  reads.lookedAt(packet);
  const recorded = await desk.ledger.revision(packet, revision);
  if (recorded === null) throw new Error("a revision that was just recorded is missing");
  return recorded;
}

const AppendedRef = builder.objectRef<Appended>("RevisionAppended").implement({
  description: "A revision that a change appended to a packet.",
  fields: (t) => ({
    packet: t.field({
      ...shared,
      type: PacketRef,
      description: "The packet as it looks now.",
      resolve: ({ packet }, _args, context) => packetOf(context, packet),
    }),
    revision: t.field({
      ...shared,
      type: RevisionRef,
      description: "The revision.",
      resolve: (appended, _args, context) => revisionOf(context, appended),
    }),
  }),
});

/** What a change of one packet answers. */
export function appendedPayload(name: string) {
  return builder.objectRef<Appended>(name).implement({
    description: "It is recorded.",
    fields: (t) => ({
      packet: t.field({
        ...shared,
        type: PacketRef,
        description: "The packet as it looks now, which may be later than the revision.",
        resolve: ({ packet }, _args, context) => packetOf(context, packet),
      }),
      revision: t.field({
        ...shared,
        type: RevisionRef,
        description: "The revision that records it.",
        resolve: (appended, _args, context) => revisionOf(context, appended),
      }),
      repeated: t.exposeBoolean("repeated", { ...shared, description: REPEATED }),
    }),
  });
}

/** What accepting a source answers. */
export function sourcePayload(name: string) {
  return builder.objectRef<SourceAnswer>(name).implement({
    description: "The version is accepted.",
    fields: (t) => ({
      source: t.field({
        ...shared,
        type: SourceReceiptRef,
        description: "The accepted version.",
        resolve: ({ source }) => source,
      }),
      appended: t.field({
        ...shared,
        nullable: true,
        type: AppendedRef,
        description:
          "The revision that it caused in the train's open packet; null when there is none.",
        resolve: ({ appended }) => appended,
      }),
      repeated: t.boolean({
        ...shared,
        description: REPEATED,
        resolve: ({ repeated }) => repeated,
      }),
    }),
  });
}

export const LaneProposePayloadRef = builder
  .objectRef<ProposalAnswer>("LaneProposePayload")
  .implement({
    description: "The proposal waits for another release-security person to confirm it.",
    fields: (t) => ({
      proposal: t.field({
        ...shared,
        type: "UUID",
        description: "The proposal.",
        resolve: ({ proposal }) => proposal,
      }),
      digest: t.field({
        ...shared,
        type: "Digest",
        description: "The full digest of the lane, which the other must name.",
        resolve: ({ digest }) => digest,
      }),
      repeated: t.exposeBoolean("repeated", { ...shared, description: REPEATED }),
    }),
  });

export const SharedRecordPayloadRef = builder
  .objectRef<ReportAnswer>("SharedRecordPayload")
  .implement({
    description: "The report is recorded, once.",
    fields: (t) => ({
      appended: t.field({
        ...shared,
        type: [AppendedRef],
        description:
          "One revision for each open packet that depends on a subject, in order of packet.",
        resolve: ({ appended }) => [...appended],
      }),
      rateControl: t.field({
        ...shared,
        type: RateControlRef,
        description: "Whether somebody apart decides how fast components are changed.",
        resolve: (_report, _args, { desk }) => rateControlIn(desk.changes),
      }),
      unreadable: t.field({
        ...shared,
        type: ["UUID"],
        description: "Packets whose lineage is broken and which got none: somebody must look.",
        resolve: ({ unreadable }) => [...unreadable],
      }),
      repeated: t.exposeBoolean("repeated", { ...shared, description: REPEATED }),
    }),
  });

/** What a step of the clock answers. */
export function stepPayload(name: string) {
  return builder.objectRef<StepAnswer>(name).implement({
    description: "The clock has been set so, and every open packet says so.",
    fields: (t) => ({
      epoch: t.field({
        ...shared,
        type: "Epoch",
        description: "The epoch now.",
        resolve: ({ clock }) => clock.epoch,
      }),
      frozen: t.boolean({
        ...shared,
        description: "Whether it is frozen.",
        resolve: ({ clock }) => clock.frozen,
      }),
      rateControl: t.field({
        ...shared,
        type: RateControlRef,
        description: "Whether somebody apart decides how fast the clock is changed.",
        resolve: (_step, _args, { desk }) => rateControlIn(desk.changes),
      }),
      appended: t.field({
        ...shared,
        type: [AppendedRef],
        description: "One revision for each open packet concerned, in order of packet.",
        resolve: ({ appended }) => [...appended],
      }),
      repeated: t.exposeBoolean("repeated", { ...shared, description: REPEATED }),
    }),
  });
}
