import type { Preview } from "#gate/preview.ts";
import type { Hold } from "#packet/hold.ts";
import type { PacketId } from "#packet/name.ts";
import { changePreview } from "#workflow/changePreview.ts";
import { type RevisionChanges, revisionsCompare } from "#workflow/revisionsCompare.ts";
import { builder, governed, shared } from "./builder.ts";
import { connectionOptions, sliceOf } from "./connections.ts";
import { EntryRef } from "./content/entryRef.ts";
import { ApprovalStandingRef, HoldCodeRef, PacketStatusRef, PrerequisiteRef } from "./enums.ts";
import { LABEL, labelOf } from "./packet/labels.ts";
import { BindingsRef } from "./packet/material.ts";
import { RevisionRef, SourceReceiptRef } from "./packet/revision.ts";
import { veilOf } from "./packet/veil.ts";
import { ChangePreviewInput, RevisionsCompareInput } from "./input/previewInput.ts";
import { addQuery } from "./verbs.ts";

/** A hold that no register has yet. */
export const ForeseenHoldRef = builder.objectRef<Hold>("ForeseenHold").implement({
  description: "A hold as a change would leave it; it has no ordinal, because nothing is recorded.",
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: HoldCodeRef,
      description: "Why.",
      resolve: ({ code }) => code,
    }),
    prerequisite: t.field({
      ...shared,
      type: PrerequisiteRef,
      description: "What it keeps from being met.",
      resolve: ({ prerequisite }) => prerequisite,
    }),
    subject: t.exposeString("subject", {
      ...governed,
      description: "What it is about: names apart by a space.",
    }),
    why: t.exposeString("why", { ...governed, description: "A sentence for a person." }),
  }),
});

const PreviewRef = builder.objectRef<Preview>("Preview").implement({
  description: "What a change would do were it recorded now; nothing is (rule 4.2.7).",
  fields: (t) => ({
    status: t.field({
      ...shared,
      type: PacketStatusRef,
      description: "Where the packet would stand.",
      resolve: ({ status }) => status,
    }),
    opened: t.field({
      ...shared,
      type: [ForeseenHoldRef],
      description: "The holds that it would open.",
      resolve: ({ opened }) => [...opened],
    }),
    cleared: t.field({
      ...shared,
      type: [ForeseenHoldRef],
      description: "The holds that it would clear.",
      resolve: ({ cleared }) => [...cleared],
    }),
    outOfScope: t.field({
      ...shared,
      type: [ForeseenHoldRef],
      description: "The holds that it would put out of scope.",
      resolve: ({ outOfScope }) => [...outOfScope],
    }),
    materialChanged: t.exposeBoolean("materialChanged", {
      ...shared,
      description: "Whether the material would change (rule 5.4).",
    }),
    standingBefore: t.field({
      ...shared,
      nullable: true,
      type: ApprovalStandingRef,
      description: "How the approval stands; null when there is none.",
      resolve: ({ standingBefore }) => standingBefore,
    }),
    standingAfter: t.field({
      ...shared,
      nullable: true,
      type: ApprovalStandingRef,
      description: "How it would stand; null when there would be none.",
      resolve: ({ standingAfter }) => standingAfter,
    }),
  }),
});

/** One opening of a hold with its packet. */
type HoldTold = RevisionChanges["opened"][number] & { readonly packet: PacketId };

const HoldToldRef = builder.objectRef<HoldTold>("HoldTold").implement({
  description: "One opening of a hold, as a comparison names it.",
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: HoldCodeRef,
      description: "The code.",
      resolve: ({ code }) => code,
    }),
    subject: t.exposeString("subject", {
      ...governed,
      description: "What it is about: names apart by a space.",
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
  }),
});

const RevisionChangesRef = builder.objectRef<RevisionChanges>("RevisionChanges");

/** A page of holds of a comparison. */
function toldHolds(part: "opened" | "cleared" | "outOfScope" | "passed", description: string) {
  builder.objectField(RevisionChangesRef, part, (t) =>
    t.connection({
      ...shared,
      type: HoldToldRef,
      description,
      ...connectionOptions,
      resolve: (changes, args, { cursors, desk }) => {
        const { from, to } = changes;
        const { packet } = from;
        const page = sliceOf({
          items: veilOf(desk.ledger, packet).arranged(changes[part]),
          args,
          position: (_, index) => BigInt(index),
          cursors,
          scope: `changes ${packet} ${from.number} ${to.number} ${part}`,
        });
        const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: { ...node, packet } }));
        return { ...page, edges };
      },
    }),
  );
}

function declareRevisionChanges(): void {
  RevisionChangesRef.implement({
    description: "What changed from one revision of a packet to a later one (rule 8.2).",
    fields: (t) => ({
      from: t.field({
        ...shared,
        type: RevisionRef,
        description: "The earlier revision.",
        resolve: ({ from }) => from,
      }),
      to: t.field({
        ...shared,
        type: RevisionRef,
        description: "The later revision.",
        resolve: ({ to }) => to,
      }),
      sources: t.field({
        ...shared,
        type: [SourceReceiptRef],
        description: "Sources accepted in between, each in its newest version.",
        resolve: ({ sources }) => [...sources],
      }),
      bindings: t.field({
        ...shared,
        nullable: true,
        type: BindingsRef,
        description: "What the packet was bound to anew; null when it was not.",
        resolve: ({ bindings }) => bindings,
      }),
      entries: t.connection({
        ...shared,
        type: EntryRef,
        description: "Every entry recorded in between, in the order of the ledger.",
        ...connectionOptions,
        resolve: ({ from, to, entries }, args, { cursors }) =>
          sliceOf({
            items: entries,
            args,
            position: (_, index) => BigInt(index),
            cursors,
            scope: `changes ${from.packet} ${from.number} ${to.number} entries`,
          }),
      }),
      decisions: t.field({
        ...shared,
        type: [RevisionRef],
        description: "What people decided in between.",
        resolve: ({ decisions }) => [...decisions],
      }),
    }),
  });
  toldHolds("opened", "Holds that are open at the later one and were not at the earlier.");
  toldHolds("cleared", "Holds that were open at the earlier one and are cleared at the later.");
  toldHolds("outOfScope", "Holds that were open at the earlier one and left the scope.");
  toldHolds("passed", "Holds that opened and ended in between.");
}

/** Adds the queries that look at changes: proposed ones, and those between two revisions. */
export function addComparisons(): void {
  addQuery("changePreview", {
    description:
      "What a change would open, clear, suspend or make lapse, were it recorded now. Nothing is.",
    input: ChangePreviewInput,
    payload: PreviewRef,
    refusals: PREVIEW_REFUSALS,
    run: changePreview,
  });
  declareRevisionChanges();
  addQuery("revisionsCompare", {
    description: "What changed from one revision of a packet to a later one.",
    input: RevisionsCompareInput,
    payload: RevisionChangesRef,
    refusals: ["InvalidInput", "NotEntitled", "UnknownPacket"],
    run: revisionsCompare,
  });
}

/** Whatever the change itself could be refused for. */
const PREVIEW_REFUSALS = [
  "InvalidInput",
  "NotEntitled",
  "UnknownPacket",
  "PacketClosed",
  "PolicyUnmeetable",
  "DutiesNotSeparate",
  "ApprovalRefused",
  "NotTheOwner",
  "CredentialRevoked",
  "SystemCannotDecide",
  "WrongStatus",
  "ReportOutOfScope",
  "UnknownPlacement",
  "ReleaseInadmissible",
  "KeySlotsExhausted",
] as const;
