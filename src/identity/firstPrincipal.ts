import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { readWhole, replaceWhole, syncFolder } from "#outpost/wholeFile.ts";
import { sha256Hex } from "#proof/digest.ts";
import { tokenOf } from "./bearer.ts";
import { makePrincipals } from "./changePrincipals.ts";
import { readPrincipals } from "./principalsFile.ts";

/** Whoever first starts on an embedded database, with every role that a tour of the product needs. */
const FIRST_PRINCIPAL = {
  name: "first.operator",
  kind: "PERSON",
  roles: ["READER", "OPERATOR", "PREPARER", "RELEASE_SECURITY", "DEVELOPER"],
} as const;

/** A file with the SHA-256 of the first token, for as long as nobody was told that. */
const UNTOLD = "first-token-untold";

/** Where the principals file is, the directory that this process holds, and 32 random bytes. */
export interface FirstPrincipalRequest {
  readonly file: string;
  readonly data: string;
  readonly random: () => Uint8Array;
}

/** The one person of a principals file that was made at the first start. */
export interface FirstPrincipal {
  readonly name: string;
  readonly token: string;
  /** To be called when the token was shown: it then counts for good. */
  told(): Promise<void>;
  /** Leaves nothing behind if the token was not shown: the next start is the first one again. */
  close(): Promise<void>;
}

/**
 * Makes the principals file where there is none; resolves to null where there is one. Whoever is
 * killed before the token was shown has made none: the next call makes it anew, with another
 * token. No other process may do this in the same directory meanwhile.
 */
export async function makeFirstPrincipal(
  request: FirstPrincipalRequest,
): Promise<FirstPrincipal | null> {
  const { file, data, random } = request;
  const mark = path.join(data, UNTOLD);
  if (!(await isAbsent(file)) && !(await removeUntold(file, mark))) return null;
  const token = tokenOf(random());
  const tokenSha256 = sha256Hex(token);
  await replaceWhole(mark, tokenSha256, 0o600);
  await makePrincipals(file, { ...FIRST_PRINCIPAL, tokenSha256 });
  let isTold = false;
  return {
    name: FIRST_PRINCIPAL.name,
    token,
    async told() {
      isTold = true;
      await removeFor(mark);
    },
    async close() {
      if (isTold) return;
      await removeUntold(file, mark);
      await removeFor(mark);
    },
  };
}

/** Removes the file if nobody can know a token of it; whoever was added since does. */
async function removeUntold(file: string, mark: string): Promise<boolean> {
  const untold = await readWhole(mark);
  if (untold === null) return false;
  const { principals } = await readPrincipals(file);
  const digest = Buffer.from(untold).toString("utf8");
  const isUntold = principals.length === 1 && principals[0]?.tokenSha256 === digest;
  await removeFor(isUntold ? file : mark);
  return isUntold;
}

/** Removes a file, so that it does not come back after a crash of the machine. */
async function removeFor(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncFolder(path.dirname(file));
}

async function isAbsent(file: string): Promise<boolean> {
  try {
    await stat(file);
    return false;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== "ENOENT") throw fault;
    return true;
  }
}
