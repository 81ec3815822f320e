import type { HoldChange } from "#feed/holdChanges.ts";
import type { Revision } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { builder, governed, shared } from "../builder.ts";
import { connectionOptions, sliceOf } from "../connections.ts";
import { HoldCodeRef, enumOf } from "../enums.ts";
import { LABEL, labelOf } from "./labels.ts";
import { veilOf } from "./veil.ts";

/** One change of the register with the revision that made it. */
export interface HoldChangeOf {
  readonly revision: Revision;
  readonly change: HoldChange;
}

export const TransitionRef = enumOf(
  "HoldTransition",
  { options: ["OPENED", "CLEARED", "OUT_OF_SCOPE"] },
  "What became of holds.",
  {
    OPENED: "They hold now.",
    CLEARED: "Evidence that meets the prerequisite ended them.",
    OUT_OF_SCOPE: "Their subjects left the scope.",
  },
);

/** One opening of a hold with its packet. */
type ChangedHold = HoldChange["subjects"][number] & { readonly packet: PacketId };

const ChangedHoldRef = builder.objectRef<ChangedHold>("ChangedHold").implement({
  description: "One opening of a hold that changed.",
  fields: (t) => ({
    holdId: t.id({
      ...shared,
      description: "The id of this opening, by which `node` finds it while it is its newest.",
      resolve: ({ packet, ordinal }, _args, { desk }) =>
        `Hold:${packet}.${veilOf(desk.ledger, packet).nameOf(ordinal)}`,
    }),
    label: t.string({
      ...shared,
      description: LABEL,
      resolve: (hold, _args, { desk }) => labelOf(desk.ledger, hold.packet, hold),
    }),
    ordinal: t.exposeInt("ordinal", {
      ...governed,
      description: "The register's own number of this opening.",
    }),
    subject: t.exposeString("subject", {
      ...governed,
      description: "What it is about: names apart by a space.",
    }),
  }),
});

export const HoldChangeRef = builder.objectRef<HoldChangeOf>("HoldChange").implement({
  description: "What one revision did to the holds of one code (rule 4.2.5).",
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: HoldCodeRef,
      description: "The code.",
      resolve: ({ change }) => change.code,
    }),
    transition: t.field({
      ...shared,
      type: TransitionRef,
      description: "What became of them.",
      resolve: ({ change }) => change.transition,
    }),
    count: t.int({ ...shared, description: "How many.", resolve: ({ change }) => change.count }),
    holds: t.connection({
      ...shared,
      type: ChangedHoldRef,
      description: "Which, in an order that stays and tells nothing of them.",
      ...connectionOptions,
      resolve: ({ revision, change }, args, { cursors, desk }) => {
        const { packet, number } = revision;
        const page = sliceOf({
          items: veilOf(desk.ledger, packet).arranged(change.subjects),
          args,
          position: (_, index) => BigInt(index),
          cursors,
          scope: `changes ${packet}.${number} ${change.transition} ${change.code}`,
        });
        const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: { ...node, packet } }));
        return { ...page, edges };
      },
    }),
  }),
});
