import path from "node:path";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the programs that were built for this run. */
    programs: string;
  }
}

/** A program that tests start as a process of its own: one of the product's, of its scripts', or a test's. */
export type Program =
  | "main"
  | "verify"
  | "witness"
  | "pace"
  | "approval"
  | "changeToken"
  | "entry"
  | "principal"
  | "revocation"
  | "signIn"
  | "holderProcess"
  | "appendProcess"
  | "firstStartProcess"
  | "verbProcess";

/** The file that Node runs it from, built as the product is. */
export function fileOf(program: Program): string {
  return path.join(inject("programs"), `${program}.mjs`);
}
