import { builder } from "../builder.ts";
import { EmergencyWayKindRef } from "../content/emergencyContent.ts";
import type { InputFields } from "./observedInput.ts";

const EmergencyResponderInput = builder.inputType("EmergencyResponderInput", {
  description: "Somebody who can reach the deployment when nothing else lets them in.",
  fields: (t) => ({
    person: t.string({ description: "Who." }),
    keys: t.stringList({
      description: "The fingerprints of their offline keys, as `ssh-keygen -l` prints them.",
    }),
    provisionedEpoch: t.field({
      type: "Epoch",
      description: "When their credential was last handed out.",
    }),
    lifetimeEpochs: t.field({ type: "Epochs", description: "For how long it is meant to last." }),
    immediate: t.boolean({ description: "Whether they may begin without asking anybody." }),
    region: t.string({ description: "From where they respond; one of the plan's regions." }),
  }),
});

const EmergencyRegionInput = builder.inputType("EmergencyRegionInput", {
  description: "A place from which people respond.",
  fields: (t) => ({
    region: t.string({ description: "Its name." }),
    needs: t.stringList({
      description: "The regions that it waits for; with none it can begin alone.",
    }),
  }),
});

const EmergencyWayInput = builder.inputType("EmergencyWayInput", {
  description: "An access path or a communication channel.",
  fields: (t) => ({
    way: t.string({ description: "Its name." }),
    wayKind: t.field({ type: EmergencyWayKindRef, description: "What it is for." }),
    settings: t.stringList({ description: "The static network settings that it uses." }),
    dependsOn: t.stringList({ description: "The services that it needs." }),
    replaces: t.stringList({ description: "The services that it is meant to replace." }),
  }),
});

const EmergencyServiceInput = builder.inputType("EmergencyServiceInput", {
  description: "A service, and what it needs itself.",
  fields: (t) => ({
    service: t.string({ description: "Its name." }),
    dependsOn: t.stringList({ description: "The services that it needs." }),
  }),
});

/** The members of a plan of emergency access. */
export function emergencyFields(t: InputFields) {
  return {
    responders: t.field({ type: [EmergencyResponderInput], description: "Who responds." }),
    immediateMax: t.int({ description: "The most responders with immediate access." }),
    provisionEveryEpochs: t.field({
      type: "Epochs",
      description: "How often credentials are handed out anew.",
    }),
    longestOutageEpochs: t.field({
      type: "Epochs",
      description: "The longest outage that is planned for.",
    }),
    regions: t.field({ type: [EmergencyRegionInput], description: "From where people respond." }),
    ways: t.field({
      type: [EmergencyWayInput],
      description: "Access paths and communication channels.",
    }),
    services: t.field({
      type: [EmergencyServiceInput],
      description: "The services, each with what it needs.",
    }),
  };
}

export const ExercisePolicyInput = builder.inputType("ExercisePolicyInput", {
  description: "What the lane asks of the emergency access of its owner and of every responder.",
  fields: (t) => ({
    maxAgeEpochs: t.field({ type: "Epochs", description: "How old the last exercise may be." }),
    holds: t.boolean({
      description: "Whether the packet is held for want of one, or it is only shown.",
    }),
  }),
});
