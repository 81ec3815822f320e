/**
 * Leaves of the folded packets that are kept in memory, the least recently used packets let go.
 * A leaf was seen to take 1.2 to 1.8 KB where entries have no notes: half a gigabyte, for ten
 * packets of 10,000 artifacts or thousands of ten.
 */
export const WARM_LEAVES_MAX = 300_000;

/** Contents of accepted sources kept in memory, by digest. */
export const SOURCES_KEPT_MAX = 512;

/**
 * Revisions read at a time when a packet is folded: little enough that folding them keeps the
 * connection that they came on for less than a server may be silent.
 */
export const FOLD_PAGE = 64;

/** Revisions that a reader folds, of about a millisecond each, before everything else has its turn. */
export const FOLD_SLICE = 4;

/** Revisions of the log whose digests are read at a time when the whole of it is read again. */
export const LEAVES_PAGE = 4096;

/** Waiting appends of one packet that are written together. */
export const BATCH_APPENDS_MAX = 128;

/** Waiting appends of which half are written first, while the others are judged. */
export const HALVED_APPENDS_MIN = 8;

/** Appends of one packet that may wait in this process. */
export const WAITING_APPENDS_MAX = 10_000;

/** How old a moment may be, by the database's clock, that a batch takes over from the one before it. */
export const MOMENT_AGE_MAX_MS = 1000;

/**
 * How long after the last batch of any packet an append still rests on what batches left, in milliseconds: a revision may say
 * that it was made so much earlier than it was written.
 */
export const MOMENT_KEPT_MS = 250;

/** Packets of which it is kept what their last batch left. */
export const PROSPECTS_KEPT = 1024;

/** Lost races after which an append takes the head's lock first, so that it cannot lose again. */
export const SWAPS_MAX = 4;

/** Attempts after a lost race, all in all. */
export const ATTEMPTS_MAX = 12;

/** Changes and reads that may wait for a connection. */
export const WAITING_WORK_MAX = 10_000;

/**
 * How long a server may say nothing to a change, in milliseconds: somewhat longer than a statement
 * may wait for a lock. Then its connection is given up, and the change is settled by its key.
 */
export const SILENCE_MS_MAX = 12_000;

/** How long it may say nothing to what waits for no lock: a read, or the beginning of a transaction. */
export const FIRST_ANSWER_MS_MAX = 3_000;

/** How long it may say nothing to somebody who comes in. */
export const CONNECT_SILENCE_MS_MAX = 2_000;

/** How often it is looked whether a server has said something. */
export const SILENCE_LOOK_MS = 250;

/** How long after the first lost connection work is begun again, in milliseconds. */
export const LOST_MS_MAX = 4_000;

/** How long until then, at first; each further time is twice as long. */
export const LOSS_PAUSE_MS = 50;

/** The longest of these pauses. */
export const LOSS_PAUSE_MS_MAX = 400;

/** Revisions on one page of a lineage. */
export const REVISIONS_PAGE_MAX = 1000;

/** Versions of a source on one page. */
export const SOURCE_VERSIONS_PAGE_MAX = 1000;

/** Bytes of headers and bodies that are kept of revisions which this process has just committed. */
export const JUST_WRITTEN_BYTES_MAX = 4_194_304;

/** Revisions written by one statement. */
export const WRITE_PAGE = 500;

/** Log positions given by one transaction. */
export const SEQUENCE_PAGE = 2000;

/** Packets whose lapses are written in one transaction, and whose heads it locks. */
export const LAPSES_PAGE = 16;

/**
 * How long a transaction may be idle that writes lapses or gives positions, of which there is one at a
 * time: less than anybody waits for a lock, so that a process which stops in it, or is cut off,
 * makes others wait and none of them fail.
 */
export const LOCK_IDLE_MS_MAX = 3000;
