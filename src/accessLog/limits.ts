import type { AccessCode } from "#packet/accessEvent.ts";

/** How long what follows the like of itself is counted with it, in milliseconds. */
export const WINDOW_MS: Readonly<Record<AccessCode, number>> = {
  SIGNED_IN: 60 * 60_000,
  SIGNED_IN_OFFLINE: 60 * 60_000,
  SIGN_IN_REFUSED: 5 * 60_000,
  REFUSED: 5 * 60_000,
  // What leaves the house is recorded each time.
  EXPORTED: 0,
  GOVERNED_READ: 15 * 60_000,
  ROLES_CHANGED: 0,
  KEYS_CHANGED: 0,
};

/**
 * How many different ones of a code a node counts apart. Those of nobody known come in as many
 * forms as somebody likes: few are told apart, and the others are counted together.
 */
export const TALLIES_MAX: Readonly<Record<AccessCode, number>> = {
  SIGNED_IN: 10_000,
  SIGNED_IN_OFFLINE: 1_000,
  SIGN_IN_REFUSED: 100,
  REFUSED: 1_000,
  EXPORTED: 0,
  GOVERNED_READ: 10_000,
  ROLES_CHANGED: 0,
  KEYS_CHANGED: 0,
};

/** How often windows that are over are written, in milliseconds. */
export const FLUSH_MS = 5_000;

/** Records that may wait to be written: more are refused, or counted. */
export const WAITING_MAX = 5_000;

/** The most records of one statement. */
export const BATCH_MAX = 500;

/** How long the database has to commit records, in milliseconds. */
export const COMMIT_MS_MAX = 5_000;

/** How long after a lost connection the next statement is sent, in milliseconds. */
export const LOSS_PAUSE_MS = 50;

/** Reads of the records that may wait for one another. */
export const READS_WAITING_MAX = 100;
