import { z } from "zod";
import { ExerciseHow, emergencyTerms } from "./emergency.ts";
import { Name } from "./name.ts";
import { observed } from "./observed.ts";

/** How the deployment is reached, and its people reach each other, when nothing else answers. The newest counts. */
export const EmergencyPlan = z
  .strictObject({ kind: z.literal("EMERGENCY_PLAN"), ...emergencyTerms, ...observed })
  .superRefine(({ responders, regions }, context) => {
    const known = new Set(regions.map((item) => item.region));
    for (const [index, { region }] of responders.entries()) {
      if (known.has(region)) continue;
      const message = "is not among the plan's regions";
      context.addIssue({ code: "custom", path: ["responders", index, "region"], message });
    }
    for (const [index, { needs }] of regions.entries()) {
      if (needs.every((name) => known.has(name))) continue;
      const message = "names what is not among the plan's regions";
      context.addIssue({ code: "custom", path: ["regions", index, "needs"], message });
    }
  });

/** Somebody used the emergency path. The product records it, from the use itself; nobody can ask for it. */
export const EmergencyExercise = z.strictObject({
  kind: z.literal("EMERGENCY_EXERCISE"),
  person: Name,
  how: ExerciseHow,
  ...observed,
});
export type EmergencyExercise = z.output<typeof EmergencyExercise>;
