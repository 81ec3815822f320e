import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import cacache from "cacache";
import { onTestFinished } from "vitest";

/** A project with a lock file, and an npm cache beside it, both of the test's own. */
export interface Machine {
  readonly project: string;
  readonly cache: string;
}

/** One package that the lock file pins. */
export interface LockedPackage {
  readonly name: string;
  readonly tarball: Buffer;
  readonly isCached?: boolean;
  /** Its files as npm installs them. */
  readonly files?: Readonly<Record<string, string>>;
}

/** So many packages, each with a tarball of its own. */
export function packages(count: number): LockedPackage[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `part-${String(index).padStart(3, "0")}`,
    tarball: Buffer.from(`tarball of part ${index}`.repeat(index + 1)),
  }));
}

/** The SHA-512 of the bytes by a road of the test's own. */
export function sha512(bytes: Buffer | string): string {
  return `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
}

/** Lays out the machine; it is removed when the test has run. */
export async function machineWith(locked: readonly LockedPackage[]): Promise<Machine> {
  const top = await mkdtemp(path.join(tmpdir(), "holdfast-rehearsal-"));
  onTestFinished(() => rm(top, { recursive: true }));
  const machine = { project: path.join(top, "project"), cache: path.join(top, "_cacache") };
  await mkdir(machine.project);
  const lines: Record<string, unknown> = { "": { name: "project", version: "1.0.0" } };
  for (const { name, tarball, isCached = true, files = {} } of locked) {
    const folder = path.join("node_modules", name);
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    lines[folder] = { version: "1.2.3", integrity };
    if (isCached) await cacache.put(machine.cache, name, tarball, { algorithms: ["sha512"] });
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.join(machine.project, folder), { recursive: true });
      await writeFile(path.join(machine.project, folder, file), text);
    }
  }
  const lockFile = JSON.stringify({ lockfileVersion: 3, packages: lines });
  await writeFile(path.join(machine.project, "package-lock.json"), lockFile);
  return machine;
}

/** Where the cache keeps these bytes. */
export function cachedFile({ cache }: Machine, tarball: Buffer): string {
  const hex = createHash("sha512").update(tarball).digest("hex");
  return path.join(cache, "content-v2", "sha512", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
}
