import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { z } from "zod";
import { Name, compareNames } from "#packet/name.ts";

/** Who holds a root key, and how many of them must sign. */
export interface KeyHolders {
  /** The repository whose root this is. */
  readonly repository: string;
  /** The version of the root. */
  readonly version: number;
  readonly people: readonly Name[];
  readonly threshold: number;
}

/** By repository, the newest root in base64. */
const Seeds = z.record(z.string(), z.object({ "root.json": z.base64() }));

/** The part of a TUF root (The Update Framework, section 4.3) that says who signs. */
const Root = z.object({
  signed: z.object({
    _type: z.literal("root"),
    version: z.int(),
    keys: z.record(z.string(), z.object({ "x-tuf-on-ci-keyowner": z.string().optional() })),
    roles: z.object({ root: z.object({ keyids: z.array(z.string()), threshold: z.int().min(1) }) }),
  }),
});

/** The root that the installed `@sigstore/tuf` carries. */
export async function publishedKeyHolders(): Promise<KeyHolders> {
  const file = createRequire(import.meta.url).resolve("@sigstore/tuf/seeds.json");
  return keyHoldersOf(await readFile(file, "utf8"));
}

/**
 * The key holders of a seeds file, in order of name.
 *
 * @throws {Error} if a root key has no named owner, or two have the same.
 */
export function keyHoldersOf(text: string): KeyHolders {
  const [seed] = Object.entries(Seeds.parse(JSON.parse(text)));
  if (seed === undefined) throw new Error("the seeds name no repository");
  const [repository, files] = seed;
  const json = Buffer.from(files["root.json"], "base64").toString("utf8");
  const { version, keys, roles } = Root.parse(JSON.parse(json)).signed;
  const people = roles.root.keyids.map((keyId) => ownerOf(keyId, keys[keyId]));
  if (new Set(people).size < people.length) throw new Error("a person holds two root keys");
  const { threshold } = roles.root;
  return { repository, version, people: people.toSorted(compareNames), threshold };
}

function ownerOf(
  keyId: string,
  key: { "x-tuf-on-ci-keyowner"?: string | undefined } | undefined,
): Name {
  const owner = key?.["x-tuf-on-ci-keyowner"];
  if (owner === undefined) throw new Error(`root key ${keyId} has no named owner`);
  return Name.parse(owner.replace(/^@/, ""));
}
