import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { CHANGE_TOKEN_FORMAT, type Change, type ChangeToken } from "#packet/change.ts";
import { canonical } from "#proof/canonical.ts";
import { changeDigest } from "#recovery/change.ts";
import { type ChangeControl, type ChangeKeys, readChangeKeys } from "#recovery/changeToken.ts";

/** A key of the test's own that signs tokens by the text of RFC 7515, with nothing of the product. */
export interface TokenMaker {
  readonly keys: ChangeKeys;
  /** As the service tells them. */
  readonly keySet: object;
  readonly control: ChangeControl;
  /** Signs any header and any payload. */
  raw(header: object, payload: string): string;
  /** A token for a change, from epoch 0 to far away unless said otherwise. */
  token(change: Change, said?: Partial<ChangeToken>): string;
}

const UUID = "0b7e1f9e-3c1b-4c7e-9b1a-2f6f0c9d1e00";
let made = 0;

/** The claims of a token that allows a change; each has an id of its own. */
export function claimsFor(change: Change, said: Partial<ChangeToken> = {}): ChangeToken {
  made += 1;
  return {
    change: changeDigest(change),
    deployment: change.deployment,
    firstEpoch: 0n,
    format: CHANGE_TOKEN_FORMAT,
    id: `${UUID.slice(0, -6)}${made.toString(16).padStart(6, "0")}`,
    kind: change.kind,
    lastEpoch: 1_000_000n,
    policy: 1,
    policyDigest: "c".repeat(64),
    ...said,
  };
}

/** A maker of tokens with a new key. */
export function tokenMaker(kid = "key-1"): TokenMaker {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x } = createPrivateKey(pem(privateKey)).export({ format: "jwk" });
  const keySet = { keys: [{ kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" }] };
  const keys = keysOf(keySet);
  const raw = (header: object, payload: string): string => {
    const input = `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
    return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
  };
  return {
    keys,
    keySet,
    control: { keys: () => Promise.resolve(keys) },
    raw,
    token: (change, said) =>
      raw({ alg: "EdDSA", typ: "change+jwt", kid }, canonical({ ...claimsFor(change, said) })),
  };
}

/** The keys of a set that can be used. */
export function keysOf(keySet: unknown): ChangeKeys {
  const keys = readChangeKeys(keySet);
  if ("keyFor" in keys) return keys;
  throw new Error(keys.join("; "));
}

function pem(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}

function base64url(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}
