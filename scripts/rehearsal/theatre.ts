import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { v7 as newId } from "uuid";
import { readConfig } from "#config.ts";
import { openApi } from "#graphql/api.ts";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { SIGN_IN_NAMESPACE } from "#proof/signInStatement.ts";
import { type RunningServer, startServer } from "#server.ts";
import type { Access } from "./api.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import { type OwnKey, makeOwnKey } from "./ownKey.ts";
import { withPasses } from "./passes.ts";
import { EPOCH_MS, TICK_GAP_MAX_MS } from "./plan.ts";
import { type SingleSignOn, openSingleSignOn } from "./singleSignOn.ts";

/** The server on which the incident is played, once it lets the cast in. */
export interface Theatre {
  readonly access: Access;
  /** Which server this is, in words. */
  readonly told: string;
  /** Tells this performance's names from those of others on the same server; null where it is the first. */
  readonly mark: string | null;
  /** Automated reporters count their reports from above this. */
  readonly reportsBefore: bigint;
  /** True where nobody else uses the server, so that its epoch may be frozen. */
  readonly isAlone: boolean;
  /** Single sign-on, where it is the rehearsal's own, and the key that its owner has. */
  readonly signOn: SingleSignOn | null;
  readonly ownersKey: OwnKey | null;
}

/** Who needs to be let in, and until when. */
export interface Admission {
  readonly actors: readonly Actor[];
  /** Who signs in with a key of their own once single sign-on is down. */
  readonly owner: Actor;
  /** Tells this performance's names from those of others on the same server; null where it is the first. */
  readonly mark: string | null;
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
  { actors, owner, signal }: Admission,
  use: (theatre: Theatre) => Promise<T>,
): Promise<T> {
  const files = filesIn(data);
  const signOn = await openSingleSignOn();
  try {
    const ownersKey = makeOwnKey();
    const signer = `${owner.actor} namespaces="${SIGN_IN_NAMESPACE}" ${ownersKey.line}\n`;
    await writeFile(files.oidc, signOn.configuration);
    await writeFile(files.signers, signer);
    await writeFile(files.revokedKeys, "");
    return await withPasses(files.principals, actors, [owner], async (tokens) => {
      const server = await openServer(data, files);
      try {
        const access = { url: server.url, tokens, signal };
        const told = `a server of its own, whose database is ${server.database}`;
        const lost = server.lost.then((fault) => {
          throw fault;
        });
        const rest = { mark: null, reportsBefore: 0n, isAlone: true, signOn, ownersKey };
        return await Promise.race([lost, use({ access, told, ...rest })]);
      } finally {
        await server.close();
      }
    });
  } finally {
    await signOn.goDown();
    // Without it the next start in this directory makes a first principal and tells their token.
    for (const file of Object.values(files)) await rm(file, { force: true });
  }
}

/** What says who is let in. */
function filesIn(data: string) {
  return {
    principals: path.join(data, "principals.json"),
    signers: path.join(data, "allowed_signers"),
    revokedKeys: path.join(data, "revoked_keys"),
    oidc: path.join(data, "oidc.json"),
  };
}

function openServer(data: string, files: ReturnType<typeof filesIn>): Promise<RunningServer> {
  const config = readConfig({
    HOLDFAST_CONNECTIONS_MAX: CONNECTIONS_MAX.toString(),
    HOLDFAST_DATA: data,
    HOLDFAST_EPOCH_MS: EPOCH_MS.toString(),
    HOLDFAST_OIDC: files.oidc,
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: files.principals,
    HOLDFAST_REVOKED_KEYS: files.revokedKeys,
    HOLDFAST_SIGNERS: files.signers,
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

/** What the server says of the outage that the rehearsal makes. */
const MEANT = /^the identity provider gave no keys/;

function complain(message: string): void {
  if (MEANT.test(message)) return;
  process.stderr.write(`the rehearsal's server: ${message}\n`);
}
