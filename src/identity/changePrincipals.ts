import { chown, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { makeWhole, syncFolder } from "#outpost/wholeFile.ts";
import { sha256Hex } from "#proof/digest.ts";
import { tokenOf } from "./bearer.ts";
import { toldOf } from "./fileKind.ts";
import {
  type Principal,
  type PrincipalWords,
  PrincipalsFile,
  PrincipalsUnusable,
  readPrincipals,
} from "./principalsFile.ts";

const OWNER_ALONE = 0o600;

/** Somebody to let in, before they have a token. */
export type NewPrincipal = z.output<typeof PrincipalWords>;

/** The principals file has no such change to make; nothing was written. */
export class PrincipalsUnchanged extends Error {
  override readonly name = "PrincipalsUnchanged";
}

/**
 * Adds a principal, making the file where there is none, and resolves to their token, of which
 * the file keeps the SHA-256 alone. `random` is 32 random bytes. The file is replaced as a whole
 * and is its owner's to read. Throws {@link PrincipalsUnusable} or {@link PrincipalsUnchanged}.
 */
export async function addPrincipal(
  file: string,
  principal: NewPrincipal,
  random: Uint8Array,
): Promise<string> {
  const token = tokenOf(random);
  await add(file, { ...principal, tokenSha256: sha256Hex(token) });
  return token;
}

/** The same for somebody who has no token: they come by an identity provider, or with a key of their own. */
export async function addTokenless(file: string, principal: NewPrincipal): Promise<void> {
  await add(file, principal);
}

/**
 * Makes the file with one principal in it, and nothing of it if that is cut off. Throws
 * {@link PrincipalsUnchanged} where there is one.
 */
export async function makePrincipals(file: string, principal: Principal): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await makeWhole(file, textOf(file, [principal]), OWNER_ALONE).catch(
    (fault: NodeJS.ErrnoException) => {
      if (fault.code !== "EEXIST") throw fault;
      throw new PrincipalsUnchanged(`${file} is there already: start again with who is in it`);
    },
  );
}

/** Removes a principal, so that their token counts no more. Throws as {@link addPrincipal} does. */
export async function removePrincipal(file: string, name: string): Promise<void> {
  await change(file, (principals) => {
    const rest = principals.filter((known) => !isNamed(known, name));
    if (rest.length === principals.length) {
      throw new PrincipalsUnchanged(`${file} has no principal of this name`);
    }
    return rest;
  });
}

async function add(file: string, principal: Principal): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await change(file, (principals) => {
    if (principals.some((known) => isNamed(known, principal.name))) {
      throw new PrincipalsUnchanged(
        `${file} has a principal of this name already: remove it first, or choose another name`,
      );
    }
    return [...principals, principal];
  });
}

function isNamed(principal: Principal, name: string): boolean {
  return principal.name.toLowerCase() === name.toLowerCase();
}

type Change = (principals: readonly Principal[]) => readonly Principal[];

/** The new file's name is taken first and only once: of two changes at a time, neither is lost. */
async function change(named: string, make: Change): Promise<void> {
  const file = await realpath(named).catch(ignoreAbsent(named));
  const next = `${file}.new`;
  const handle = await open(next, "wx", OWNER_ALONE).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== "EEXIST") throw fault;
    throw new PrincipalsUnchanged(
      `${next} is there: another change is under way, or one was cut off, and then it may be removed`,
    );
  });
  try {
    try {
      const text = textOf(file, make(await presentOf(file)));
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await keepOwner(file, next);
    await rename(next, file);
  } catch (fault) {
    await rm(next, { force: true });
    throw fault;
  }
  await syncFolder(path.dirname(file));
}

async function presentOf(file: string): Promise<readonly Principal[]> {
  if ((await stat(file).catch(ignoreAbsent(null))) === null) return [];
  return (await readPrincipals(file)).principals;
}

function textOf(file: string, principals: readonly Principal[]): string {
  const checked = PrincipalsFile.safeParse({ principals });
  if (!checked.success) throw new PrincipalsUnusable(file, checked.error.issues.map(toldOf));
  return `${JSON.stringify(checked.data, null, 2)}\n`;
}

/** Changed by root, the file stays readable to the account that the server runs as. */
async function keepOwner(file: string, next: string): Promise<void> {
  const present = await stat(file).catch(ignoreAbsent(null));
  if (present === null || process.getuid?.() !== 0) return;
  await chown(next, present.uid, present.gid);
}

function ignoreAbsent<T>(instead: T): (fault: NodeJS.ErrnoException) => T {
  return (fault) => {
    if (fault.code !== "ENOENT") throw fault;
    return instead;
  };
}
