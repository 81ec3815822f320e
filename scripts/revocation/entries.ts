import { readFile } from "node:fs/promises";
import { AllowedSigners, parseAllowedSigners } from "#proof/allowedSigners.ts";
import { readKrl } from "#proof/krl.ts";
import { KrlFault } from "#proof/krlReader.ts";
import { isCredentialId } from "#proof/revocationList.ts";
import { NotDone } from "../commandLine.ts";

const NAMESPACES = [
  "sign-in@holdfast",
  "approval@holdfast",
  "entry@holdfast",
  "revocation@holdfast",
] as const;

/** Where the ids of credentials come from. */
export interface Sources {
  readonly ids: readonly string[];
  /** Lists of `ssh-keygen -k`. */
  readonly krls: readonly string[];
  /** A file of allowed signers: the keys in it that a list names by SHA-1 alone are found by it. */
  readonly signers: string | undefined;
}

/** Ids of credentials, and what of the lists could not be taken over, in words. */
export interface Entries {
  readonly ids: ReadonlySet<string>;
  readonly left: readonly string[];
}

/** Gathers the ids. Throws a `TypeError` for an id that is none, and {@link NotDone} for a file that cannot be used. */
export async function gathered({ ids, krls, signers }: Sources): Promise<Entries> {
  const wrong = ids.find((id) => !isCredentialId(id));
  if (wrong !== undefined) {
    throw new TypeError(
      `${wrong} is no credential: say principal:NAME, node:NAME or key:SHA256:...`,
    );
  }
  const all = new Set(ids);
  const left: string[] = [];
  const listed =
    signers === undefined ? new AllowedSigners() : signersOf(signers, await read(signers));
  for (const file of krls) {
    const krl = readKrl(await read(file));
    if (krl instanceof KrlFault) {
      throw new NotDone(`${file} is no list of ssh-keygen -k: byte ${krl.at}: ${krl.why}`);
    }
    for (const fingerprint of krl.fingerprints) all.add(`key:${fingerprint}`);
    const found = keysOf(listed).filter((key) => krl.revokes(key));
    for (const { fingerprint } of found) all.add(`key:${fingerprint}`);
    const bySha1 = krl.size - krl.fingerprints.size;
    if (bySha1 > 0) {
      left.push(
        `${file} names ${bySha1} keys by SHA-1 alone: those in --signers were found, others not`,
      );
    }
  }
  return { ids: all, left };
}

function keysOf(listed: AllowedSigners) {
  return listed
    .persons()
    .flatMap((person) => NAMESPACES.flatMap((space) => [...listed.wiresOf(person, space)]))
    .map(([fingerprint, wire]) => ({ fingerprint, wire }));
}

function signersOf(file: string, text: Buffer): AllowedSigners {
  const parsed = parseAllowedSigners(text.toString("utf8"));
  if (parsed instanceof AllowedSigners) return parsed;
  throw new NotDone(`${file} is no file of allowed signers: ${parsed.join("; ")}`);
}

/** A file's bytes. Throws {@link NotDone}. */
export async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new NotDone(`${file} cannot be read`, { cause });
  });
}
