import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { blockedAt, serverAccount, type Account } from "./account.ts";
import { majorOf, SERVER_ENVIRONMENT, usableBinaries, type Binaries } from "./binaries.ts";
import { DirectoryUnreachable, ServerNotStarted, WrongMajorVersion } from "./embeddedFaults.ts";
import { isRunning } from "./postmaster.ts";

/** The superuser of an embedded server, and the database that belongs to the product. */
export const EMBEDDED_NAME = "holdfast";

/** The role of an embedded server that the application signs in as; it can only append. */
export const APPLICATION_ROLE = "holdfast_app";

/** An initialised cluster, ready to be served. */
export interface Cluster {
  /** What the caller named, with every link resolved. */
  directory: string;
  /** Postgres' own data directory. */
  data: string;
  serverLog: string;
  password: string;
  account: Account | undefined;
  binaries: Binaries;
}

const run = promisify(execFile);

/**
 * The password of {@link APPLICATION_ROLE}, in hex. It follows from the superuser's, which it
 * does not give away, so that no second secret has to be kept.
 */
export function applicationPassword({ password }: Pick<Cluster, "password">): string {
  return createHmac("sha256", password).update(`${APPLICATION_ROLE} signs in`).digest("hex");
}

/**
 * Opens the cluster that lies in a directory, after making both where there is none yet.
 * A crash at any point leaves either no cluster or a whole one. Throws `WrongMajorVersion`,
 * `DirectoryUnreachable`, `NoBinaries` or `ServerNotStarted`.
 */
export async function openCluster(named: string, log: (line: string) => void): Promise<Cluster> {
  await mkdir(named, { recursive: true });
  const directory = await realpath(named);
  const folder = path.join(directory, "cluster");
  const account = await serverAccount(directory, folder);
  if (account === undefined) await requireEntry(directory, folder);
  else await admit(account, directory);
  const binaries = await usableBinaries(directory, account);
  const data = path.join(folder, "data");
  if ((await versionOf(data)) === undefined) {
    await removeAbandoned(directory);
    log(`making a Postgres ${binaries.version} cluster in ${directory}`);
    await initialise({ directory, folder, account, binaries });
  }
  const found = await versionOf(data);
  const expected = majorOf(binaries.version);
  if (found !== expected) throw new WrongMajorVersion(directory, found ?? "unknown", expected);
  return {
    directory,
    data,
    serverLog: path.join(folder, "server.log"),
    password: await readFile(path.join(folder, "password"), "utf8"),
    account,
    binaries,
  };
}

/** Only the directory itself is ours to open to the account, and only while it holds our things. */
async function admit(account: Account, directory: string): Promise<void> {
  const names = await readdir(directory);
  const ours = names.every((name) => /^(cluster$|staging-|postgres-)/.test(name));
  if (ours && (await stat(directory)).uid === 0) {
    await chown(directory, account.uid, account.gid);
    await chmod(directory, 0o700);
  }
  const blocked = await blockedAt(account, directory);
  if (blocked !== undefined) throw new DirectoryUnreachable(directory, blocked, account.name);
}

async function requireEntry(directory: string, folder: string): Promise<void> {
  for (const entered of [directory, folder]) {
    await access(entered, constants.R_OK | constants.X_OK).catch((fault: NodeJS.ErrnoException) => {
      if (fault.code === "EACCES") throw new DirectoryUnreachable(directory, entered, ourName());
      if (fault.code !== "ENOENT") throw fault;
    });
  }
}

function ourName(): string {
  return `user ${process.getuid?.() ?? "unknown"}`;
}

async function versionOf(data: string): Promise<string | undefined> {
  try {
    return (await readFile(path.join(data, "PG_VERSION"), "utf8")).trim();
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fault;
  }
}

interface NewCluster {
  directory: string;
  folder: string;
  account: Account | undefined;
  binaries: Binaries;
}

async function initialise({ directory, folder, account, binaries }: NewCluster): Promise<void> {
  const staging = await mkdtemp(path.join(directory, `staging-${process.pid}-`));
  const password = path.join(staging, "password");
  await writeFile(password, randomBytes(24).toString("hex"), { mode: 0o600, flush: true });
  if (account !== undefined) {
    await chown(staging, account.uid, account.gid);
    await chown(password, account.uid, account.gid);
  }
  const args = [
    `--pgdata=${path.join(staging, "data")}`,
    `--username=${EMBEDDED_NAME}`,
    `--pwfile=${password}`,
    "--auth=scram-sha-256",
    "--data-checksums",
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  try {
    await run(path.join(binaries.folder, "bin", "initdb"), args, {
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
      cwd: staging,
      env: SERVER_ENVIRONMENT,
    });
  } catch (cause) {
    await rm(staging, { recursive: true, force: true });
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ServerNotStarted(directory, `initdb failed: ${words}`, cause);
  }
  await keepFirst(staging, folder);
  await syncFolder(directory);
}

/** Of processes that make a cluster at the same time, the first to rename wins for all. */
async function keepFirst(staging: string, folder: string): Promise<void> {
  try {
    await rename(staging, folder);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw fault;
    await rm(staging, { recursive: true });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

/** Removes what a process that died while it made a cluster has left. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = /^staging-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || (await isRunning(Number(pid)))) continue;
    await rm(path.join(directory, name), { recursive: true, force: true });
  }
}
