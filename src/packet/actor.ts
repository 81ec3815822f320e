import { z } from "zod";
import { Name } from "./name.ts";

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
]);
export type Role = z.infer<typeof Role>;

/** A person decides; a system only reports (rule 5.3). */
export const ActorKind = z.enum(["PERSON", "SYSTEM"]);
export type ActorKind = z.infer<typeof ActorKind>;

/** Whoever asks, already authenticated. */
export const Actor = z.strictObject({
  actor: Name,
  kind: ActorKind,
  roles: z.array(Role).readonly(),
});
export type Actor = z.infer<typeof Actor>;
