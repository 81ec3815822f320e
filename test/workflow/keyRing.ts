import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type KeyRing, openSigners } from "#identity/signers.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { heardLog } from "../identity/heardLog.ts";
import { type MadeSigner, armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";

/** Keys of people, and the ring that the product makes of the files that list them. */
export interface Keys {
  readonly signers: KeyRing;
  /** The allowed signers, as `verify` takes them too. */
  readonly file: string;
  /** Signs with a person's own key. */
  sign(person: string, message: Uint8Array, namespace: string): string;
  close(): Promise<void>;
}

/** What a key may be used for here. */
export const ALL_USES = "approval@holdfast,entry@holdfast";

/**
 * Makes a key for each person, by their names: its type, and what it is listed for, if for anything.
 * A further key of somebody's is called after them and what it is for, as in `olga/exercise`.
 */
export async function openKeys(
  people: Readonly<Record<string, readonly [type: string, namespaces: string | null]>>,
): Promise<Keys> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-keys-"));
  const file = path.join(folder, "allowed_signers");
  const revokedFile = path.join(folder, "revoked_keys");
  const made = new Map<string, MadeSigner>();
  const lines: string[] = [];
  for (const [person, [type, namespaces]] of Object.entries(people)) {
    const signer = makeSigner({ type });
    made.set(person, signer);
    const [name = person] = person.split("/");
    if (namespaces !== null) lines.push(lineOf(name, signer, namespaces));
  }
  await writeFile(file, lines.join(""));
  await writeFile(revokedFile, "");
  const { log } = heardLog();
  const signers = await openSigners({ file, revokedFile, log, now: () => 0 });
  return {
    signers,
    file,
    sign(person, message, namespace) {
      const signer = made.get(person);
      if (signer === undefined) throw new Error(`${person} has no key`);
      return armor(blobOf(partsOf(signer, message, namespace)));
    },
    async close() {
      signers.close();
      await rm(folder, { recursive: true });
    },
  };
}
