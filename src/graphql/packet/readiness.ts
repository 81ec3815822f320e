import { EVIDENCE_OF, freshnessOf, type Freshness } from "#gate/freshness.ts";
import { openHolds, prerequisiteStatus } from "#gate/view.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { Entry } from "#packet/entry.ts";
import { Prerequisite } from "#packet/hold.ts";
import { builder, shared } from "../builder.ts";
import { connectionOptions, sliceOf } from "../connections.ts";
import { EntryRef } from "../content/entryRef.ts";
import { PrerequisiteRef, enumOf } from "../enums.ts";
import { ForecastRef, forecastOf } from "./forecast.ts";
import { HoldRef } from "./hold.ts";
import { holdsInOrder } from "./registers.ts";
import { idPosition } from "../positions.ts";

const PrerequisiteStatusRef = enumOf(
  "PrerequisiteStatus",
  { options: ["MET", "HELD", "ESCALATED"] },
  "How a prerequisite stands (rule 3.1).",
  {
    MET: "Nothing of it holds.",
    HELD: "A hold of it is open.",
    ESCALATED: "An upstream source must be settled first.",
  },
);

/** A reader's look at one prerequisite of a packet. */
interface ReadinessOf {
  readonly seen: Viewed;
  readonly prerequisite: Prerequisite;
}

/** One entry as a packet's evidence now. */
export interface EvidenceOf {
  readonly entry: Entry;
  readonly freshness: Freshness;
}

export const EvidenceRef = builder.objectRef<EvidenceOf>("Evidence").implement({
  description: "The newest entry of one reporter on one subject, and how fresh it is.",
  fields: (t) => ({
    entry: t.field({
      ...shared,
      type: EntryRef,
      description: "The entry.",
      resolve: ({ entry }) => entry,
    }),
    age: t.field({
      ...shared,
      type: "Epochs",
      description: "Epochs since it was observed.",
      resolve: ({ freshness }) => freshness.age,
    }),
    ageMax: t.field({
      ...shared,
      nullable: true,
      type: "Epochs",
      description: "How old it may grow; null for what never goes away by ageing (rule 4.3.4).",
      resolve: ({ freshness }) => freshness.ageMax,
    }),
    countsThrough: t.field({
      ...shared,
      nullable: true,
      type: "Epoch",
      description: "The last epoch at which it counts; null for what never goes away by ageing.",
      resolve: ({ freshness }) => freshness.countsThrough,
    }),
    isAccepted: t.boolean({
      ...shared,
      description:
        "True where its reporter is accepted for it (rule 2.2); otherwise it counts for nothing.",
      resolve: ({ freshness }) => freshness.isAccepted,
    }),
  }),
});

/** Every newest entry of the packet that one of the kinds has, in the order in which they were made. */
export function evidenceOf(
  { state, moment }: Viewed,
  isWanted: (entry: Entry) => boolean,
): EvidenceOf[] {
  return state.facts.evidence
    .valuesArray()
    .flat()
    .filter(isWanted)
    .toSorted((left, right) => (left.entry < right.entry ? -1 : left.entry > right.entry ? 1 : 0))
    .map((entry) => ({ entry, freshness: freshnessOf(state.facts, entry, moment.epoch) }));
}

export const ReadinessRef = builder.objectRef<ReadinessOf>("PrerequisiteReadiness").implement({
  description: "How one prerequisite stands, what it rests on, and what time alone will do to it.",
  fields: (t) => ({
    prerequisite: t.field({
      ...shared,
      type: PrerequisiteRef,
      description: "Which.",
      resolve: ({ prerequisite }) => prerequisite,
    }),
    status: t.field({
      ...shared,
      type: PrerequisiteStatusRef,
      description: "How it stands.",
      resolve: ({ seen, prerequisite }) => prerequisiteStatus(seen.state, prerequisite),
    }),
    openHolds: t.int({
      ...shared,
      description: "How many of its holds are open.",
      resolve: ({ seen, prerequisite }) =>
        openHolds(seen.state).filter((hold) => hold.prerequisite === prerequisite).length,
    }),
    holds: t.connection({
      ...shared,
      type: HoldRef,
      description: "Its open holds, in the order of the register.",
      ...connectionOptions,
      resolve: ({ seen, prerequisite }, args, { cursors, desk }) => {
        const { packet } = seen.state.facts;
        const holds = holdsInOrder(desk.ledger, seen.state).filter(
          ({ hold }) => hold.prerequisite === prerequisite && hold.status === "OPEN",
        );
        return sliceOf({
          items: holds.map((placed) => ({ packet, ...placed })),
          args,
          position: ({ position }) => position,
          cursors,
          scope: `holds ${packet}`,
        });
      },
    }),
    evidence: t.connection({
      ...shared,
      type: EvidenceRef,
      description: "What it rests on: the newest entries of the kinds that concern it.",
      ...connectionOptions,
      resolve: ({ seen, prerequisite }, args, { cursors }) =>
        sliceOf({
          items: evidenceOf(seen, ({ kind }) => EVIDENCE_OF[prerequisite].includes(kind)),
          args,
          position: ({ entry }) => idPosition(entry.entry),
          cursors,
          scope: `evidence ${seen.state.facts.packet}`,
        }),
    }),
    forecast: t.field({
      ...shared,
      nullable: true,
      type: ForecastRef,
      description: "The first revision by time alone that opens a hold of it; null when none will.",
      resolve: ({ seen, prerequisite }) => {
        const revised = forecastOf(seen.state).find(({ opened }) =>
          opened.some((hold) => hold.prerequisite === prerequisite),
        );
        return revised === undefined ? null : { packet: seen.state.facts.packet, revised };
      },
    }),
  }),
});

/** Every prerequisite of a packet, in the order of rule 4.1. */
export function readinessOf(seen: Viewed): ReadinessOf[] {
  return Prerequisite.options.map((prerequisite) => ({ seen, prerequisite }));
}
