/**
 * Keys of the advisory locks that this room takes, one 64-bit key a purpose. Postgres keeps
 * a separate set of advisory locks in each database of a server.
 */
export const ADVISORY_LOCK = {
  /** Held for as long as a process uses an embedded data directory. */
  directory: 7_308_895_133_202_047_489n,
  /** Held while migrations run. */
  migration: 7_308_895_133_202_047_490n,
} as const;
