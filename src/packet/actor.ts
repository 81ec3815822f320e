import { z } from "zod";
import type { Name } from "./name.ts";
import type { ReportScope } from "./reportScope.ts";

/** What a principal may do; the table that says so is in `access`. */
export const Role = z.enum([
  "VIEWER",
  "READER",
  "REPORTER",
  "PREPARER",
  "SOURCE_AUTHORITY",
  "APPROVAL_OWNER",
  "RELEASE_SECURITY",
  "AUDITOR",
  "OPERATOR",
  "DEVELOPER",
]);
export type Role = z.infer<typeof Role>;

/** A person decides; a system only reports (rule 5.3). */
export const ActorKind = z.enum(["PERSON", "SYSTEM"]);
export type ActorKind = z.infer<typeof ActorKind>;

/** A public key by the SHA-256 of its wire form, as `ssh-keygen -l` prints it. */
export const KeyFingerprint = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, "must be SHA256: and 43 characters of base64");
export type KeyFingerprint = z.infer<typeof KeyFingerprint>;

/** Whoever asks, already authenticated. */
export interface Actor {
  readonly actor: Name;
  readonly kind: ActorKind;
  readonly roles: readonly Role[];
  /** The key with which they signed in offline; absent after a normal sign-in. */
  readonly offlineKey?: KeyFingerprint;
  /** What they may report, where that is less than their roles entitle to. */
  readonly reports?: readonly ReportScope[];
}
