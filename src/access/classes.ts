import type { Actor, Role } from "#packet/actor.ts";

/** Rule 7.1: SHARED may go to everybody who may look, GOVERNED names people and artifacts, RESTRICTED leads to the vulnerability. */
export type FieldClass = "SHARED" | "GOVERNED" | "RESTRICTED";

/** What each role sees. A field of another class reads as null. */
const CLASSES_OF_ROLE: Readonly<Record<Role, readonly FieldClass[]>> = {
  VIEWER: ["SHARED"],
  READER: ["SHARED", "GOVERNED"],
  REPORTER: ["SHARED", "GOVERNED"],
  OPERATOR: ["SHARED", "GOVERNED"],
  PREPARER: ["SHARED", "GOVERNED", "RESTRICTED"],
  SOURCE_AUTHORITY: ["SHARED", "GOVERNED", "RESTRICTED"],
  APPROVAL_OWNER: ["SHARED", "GOVERNED", "RESTRICTED"],
  RELEASE_SECURITY: ["SHARED", "GOVERNED", "RESTRICTED"],
  AUDITOR: ["SHARED", "GOVERNED", "RESTRICTED"],
  DEVELOPER: ["SHARED"],
};

const CLASSES: readonly FieldClass[] = ["SHARED", "GOVERNED", "RESTRICTED"];

/** The classes that an actor sees, in the order of rule 7.1. */
export function classesOf({ roles }: Actor): FieldClass[] {
  return CLASSES.filter((one) => roles.some((role) => CLASSES_OF_ROLE[role].includes(one)));
}
