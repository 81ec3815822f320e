import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { open } from "node:fs/promises";
import { CompactSign, calculateJwkThumbprint } from "jose";
import { writeWhole } from "#outpost/wholeFile.ts";
import { CHANGE_TOKEN_TYPE, ChangeKeySet, type ChangeToken } from "#packet/change.ts";
import { canonicalBytes } from "#proof/canonical.ts";

/** The service's key cannot be used; the message says what to do, and repeats no key. */
export class PaceKeyUnusable extends Error {
  override readonly name = "PaceKeyUnusable";

  constructor(file: string, reason: string, cause?: unknown) {
    super(`the change-rate service's key ${file} cannot be used: ${reason}`, { cause });
  }
}

/** Signs change tokens. */
export interface TokenKey {
  /** The public half, as others keep it to verify tokens. */
  readonly keySet: ChangeKeySet;
  /** The compact JWS of these claims; the same claims always give the same text (RFC 8032). */
  sign(token: ChangeToken): Promise<string>;
}

/** How PKCS #8 begins for the 32 bytes of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

const OWNER_ALONE = 0o600;
const READABLE_BY_OTHERS = 0o077;

/**
 * Reads the key, PKCS #8 in PEM, and makes it where there is none yet and no token was given with
 * it. The directory is held meanwhile.
 *
 * @throws {PaceKeyUnusable} if it is no Ed25519 key, may be read by others, or is gone.
 */
export async function openTokenKey(request: {
  readonly file: string;
  /** 32 random bytes. */
  readonly newSeed: () => Uint8Array;
  readonly hasSigned: boolean;
}): Promise<TokenKey> {
  const { file, newSeed, hasSigned } = request;
  const present = await readOwn(file);
  if (present === null && hasSigned)
    throw new PaceKeyUnusable(
      file,
      "it is gone, and tokens were signed with it: restore it; only in another directory a new one is made",
    );
  const text = present ?? pemOf(newSeed());
  if (present === null) await writeWhole(file, text, OWNER_ALONE);
  return tokenKeyOf(privateKeyOf(file, text));
}

function pemOf(seed: Uint8Array): string {
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    .export({ format: "pem", type: "pkcs8" })
    .toString();
}

function privateKeyOf(file: string, text: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    // The fault's own words may quote what was read.
    throw new PaceKeyUnusable(file, "it is no private key in PEM: restore it");
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new PaceKeyUnusable(file, "it is no Ed25519 key: restore it");
  }
  return key;
}

async function tokenKeyOf(key: KeyObject): Promise<TokenKey> {
  const { kty, crv, x } = createPublicKey(key).export({ format: "jwk" });
  const jwk = { kty: String(kty), crv: String(crv), x: String(x) };
  const kid = await calculateJwkThumbprint(jwk);
  const keySet = ChangeKeySet.parse({ keys: [{ ...jwk, kid, alg: "EdDSA", use: "sig" }] });
  return {
    keySet,
    sign: (token) =>
      new CompactSign(canonicalBytes({ ...token }))
        .setProtectedHeader({ alg: "EdDSA", typ: CHANGE_TOKEN_TYPE, kid })
        .sign(key),
  };
}

async function readOwn(file: string): Promise<string | null> {
  const handle = await open(file).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === "ENOENT") return null;
    throw new PaceKeyUnusable(file, fault.message, fault);
  });
  if (handle === null) return null;
  try {
    const { mode } = await handle.stat();
    if ((mode & READABLE_BY_OTHERS) !== 0)
      throw new PaceKeyUnusable(
        file,
        "others may read it: chmod 600, and make a new one if in doubt",
      );
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
