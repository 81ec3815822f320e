/** How a stream reaches its reader. */
export type Transport = "websocket" | "sse";

/**
 * Where the rooms count what an operator should see of live delivery. What is named here
 * becomes a label: `field` is a name of the schema and `reason` one of a fixed list, never an
 * id, a person or any other value that whoever asks could choose.
 */
export interface Meters {
  /** Somebody began (1) or ended (-1) to follow a subscription field. */
  following(field: string, transport: Transport, change: 1 | -1): void;
  /**
   * Events handed to sockets. The lag is from their commit to now, in milliseconds, for all of
   * the `count`; null where it means nothing: snapshots, heartbeats, catching up.
   */
  delivered(field: string, count: number, lagMs: number | null): void;
  /** A socket or stream ended, by its close code (WebSocket) or a word for why (server-sent events). */
  closed(transport: Transport, reason: string): void;
  /** What followers share, one text with one set of variables for those of one class, began (1) or was let go of (-1). */
  broadcasting(change: 1 | -1): void;
  /** A follower fell behind (1) or caught up, or left while it was behind (-1). */
  behind(change: 1 | -1): void;
  /**
   * Says how many bytes were handed to sockets and not yet taken by their readers; asked when
   * somebody looks at the meters. A later call takes the place of an earlier one.
   */
  observeQueue(depth: () => number): void;
  /** Wake-ups told of this many revisions that nobody here had read. */
  woken(revisions: number): void;
  /** A sweep found this many revisions of which no wake-up had told. */
  repaired(revisions: number): void;
  /** This many wake-ups told of nothing new: doubled, old or false ones. */
  idle(wakes: number): void;
}

/** Counts nothing. */
export const NO_METERS: Meters = {
  following: () => undefined,
  delivered: () => undefined,
  closed: () => undefined,
  broadcasting: () => undefined,
  behind: () => undefined,
  observeQueue: () => undefined,
  woken: () => undefined,
  repaired: () => undefined,
  idle: () => undefined,
};
