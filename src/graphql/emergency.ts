import { EmergencyGapCode, ReadinessState } from "#packet/emergency.ts";
import type { EmergencyGap } from "#recovery/emergency.ts";
import type { Readiness } from "#recovery/readiness.ts";
import { type EmergencyAccess, emergencyAccess } from "#workflow/emergencyAccess.ts";
import { builder, governed, shared } from "./builder.ts";
import { EmergencyExerciseRef, EmergencyPlanRef } from "./content/emergencyContent.ts";
import { enumOf } from "./enums.ts";
import { requireEntitled } from "./loading.ts";

const EmergencyGapCodeRef = enumOf(
  "EmergencyGapCode",
  EmergencyGapCode,
  "What is wrong with a plan of emergency access.",
  {
    UNDECLARED_SERVICE: "A service is named whose own dependencies are not declared.",
    FAILS_TOGETHER: "A way would fail together with what it is meant to replace.",
    NO_WAY_OF_KIND: "There is no access path, or no channel.",
    CREDENTIAL_TOO_SHORT: "A credential does not outlast the longest outage.",
    CREDENTIAL_ENDS_IN_OUTAGE: "A credential would end in an outage that began now.",
    PROVISIONING_OVERDUE: "A credential was to be handed out anew.",
    REGION_WITHOUT_RESPONDER: "Nobody in a region has immediate access.",
    NO_REGION_BEGINS_ALONE: "No region can begin without another.",
    TOO_MANY_IMMEDIATE: "More people have immediate access than the plan allows.",
  },
);

const ReadinessStateRef = enumOf(
  "ResponderState",
  ReadinessState,
  "How ready somebody is to use the emergency path, as far as its real use shows.",
  {
    READY: "They have used it since their credential was handed out.",
    NEVER_EXERCISED: "They have never used it.",
    NOT_SINCE_PROVISIONED: "They have not used it since their credential was handed out.",
    CREDENTIAL_ENDED: "Their credential's lifetime is over.",
    CREDENTIAL_REVOKED: "Their credential is revoked.",
    NOT_IN_PLAN: "They have used it, and the plan does not name them.",
  },
);

const EmergencyGapRef = builder.objectRef<EmergencyGap>("EmergencyGap").implement({
  description: "One thing that is wrong with the plan.",
  fields: (t) => ({
    code: t.expose("code", { ...shared, type: EmergencyGapCodeRef, description: "What." }),
    subject: t.exposeString("subject", { ...governed, description: "What it is about." }),
    why: t.exposeString("why", { ...governed, description: "Why, in a sentence." }),
    chain: t.stringList({
      ...governed,
      description: "From a way to what it shares with what it replaces, each needing the next.",
      resolve: ({ chain }) => [...chain],
    }),
    replacedChain: t.stringList({
      ...governed,
      description: "From what is replaced to the same end.",
      resolve: ({ replacedChain }) => [...replacedChain],
    }),
  }),
});

const ResponderReadinessRef = builder.objectRef<Readiness>("ResponderReadiness").implement({
  description: "How ready one person is.",
  fields: (t) => ({
    person: t.exposeString("person", { ...governed, description: "Who." }),
    state: t.expose("state", { ...shared, type: ReadinessStateRef, description: "How ready." }),
    lastExercise: t.expose("lastExercise", {
      ...shared,
      nullable: true,
      type: EmergencyExerciseRef,
      description: "Their last use of the emergency path; null when they never have.",
    }),
    ageEpochs: t.field({
      ...shared,
      nullable: true,
      type: "Epochs",
      description: "How long ago that was, in epochs.",
      resolve: ({ ageEpochs }) => ageEpochs,
    }),
  }),
});

const EmergencyAccessRef = builder.objectRef<EmergencyAccess>("EmergencyAccess").implement({
  description: "How the deployment is reached when nothing else answers, and how far that holds.",
  fields: (t) => ({
    plan: t.expose("plan", {
      ...shared,
      nullable: true,
      type: EmergencyPlanRef,
      description: "The newest plan; null where none was recorded.",
    }),
    gaps: t.field({
      ...shared,
      type: [EmergencyGapRef],
      description: "What is wrong with it now.",
      resolve: ({ gaps }) => [...gaps],
    }),
    people: t.field({
      ...shared,
      type: [ResponderReadinessRef],
      description: "Everybody whom it names or who has used the emergency path, in order of name.",
      resolve: ({ people }) => [...people],
    }),
  }),
});

/** Adds the query about emergency access. */
export function addEmergencyQueries(): void {
  builder.queryField("emergencyPlan", (t) =>
    t.field({
      ...shared,
      type: EmergencyAccessRef,
      description:
        "The deployment's emergency access: the newest plan, what its audit finds, and who is ready.",
      args: {
        exercise: t.arg.boolean({ description: "Of exercises, or of what is real." }),
      },
      resolve: (_root, { exercise }, context) => {
        requireEntitled(context, "sourceRead");
        return emergencyAccess(context.desk.ledger, exercise);
      },
    }),
  );
}
