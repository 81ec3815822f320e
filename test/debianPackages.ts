import { execFile } from "node:child_process";
import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const POSTGRES = "/usr/lib/postgresql";
const LIBRARIES = "/usr/lib";

/** What lets the system's calls fail for a process. */
export const STRACE = "/usr/bin/strace";

/** The Redis that the tests start. */
export const REDIS_SERVER = "/usr/bin/redis-server";

/** What the system tests need of Debian's, and how to see whether it is there. */
const PACKAGES: Readonly<Record<string, () => Promise<boolean>>> = {
  libfaketime: async () => (await findFaketime()) !== null,
  "openssh-client": () => isThere("/usr/bin/ssh-keygen"),
  postgresql: async () => (await findPostgres()) !== null,
  "redis-server": () => isThere(REDIS_SERVER),
  strace: () => isThere(STRACE),
};

/**
 * Before the first system test: installs what is missing, as root on Debian; elsewhere throws and
 * says what is needed. No two tests may do it at once, for apt-get has a lock.
 */
export async function setup(): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await isThere("/etc/debian_version"))) {
    throw new Error(
      `the system tests need Debian's ${missing.join(", ")}: install them, or run as root there`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "--quiet"], { env });
  await run("apt-get", ["install", "--yes", "--no-install-recommends", ...missing], { env });
  const absent = await missingPackages();
  if (absent.length > 0) throw new Error(`Debian's ${absent.join(", ")} lack what is used of them`);
}

/** The folder of Debian's newest Postgres with pg_basebackup, which the embedded one lacks; null without. */
export async function findPostgres(): Promise<string | null> {
  const versions = (await namesIn(POSTGRES)).map(Number).filter(Number.isFinite);
  for (const version of versions.toSorted((a, b) => b - a)) {
    const folder = path.join(POSTGRES, String(version), "bin");
    const names = await namesIn(folder);
    if (names.includes("pg_basebackup") && names.includes("initdb")) return folder;
  }
  return null;
}

/** Debian's library that gives a process another clock; null without. */
export async function findFaketime(): Promise<string | null> {
  for (const triplet of await namesIn(LIBRARIES)) {
    const library = path.join(LIBRARIES, triplet, "faketime", "libfaketimeMT.so.1");
    if (await isThere(library)) return library;
  }
  return null;
}

async function missingPackages(): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, isInstalled] of Object.entries(PACKAGES)) {
    if (!(await isInstalled())) missing.push(name);
  }
  return missing;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((): string[] => []);
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
