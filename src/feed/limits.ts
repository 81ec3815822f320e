/** Items on a page, which are read and kept together; a look reads as many at most. */
export const PAGE_ITEMS = 64;

/** Packets in which one statement looks for what is new. */
export const LOOK_STREAMS_MAX = 256;

/** What one statement finds at most, in equal parts of all its packets. */
export const LOOK_ITEMS_MAX = 4_096;

/** Bytes of headers and bodies kept for all who read, once for the packets and once for the log. */
export const SHELF_BYTES_MAX = 33_554_432;

/** After this time without an answer a read is made again beside the one that is late. */
export const ANSWER_MS_MAX = 1_000;

/** Each further time is twice as long, up to this. */
export const LATE_ANSWER_MS_MAX = 10_000;

/** The first pause after a read that failed; each further one is twice as long. */
export const RETRY_PAUSE_MS = 100;

/** The longest pause between two attempts of a read; a sweep that succeeds ends it. */
export const RETRY_PAUSE_MS_MAX = 2_000;

/** The longest pause between two attempts of a sweep, which finds out that the ledger is back. */
export const SWEEP_PAUSE_MS_MAX = 500;

/** How long somebody who asks for a head waits for the ledger. */
export const HEAD_MS_MAX = 5_000;

/** A head that nobody follows is known for one to two of these. */
export const HEAD_KEPT_MS = 3_000;

/** Heads that are known without being followed. */
export const HEADS_MAX = 20_000;

/** Looks in a row that may find nothing before hints have to wait. */
export const IDLE_LOOKS_MAX = 2;

/** Then hints are taken no more often than this. */
export const HINT_PAUSE_MS = 50;
