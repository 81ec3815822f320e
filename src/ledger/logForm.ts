/** How far the log goes and how far the packets go, of one snapshot. */
export interface LogExtent {
  /** The newest position; 0 while there is none. */
  readonly position: bigint;
  /** The sum of the numbers of all packets' heads: never less than `position` while nothing was taken away. */
  readonly revisions: bigint;
}

/** Where a revision stands in the log, and the proof of it under the tree of some size. */
export interface LogPlace {
  readonly number: number;
  /** From 1. */
  readonly position: bigint;
  /** RFC 6962, 2.1.1. */
  readonly proof: readonly Uint8Array[];
}
