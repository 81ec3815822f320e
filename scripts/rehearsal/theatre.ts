import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { v7 as newId } from "uuid";
import { readConfig } from "#config.ts";
import { openApi } from "#graphql/api.ts";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { type RunningServer, startServer } from "#server.ts";
import type { Access } from "./api.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import { withPasses } from "./passes.ts";
import { EPOCH_MS, TICK_GAP_MAX_MS } from "./plan.ts";

/** The server on which the incident is played, once it lets the cast in. */
export interface Theatre {
  readonly access: Access;
  /** Which server this is, in words. */
  readonly told: string;
  /** Tells this performance's names from those of others on the same server; null where it is the first. */
  readonly mark: string | null;
  /** Automated reporters count their reports from above this. */
  readonly reportsBefore: bigint;
}

/** Who needs to be let in, and until when. */
export interface Admission {
  readonly actors: readonly Actor[];
  readonly signal: AbortSignal;
}

const CONNECTIONS_MAX = 4;

/**
 * Starts a server of its own on an embedded Postgres, with the cast as its principals, has it
 * used, and closes everything in reverse, however that ends. Without a directory the data is
 * removed; in one that is kept nobody of the cast is left as a principal.
 *
 * @throws {CannotRehearse} if the directory is not empty, and what `startServer` throws.
 */
export async function inOwnTheatre<T>(
  directory: string | null,
  admission: Admission,
  use: (theatre: Theatre) => Promise<T>,
): Promise<T> {
  const data = directory ?? (await mkdtemp(path.join(tmpdir(), "holdfast-rehearsal-")));
  try {
    // Started by root, the database runs as another account, which has to get in.
    if (directory === null) await chmod(data, 0o711);
    else await requireEmpty(directory);
    return await withServer(data, admission, use);
  } finally {
    if (directory === null) await rm(data, { recursive: true, force: true });
  }
}

async function requireEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length === 0) return;
  throw new CannotRehearse(
    `${directory} holds something already: the rehearsal plays on fresh data, name another`,
  );
}

async function withServer<T>(
  data: string,
  { actors, signal }: Admission,
  use: (theatre: Theatre) => Promise<T>,
): Promise<T> {
  const principals = path.join(data, "principals.json");
  try {
    return await withPasses(principals, actors, async (tokens) => {
      const server = await openServer(data);
      try {
        const access = { url: server.url, tokens, signal };
        const told = `a server of its own, whose database is ${server.database}`;
        const lost = server.lost.then((fault) => {
          throw fault;
        });
        return await Promise.race([lost, use({ access, told, mark: null, reportsBefore: 0n })]);
      } finally {
        await server.close();
      }
    });
  } finally {
    // Without it the next start in this directory makes a first principal and tells their token.
    await rm(principals, { force: true });
  }
}

function openServer(data: string): Promise<RunningServer> {
  const config = readConfig({
    HOLDFAST_CONNECTIONS_MAX: CONNECTIONS_MAX.toString(),
    HOLDFAST_DATA: data,
    HOLDFAST_EPOCH_MS: EPOCH_MS.toString(),
    HOLDFAST_PORT: "0",
    HOLDFAST_TICK_GAP_MAX_MS: TICK_GAP_MAX_MS.toString(),
  });
  return startServer(config, {
    log: LOG,
    tell: () => undefined,
    newId: () => newId(),
    newSalt: () => randomBytes(32),
    now: () => performance.now(),
    wallNow: () => Date.now(),
    openApi,
  });
}

/** Only what went wrong is worth a line beside the performance. */
const LOG: Log = {
  info: () => undefined,
  warn: (_fields, message) => complain(message),
  error: (_fields, message) => complain(message),
};

function complain(message: string): void {
  process.stderr.write(`the rehearsal's server: ${message}\n`);
}
