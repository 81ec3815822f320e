import type { TimeMapping } from "#packet/epoch.ts";
import type { ContentOf } from "#packet/source.ts";
import { builder, governed, shared } from "../builder.ts";

type ShiftCalendar = ContentOf<"SHIFT_CALENDAR">;
type ShipmentWindow = ContentOf<"SHIPMENT_WINDOW">;

export const TimeMappingRef = builder.objectRef<TimeMapping>("TimeMapping").implement({
  description: "How human times became epochs, once, at acceptance (rules 6.3 and 6.5).",
  fields: (t) => ({
    anchorEpoch: t.expose("anchorEpoch", {
      ...shared,
      type: "Epoch",
      description: "An epoch whose beginning is known.",
    }),
    anchorAt: t.expose("anchorAt", {
      ...shared,
      type: "DateTime",
      description: "When that epoch began.",
    }),
    epochMs: t.expose("epochMs", {
      ...shared,
      type: "SafeInt",
      description: "How long an epoch is, in milliseconds.",
    }),
    generation: t.exposeInt("generation", {
      ...shared,
      description: "The clock's generation; a break of the clock raises it and makes this stale.",
    }),
  }),
});

const startsAt = {
  ...shared,
  type: "DateTime",
  description: "When it starts, as it was proposed.",
} as const;
const endsAt = {
  ...shared,
  type: "DateTime",
  description: "When it ends, as it was proposed.",
} as const;
const first = {
  ...shared,
  type: "Epoch",
  description: "The first epoch that it touches.",
} as const;
const last = { ...shared, type: "Epoch", description: "The last epoch that it touches." } as const;
const mapping = {
  ...shared,
  type: TimeMappingRef,
  description: "How its times became epochs.",
} as const;

const ShiftRef = builder.objectRef<ShiftCalendar["shifts"][number]>("Shift").implement({
  description: "One shift; it touches both its first and its last epoch.",
  fields: (t) => ({
    shift: t.exposeString("shift", { ...governed, description: "The shift's name." }),
    startsAt: t.expose("startsAt", startsAt),
    endsAt: t.expose("endsAt", endsAt),
    first: t.expose("first", first),
    last: t.expose("last", last),
  }),
});

const NoSigningRef = builder.objectRef<ShiftCalendar["noSigning"][number]>("NoSigning").implement({
  description: "A time in which nobody signs; it touches both its first and its last epoch.",
  fields: (t) => ({
    startsAt: t.expose("startsAt", startsAt),
    endsAt: t.expose("endsAt", endsAt),
    first: t.expose("first", first),
    last: t.expose("last", last),
  }),
});

export const ShiftCalendarRef = builder.objectRef<ShiftCalendar>("ShiftCalendar").implement({
  description: "The shifts, and when nobody signs, in times and in epochs.",
  fields: (t) => ({
    shifts: t.expose("shifts", { ...shared, type: [ShiftRef], description: "The shifts." }),
    noSigning: t.expose("noSigning", {
      ...shared,
      type: [NoSigningRef],
      description: "When nobody signs.",
    }),
    mapping: t.expose("mapping", mapping),
  }),
});

export const ShipmentWindowRef = builder.objectRef<ShipmentWindow>("ShipmentWindow").implement({
  description: "When the train would ship; it touches both its first and its last epoch.",
  fields: (t) => ({
    startsAt: t.expose("startsAt", startsAt),
    endsAt: t.expose("endsAt", endsAt),
    first: t.expose("first", first),
    last: t.expose("last", last),
    mapping: t.expose("mapping", mapping),
  }),
});
