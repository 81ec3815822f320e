import { z } from "zod";
import type { Id, Name } from "./name.ts";

/** What of the access to the deployment is kept on record; the codes never change their meaning. */
export const AccessCode = z.enum([
  "SIGNED_IN",
  "SIGNED_IN_OFFLINE",
  "SIGN_IN_REFUSED",
  "REFUSED",
  "EXPORTED",
  "GOVERNED_READ",
  "ROLES_CHANGED",
  "KEYS_CHANGED",
]);
export type AccessCode = z.infer<typeof AccessCode>;

/**
 * One thing that somebody did or was refused. Its texts are names, ids, codes and fingerprints of
 * public keys: no token, and nothing that a caller could write freely.
 */
export interface AccessEvent {
  readonly code: AccessCode;
  /** Who; null for whoever is not known, and for what concerns no one person. */
  readonly actor: Name | null;
  /** Where they came from, as `clientAddress` gives it; absent for what did not come by a request. */
  readonly address?: string;
  readonly packet?: Id;
  /** What it was about: a verb and why it was refused, a form of a bundle, a key, a field. */
  readonly subject?: string;
  /** Roles or keys as they were. */
  readonly before?: readonly string[];
  /** Roles or keys as they are from then on. */
  readonly after?: readonly string[];
}

/** A record could not be kept, so what needed it was not done. */
export class AccessUnrecorded extends Error {
  override readonly name = "AccessUnrecorded";

  constructor(cause: unknown) {
    super("no record of this access could be kept", { cause });
  }
}

/** Where access is recorded. What follows the like of itself within a window is counted and not kept by itself. */
export interface AccessLog {
  /**
   * For what is let in: resolves once a record that covers it is committed. Rejects with
   * {@link AccessUnrecorded}, and then it must not be let in.
   */
  record(event: AccessEvent): Promise<void>;
  /** For what is refused, or needs no record: counted in any case, and written when that can be done. */
  note(event: AccessEvent): void;
}
