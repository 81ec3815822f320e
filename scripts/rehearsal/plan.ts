import type { Name } from "#packet/name.ts";

/** How long an epoch takes on the rehearsal's own server: the shortest that a server is configured with. */
export const EPOCH_MS = 1500;

/** With longer epochs than this a rehearsal would last more than some minutes. */
export const EPOCH_MS_MAX = 5000;

/** A slow machine must not break the mapping of epochs to human time. */
export const TICK_GAP_MAX_MS = 60_000;

/** What is measured in these ages outlasts the rehearsal. */
export const OUTLASTING_AGE = 200_000n;

/** The shifts, in order, each of so many hours. */
export const SHIFTS = ["morning", "evening", "night"] as const;
export const SHIFT_HOURS = 8;

/** The shift that only just fills its seats. */
export const SCARCE_SHIFT = "evening";

/** How many of the three enclaves are needed. */
export const ENCLAVES_NEEDED = 2;

/** How many custodians must hold each rollback package. */
export const CUSTODIANS_NEEDED = 2;

/** What guards each publication target. */
export const TARGETS = [
  { target: "registry", safeguards: ["REGISTRY_RELEASE", "ADVISORY_TIMING"] },
  { target: "mirrors", safeguards: ["MIRROR_PROMOTION"] },
] as const;

/** What differs from one performance to the next. */
export interface Plan {
  /** The train that is to be signed offline. */
  readonly train: Name;
  /** The enclaves, in order of preference. */
  readonly enclaves: { readonly alder: Name; readonly birch: Name; readonly cedar: Name };
  /** The beginning of every idempotency key. */
  readonly keyPrefix: string;
  /** Automated reporters count their reports from above this. */
  readonly reportsBefore: bigint;
  /** Milliseconds. */
  readonly epochMs: number;
  /** What grows old in the rehearsal does so within these two ages, in epochs. */
  readonly digestMaxAge: bigint;
  readonly attestationMaxAge: bigint;
  /**
   * How long after the opening the digest reader confirms the artifacts: the preparer's one
   * confirmation grows old by so much earlier than all others.
   */
  readonly readingDelayEpochs: bigint;
}

/** What a plan is made for. */
export interface Occasion {
  /** Tells this performance's names from those of others on the same server; null where it is the first. */
  readonly mark: string | null;
  readonly reportsBefore: bigint;
  readonly epochMs: number;
  /** How long this machine takes to read every artifact once, in milliseconds. */
  readonly readingMs: number;
}

const DIGEST_MAX_AGE = 14;
const ATTESTATION_MAX_AGE = 25;
const READING_DELAY_EPOCHS = 6;

/** The ages above leave room for readings of one epoch; a machine that is slower or busier gets longer ages. */
const READING_EPOCHS = 1;

/** Names and ages for one performance: the epoch moves on while people and systems do their work. */
export function planOf({ mark, reportsBefore, epochMs, readingMs }: Occasion): Plan {
  const named = (name: string): Name => (mark === null ? name : `${name}.${mark}`);
  const stretch = Math.max(1, readingMs / epochMs / READING_EPOCHS);
  const stretched = (epochs: number): bigint => BigInt(Math.ceil(epochs * stretch));
  return {
    train: named("patch-train-2026.11"),
    enclaves: { alder: named("alder"), birch: named("birch"), cedar: named("cedar") },
    keyPrefix: named("rehearsal"),
    reportsBefore,
    epochMs,
    digestMaxAge: stretched(DIGEST_MAX_AGE),
    attestationMaxAge: stretched(ATTESTATION_MAX_AGE),
    readingDelayEpochs: stretched(READING_DELAY_EPOCHS),
  };
}
