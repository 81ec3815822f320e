import { readFile } from "node:fs/promises";
import path from "node:path";
import { ArtifactName } from "#packet/name.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import { sizeOf } from "./bytes.ts";
import type { Holding } from "./holding.ts";
import { installedFiles } from "./installed.ts";
import { type Pinned, digestOfIntegrity, pinnedBy } from "./lockFile.ts";

/** What this machine has to freeze, in order of name. */
export interface Stock {
  readonly origin: "NPM_CACHE" | "INSTALLED_FILES";
  readonly holdings: readonly Holding[];
  /** How many packages the lock file pins. */
  readonly pinned: number;
}

/** With fewer tarballs than this the cache counts as empty: an incident needs more than a handful. */
export const HOLDINGS_MIN = 24;

/**
 * The tarballs of the packages that the project's lock file pins and whose bytes the cache holds;
 * their digests are the lock file's. Without them, files of the installed packages, by their own digests.
 *
 * @throws {CannotRehearse} if neither is there.
 */
export async function takeStock(project: string, cache: string | null): Promise<Stock> {
  const pinned = pinnedBy(await readFile(path.join(project, "package-lock.json"), "utf8"));
  const named = pinned.filter((item) => ArtifactName.safeParse(item.name).success);
  const cached = cache === null ? [] : await heldIn(cache, named);
  if (cached.length >= HOLDINGS_MIN) {
    return { origin: "NPM_CACHE", holdings: cached, pinned: pinned.length };
  }
  const installed = await installedFiles(project, named);
  if (installed.length < HOLDINGS_MIN) {
    throw new CannotRehearse("there is nothing to freeze: run `npm ci` first");
  }
  return { origin: "INSTALLED_FILES", holdings: installed, pinned: pinned.length };
}

async function heldIn(cache: string, pinned: readonly Pinned[]): Promise<Holding[]> {
  const holdings: Holding[] = [];
  for (const { name, integrity } of pinned) {
    const bytes = { cache, integrity };
    const size = await sizeOf(bytes);
    if (size !== null) holdings.push({ name, digest: digestOfIntegrity(integrity), size, bytes });
  }
  return holdings;
}
