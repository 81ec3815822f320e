import { Socket } from "node:net";
import { type ConnectOptions, type Database, connect } from "./connect.ts";

/** What is asked of a database that is known to be away; nothing was sent. */
class DatabaseAway extends Error {
  override readonly name = "DatabaseAway";
  readonly code = "CONNECTION_AWAY";

  constructor() {
    super("the database is known to be away: nothing is asked of it");
  }
}

/** Stands in for a database that is known to be away: whatever is asked of it fails at once with {@link DatabaseAway}. */
export function awayDatabase(options: ConnectOptions): Database {
  return connect("postgres://", {
    ...options,
    dial({ host: [host = ""], port: [port = 0] }) {
      const socket = Object.assign(new Socket(), { host, port });
      // To the driver it is one that was refused.
      setImmediate(() => socket.destroy(new DatabaseAway()));
      return Promise.resolve(socket);
    },
  });
}
