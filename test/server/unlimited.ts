/** Rates that no test reaches: those that are about rates name others. */
export const UNLIMITED = {
  HOLDFAST_DECISIONS_PER_MINUTE: "100000000",
  HOLDFAST_FAILED_SIGN_INS_PER_MINUTE: "100000000",
  HOLDFAST_REQUESTS_PER_MINUTE: "100000000",
} as const;
