import { Epoch } from "./epoch.ts";
import { Text } from "./name.ts";
import { ArmoredSignature } from "./signature.ts";

/** What every report may say beside its fact. */
export const observed = {
  /** When the fact was so; the age counts from here (rule 4.3.2). Left out it means now. */
  observedEpoch: Epoch.optional(),
  note: Text.optional(),
  /** The reporter's own signature of all the rest; a signed report says its `observedEpoch`. */
  signature: ArmoredSignature.optional(),
};
