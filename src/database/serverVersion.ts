import type { Sql } from "./connect.ts";

/** The oldest major version of Postgres that the product's SQL is written for and tested on. */
const POSTGRES_MAJOR_MIN = 15;

/** The server is older than the product's SQL needs; nothing was changed on it. */
export class ServerTooOld extends Error {
  override readonly name = "ServerTooOld";
  readonly version: string;

  constructor(version: string) {
    super(
      `the server runs Postgres ${version}, but ${POSTGRES_MAJOR_MIN} or newer is needed: ` +
        "upgrade it, or name another server",
    );
    this.version = version;
  }
}

/** Resolves to the server's version, such as `18.4`, or throws {@link ServerTooOld}. */
export async function requireServerVersion(sql: Sql): Promise<string> {
  const [row] = await sql<{ version: string; number: number }[]>`
    SELECT current_setting('server_version') AS version,
           current_setting('server_version_num')::int AS number`;
  if (row === undefined) throw new Error("the server did not tell its version");
  if (row.number < POSTGRES_MAJOR_MIN * 10_000) throw new ServerTooOld(row.version);
  return row.version;
}
