/** Wake-ups in one message. */
export const MESSAGE_WAKES_MAX = 64;

/** Bytes of a message that is looked at; the largest of our own is smaller. */
export const MESSAGE_BYTES_MAX = 8_192;

/** Messages that Redis has not answered; what comes meanwhile is told in fewer of them. */
export const MESSAGES_UNANSWERED_MAX = 32;

/** Packets of which others have not been told; wake-ups of further ones are dropped. */
export const PENDING_PACKETS_MAX = 4_096;

/** A connection on which one question is not answered before the next is due is given up. */
export const PING_MS = 900;

/** How long a connection may take until it is open, and each answer until it is ready. */
export const CONNECT_MS_MAX = 1_500;

/** The pause before another attempt to connect: this and a share of the second, by chance. */
export const RECONNECT_MS = 100;
export const RECONNECT_JITTER_MS = 300;
