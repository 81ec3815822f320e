/** Close codes of our own, beside those of the protocol. */
export const CLOSE = {
  goingAway: 1001,
  notText: 1003,
  /** A reader that took none of its events for too long, or ever less than came; it goes on from its last cursor. */
  consumerTooSlow: 4013,
} as const;
