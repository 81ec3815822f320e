import path from "node:path";
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { sha256Hex } from "#proof/digest.ts";
import { Expiries, hasCome, type Instant } from "./expiries.ts";
import { LookedAtFile } from "./lookedAtFile.ts";
import { actorOfClaims } from "./oidcClaims.ts";
import { type KeySource, OIDC, type OidcFile } from "./oidcFile.ts";
import type { KeySet, KeysState, OidcKeys } from "./oidcKeySet.ts";
import { OidcSource } from "./oidcSource.ts";

/** How many verified tokens are remembered, so that each is not verified again for every request. */
const VERIFIED_MAX = 5_000;

const TYPES: ReadonlySet<string> = new Set(["at+jwt", "jwt"]);
const KEY_ID_LENGTH_MAX = 256;

/** The file about the provider, who is told of faults, and the clocks, in milliseconds. */
export interface OidcOptions {
  readonly file: string;
  readonly log: Log;
  /** Only differences count. */
  readonly now: () => number;
  /** Since 1970; the one place where a right depends on it: a provider counts in it. */
  readonly wallNow: () => number;
  /** Where a provider's last good keys are kept for the next start; null for nowhere. */
  readonly keptFile: string | null;
}

/** FAULTY: the file cannot be used; the others are of the keys. */
export type OidcState = KeysState | "FAULTY";

/** Access tokens of an identity provider: JSON Web Tokens (RFC 9068, RFC 7519, RFC 8725). */
export interface Oidc {
  /** Whom a token shows its bearer to be; null for a token that does not count. */
  authenticate(token: string): Promise<Actor | null>;
  /**
   * Resolves to a number that grows whenever a token which counted may not count any more: its
   * time is over, other keys count, or the file says something else.
   */
  look(): Promise<number>;
  state(): Promise<OidcState>;
  /** Nobody comes by it from here on. Resolves when nothing of it is under way any more. */
  close(): Promise<void>;
}

/** Opens it. Throws `OidcUnusable` for files that are faulty at the start; an absent provider is no fault. */
export async function openOidc(options: OidcOptions): Promise<Oidc> {
  const { file, log, now } = options;
  const config = await LookedAtFile.open({
    kind: OIDC,
    file,
    log,
    now,
    shown: ({ mappings, barred }) => ({ mappings: mappings.length, barred: barred.length }),
    withheld: "nobody comes by the identity provider",
  });
  const desk = new OidcDesk(options, config);
  try {
    await desk.open();
    return desk;
  } catch (fault) {
    await desk.close();
    throw fault;
  }
}

/** A token that was verified, by which words and keys, and until when it counts. */
interface Verified {
  readonly config: OidcFile;
  readonly keys: KeySet;
  readonly actor: Actor;
  readonly end: Instant;
}

class OidcDesk implements Oidc {
  readonly #options: OidcOptions;
  readonly #config: LookedAtFile<OidcFile>;
  readonly #source: OidcSource;
  readonly #verified = new Map<string, Verified>();
  readonly #expiries = new Expiries();
  #generation = 1;
  #mark = "";
  #isClosed = false;

  constructor(options: OidcOptions, config: LookedAtFile<OidcFile>) {
    this.#options = options;
    this.#config = config;
    this.#source = new OidcSource(options);
  }

  /** Opens the keys that the file names. Throws `OidcUnusable`. */
  async open(): Promise<void> {
    const config = this.#config.value;
    if (config !== null) await this.#source.open(this.#where(config));
  }

