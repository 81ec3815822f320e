/** How long a client may take to send a request's head. */
export const HEADERS_TIMEOUT_MS = 10_000;

/** How long a client may take to send a whole request; answers and sockets may take longer. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** How long a connection may wait for its next request. */
export const KEEP_ALIVE_TIMEOUT_MS = 5_000;

/** How often the two time-outs above are looked at. */
export const TIMEOUTS_CHECKED_MS = 1_000;

/** Bytes of one request's head; a Node default, named because a bearer token comes in it. */
export const HEAD_BYTES_MAX = 16_384;

/** Headers of one request. */
export const HEADERS_MAX = 100;

/** Requests on one connection before it is closed, so that a load balancer can level. */
export const REQUESTS_PER_CONNECTION_MAX = 10_000;

/** Connections, sockets included, above which a new one is closed at once. */
export const CONNECTIONS_MAX = 10_000;

/** How long the database has to answer a readiness check. */
export const READY_ANSWER_MS = 2_000;
