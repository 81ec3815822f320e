/** Newest items of a stream that are kept for its followers. */
export const RING_ITEMS_MAX = 64;

/** Bytes of headers and bodies kept with them; the newest item is kept whatever its size. */
export const RING_BYTES_MAX = 262_144;

/** Items read at a time. */
export const PAGE_ITEMS = 64;

/** The first pause after a read that failed; each further one is twice as long. */
export const RETRY_PAUSE_MS = 100;

/** The longest pause between two attempts of a read. */
export const RETRY_PAUSE_MS_MAX = 5_000;

/** The longest pause between two sweeps that failed, unless sweeps are rarer anyway. */
export const SWEEP_PAUSE_MS_MAX = 10_000;
