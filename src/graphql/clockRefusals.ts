import { ClockInDoubt, EpochTooSoon } from "#packet/refusal.ts";
import { builder, shared } from "./builder.ts";
import { ClockDoubtRef } from "./enums.ts";
import { ErrorRef } from "./refusalParts.ts";

export const ClockInDoubtRef = builder.objectType(ClockInDoubt, {
  name: "ClockInDoubt",
  interfaces: [ErrorRef],
  description: "While the epoch is in doubt no approval is accepted (rule 6.5).",
  fields: (t) => ({
    doubt: t.field({
      ...shared,
      type: ClockDoubtRef,
      description: "The doubt.",
      resolve: ({ doubt }) => doubt,
    }),
  }),
});

export const EpochTooSoonRef = builder.objectType(EpochTooSoon, {
  name: "EpochTooSoon",
  interfaces: [ErrorRef],
  description: "The epoch moves at most once a second (rule 6.1).",
  fields: (t) => ({
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch now.",
      resolve: ({ epoch }) => epoch,
    }),
  }),
});
