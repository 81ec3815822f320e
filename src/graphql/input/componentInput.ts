import { builder } from "../builder.ts";
import { ComponentKindRef, StandpointRef } from "../content/componentContent.ts";
import { type InputFields, observedFields } from "./observedInput.ts";

function refusingFields(t: InputFields) {
  return {
    floor: t.field({
      type: "SafeInt",
      description: "The least security version number that it admits.",
    }),
    denied: t.field({ type: ["Digest"], description: "The digests that it denies." }),
    trustedKeys: t.stringList({
      description: "The keys that it trusts; an empty list trusts every key.",
    }),
  };
}

export const ComponentReportInput = builder.inputType("ComponentReportInput", {
  description:
    "What a component now refuses, with all that earlier reports said it refuses, and what it runs.",
  fields: (t) => ({
    component: t.string({ description: "The component." }),
    ...refusingFields(t),
    running: t.field({
      type: "Digest",
      required: false,
      description: "The digest of what it runs; left out where you do not know.",
    }),
    standpoint: t.field({
      type: StandpointRef,
      required: false,
      description: "From where you saw it; left out it means OWN.",
    }),
    keySlotsUsed: t.int({
      required: false,
      description: "How many of its key slots are programmed.",
    }),
    ...observedFields(t),
  }),
});

const IntendedStateInput = builder.inputType("IntendedStateInput", {
  description: "How a component is meant to be.",
  fields: (t) => ({
    release: t.string({ description: "The release that it is meant to run." }),
    digest: t.field({ type: "Digest", description: "That release's digest." }),
    ...refusingFields(t),
  }),
});

const SparePartInput = builder.inputType("SparePartInput", {
  description: "A part on the shelf, with the release that it comes with.",
  fields: (t) => ({
    release: t.string({ description: "The release's name." }),
    svn: t.field({ type: "SafeInt", description: "Its security version number." }),
  }),
});

export const ComponentDeclarationInput = builder.inputType("ComponentDeclarationInput", {
  description:
    "What a component is and how it is meant to be; it takes the place of an older declaration whole.",
  fields: (t) => ({
    component: t.string({ description: "The component." }),
    componentKind: t.field({ type: ComponentKindRef, description: "What updates it." }),
    intended: t.field({ type: IntendedStateInput, description: "How it is meant to be." }),
    keySlots: t.int({
      required: false,
      description: "How many keys it can ever hold; exactly FIRMWARE says so.",
    }),
    spareParts: t.field({
      type: [SparePartInput],
      required: false,
      description: "The parts of FIRMWARE that may yet be put in.",
    }),
    ...observedFields(t),
  }),
});
