import type { EntryOf } from "#packet/entry.ts";
import { builder, governed, shared } from "../builder.ts";
import { enumOf } from "../enums.ts";
import { AvailabilityStatusRef } from "./contentEnums.ts";
import { EntryRef } from "./entryRef.ts";

type Speaker = "OWN_KEY" | "OWN_SIGN_IN" | "ROSTER_SYSTEM";

const SpeakerRef = enumOf(
  "AvailabilitySpeaker",
  { options: ["OWN_KEY", "OWN_SIGN_IN", "ROSTER_SYSTEM"] satisfies Speaker[] },
  "By whom a person's word about a shift was given.",
  {
    OWN_KEY: "By themselves, with their own signature under it.",
    OWN_SIGN_IN: "By themselves, without a signature.",
    ROSTER_SYSTEM: "By a system, which counts where it is an accepted reporter (rule 2.2).",
  },
);

/** Rule 2.2: a word is the person's own, or a system's; somebody else's is neither. */
function speakerOf(entry: EntryOf<"AVAILABILITY">): Speaker | null {
  if (entry.reporter === entry.person)
    return entry.signature === undefined ? "OWN_SIGN_IN" : "OWN_KEY";
  return entry.reporterKind === "SYSTEM" ? "ROSTER_SYSTEM" : null;
}

export const AvailabilityRef = builder
  .objectRef<EntryOf<"AVAILABILITY">>("Availability")
  .implement({
    description: "A person's word about one shift.",
    interfaces: [EntryRef],
    fields: (t) => ({
      person: t.exposeString("person", { ...governed, description: "The person." }),
      shift: t.exposeString("shift", { ...governed, description: "The shift." }),
      status: t.expose("status", {
        ...shared,
        type: AvailabilityStatusRef,
        description: "Their word.",
      }),
      how: t.field({
        ...shared,
        nullable: true,
        type: SpeakerRef,
        description: "By whom the word was given; null where another person spoke for them.",
        resolve: speakerOf,
      }),
    }),
  });
