/** What each limit is counted over, in seconds. */
export const WINDOW_SECONDS = 60;

/** Addresses are counted in so many buckets, so that no flood of them fills the memory. */
export const ADDRESS_BUCKETS = 65_536;

/** How long the Redis has to answer before this node counts by itself, in milliseconds. */
export const ANSWER_MS_MAX = 250;

/** How long a connection to the Redis may take to open, in milliseconds. */
export const CONNECT_MS_MAX = 2_000;

/** How long after a lost connection to the Redis the next is tried, in milliseconds, and how much later at random. */
export const RECONNECT_MS = 500;
export const RECONNECT_JITTER_MS = 500;

/** The most entries of one X-Forwarded-For that are looked at, from its end. */
export const FORWARDED_MAX = 16;

/**
 * Which part of a minute's amount is plenty: whoever has it left need not wait until nodes have counted
 * them together. A node so lets through at most the rest before it hears that others took it all.
 */
export const PLENTY = 1 / 2;

/** Of so many principals at once it is known what they took of a rate; whoever took nothing for longest is forgotten first. */
export const COUNTED_APART_MAX = 10_000;
