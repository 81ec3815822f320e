import { z } from "zod";
import { SHIFTS_MAX } from "./limits.ts";
import { DateTime, Epoch, TimeMapping } from "./epoch.ts";
import { Name, distinctList } from "./name.ts";

/** A run of epochs, both ends included. */
export interface Interval {
  readonly first: Epoch;
  readonly last: Epoch;
}

function inOrder(
  span: { startsAt: string; endsAt: string },
  context: { addIssue(issue: { code: "custom"; path: string[]; message: string }): void },
): void {
  if (Date.parse(span.startsAt) < Date.parse(span.endsAt)) return;
  context.addIssue({ code: "custom", path: ["endsAt"], message: "must be later than startsAt" });
}

const proposedSpan = { startsAt: DateTime, endsAt: DateTime };
const ProposedShift = z.strictObject({ shift: Name, ...proposedSpan }).superRefine(inOrder);
const ProposedInterval = z.strictObject(proposedSpan).superRefine(inOrder);

/** A shift calendar as people propose it: in times. */
export const ShiftCalendarProposal = z.strictObject({
  kind: z.literal("SHIFT_CALENDAR"),
  shifts: distinctList(ProposedShift, SHIFTS_MAX, (shift) => shift.shift),
  noSigning: z.array(ProposedInterval).max(SHIFTS_MAX),
});
export type ShiftCalendarProposal = z.output<typeof ShiftCalendarProposal>;

const mappedSpan = { ...proposedSpan, first: Epoch, last: Epoch };
const Shift = z.strictObject({ shift: Name, ...mappedSpan });
export type Shift = z.output<typeof Shift>;

/** A shift calendar as accepted: its times mapped to epochs once (rule 6.3). */
export const ShiftCalendar = z.strictObject({
  kind: z.literal("SHIFT_CALENDAR"),
  shifts: z.array(Shift),
  noSigning: z.array(z.strictObject(mappedSpan)),
  mapping: TimeMapping,
});
export type ShiftCalendar = z.output<typeof ShiftCalendar>;

/** The shipment window as people propose it. */
export const ShipmentWindowProposal = z
  .strictObject({ kind: z.literal("SHIPMENT_WINDOW"), ...proposedSpan })
  .superRefine(inOrder);
export type ShipmentWindowProposal = z.output<typeof ShipmentWindowProposal>;

/** The shipment window as accepted: every epoch that it touches (rule 6.3). */
export const ShipmentWindow = z.strictObject({
  kind: z.literal("SHIPMENT_WINDOW"),
  ...mappedSpan,
  mapping: TimeMapping,
});
export type ShipmentWindow = z.output<typeof ShipmentWindow>;
