import { replaceWhole } from "#outpost/wholeFile.ts";
import { z } from "zod";
import { type FileKind, FileUnusable, ownJson, readText } from "./fileKind.ts";
import { KEY_SET_BYTES_MAX, type KeySet, readKeySet } from "./oidcKeySet.ts";

const FORMAT = "holdfast/kept-keys/1";
const ABSENT = "there is none yet";

/** What a provider said last that could be used: from where, when by the wall clock, and its keys. */
export interface KeptKeys {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly goodAt: number;
  readonly keys: KeySet;
}

const KeptText = z.strictObject({
  format: z.literal(FORMAT),
  url: z.string(),
  goodAt: z.int().min(0),
  keys: z.array(z.unknown()),
});

const KEPT: FileKind<KeptKeys> = {
  what: "the file of the identity provider's last good keys",
  // What a set is written with again may be longer than what it came with.
  bytesMax: 2 * KEY_SET_BYTES_MAX,
  absent: ABSENT,
  unusable: (file, faults, cause) => new FileUnusable(KEPT.what, file, faults, cause),
  parse(file, text) {
    const { url, goodAt, keys } = ownJson(KEPT, KeptText, file, text);
    const read = readKeySet(JSON.stringify({ keys }));
    if ("fault" in read) throw KEPT.unusable(file, [read.fault]);
    return { url, goodAt, keys: read };
  },
};

/** What was kept. Throws {@link FileUnusable} for a file that is not there, or none of ours, or open to all. */
export async function readKeptKeys(file: string): Promise<KeptKeys> {
  return KEPT.parse(file, (await readText(KEPT, file)).text);
}

/** Keeps keys in place of those before: after a crash one of the two is there, whole. */
export async function keepKeys(file: string, { url, goodAt, keys }: KeptKeys): Promise<void> {
  const listed: unknown = JSON.parse(keys.mark);
  const text = JSON.stringify({ format: FORMAT, url, goodAt, keys: listed });
  await replaceWhole(file, `${text}\n`, 0o600);
}
