import { open } from "node:fs/promises";
import { z } from "zod";
import { ActorKind, Role } from "#packet/actor.ts";
import { Name } from "#packet/name.ts";

const PRINCIPALS_MAX = 10_000;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const FAULTS_TOLD_MAX = 20;
const WRITABLE_BY_ALL = 0o002;

/** Somebody who may ask, and the SHA-256 of the token that shows it is them. */
export const Principal = z.strictObject({
  name: Name,
  kind: ActorKind,
  roles: z
    .array(Role)
    .min(1, "must have at least one role")
    .refine((roles) => new Set(roles).size === roles.length, "must not repeat a role")
    .readonly(),
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits: the token's SHA-256"),
});
export type Principal = z.infer<typeof Principal>;

/** The whole file: no two principals of one name, whatever its case, and none of one token. */
export const PrincipalsFile = z
  .strictObject({
    principals: z
      .array(Principal)
      .max(PRINCIPALS_MAX, `must not have more than ${PRINCIPALS_MAX} principals`)
      .readonly(),
  })
  .superRefine(({ principals }, context) => {
    for (const { path, message } of doubles(principals)) {
      context.addIssue({ code: "custom", path: ["principals", ...path], message });
    }
  });

/** The principals file cannot be used; every fault is told by where it is, and no value is repeated. */
export class PrincipalsUnusable extends Error {
  override readonly name = "PrincipalsUnusable";
  readonly file: string;
  readonly faults: readonly string[];

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    const told = faults.slice(0, FAULTS_TOLD_MAX);
    if (faults.length > told.length) told.push(`and ${faults.length - told.length} more faults`);
    super(`the principals file ${file} cannot be used: ${told.join("; ")}`, { cause });
    this.file = file;
    this.faults = faults;
  }
}

/** A file's text, and the mark by which a later look tells whether it is still the same. */
export interface PrincipalsText {
  readonly text: string;
  readonly stamp: string;
}

/** The least that shows a file apart from what it was: its identity, its size and when it changed. */
interface FileState {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** The mark of a file in this state. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: FileState): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

/** Reads the file. Throws {@link PrincipalsUnusable}. */
export async function readPrincipals(
  file: string,
): Promise<{ readonly principals: readonly Principal[] }> {
  const { text } = await readPrincipalsText(file);
  return { principals: parsePrincipals(file, text) };
}

/** Reads the file without judging what stands in it. Throws {@link PrincipalsUnusable}. */
export async function readPrincipalsText(file: string): Promise<PrincipalsText> {
  return contentOf(file).catch((fault: unknown) => {
    throw fault instanceof PrincipalsUnusable ? fault : unreadable(file, fault);
  });
}

/** What is wrong when the file system does not give the file out. */
export function unreadable(file: string, fault: unknown): PrincipalsUnusable {
  const { code } = fault as NodeJS.ErrnoException;
  const absent = "it is not there: add the first principal with `npm run principal -- add`";
  const reason = code === "ENOENT" ? absent : `it cannot be read (${code ?? "unknown cause"})`;
  return new PrincipalsUnusable(file, [reason], fault);
}

async function contentOf(file: string): Promise<PrincipalsText> {
  const handle = await open(file, "r");
  try {
    // Of the open file and before its content: a later change then shows in the stamp.
    const state = await handle.stat({ bigint: true });
    if (process.platform !== "win32" && (Number(state.mode) & WRITABLE_BY_ALL) !== 0) {
      throw new PrincipalsUnusable(file, ["anybody may write to it: chmod o-w"]);
    }
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    }
    if (length > FILE_BYTES_MAX) {
      throw new PrincipalsUnusable(file, [`it is larger than ${FILE_BYTES_MAX} bytes`]);
    }
    return { text: textOf(file, bytes.subarray(0, length)), stamp: stampOf(state) };
  } finally {
    await handle.close();
  }
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PrincipalsUnusable(file, ["it is not UTF-8"]);
  }
}

/** What a file of this text says. Throws {@link PrincipalsUnusable}. */
export function parsePrincipals(file: string, text: string): readonly Principal[] {
  const parsed = PrincipalsFile.safeParse(jsonOf(file, text));
  if (parsed.success) return parsed.data.principals;
  throw new PrincipalsUnusable(file, parsed.error.issues.map(toldOf));
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (fault) {
    // The parser's own words and stack quote the text; only where it stopped may be told.
    const at = / at position (\d+)/.exec(String(fault))?.[1];
    const where = at === undefined ? "" : `, from character ${at} on`;
    throw new PrincipalsUnusable(file, [`it is not JSON${where}`]);
  }
}

/** One fault in words; the name of an unknown member is not repeated, as anything may stand there. */
export function toldOf(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "the file" : issue.path.join(".");
  const what =
    issue.code === "unrecognized_keys" ? "has a member that is not known" : issue.message;
  return `${where}: ${what}`;
}

interface Double {
  readonly path: readonly [number, "name" | "tokenSha256"];
  readonly message: string;
}

function doubles(principals: readonly Principal[]): Double[] {
  const found: Double[] = [];
  const seen = new Map<string, number>();
  for (const [index, { name, tokenSha256 }] of principals.entries()) {
    const values = [
      ["name", `name ${name.toLowerCase()}`],
      ["tokenSha256", `token ${tokenSha256}`],
    ] as const;
    for (const [member, value] of values) {
      const first = seen.get(value) ?? index;
      seen.set(value, first);
      if (first === index) continue;
      found.push({ path: [index, member], message: `is that of principals.${first} already` });
    }
  }
  return found;
}
