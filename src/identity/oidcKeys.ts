import type { Log } from "#packet/log.ts";
import type { FileKind } from "./fileKind.ts";
import { LookedAtFile } from "./lookedAtFile.ts";
import { type KeySource, OidcUnusable } from "./oidcFile.ts";
import {
  KEY_SET_BYTES_MAX,
  type KeySet,
  type KeysState,
  type OidcKeys,
  readKeySet,
} from "./oidcKeySet.ts";
import { ProviderKeys } from "./oidcProvider.ts";

/** What keys are opened with. */
export interface OidcKeysOptions {
  readonly source: KeySource;
  readonly log: Log;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  /** Where a provider's last good keys are kept for the next start; null for nowhere. */
  readonly keptFile: string | null;
}

const KEY_FILE: FileKind<KeySet> = {
  what: "the identity provider's key set",
  bytesMax: KEY_SET_BYTES_MAX,
  absent: "put it there, or say where its url is",
  unusable: (file, faults, cause) => new OidcUnusable(file, faults, cause),
  parse(file, text) {
    const read = readKeySet(text);
    if ("fault" in read) throw new OidcUnusable(file, [read.fault]);
    return read;
  },
};

/**
 * Opens the keys of a source. A file must be there, or {@link OidcUnusable} is thrown; a provider
 * that does not answer is asked again later, and until then nobody comes by it.
 */
export async function openOidcKeys({ source, ...options }: OidcKeysOptions): Promise<OidcKeys> {
  if ("url" in source) return ProviderKeys.open({ source, ...options });
  const { log, now } = options;
  const file = await LookedAtFile.open({
    kind: KEY_FILE,
    file: source.file,
    log,
    now,
    shown: ({ size }) => ({ keys: size }),
    withheld: "nobody comes by the identity provider",
  });
  return new FileKeys(file);
}

class FileKeys implements OidcKeys {
  readonly #file: LookedAtFile<KeySet>;

  constructor(file: LookedAtFile<KeySet>) {
    this.#file = file;
  }

  present(): Promise<KeySet | null> {
    return this.#file.present();
  }

  without(): Promise<KeySet | null> {
    return this.#file.present();
  }

  look(): Promise<number> {
    return this.#file.look();
  }

  state(): KeysState {
    return this.#file.value === null ? "NO_KEYS" : "OK";
  }

  async close(): Promise<void> {
    this.#file.close();
  }
}
