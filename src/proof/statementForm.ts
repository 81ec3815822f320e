import { readCanonical } from "./readCanonical.ts";

/** The members of a statement in canonical form (RFC 8785); null for anything else. */
export function membersOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  let stored: unknown;
  try {
    stored = readCanonical(bytes);
  } catch {
    return null;
  }
  return typeof stored === "object" && stored !== null ? { ...stored } : null;
}

/** Whether a member is an epoch as statements write it: a decimal number below 10 to the 19th. */
export function isEpochText(value: unknown): value is string {
  return typeof value === "string" && /^(?:0|[1-9][0-9]{0,18})$/.test(value);
}
