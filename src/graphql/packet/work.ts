import type { PacketWork, Work } from "#workflow/workList.ts";
import { builder, governed, shared } from "../builder.ts";
import { enumOf } from "../enums.ts";
import { PacketRef } from "./packet.ts";

const WaitingForRef = enumOf(
  "WaitingFor",
  {
    options: [
      "APPROVAL_OWNER",
      "UPSTREAM_AUTHORITY",
      "PREPARER",
      "ACCEPTED_REPORTER",
      "SIGNERS",
      "CUSTODIANS",
      "RESPONDERS",
      "RELEASE_SECURITY",
    ],
  },
  "For whom something waits.",
  {
    APPROVAL_OWNER: "The owner whom the lane names.",
    UPSTREAM_AUTHORITY: "The authority that the lane names for a source.",
    PREPARER: "A preparer.",
    ACCEPTED_REPORTER: "A reporter accepted for the kind of evidence.",
    SIGNERS: "People on the roster, by committing to shifts.",
    CUSTODIANS: "Custodians of a package.",
    RESPONDERS: "Whoever has not used the emergency path lately.",
    RELEASE_SECURITY: "Release security.",
  },
);

const WorkKindRef = enumOf("WorkKind", { options: ["DECISION", "CLEARING"] }, "What waits.", {
  DECISION: "The owner's decision.",
  CLEARING: "Evidence that clears holds.",
});

const WorkRef = builder.objectRef<Work>("Work").implement({
  description: "Something that waits for somebody (rule 5.6).",
  fields: (t) => ({
    what: t.field({
      ...shared,
      type: WorkKindRef,
      description: "What waits.",
      resolve: ({ what }) => what,
    }),
    who: t.field({
      ...shared,
      type: WaitingForRef,
      description: "For whom.",
      resolve: ({ who }) => who,
    }),
    named: t.exposeString("named", {
      ...governed,
      description: "For whom by name, where the lane names somebody.",
    }),
    holds: t.exposeInt("holds", {
      ...shared,
      description: "How many holds wait for them; none for a decision.",
    }),
    byEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The last epoch at which it helps.",
      resolve: ({ byEpoch }) => byEpoch,
    }),
    byAt: t.field({
      ...shared,
      nullable: true,
      type: "DateTime",
      description: "When that epoch ends, for people; null past what a date can tell.",
      resolve: ({ byAt }) => byAt,
    }),
  }),
});

export const PacketWorkRef = builder.objectRef<PacketWork>("PacketWork").implement({
  description: "What waits on one packet.",
  fields: (t) => ({
    packetId: t.field({
      ...shared,
      type: "UUID",
      description: "The packet's own id.",
      resolve: ({ packet }) => packet,
    }),
    packet: t.field({
      ...shared,
      nullable: true,
      type: PacketRef,
      description: "The packet; null when its lineage cannot be read and somebody must look.",
      resolve: ({ seen }) => seen,
    }),
    work: t.field({
      ...shared,
      type: [WorkRef],
      description: "What waits on it.",
      resolve: ({ work }) => [...work],
    }),
  }),
});
