import { z } from "zod";

/**
 * Names are ASCII on purpose: homoglyphs, bidirectional overrides and Unicode
 * normalisation cannot then make two names look like one, and code units,
 * code points and bytes sort alike (one order everywhere).
 */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,126}[A-Za-z0-9])?$/;

/** A person, system, shift, enclave, package or other thing named by people: 1 to 128 characters. */
export const Name = z
  .string()
  .regex(
    NAME,
    "must be 1 to 128 ASCII letters, digits or ._@+- and start and end with a letter or digit",
  );
export type Name = z.infer<typeof Name>;

const ARTIFACT_CHARACTERS = /^[A-Za-z0-9@._+~/-]{1,256}$/;

/** An artifact's name: a relative path of 1 to 256 ASCII characters without empty, `.` or `..` segments. */
export const ArtifactName = z.string().superRefine((name, context) => {
  const fault = artifactNameFault(name);
  if (fault !== null) context.addIssue({ code: "custom", message: fault });
});
export type ArtifactName = z.infer<typeof ArtifactName>;

function artifactNameFault(name: string): string | null {
  if (!ARTIFACT_CHARACTERS.test(name)) {
    return "must be 1 to 256 ASCII letters, digits or @._+~/-";
  }
  const traverses = name
    .split("/")
    .some((segment) => segment === "" || segment === "." || segment === "..");
  return traverses ? "must be a relative path without empty, . or .. segments" : null;
}

/** Lower-case hexadecimal with its algorithm, as the OCI image specification writes digests. */
export const Digest = z
  .string()
  .regex(
    /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    "must be sha256: and 64, or sha512: and 128 lower-case hexadecimal digits",
  );
export type Digest = z.infer<typeof Digest>;

/** The SHA-256 of a revision's header in 64 lower-case hexadecimal digits: what an owner approves (rule 5.6). */
export const RevisionDigest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "must be all 64 lower-case hexadecimal digits of the revision's digest");
export type RevisionDigest = z.infer<typeof RevisionDigest>;

/** UUIDv7 (RFC 9562) in lower case. */
export const Id = z.uuid({ version: "v7" }).lowercase();
export type Id = z.infer<typeof Id>;
export type PacketId = Id;
export type EntryId = Id;

/** Words of a person for people: kept verbatim, 1 to 2,000 characters, not blank. */
export const Text = z
  .string()
  .min(1, "must say something")
  .max(2000, "must be at most 2,000 characters")
  .refine((text) => text.trim() !== "", "must say something")
  .refine(
    (text) => text.isWellFormed() && !text.includes("\0"),
    "must be well-formed Unicode without NUL",
  );
export type Text = z.infer<typeof Text>;

/** The order of names everywhere, in SQL as COLLATE "C". */
export function compareNames(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A list that may not be empty (rule 2.4) nor hold two elements whose `key` differs at most in case. */
export function distinctList<T extends z.ZodType>(
  element: T,
  listMax: number,
  key: (item: z.output<T>) => string,
) {
  return z
    .array(element)
    .min(1, "must not be empty: empty is unknown")
    .max(listMax, `must have at most ${listMax.toLocaleString("en")} elements`)
    .superRefine((items, context) => refuseLookAlikes(items.map(key), context));
}

function refuseLookAlikes(
  keys: readonly string[],
  context: { addIssue(issue: { code: "custom"; path: number[]; message: string }): void },
): void {
  const firstAt = new Map<string, number>();
  for (const [index, key] of keys.entries()) {
    const folded = key.toLowerCase();
    const earlier = firstAt.get(folded);
    if (earlier === undefined) firstAt.set(folded, index);
    else {
      const message = `repeats element ${earlier} or differs from it only in case`;
      context.addIssue({ code: "custom", path: [index], message });
    }
  }
}
