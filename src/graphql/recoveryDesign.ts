import type { Epoch } from "#packet/epoch.ts";
import { type RecoveryDesign, recoveryDesign } from "#recovery/design.ts";
import { builder, governed, shared } from "./builder.ts";
import { designFacts } from "./designFacts.ts";
import { requireEntitled } from "./loading.ts";

interface DesignTold extends RecoveryDesign {
  readonly exercise: boolean;
  readonly epoch: Epoch;
}

const RecoveryDesignRef = builder.objectRef<DesignTold>("RecoveryDesign").implement({
  description:
    "The recovery design document, written from live state: what is missing first, then components, rollback control, rate of change, clocks, revocation, emergency access and open deviations.",
  fields: (t) => ({
    exercise: t.exposeBoolean("exercise", {
      ...shared,
      description: "True for the document of exercises, never to be taken for real.",
    }),
    epoch: t.expose("epoch", { ...shared, type: "Epoch", description: "The epoch then." }),
    markdown: t.exposeString("markdown", {
      ...governed,
      description: "The document in Markdown (CommonMark), with every value in a code span.",
    }),
    digest: t.exposeString("digest", {
      ...governed,
      description: "The SHA-256 of its UTF-8, in 64 hexadecimal digits.",
    }),
  }),
});

/** Adds the query that writes the recovery design document. */
export function addRecoveryDesign(): void {
  builder.queryField("recoveryDesign", (t) =>
    t.field({
      ...shared,
      type: RecoveryDesignRef,
      description: "The recovery design document as of now, for whoever answers for recovery.",
      args: { exercise: t.arg.boolean({ description: "Of exercises, or of what is real." }) },
      resolve: async (_root, { exercise }, context) => {
        requireEntitled(context, "designRead");
        const facts = await designFacts(context, exercise);
        return { ...recoveryDesign(facts), exercise, epoch: facts.epoch };
      },
    }),
  );
}
