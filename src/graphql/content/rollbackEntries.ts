import type { EntryOf } from "#packet/entry.ts";
import { Inadmissibility, KeyRotationMode } from "#packet/rollback.ts";
import { builder, governed, shared } from "../builder.ts";
import { enumOf } from "../enums.ts";
import { EntryRef } from "./entryRef.ts";
import { ReleaseRef } from "./rollbackContent.ts";

export const KeyRotationModeRef = enumOf(
  "KeyRotationMode",
  KeyRotationMode,
  "How a component's signing key is rotated.",
  {
    OVERLAP: "Both keys are trusted from now on, and a release carries both signatures.",
    OVERLAP_END: "The overlap is over: the outgoing key is trusted no longer.",
    SUDDEN: "Without an overlap: whatever carries no other signature is refused at once.",
  },
);

export const InadmissibilityRef = enumOf(
  "Inadmissibility",
  Inadmissibility,
  "Why a component refuses a release, or the release does not do for all that it is for.",
  {
    BELOW_FLOOR: "Its security version number lies below the floor.",
    DENIED: "Its digest is on the deny list.",
    UNTRUSTED_KEY: "None of its signing keys is trusted.",
    SPARE_PARTS: "Spare parts need the signatures of an old and of a new key.",
    PATCH_IN_ROTATION:
      "A rotation is under way, and the patch itself lacks one of both signatures.",
  },
);

export const ReleaseInitialisationRef = builder
  .objectRef<EntryOf<"RELEASE_INITIALISATION">>("ReleaseInitialisation")
  .implement({
    description:
      "A release initialised on a component, which from then on refuses what it asks for.",
    interfaces: [EntryRef],
    fields: (t) => ({
      component: t.exposeString("component", { ...governed, description: "The component." }),
      release: t.expose("release", { ...governed, type: ReleaseRef, description: "The release." }),
    }),
  });

export const KeyRotationRef = builder.objectRef<EntryOf<"KEY_ROTATION">>("KeyRotation").implement({
  description: "A component's signing key was rotated. A key that is out never comes back.",
  interfaces: [EntryRef],
  fields: (t) => ({
    component: t.exposeString("component", { ...governed, description: "The component." }),
    mode: t.expose("mode", { ...shared, type: KeyRotationModeRef, description: "How." }),
    outgoing: t.exposeString("outgoing", {
      ...governed,
      description: "The key that is trusted no longer, or only until the overlap ends.",
    }),
    incoming: t.exposeString("incoming", {
      ...governed,
      description: "The key that is trusted from then on.",
    }),
  }),
});
