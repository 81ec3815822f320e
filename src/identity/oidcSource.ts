import { FileUnusable } from "./fileKind.ts";
import type { KeySource } from "./oidcFile.ts";
import { openOidcKeys, type OidcKeysOptions } from "./oidcKeys.ts";
import type { OidcKeys } from "./oidcKeySet.ts";

/** How long after a source could not be opened it is tried again, in milliseconds. */
const TRY_AGAIN_MS = 1_000;

/** The keys of whatever source is named at present: another one takes the place of the one before. */
export class OidcSource {
  readonly #options: Omit<OidcKeysOptions, "source">;
  #named = "";
  #opening: Promise<OidcKeys | null> = Promise.resolve(null);
  #opened = 0;
  #failedAt: number | null = null;
  #told = "";

  constructor(options: Omit<OidcKeysOptions, "source">) {
    this.#options = options;
  }

  /** How often keys were opened. */
  get opened(): number {
    return this.#opened;
  }

  /** Opens the first one. Throws `OidcUnusable`. */
  async open(source: KeySource): Promise<void> {
    const keys = await openOidcKeys({ ...this.#options, source });
    this.#named = JSON.stringify(source);
    this.#opening = Promise.resolve(keys);
  }

  /** The keys of this source; null while they cannot be opened. */
  keysOf(source: KeySource): Promise<OidcKeys | null> {
    const named = JSON.stringify(source);
    if (named === this.#named && !this.#isTryDue()) return this.#opening;
    const before = this.#opening;
    this.#named = named;
    this.#failedAt = null;
    this.#opening = this.#replace(before, source);
    return this.#opening;
  }

  async close(): Promise<void> {
    const keys = await this.#opening.catch(() => null);
    await keys?.close();
  }

  #isTryDue(): boolean {
    return this.#failedAt !== null && this.#options.now() - this.#failedAt >= TRY_AGAIN_MS;
  }

  async #replace(before: Promise<OidcKeys | null>, source: KeySource): Promise<OidcKeys | null> {
    await (await before)?.close();
    try {
      const keys = await openOidcKeys({ ...this.#options, source });
      this.#told = "";
      return keys;
    } catch (fault) {
      if (!(fault instanceof FileUnusable)) throw fault;
      if (this.#told !== fault.message) {
        const told = "nobody comes by the identity provider until its key set is mended";
        this.#options.log.error({ file: fault.file, faults: fault.faults }, told);
      }
      this.#told = fault.message;
      this.#failedAt = this.#options.now();
      return null;
    } finally {
      this.#opened += 1;
    }
  }
}
