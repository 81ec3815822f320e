import { AllowedSigners, parseAllowedSigners, SIGNERS_LENGTH_MAX } from "#proof/allowedSigners.ts";
import { type FileKind, FileUnusable } from "./fileKind.ts";

const WHAT = "the file of allowed signers";

/** The file of allowed signers cannot be used; see {@link FileUnusable}. */
export class SignersUnusable extends FileUnusable {
  override readonly name = "SignersUnusable";

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    super(WHAT, file, faults, cause);
  }
}

/** How a file of allowed signers is read. One that is not there lists nobody. */
export const ALLOWED_SIGNERS: FileKind<AllowedSigners> = {
  what: WHAT,
  bytesMax: SIGNERS_LENGTH_MAX,
  absent: null,
  unusable: (file, faults, cause) => new SignersUnusable(file, faults, cause),
  parse: (file, text) => {
    const read = parseAllowedSigners(text);
    if (read instanceof AllowedSigners) return read;
    throw new SignersUnusable(file, read);
  },
};
