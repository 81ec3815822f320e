/** How many lists are looked at one after the other; one more that comes meanwhile is told to come again. */
export const WAITING_MAX = 32;

/** How long a peer may take to answer, in milliseconds. */
export const PEER_TIMEOUT_MS = 5_000;

/** The longest answer about which lists a peer has, in bytes. */
export const PEER_STATUS_BYTES_MAX = 64 * 1024;

/** The most peers that one node asks. */
export const PEERS_MAX = 64;
