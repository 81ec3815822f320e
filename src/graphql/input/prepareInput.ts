import { builder } from "../builder.ts";
import { PacketReportInput, SharedReportInput } from "./entryInput.ts";

const PacketEntriesInput = builder.inputType("PacketEntriesInput", {
  description: "Reports about the own subjects of a packet that is there.",
  fields: (t) => ({
    packet: t.field({ type: "UUID", description: "The packet." }),
    entries: t.field({ type: [PacketReportInput], description: "The reports." }),
  }),
});

const OpeningEntriesInput = builder.inputType("OpeningEntriesInput", {
  description: "Reports about the own subjects of a packet that is to be opened with them.",
  fields: (t) => ({
    exercise: t.boolean({ description: "Whether it will be practice (rule 2.3)." }),
    entries: t.field({ type: [PacketReportInput], description: "The reports." }),
  }),
});

const SharedEntriesInput = builder.inputType("SharedEntriesInput", {
  description: "Reports on subjects that several packets share.",
  fields: (t) => ({
    exercise: t.boolean({ description: "Whether they are practice (rule 2.3)." }),
    entries: t.field({ type: [SharedReportInput], description: "The reports." }),
  }),
});

const PreparedEntriesInput = builder.inputType("PreparedEntriesInput", {
  description: "Reports that are to be signed, by what they are about: exactly one.",
  isOneOf: true,
  extensions: { discriminator: "kind" },
  fields: (t) => ({
    packet: t.field({
      type: PacketEntriesInput,
      required: false,
      description: "To be given to `readinessRecord`.",
    }),
    opening: t.field({
      type: OpeningEntriesInput,
      required: false,
      description: "To be given to `packetOpen`, with the id that comes of this.",
    }),
    shared: t.field({
      type: SharedEntriesInput,
      required: false,
      description: "To be given to `sharedRecord`.",
    }),
  }),
});

export const EntryPrepareInput = builder.inputType("EntryPrepareInput", {
  description: "Reports of your own that are to be signed.",
  fields: (t) => ({
    about: t.field({ type: PreparedEntriesInput, description: "The reports." }),
    reportNumber: t.field({
      type: "ReportNumber",
      required: false,
      description: "The number that they will be reported under, of an automated reporter.",
    }),
  }),
});
