import { parseRevokedKeys } from "#proof/allowedSigners.ts";
import { isKrl, KRL_MAGIC, type KrlKey, readKrl } from "#proof/krl.ts";
import { KrlFault } from "#proof/krlReader.ts";
import { type FileKind, FileUnusable } from "./fileKind.ts";

const WHAT = "the file of revoked keys";

/** The longest file that is read: a binary list of a million keys takes as much. */
const REVOKED_KEYS_BYTES_MAX = 64 * 1024 * 1024;

/** What to do where keys are listed and nothing says which of them no longer count. */
export const NO_REVOKED_KEYS = "it is not there: make it, empty if no key is revoked";

/** Which keys no longer count. */
export interface RevokedKeys {
  /** How many are named. */
  readonly size: number;
  /** Whether a key is among them: by its fingerprint, or as a binary list names it. */
  revokes(key: Required<KrlKey>): boolean;
}

/** The file of revoked keys cannot be used; see {@link FileUnusable}. */
export class RevokedKeysUnusable extends FileUnusable {
  override readonly name = "RevokedKeysUnusable";

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    super(WHAT, file, faults, cause);
  }
}

/** How a file of revoked keys is read. Where keys are listed, one that is not there is a fault. */
export const REVOKED_KEYS: FileKind<RevokedKeys> = {
  what: WHAT,
  bytesMax: REVOKED_KEYS_BYTES_MAX,
  absent: null,
  unusable: (file, faults, cause) => new RevokedKeysUnusable(file, faults, cause),
  isBinary: isKrl,
  parse: (file, text) => {
    // No other text begins so: isBinary would have told it.
    if (!text.startsWith(KRL_MAGIC)) return revokedByLines(file, text);
    return revokedByList(file, Buffer.from(text, "latin1"));
  },
};

function revokedByLines(file: string, text: string): RevokedKeys {
  const read = parseRevokedKeys(text);
  if (!("has" in read)) throw new RevokedKeysUnusable(file, read);
  return { size: read.size, revokes: ({ fingerprint }) => read.has(fingerprint) };
}

function revokedByList(file: string, bytes: Uint8Array): RevokedKeys {
  const read = readKrl(bytes);
  if (!(read instanceof KrlFault)) return read;
  throw new RevokedKeysUnusable(file, [`byte ${read.at}: ${read.why}`]);
}
