import { readdir } from "node:fs/promises";
import path from "node:path";
import { ArtifactName, compareNames } from "#packet/name.ts";
import { sizeOf } from "./bytes.ts";
import { hashBytes } from "./hashing.ts";
import type { Holding } from "./holding.ts";
import type { Pinned } from "./lockFile.ts";

/** So many files of each package make a manifest of some hundreds. */
const FILES_OF_PACKAGE_MAX = 4;

/** The first files of every installed package, by the digests that they have now, in order of name. */
export async function installedFiles(
  project: string,
  packages: readonly Pinned[],
): Promise<Holding[]> {
  const holdings: Holding[] = [];
  for (const { name, folder } of packages) {
    const top = path.join(project, folder);
    for (const file of (await filesUnder(top)).slice(0, FILES_OF_PACKAGE_MAX)) {
      const bytes = { file: path.join(top, file) };
      const size = await sizeOf(bytes);
      const artifact = `${name}/${file}`;
      if (size === null || !ArtifactName.safeParse(artifact).success) continue;
      holdings.push({ name: artifact, digest: await hashBytes(bytes, "STREAMED"), size, bytes });
    }
  }
  return withoutLookAlikes(holdings.toSorted((left, right) => compareNames(left.name, right.name)));
}

/** A package's own plain files at its top, in order of name; none when it is not installed. */
async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .toSorted(compareNames);
}

/** A manifest refuses names that differ only in case. */
function withoutLookAlikes(holdings: readonly Holding[]): Holding[] {
  const first = new Map<string, Holding>();
  for (const holding of holdings) {
    const key = holding.name.toLowerCase();
    if (!first.has(key)) first.set(key, holding);
  }
  return [...first.values()];
}
