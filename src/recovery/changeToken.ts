import { compactVerify, createLocalJWKSet } from "jose";
import {
  CHANGE_TOKEN_TYPE,
  type Change,
  ChangeKeySet,
  ChangeToken,
  type ChangeTokenFault,
  ChangeTokenText,
  type RateControl,
} from "#packet/change.ts";
import type { Epoch } from "#packet/epoch.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { changeDigest } from "./change.ts";

/** The one algorithm that counts, whatever a token says of itself (RFC 8725, section 3.1). */
const ALGORITHM = "EdDSA";

/** The keys whose tokens count. */
export interface ChangeKeys {
  /** How jose asks for the one key that a token names. */
  readonly keyFor: ReturnType<typeof createLocalJWKSet>;
  readonly kids: readonly string[];
}

/** What says whether a token is needed, and which ones count. */
export interface ChangeControl {
  /** The keys as they are now; NOT_CONTROLLED where none are configured. */
  keys(): Promise<ChangeKeys | "NOT_CONTROLLED" | "KEYS_UNUSABLE">;
}

/** Whether the rate of changes is controlled at present. */
export async function rateControlIn(control: ChangeControl): Promise<RateControl> {
  const keys = await control.keys();
  return typeof keys === "string" ? keys : "CONTROLLED";
}

/** A change, and what was brought to be allowed to make it: a token, why it is none that counts, or nothing. */
export interface TokenSpending {
  readonly change: Change;
  readonly given: ChangeToken | ChangeTokenFault | null;
}

/** Reads a key set; returns every fault, without a value, where it cannot be used. */
export function readChangeKeys(value: unknown): ChangeKeys | readonly string[] {
  const read = ChangeKeySet.safeParse(value);
  if (!read.success) {
    return read.error.issues.map(({ path, code, message }) => {
      const told = code === "unrecognized_keys" ? "has a member that no public key has" : message;
      return `${path.join(".") || "the key set"}: ${told}`;
    });
  }
  const keys = read.data.keys.map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid }));
  return { keyFor: createLocalJWKSet({ keys }), kids: keys.map(({ kid }) => kid) };
}

/**
 * What a token says, if one of these keys signed it with EdDSA (RFC 8037): a compact JWS (RFC 7515)
 * of type `change+jwt` whose claims are in canonical form. Needs no clock and no network. No text
 * throws.
 */
export async function openChangeToken(
  text: string,
  keys: ChangeKeys,
): Promise<ChangeToken | ChangeTokenFault> {
  if (!ChangeTokenText.safeParse(text).success || !isExact(text)) return "NOT_A_TOKEN";
  let payload: Uint8Array;
  try {
    const verified = await compactVerify(text, keys.keyFor, { algorithms: [ALGORITHM] });
    const { typ, kid, ...rest } = verified.protectedHeader;
    // A header that asks for more than these is of another protocol.
    const isOurs = typ === CHANGE_TOKEN_TYPE && kid !== undefined && Object.keys(rest).length === 1;
    if (!isOurs) return "NOT_A_TOKEN";
    payload = verified.payload;
  } catch {
    return "NOT_SIGNED";
  }
  return claimsOf(payload) ?? "NOT_A_TOKEN";
}

/** Whether each part is the one spelling of its bytes: what follows the last whole byte must be nothing. */
function isExact(text: string): boolean {
  return text
    .split(".")
    .every((part) => Buffer.from(part, "base64url").toString("base64url") === part);
}

function claimsOf(payload: Uint8Array): ChangeToken | null {
  try {
    return ChangeToken.safeParse(readCanonical(payload)).data ?? null;
  } catch {
    return null;
  }
}

/** Every reason why a token does not allow this change at this epoch; that it was used is for its keeper to know. */
export function changeTokenFaults(
  token: ChangeToken,
  change: Change,
  epoch: Epoch,
): ChangeTokenFault[] {
  const faults: readonly (readonly [boolean, ChangeTokenFault])[] = [
    [token.deployment !== change.deployment, "OTHER_DEPLOYMENT"],
    [token.kind !== change.kind, "OTHER_KIND"],
    [token.change !== changeDigest(change), "OTHER_CHANGE"],
    [epoch < token.firstEpoch, "TOO_EARLY"],
    [epoch > token.lastEpoch, "TOO_LATE"],
  ];
  return faults.flatMap(([isFault, code]) => (isFault ? [code] : []));
}
