/** How long one epoch takes: a little above the backstop of one second. */
export const EPOCH_MS = 1100;

/** A slow machine must not break the mapping of epochs to human time. */
export const TICK_GAP_MAX_MS = 60_000;

/** Everything that grows old in the rehearsal does so within these ages; the others outlast it. */
export const DIGEST_MAX_AGE = 18n;
export const ATTESTATION_MAX_AGE = 28n;
export const OUTLASTING_AGE = 200_000n;

/**
 * How long after the opening the digest reader confirms the artifacts: the preparer's one
 * confirmation grows old by so much earlier than all others.
 */
export const READING_DELAY_EPOCHS = 8n;

/** The shifts, in order, each of so many hours. */
export const SHIFTS = ["morning", "evening", "night"] as const;
export const SHIFT_HOURS = 8;

/** The shift that only just fills its seats. */
export const SCARCE_SHIFT = "evening";

/** The enclaves in order of preference, of which so many are needed. */
export const ENCLAVES = ["alder", "birch", "cedar"] as const;
export const ENCLAVES_NEEDED = 2;

/** How many custodians must hold each rollback package. */
export const CUSTODIANS_NEEDED = 2;

/** What guards each publication target. */
export const TARGETS = [
  { target: "registry", safeguards: ["REGISTRY_RELEASE", "ADVISORY_TIMING"] },
  { target: "mirrors", safeguards: ["MIRROR_PROMOTION"] },
] as const;

/** The train that is to be signed offline. */
export const TRAIN = "patch-train-2026.11";
