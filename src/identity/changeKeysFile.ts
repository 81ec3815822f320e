import type { Log } from "#packet/log.ts";
import { type ChangeControl, type ChangeKeys, readChangeKeys } from "#recovery/changeToken.ts";
import { type FileKind, FileUnusable, jsonOf } from "./fileKind.ts";
import { LookedAtFile } from "./lookedAtFile.ts";

const WHAT = "the change-rate service's key set";

/** The file of the change-rate service's keys cannot be used; see {@link FileUnusable}. */
class ChangeKeysUnusable extends FileUnusable {
  override readonly name = "ChangeKeysUnusable";

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    super(WHAT, file, faults, cause);
  }
}

const BYTES_MAX = 64 * 1024;

/** How the service's answer to `GET /keys`, kept in a file, is read. */
const CHANGE_KEYS: FileKind<ChangeKeys> = {
  what: WHAT,
  bytesMax: BYTES_MAX,
  absent: "put there what the change-rate service answers to GET /keys",
  unusable: (file, faults, cause) => new ChangeKeysUnusable(file, faults, cause),
  parse: (file, text) => {
    const json = jsonOf(text);
    if ("fault" in json) throw new ChangeKeysUnusable(file, [json.fault]);
    const read = readChangeKeys(json.value);
    if ("keyFor" in read) return read;
    throw new ChangeKeysUnusable(file, read);
  },
};

/** The control of the change rate, looked at again as the principals file is. */
export interface ChangeControlFile extends ChangeControl {
  close(): void;
}

/** Nobody decides how fast things change. */
export const NOT_CONTROLLED: ChangeControlFile = {
  keys: () => Promise.resolve("NOT_CONTROLLED"),
  close: () => undefined,
};

/**
 * Reads the file of keys. While it cannot be read or has a fault, no token counts, and one is
 * needed all the same.
 *
 * @throws {ChangeKeysUnusable} for one that is faulty at the start.
 */
export async function openChangeKeys(options: {
  readonly file: string;
  readonly log: Log;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
}): Promise<ChangeControlFile> {
  const keys = await LookedAtFile.open({
    ...options,
    kind: CHANGE_KEYS,
    shown: ({ kids }) => ({ kids }),
    withheld: "no change token counts",
  });
  return {
    keys: async () => (await keys.present()) ?? "KEYS_UNUSABLE",
    close: () => keys.close(),
  };
}
