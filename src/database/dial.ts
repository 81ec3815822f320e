import { type Socket, createConnection } from "node:net";
import { Pace } from "./pace.ts";

/** How long for each connection beyond those that are open at once, in milliseconds. */
const EVERY_MS = 250;

/** Where the driver wants to be connected: hosts with their ports, or a path. */
interface Destination {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false | undefined;
}

/**
 * Opens the driver's sockets, `burst` at once and then a few a second. By itself postgres.js
 * (3.4.9) connects again without a pause to a server that takes connections and ends them, as
 * one does that recovers, if the last connection was lost with a statement under way. Hosts are
 * tried in turn.
 */
export function dialler(burst: number): (to: Destination) => Promise<Socket> {
  const pace = new Pace({ burst, everyMs: EVERY_MS });
  let turn = -1;
  return async ({ host: hosts, port: ports, path }) => {
    await pace.turn();
    if (typeof path === "string" && path !== "") return createConnection({ path });
    turn = (turn + 1) % hosts.length;
    const [host = "localhost", port = 5432] = [hosts[turn], ports[turn]];
    // What the driver writes before it is connected waits; it tells faults by these two names.
    return Object.assign(createConnection({ host, port }), { host, port });
  };
}
