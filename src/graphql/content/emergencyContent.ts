import {
  type EmergencyRegion,
  type EmergencyService,
  type EmergencyWay,
  EmergencyWayKind,
  ExerciseHow,
  type ExercisePolicy,
  type Responder,
} from "#packet/emergency.ts";
import type { EntryOf } from "#packet/entry.ts";
import { builder, governed, restricted, shared } from "../builder.ts";
import { enumOf } from "../enums.ts";
import { EntryRef } from "./entryRef.ts";

export const EmergencyWayKindRef = enumOf(
  "EmergencyWayKind",
  EmergencyWayKind,
  "What a way of emergency access is for.",
  { ACCESS_PATH: "It lets people in.", CHANNEL: "It lets people talk." },
);

const ExerciseHowRef = enumOf(
  "ExerciseHow",
  ExerciseHow,
  "Which real use of the emergency path an exercise was.",
  {
    OFFLINE_SIGN_IN: "A sign-in with a key of their own.",
    APPROVAL_SIGNATURE: "Their own signature under the approval of an exercise packet.",
  },
);

const EmergencyResponderRef = builder.objectRef<Responder>("EmergencyResponder").implement({
  description: "Somebody who can reach the deployment when nothing else lets them in.",
  fields: (t) => ({
    person: t.exposeString("person", { ...governed, description: "Who." }),
    keys: t.exposeStringList("keys", {
      ...governed,
      description: "The fingerprints of their offline keys.",
    }),
    provisionedEpoch: t.expose("provisionedEpoch", {
      ...governed,
      type: "Epoch",
      description: "When their credential was last handed out.",
    }),
    lifetimeEpochs: t.expose("lifetimeEpochs", {
      ...governed,
      type: "Epochs",
      description: "For how long it is meant to last.",
    }),
    immediate: t.exposeBoolean("immediate", {
      ...governed,
      description: "Whether they may begin without asking anybody.",
    }),
    region: t.exposeString("region", { ...governed, description: "From where they respond." }),
  }),
});

const EmergencyRegionRef = builder.objectRef<EmergencyRegion>("EmergencyRegion").implement({
  description: "A place from which people respond.",
  fields: (t) => ({
    region: t.exposeString("region", { ...governed, description: "Its name." }),
    needs: t.exposeStringList("needs", {
      ...governed,
      description: "The regions that it waits for; with none it can begin alone.",
    }),
  }),
});

const EmergencyWayRef = builder.objectRef<EmergencyWay>("EmergencyWay").implement({
  description: "An access path or a communication channel.",
  fields: (t) => ({
    way: t.exposeString("way", { ...governed, description: "Its name." }),
    wayKind: t.expose("wayKind", {
      ...governed,
      type: EmergencyWayKindRef,
      description: "What it is for.",
    }),
    settings: t.exposeStringList("settings", {
      ...restricted,
      description: "The static network settings that it uses.",
    }),
    dependsOn: t.exposeStringList("dependsOn", {
      ...governed,
      description: "The services that it needs.",
    }),
    replaces: t.exposeStringList("replaces", {
      ...governed,
      description: "The services that it is meant to replace.",
    }),
  }),
});

const EmergencyServiceRef = builder.objectRef<EmergencyService>("EmergencyService").implement({
  description: "A service, and what it needs itself.",
  fields: (t) => ({
    service: t.exposeString("service", { ...governed, description: "Its name." }),
    dependsOn: t.exposeStringList("dependsOn", {
      ...governed,
      description: "The services that it needs.",
    }),
  }),
});

export const EmergencyPlanRef = builder
  .objectRef<EntryOf<"EMERGENCY_PLAN">>("EmergencyPlan")
  .implement({
    description: "How the deployment is reached when nothing else answers.",
    interfaces: [EntryRef],
    fields: (t) => ({
      responders: t.expose("responders", {
        ...governed,
        type: [EmergencyResponderRef],
        description: "Who responds.",
      }),
      immediateMax: t.exposeInt("immediateMax", {
        ...governed,
        description: "The most responders with immediate access.",
      }),
      provisionEveryEpochs: t.expose("provisionEveryEpochs", {
        ...governed,
        type: "Epochs",
        description: "How often credentials are handed out anew.",
      }),
      longestOutageEpochs: t.expose("longestOutageEpochs", {
        ...governed,
        type: "Epochs",
        description: "The longest outage that is planned for.",
      }),
      regions: t.expose("regions", {
        ...governed,
        type: [EmergencyRegionRef],
        description: "From where people respond.",
      }),
      ways: t.expose("ways", {
        ...governed,
        type: [EmergencyWayRef],
        description: "Access paths and communication channels.",
      }),
      services: t.expose("services", {
        ...governed,
        type: [EmergencyServiceRef],
        description: "The services, each with what it needs.",
      }),
    }),
  });

export const EmergencyExerciseRef = builder
  .objectRef<EntryOf<"EMERGENCY_EXERCISE">>("EmergencyExercise")
  .implement({
    description: "Somebody used the emergency path; recorded from the use itself.",
    interfaces: [EntryRef],
    fields: (t) => ({
      person: t.exposeString("person", { ...governed, description: "Who." }),
      how: t.expose("how", { ...shared, type: ExerciseHowRef, description: "How." }),
    }),
  });

export const ExercisePolicyRef = builder.objectRef<ExercisePolicy>("ExercisePolicy").implement({
  description: "What a lane asks of the emergency access of its owner and of every responder.",
  fields: (t) => ({
    maxAgeEpochs: t.expose("maxAgeEpochs", {
      ...shared,
      type: "Epochs",
      description: "How old the last exercise may be.",
    }),
    holds: t.exposeBoolean("holds", {
      ...shared,
      description: "Whether the packet is held for want of one, or it is only shown.",
    }),
  }),
});
