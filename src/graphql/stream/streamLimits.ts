import {
  CLOSE_MS,
  INTRODUCTION_MS,
  KEEP_ALIVE_MS,
  MESSAGES_OF_PRINCIPAL_PER_MINUTE_MAX,
  MESSAGES_PER_SECOND_MAX,
  QUEUE_BYTES_MAX,
  RIGHTS_MS,
  SLOW_MS,
  SOCKETS_OF_ADDRESS_MAX,
  STALLED_MS,
  STREAMS_OF_PRINCIPAL_MAX,
  SUBSCRIPTIONS_MAX,
  SUBSCRIPTIONS_OF_PRINCIPAL_MAX,
  UNTAKEN_BYTES_MAX,
} from "../limits.ts";

/** What bounds sockets and streams; times are in milliseconds. */
export interface StreamLimits {
  readonly introductionMs: number;
  readonly keepAliveMs: number;
  readonly stalledMs: number;
  readonly slowMs: number;
  readonly rightsMs: number;
  readonly closeMs: number;
  readonly subscriptionsMax: number;
  readonly messagesPerSecondMax: number;
  readonly untakenBytesMax: number;
  readonly queueBytesMax: number;
  readonly streamsOfPrincipalMax: number;
  readonly subscriptionsOfPrincipalMax: number;
  readonly messagesOfPrincipalPerMinuteMax: number;
  readonly socketsOfAddressMax: number;
}

/** What holds where nothing else is said. */
export const STREAM_LIMITS: StreamLimits = {
  introductionMs: INTRODUCTION_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  stalledMs: STALLED_MS,
  slowMs: SLOW_MS,
  rightsMs: RIGHTS_MS,
  closeMs: CLOSE_MS,
  subscriptionsMax: SUBSCRIPTIONS_MAX,
  messagesPerSecondMax: MESSAGES_PER_SECOND_MAX,
  untakenBytesMax: UNTAKEN_BYTES_MAX,
  queueBytesMax: QUEUE_BYTES_MAX,
  streamsOfPrincipalMax: STREAMS_OF_PRINCIPAL_MAX,
  subscriptionsOfPrincipalMax: SUBSCRIPTIONS_OF_PRINCIPAL_MAX,
  messagesOfPrincipalPerMinuteMax: MESSAGES_OF_PRINCIPAL_PER_MINUTE_MAX,
  socketsOfAddressMax: SOCKETS_OF_ADDRESS_MAX,
};
