import { type Socket, createConnection } from "node:net";
import { Pace, type PaceOptions } from "./pace.ts";

/** Where the driver wants to be connected: hosts with their ports, or a path. */
export interface Destination {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
}

/** Opens one socket of the driver's. */
export type Dial = (to: Destination) => Promise<Socket>;

/** How soon a connection that says nothing is asked whether it is there, in milliseconds; then every second. */
const KEEP_ALIVE_MS = 1_000;

/**
 * Opens the driver's sockets at a pace. By itself postgres.js (3.4.9) connects again without a
 * pause to a server that takes connections and ends them, as one does that recovers, if the last
 * connection was lost with a statement under way. Hosts are tried in turn.
 */
export function dialler(options: PaceOptions): Dial {
  const pace = new Pace(options);
  let turn = -1;
  return async ({ host: hosts, port: ports, path }) => {
    await pace.turn();
    if (typeof path === "string" && path !== "") return createConnection({ path });
    turn = (turn + 1) % hosts.length;
    const [host = "localhost", port = 5432] = [hosts[turn], ports[turn]];
    const keeping = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    // What the driver writes before it is connected waits; it tells faults by these two names.
    return Object.assign(createConnection({ host, port, ...keeping }), { host, port });
  };
}
