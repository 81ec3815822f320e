import { randomBytes } from "node:crypto";
import { v7 } from "uuid";
import type { Log } from "#packet/log.ts";
import type { ServerNeeds } from "#server.ts";

/** What the front door gives a server, but for its API: real chance and clocks, and nobody who is told of the start. */
export function needsOf(log: Log): Omit<ServerNeeds, "openApi"> {
  return {
    log,
    tell: () => undefined,
    newId: () => v7(),
    newSalt: () => randomBytes(32),
    now: () => performance.now(),
    wallNow: () => Date.now(),
  };
}
