/** What a use of time can decide, from the least. No other is allowed (rule 6.1). */
export type ClockDecides = keyof typeof CLOCK_DECIDES;

/** What each of them means. */
export const CLOCK_DECIDES = {
  NOTHING: "it is shown to people, kept for them, or only measured",
  LIVENESS: "when to stop waiting, to look again, or to turn somebody away for a while",
  PACE: "when the epoch may take its next single step; validity goes by the epoch alone",
  MAPPING:
    "which epochs a time stands for that a person gave, once, when it is accepted (rule 6.3)",
  PROVIDER_TOKENS: "how long an identity provider's tokens and keys count: the one exception",
} as const;

/** Why the product uses time somewhere. */
export interface ClockPurpose {
  readonly decides: ClockDecides;
  /** What time is used for. */
  readonly what: string;
  /** What decides in its place, or why nothing has to. */
  readonly reason: string;
  /** How whoever is hurt by a wrong clock goes on without any clock. */
  readonly repair: string;
}

const AGAIN = "Ask again: every change has a key, by which it is done once.";
const RESTART = "Start the process again: it keeps nothing of this.";

/** Every purpose for which the product uses time. */
export const CLOCK_PURPOSES = {
  EPOCH_STEP: {
    decides: "PACE",
    what: "The database's clock says when the next step of the epoch is due, and keeps steps a second apart.",
    reason:
      "Each step is a single one, whatever the clock does; one that is wrong breaks the mapping, which holds every open packet and never opens a gate (rule 6.5).",
    repair: "Freeze the epoch, or advance it by hand; then accept window and calendar again.",
  },
  MOMENT_AGE: {
    decides: "LIVENESS",
    what: "How long a batch may take over the moment that a batch before it was told.",
    reason:
      "The write goes through only if no step of the clock has come since, so that the epoch it was judged at is the present one.",
    repair: AGAIN,
  },
  TIME_MAPPING: {
    decides: "MAPPING",
    what: "Times of calendars and windows become epochs; an epoch's end is told as a time.",
    reason:
      "Done once, when it is accepted, in the direction that never over-claims; epochs count from then on.",
    repair: "Accept window and calendar again: the mapping in force has its own anchor.",
  },
  RECORDED_TIME: {
    decides: "NOTHING",
    what: "A time of the database, or of the change-rate service, stands beside a record, or is read back from there.",
    reason: "Kept for people (rule 6.4); order is by revision, log position and epoch.",
    repair: "None is needed: numbers, epochs and digests tell the order.",
  },
  COSIGNED_TIME: {
    decides: "NOTHING",
    what: "A witness writes its time into a cosignature, as the format demands.",
    reason: "What counts is the size and root that it has seen; nobody compares the time.",
    repair: "None is needed: a wrong time spoils no cosignature.",
  },
  LOG_LINES: {
    decides: "NOTHING",
    what: "The time in a line of the log.",
    reason: "For people.",
    repair: "None is needed: the epoch stands in the ledger.",
  },
  IDS: {
    decides: "NOTHING",
    what: "The time in a new UUIDv7, which keeps an index compact and lists packets roughly as they opened.",
    reason: "An id is only compared for being the same; what came first is told by log positions.",
    repair: "Read by log position: a wrong clock at most misplaces a packet in the list by id.",
  },
  MEASURED: {
    decides: "NOTHING",
    what: "How long something took or lagged, for metrics and reports.",
    reason: "For people; a figure that would be negative is told as 0.",
    repair: "None is needed.",
  },
  ANSWER_LIMIT: {
    decides: "LIVENESS",
    what: "How long an answer of a database, a peer, a file or a reader is waited for.",
    reason:
      "Whoever waits is told that none came, and nothing is taken for good news: what is unknown is held.",
    repair: AGAIN,
  },
  RETRY_PAUSE: {
    decides: "LIVENESS",
    what: "The pause before something that failed is tried again.",
    reason: "What counts is what comes of it, whenever that is.",
    repair: RESTART,
  },
  LOOK_AGAIN: {
    decides: "LIVENESS",
    what: "How soon something that may have changed is looked at again: files, rights, heads, the epoch.",
    reason:
      "The content that is found decides. By the process's own clock, and a step back makes it look at once.",
    repair: RESTART,
  },
  WAKE_LATER: {
    decides: "LIVENESS",
    what: "When a stream looks for news, tells that nothing is missing, or gives up a reader.",
    reason: "What is told comes from the ledger in its order, by cursor.",
    repair: "Come back with the last cursor, at any node.",
  },
  CONNECTION_UPKEEP: {
    decides: "LIVENESS",
    what: "When a connection is pinged, or closed because nothing comes of it.",
    reason: "A connection carries nothing that another would not.",
    repair: "Connect again; a stream goes on at its last cursor.",
  },
  LIST_PAUSE: {
    decides: "LIVENESS",
    what: "That a revocation list of a shard follows the one before it after a second at the earliest.",
    reason:
      "The backstop of rule 6.1 for versions, by the process's own clock; which list is the newer one is told by its version.",
    repair: "Hand the list over again, or start the process again: it is taken at once then.",
  },
  RATE_LIMIT: {
    decides: "LIVENESS",
    what: "How often somebody may ask within a second or a minute.",
    reason: "It turns away for a while and lets nothing in that would not be.",
    repair: "Another node, or a restart: each node counts for itself.",
  },
  COUNTED_ACCESS: {
    decides: "NOTHING",
    what: "Over what time accesses that are alike are counted as one record.",
    reason:
      "The first is recorded before anything is shown; a window that lasts longer loses no count.",
    repair: "None is needed.",
  },
  FILE_STAMP: {
    decides: "LIVENESS",
    what: "The times of a file tell whether it has to be read again.",
    reason:
      "Compared for being the same and with no clock; within two seconds of a change it is read all the same.",
    repair: "Write the file under another name and put it in place: its identity is in the stamp.",
  },
  PROVIDER_TOKEN: {
    decides: "PROVIDER_TOKENS",
    what: "Whether an access token of the identity provider has begun and not ended.",
    reason:
      "A provider writes times and knows no epochs. Of a token that was seen, the end by the process's own clock counts as well: a clock set back gives nobody more time.",
    repair:
      "Sign in with an OpenSSH key, or with a token of the deployment's own: neither knows a clock.",
  },
  PROVIDER_KEYS: {
    decides: "PROVIDER_TOKENS",
    what: "How often the provider is asked for its keys, and how long the last ones count without it.",
    reason:
      "Part of the same exception; counted by the process's own clock since the last good answer.",
    repair: "Give the keys as a file, or sign in with an OpenSSH key.",
  },
  TRANSPORT: {
    decides: "LIVENESS",
    what: "TLS compares certificates with the clock of the node, where an address asks for TLS.",
    reason:
      "A clock that is wrong keeps a peer away. Nothing is valid by the way it came: the lineage is chained and signed, wake-ups say nothing; the provider is the exception.",
    repair: "Set the node's clock by hand, or reach the peer over a way of its own without TLS.",
  },
  START_AND_END: {
    decides: "LIVENESS",
    what: "How long a start or an end of a process may take before it goes on without what is late.",
    reason: "What was committed is on the disk; what was not is asked again.",
    repair: "Start it again.",
  },
} as const satisfies Readonly<Record<string, ClockPurpose>>;

export type ClockPurposeName = keyof typeof CLOCK_PURPOSES;
