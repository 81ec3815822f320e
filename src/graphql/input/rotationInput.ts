import { builder } from "../builder.ts";
import { KeyRotationModeRef } from "../content/rollbackEntries.ts";
import { type InputFields, observedFields } from "./observedInput.ts";
import { ReleaseInput } from "./rollbackInput.ts";

function rotationFields(t: InputFields) {
  return {
    mode: t.field({ type: KeyRotationModeRef, description: "How; a sudden one must say so." }),
    outgoing: t.string({ description: "The key that goes, by its fingerprint." }),
    incoming: t.string({ description: "The key that comes, by its fingerprint." }),
  };
}

export const ReleaseInitialisationInput = builder.inputType("ReleaseInitialisationInput", {
  description:
    "A release has initialised on a component, which from now on refuses what the release asks for.",
  fields: (t) => ({
    component: t.string({ description: "The component." }),
    release: t.field({ type: ReleaseInput, description: "The release, with its signatures." }),
    ...observedFields(t),
  }),
});

export const KeyRotationInput = builder.inputType("KeyRotationInput", {
  description: "A component's signing key is rotated. A key that is out never comes back.",
  fields: (t) => ({
    component: t.string({ description: "The component." }),
    ...rotationFields(t),
    ...observedFields(t),
  }),
});

const PlannedRotationInput = builder.inputType("PlannedRotationInput", {
  description: "A rotation that is planned and not made.",
  fields: rotationFields,
});

const RollbackChangeInput = builder.inputType("RollbackChangeInput", {
  description: "A planned change of a component's rollback control: exactly one.",
  isOneOf: true,
  extensions: { discriminator: "kind" },
  fields: (t) => ({
    floor: t.field({
      type: "SafeInt",
      required: false,
      extensions: { wraps: "floor" },
      description: "A release with this MASVN initialises there.",
    }),
    deny: t.field({
      type: ["Digest"],
      required: false,
      extensions: { wraps: "denied" },
      description: "A release that denies these initialises there.",
    }),
    rotation: t.field({
      type: PlannedRotationInput,
      required: false,
      description: "Its key is rotated.",
    }),
  }),
});

export const RollbackForecastInput = builder.inputType("RollbackForecastInput", {
  description: "What to forecast of which component.",
  fields: (t) => ({
    component: t.string({ description: "The component." }),
    exercise: t.boolean({ description: "Whether exercises are meant, and not what is real." }),
    change: t.field({ type: RollbackChangeInput, description: "What is planned." }),
  }),
});
