import type { Log } from "#packet/log.ts";
import { FileUnusable } from "./fileKind.ts";
import { keepKeys, readKeptKeys } from "./keptKeys.ts";
import {
  KEY_SET_BYTES_MAX,
  type KeySet,
  type KeysState,
  type OidcKeys,
  readKeySet,
} from "./oidcKeySet.ts";

/** How long the provider has to answer, in milliseconds. */
const ANSWER_MS = 5_000;

/** Where a provider has its keys, and how often and how long; times are in milliseconds. */
export interface ProviderSource {
  readonly url: string;
  readonly refreshMs: number;
  readonly pauseMs: number;
  readonly keptMs: number;
}

/** What the keys of a provider are opened with. */
export interface ProviderOptions {
  readonly source: ProviderSource;
  readonly log: Log;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Milliseconds since 1970: how old what was kept over a restart is, no other clock knows. */
  readonly wallNow: () => number;
  /** Where the last good keys are kept for the next start; null for nowhere. */
  readonly keptFile: string | null;
}

/**
 * The keys of a provider that is asked over HTTP. They are asked for on use, in the background
 * while those that are there count. What is no good answer changes nothing until the last good
 * one is too old; then no key counts.
 */
export class ProviderKeys implements OidcKeys {
  readonly #options: ProviderOptions;
  readonly #closing = new AbortController();
  #keys: KeySet | null = null;
  /** When the last good answer was asked for. */
  #goodAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** Never rejects. */
  #asking: Promise<void> | null = null;
  #isFailing = false;
  #generation = 1;
  /** Never rejects. */
  #keeping: Promise<void> = Promise.resolve();
  #isUnkept = false;

  private constructor(options: ProviderOptions) {
    this.#options = options;
  }

  /** Resolves after the first question, whatever came of it; where that was nothing, with the keys that were kept. */
  static async open(options: ProviderOptions): Promise<ProviderKeys> {
    const keys = new ProviderKeys(options);
    keys.#ask();
    await keys.#asking;
    if (keys.#keys === null) await keys.#recall();
    return keys;
  }

  async present(): Promise<KeySet | null> {
    this.#askIfDue();
    const keys = this.#counting();
    if (keys !== null) return keys;
    await this.#asking;
    return this.#counting();
  }

  async without(keys: KeySet): Promise<KeySet | null> {
    if (this.#counting() === keys && this.#mayAsk()) this.#ask();
    await this.#asking;
    return this.#counting();
  }

  look(): Promise<number> {
    this.#askIfDue();
    this.#counting();
    return Promise.resolve(this.#generation);
  }

  state(): KeysState {
    if (this.#counting() === null) return "NO_KEYS";
    return this.#isFailing ? "KEPT" : "OK";
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#know(null);
    await this.#keeping;
  }

  /** The keys, unless they have grown too old since the provider last gave them. */
  #counting(): KeySet | null {
    const { source, now } = this.#options;
    if (this.#keys !== null && now() - this.#goodAt >= source.keptMs) this.#know(null);
    return this.#keys;
  }

  #askIfDue(): void {
    const { source, now } = this.#options;
    const isDue = this.#counting() === null || now() - this.#goodAt >= source.refreshMs;
    if (isDue && this.#mayAsk()) this.#ask();
  }

  #mayAsk(): boolean {
    const { source, now } = this.#options;
    if (this.#asking !== null || this.#closing.signal.aborted) return false;
    return now() - this.#askedAt >= source.pauseMs;
  }

  #ask(): void {
    const at = this.#options.now();
    this.#askedAt = at;
    this.#asking = this.#answer()
      .then((keys) => this.#take(keys, at))
      .catch((fault: unknown) => this.#fail(fault))
      .finally(() => {
        this.#asking = null;
      });
  }

  async #answer(): Promise<KeySet> {
    const response = await fetch(this.#options.source.url, {
      headers: { accept: "application/jwk-set+json, application/json" },
      // Where it leads to is not what was configured.
      redirect: "error",
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const text = await textOf(response);
    if (response.status !== 200) throw new NoKeys(`it answered ${response.status}`);
    const read = readKeySet(text);
    if ("fault" in read) throw new NoKeys(read.fault);
    return read;
  }

  /**
   * Goes on with what the provider said before this process began, for as long as it would have:
   * from the same address, and neither of a time to come nor too old by the wall clock.
   */
  async #recall(): Promise<void> {
    const { source, log, now, wallNow, keptFile } = this.#options;
    if (keptFile === null) return;
    try {
      const { url, goodAt, keys } = await readKeptKeys(keptFile);
      const ageMs = wallNow() - goodAt;
      const isOfUse = url === source.url && ageMs >= 0 && ageMs < source.keptMs;
      const known = { keys: keys.size, ageMs };
      if (!isOfUse)
        log.warn(known, "the identity provider's kept keys are too old, or not its own");
      if (!isOfUse || this.#closing.signal.aborted) return;
      this.#goodAt = now() - ageMs;
      this.#know(keys);
      log.warn(known, "the identity provider's last good keys count on from before the start");
    } catch (fault) {
      if (!(fault instanceof FileUnusable)) throw fault;
      log.info({ faults: fault.faults }, "no keys of the identity provider were kept");
    }
  }

  /** For the next start. What cannot be kept costs nothing now, and is told once. */
  #keep(keys: KeySet): void {
    const { source, log, wallNow, keptFile } = this.#options;
    if (keptFile === null) return;
    const kept = { url: source.url, goodAt: wallNow(), keys };
    const keeping = this.#keeping.then(() => keepKeys(keptFile, kept));
    this.#keeping = keeping.then(
      () => {
        this.#isUnkept = false;
      },
      (err: unknown) => {
        if (!this.#isUnkept) log.error({ err }, "the identity provider's keys could not be kept");
        this.#isUnkept = true;
      },
    );
  }

  #take(keys: KeySet, at: number): void {
    if (this.#closing.signal.aborted) return;
    this.#keep(keys);
    const isMended = this.#isFailing || this.#keys === null;
    this.#goodAt = at;
    this.#isFailing = false;
    const isOther = this.#keys?.mark !== keys.mark;
    if (isOther) this.#know(keys);
    if (isOther || isMended) {
      this.#options.log.info({ keys: keys.size }, "the identity provider gave its keys");
    }
  }

  #fail(fault: unknown): void {
    if (this.#closing.signal.aborted || this.#isFailing) return;
    this.#isFailing = true;
    const why = fault instanceof NoKeys ? fault.message : "it did not answer";
    const { keptMs } = this.#options.source;
    const what =
      this.#counting() === null
        ? "the identity provider gave no keys: nobody comes by it until it does"
        : "the identity provider gave no keys: its last good ones count on for a while";
    this.#options.log.error({ why, keptMs }, what);
  }

  #know(keys: KeySet | null): void {
    this.#keys = keys;
    this.#generation += 1;
  }
}

/** The provider answered with something else than keys. */
class NoKeys extends Error {
  override readonly name = "NoKeys";
}

/** The text of an answer, of which no more is taken than a key set may have. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > KEY_SET_BYTES_MAX) throw new NoKeys("it answered with too much");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
