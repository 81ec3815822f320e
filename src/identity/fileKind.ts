import { open } from "node:fs/promises";
import type { z } from "zod";

const FAULTS_TOLD_MAX = 20;
const WRITABLE_BY_ALL = 0o002;

/** A file that says who is let in cannot be used; every fault is told by where it is, and no value is repeated. */
export class FileUnusable extends Error {
  override readonly name: string = "FileUnusable";
  readonly file: string;
  readonly faults: readonly string[];

  /** `what` is such as "the principals file". */
  constructor(what: string, file: string, faults: readonly string[], cause?: unknown) {
    const told = faults.slice(0, FAULTS_TOLD_MAX);
    if (faults.length > told.length) told.push(`and ${faults.length - told.length} more faults`);
    super(`${what} ${file} cannot be used: ${told.join("; ")}`, { cause });
    this.file = file;
    this.faults = faults;
  }
}

/** One of the files that say who is let in, and how it is read. */
export interface FileKind<T> {
  /** In words, such as "the principals file". */
  readonly what: string;
  readonly bytesMax: number;
  /** What to do where there is none; null where a file that is not there says as much as an empty text. */
  readonly absent: string | null;
  /** Makes the fault of this kind. */
  readonly unusable: (file: string, faults: readonly string[], cause?: unknown) => FileUnusable;
  /** Whether a file is none of text: its text then has a character for each byte. None is, if absent. */
  readonly isBinary?: (bytes: Uint8Array) => boolean;
  /** What a file of this text says. Throws {@link FileUnusable}. */
  readonly parse: (file: string, text: string) => T;
}

/** A file's text, and the mark by which a later look tells whether it is still the same. */
export interface FileText {
  readonly text: string;
  readonly stamp: string;
}

/** The mark of a file that is not there. */
export const ABSENT_STAMP = "absent";

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

/** Reads a file without judging what stands in it. Throws {@link FileUnusable}. */
export async function readText<T>(kind: FileKind<T>, file: string): Promise<FileText> {
  try {
    return await contentOf(kind, file);
  } catch (fault) {
    if (fault instanceof FileUnusable) throw fault;
    if (kind.absent === null && isAbsent(fault)) return { text: "", stamp: ABSENT_STAMP };
    throw unreadable(kind, file, fault);
  }
}

/** What is wrong when the file system does not give a file out. */
export function unreadable<T>(kind: FileKind<T>, file: string, fault: unknown): FileUnusable {
  const { code } = fault as NodeJS.ErrnoException;
  const isTold = kind.absent !== null && isAbsent(fault);
  const reason = isTold
    ? `it is not there: ${kind.absent}`
    : `it cannot be read (${code ?? "unknown cause"})`;
  return kind.unusable(file, [reason], fault);
}

/** Whether the file system says that there is no such file. */
function isAbsent(fault: unknown): boolean {
  return (fault as NodeJS.ErrnoException).code === "ENOENT";
}

async function contentOf<T>(kind: FileKind<T>, file: string): Promise<FileText> {
  const handle = await open(file, "r");
  try {
    // Of the open file and before its content: a later change then shows in the stamp.
    const state = await handle.stat({ bigint: true });
    if (process.platform !== "win32" && (Number(state.mode) & WRITABLE_BY_ALL) !== 0) {
      throw kind.unusable(file, ["anybody may write to it: chmod o-w"]);
    }
    const bytes = Buffer.alloc(kind.bytesMax + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    }
    if (length > kind.bytesMax) {
      throw kind.unusable(file, [`it is larger than ${kind.bytesMax} bytes`]);
    }
    return { text: textOf(kind, file, bytes.subarray(0, length)), stamp: stampOf(state) };
  } finally {
    await handle.close();
  }
}

function textOf<T>(kind: FileKind<T>, file: string, bytes: Uint8Array): string {
  if (kind.isBinary?.(bytes) === true) return Buffer.from(bytes).toString("latin1");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw kind.unusable(file, ["it is not UTF-8"]);
  }
}

/** The JSON of a text; what is wrong with it in words that repeat nothing of it. */
export function jsonOf(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (fault) {
    // The parser's own words and stack quote the text; only where it stopped may be told.
    const at = / at position (\d+)/.exec(String(fault))?.[1];
    const where = at === undefined ? "" : `, from character ${at} on`;
    return { fault: `it is not JSON${where}` };
  }
}

/** What a server of ours wrote into a file of this kind. Throws {@link FileUnusable}, and repeats nothing of it. */
export function ownJson<T, S extends z.ZodType>(
  kind: FileKind<T>,
  schema: S,
  file: string,
  text: string,
): z.output<S> {
  const json = jsonOf(text);
  if ("fault" in json) throw kind.unusable(file, [json.fault]);
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return parsed.data;
  throw kind.unusable(file, ["it is not what a server of ours wrote"]);
}

/** One fault in words; the name of an unknown member is not repeated, as anything may stand there. */
export function toldOf(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "the file" : issue.path.join(".");
  const what =
    issue.code === "unrecognized_keys" ? "has a member that is not known" : issue.message;
  return `${where}: ${what}`;
}
