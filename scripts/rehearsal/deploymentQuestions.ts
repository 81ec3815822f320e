import { z } from "zod";
import { DateTime, Epoch } from "#packet/epoch.ts";
import { Id, Name } from "#packet/name.ts";

/** The deployment, before anything is asked of it. */
export const DEPLOYMENT = {
  query: `{ deployment { deployment database epoch epochMs
    timeMapping { anchorEpoch anchorAt epochMs } } }`,
  shape: z.object({
    deployment: z.object({
      deployment: Id,
      database: z.string(),
      epoch: Epoch,
      epochMs: z.int(),
      timeMapping: z.object({ anchorEpoch: Epoch, anchorAt: DateTime, epochMs: z.int() }),
    }),
  }),
};

/** Who may sign in offline, and when they last did. */
export const RESPONDERS = {
  query: "{ responders { person lastExercise { epoch } } }",
  shape: z.object({
    responders: z.array(
      z.object({ person: Name, lastExercise: z.object({ epoch: Epoch }).nullable() }),
    ),
  }),
};

/** The recovery design document of exercises. */
export const RECOVERY_DESIGN = {
  query: "{ recoveryDesign(exercise: true) { exercise epoch markdown digest } }",
  shape: z.object({
    recoveryDesign: z.object({
      exercise: z.boolean(),
      epoch: Epoch,
      markdown: z.string(),
      digest: z.string(),
    }),
  }),
};
