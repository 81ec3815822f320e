import type { builder } from "../builder.ts";

/** The field builder of an input type. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<
  (typeof builder)["$inferSchemaTypes"],
  "InputObject"
>;

/** What every report may say beside its fact. */
export function observedFields(t: InputFields) {
  return {
    observedEpoch: t.field({
      type: "Epoch",
      required: false,
      description: "When the fact was so; its age counts from here. Left out it means now.",
    }),
    note: t.string({ required: false, description: "Words for people, kept verbatim." }),
    signature: t.string({
      required: false,
      description:
        "Your own OpenSSH signature of the statement `holdfast/entry/1` about all the rest, armored; `observedEpoch` must be given with it.",
    }),
  };
}
