import { z } from "zod";

/** One package as the lock file pins it. */
export interface Pinned {
  /** Name and version, such as `zod@4.6.7`. */
  readonly name: string;
  /** The SHA-512 of its tarball as a Subresource Integrity text. */
  readonly integrity: string;
  /** Where npm installs it, under the project's top. */
  readonly folder: string;
}

const LockFile = z.object({
  lockfileVersion: z.literal([2, 3]),
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      integrity: z.string().optional(),
    }),
  ),
});

/** Every package that a `package-lock.json` pins by SHA-512, each once, in order of name. */
export function pinnedBy(text: string): Pinned[] {
  const pinned = new Map<string, Pinned>();
  for (const [folder, item] of Object.entries(LockFile.parse(JSON.parse(text)).packages)) {
    const integrity = item.integrity?.split(/\s+/).find((token) => token.startsWith("sha512-"));
    if (integrity === undefined || item.version === undefined) continue;
    const name = `${item.name ?? folder.split("node_modules/").at(-1)}@${item.version}`;
    if (!pinned.has(name)) pinned.set(name, { name, integrity, folder });
  }
  return [...pinned.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** A Subresource Integrity text of SHA-512 as a manifest writes digests. */
export function digestOfIntegrity(integrity: string): string {
  const base64 = integrity.slice("sha512-".length);
  return `sha512:${Buffer.from(base64, "base64").toString("hex")}`;
}