  async authenticate(token: string): Promise<Actor | null> {
    const config = await this.#config.present();
    const keys = config === null ? null : await this.#keysOf(config);
    if (config === null || keys === null) return null;
    const present = await keys.present();
    if (present === null) return null;
    const digest = sha256Hex(token);
    const known = this.#verified.get(digest);
    if (known?.config === config && known.keys === present) return this.#ifInTime(known);
    const verified = await this.#verify(token, config, keys, present);
    if (verified === null || this.#isClosed) return null;
    return this.#ifInTime(this.#remember(digest, verified));
  }

  async look(): Promise<number> {
    const said = await this.#config.look();
    const config = this.#config.value;
    const keys = config === null ? null : await this.#keysOf(config);
    const given = (await keys?.look()) ?? 0;
    const mark = [said, this.#source.opened, given, this.#expiries.passed(this.#instant())].join(
      " ",
    );
    if (mark !== this.#mark) this.#generation += 1;
    this.#mark = mark;
    return this.#generation;
  }

  async state(): Promise<OidcState> {
    const config = await this.#config.present();
    if (config === null) return "FAULTY";
    return (await this.#keysOf(config))?.state() ?? "NO_KEYS";
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#generation += 1;
    this.#verified.clear();
    this.#config.close();
    await this.#source.close();
  }

  async #verify(
    token: string,
    config: OidcFile,
    keys: OidcKeys,
    present: KeySet,
  ): Promise<Verified | null> {
    if (!isOfForm(token, config)) return null;
    let claims = await this.#claimsOf(token, config, present);
    let by = present;
    if (claims === "UNKNOWN_KEY") {
      const newer = await keys.without(present);
      if (newer === null || newer === present) return null;
      claims = await this.#claimsOf(token, config, newer);
      by = newer;
    }
    if (claims === null || claims === "UNKNOWN_KEY") return null;
    const end = this.#endOf(claims, config);
    const actor = actorOfClaims(config, claims);
    return end === null || actor === null ? null : { config, keys: by, actor, end };
  }

  async #claimsOf(
    token: string,
    { issuer, audience, algorithms, aheadMsMax }: OidcFile,
    { keyFor }: KeySet,
  ): Promise<JWTPayload | "UNKNOWN_KEY" | null> {
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(this.#options.wallNow()),
        clockTolerance: aheadMsMax / 1_000,
      });
      return payload;
    } catch (fault) {
      return fault instanceof errors.JWKSNoMatchingKey ? "UNKNOWN_KEY" : null;
    }
  }

  /** Null for a token whose time is over or too long; what a clock that is ahead would add is not given. */
  #endOf({ exp, sub }: JWTPayload, { lifetimeMsMax }: OidcFile): Instant | null {
    if (exp === undefined || sub === undefined || sub === "") return null;
    const now = this.#instant();
    const wall = Math.floor(exp) * 1_000;
    const leftMs = wall - now.wall;
    return leftMs > 0 && leftMs <= lifetimeMsMax ? { wall, own: now.own + leftMs } : null;
  }

  #ifInTime({ actor, end }: Verified): Actor | null {
    if (hasCome(end, this.#instant())) return null;
    this.#expiries.note(end);
    return actor;
  }

  #remember(digest: string, verified: Verified): Verified {
    const [oldest] = this.#verified.keys();
    if (this.#verified.size >= VERIFIED_MAX && oldest !== undefined) this.#verified.delete(oldest);
    // A token that was seen before ends when it was first said to, whatever the clock is now.
    const end = this.#verified.get(digest)?.end ?? verified.end;
    const known = { ...verified, end };
    this.#verified.set(digest, known);
    return known;
  }

  #keysOf(config: OidcFile): Promise<OidcKeys | null> {
    return this.#source.keysOf(this.#where(config));
  }

  /** A key set's file lies where the file about the provider does. */
  #where({ keys: source }: OidcFile): KeySource {
    if ("url" in source) return source;
    return { file: path.resolve(path.dirname(this.#options.file), source.file) };
  }

  #instant(): Instant {
    const { now, wallNow } = this.#options;
    return { wall: wallNow(), own: now() };
  }
}

/** What is looked at before any key: three parts, a header of our kinds, and no extension (RFC 7515, 4.1.11). */
function isOfForm(token: string, { algorithms }: OidcFile): boolean {
  if (!/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(token)) return false;
  try {
    const { alg, kid, typ, crit } = decodeProtectedHeader(token);
    if (crit !== undefined || typeof kid !== "string" || typeof typ !== "string") return false;
    const type = typ.toLowerCase().replace(/^application\//, "");
    return TYPES.has(type) && isAllowed(alg, algorithms) && isKeyId(kid);
  } catch {
    return false;
  }
}

function isAllowed(alg: string | undefined, algorithms: readonly string[]): boolean {
  return alg !== undefined && algorithms.includes(alg);
}

function isKeyId(kid: string): boolean {
  return kid.length > 0 && kid.length <= KEY_ID_LENGTH_MAX;
}
