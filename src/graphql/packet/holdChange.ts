import type { HoldChange } from "#feed/holdChanges.ts";
import type { Revision } from "#ledger/ledger.ts";
import { builder, governed, shared } from "../builder.ts";
import { connectionOptions, sliceOf } from "../connections.ts";
import { HoldCodeRef, enumOf } from "../enums.ts";

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

const ChangedHoldRef = builder.objectRef<HoldChange["subjects"][number]>("ChangedHold").implement({
  description: "One opening of a hold that changed.",
  fields: (t) => ({
    ordinal: t.exposeInt("ordinal", {
      ...shared,
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
      description: "Which, in order of subject.",
      ...connectionOptions,
      resolve: ({ revision, change }, args, { cursors }) =>
        sliceOf({
          items: change.subjects,
          args,
          position: (_, index) => BigInt(index),
          cursors,
          scope: `changes ${revision.packet}.${revision.number} ${change.transition} ${change.code}`,
        }),
    }),
  }),
});
