import type { KeyFingerprint } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import type { Name } from "#packet/name.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import type { Revocations } from "#packet/revocation.ts";
import { type Signers, SshNamespace } from "#packet/signers.ts";
import type { AllowedSigners } from "#proof/allowedSigners.ts";
import {
  APPROVAL_NAMESPACE,
  EXERCISE_NAMESPACE,
  approvalNamespace,
} from "#proof/approvalStatement.ts";
import type { KrlKey } from "#proof/krl.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { FileUnusable } from "./fileKind.ts";
import { Looks } from "./looks.ts";
import {
  NO_REVOKED_KEYS,
  REVOKED_KEYS,
  type RevokedKeys,
  RevokedKeysUnusable,
} from "./revokedKeys.ts";
import { ALLOWED_SIGNERS, SignersUnusable } from "./signersFile.ts";
import { LookedAtFile } from "./lookedAtFile.ts";

/** How long the files are taken to be what they were, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

const GONE =
  "it was there and is gone: put it back, or start again if nobody is to have a key any more";

/** Which files, who is told of their faults, and a clock in milliseconds. */
export interface SignersOptions {
  /** As `ssh-keygen -Y verify -f` takes it. May be absent: then nobody has a key. */
  readonly file: string;
  /** Fingerprints or public keys, one a line, or a binary list of `ssh-keygen -k`. Must be there, empty or not, where any key is listed. */
  readonly revokedFile: string;
  /** The lists of this node's own copy, which count beside the file; absent where there are none. */
  readonly revocations?: Pick<Revocations, "revokesKey" | "namesKey">;
  readonly log: Log;
  readonly now: () => number;
}

/**
 * The ring of keys, looked at again as the principals file is. While one of its files cannot be
 * read or has a fault, nobody's key counts and nobody decides without one: what is unknown is held.
 */
export interface KeyRing extends Signers {
  /** Looks at the files if that is due. {@link Signers} answers by what was seen last. */
  attend(): Promise<void>;
  /** Looks now; resolves to a number that grows whenever anybody's keys may be others than before. */
  look(): Promise<number>;
  /** Everybody's keys that count, each as its namespace, a space and its fingerprint; null during a fault. */
  holdings(): ReadonlyMap<Name, readonly string[]> | null;
  /** Whose key this is, revoked or not; null for nobody's and during a fault. */
  holderOf(fingerprint: KeyFingerprint): Name | null;
  /** Looks if that is due; resolves to what keeps keys from counting, or null. */
  fault(): Promise<FileUnusable | null>;
  /** No key counts from here on. */
  close(): void;
}

/** Reads both files. Throws {@link FileUnusable} for one that is faulty at the start. */
export async function openSigners(options: SignersOptions): Promise<KeyRing> {
  const { file, revokedFile, log, now } = options;
  const withheld = "no key counts";
  const signers = await LookedAtFile.open({
    kind: ALLOWED_SIGNERS,
    file,
    log,
    now,
    shown: (listed) => ({ persons: listed.persons().length }),
    withheld,
  });
  const revoked = await LookedAtFile.open({
    kind: REVOKED_KEYS,
    file: revokedFile,
    log,
    now,
    shown: (keys) => ({ keys: keys.size }),
    withheld,
  });
  const ring = new FileKeyRing(options, signers, revoked);
  const fault = await ring.fault();
  if (fault !== null) throw fault;
  return ring;
}

/** What the files say, taken together. */
interface Ring {
  readonly listed: AllowedSigners;
  readonly revoked: RevokedKeys;
}

const CLOSED = "the service is ending";
const LOST =
  "it counts as revoked, because this node lost the list of its shard: push that list again";
const WITHHELD = "no key counts until the operator has mended the files of keys";

class FileKeyRing implements KeyRing {
  readonly #options: SignersOptions;
  readonly #signers: LookedAtFile<AllowedSigners>;
  readonly #revoked: LookedAtFile<RevokedKeys>;
  readonly #looks = new Looks(() => this.#lookAgain());
  #lookedAt = Number.NaN;
  #ring: Ring | null = null;
  #fault: FileUnusable | null = null;
  /** Whether the file of signers was ever there: it may not vanish and free everybody from signing. */
  #wasThere = false;
  #generation = 0;
  #isClosed = false;

  constructor(
    options: SignersOptions,
    signers: LookedAtFile<AllowedSigners>,
    revoked: LookedAtFile<RevokedKeys>,
  ) {
    this.#options = options;
    this.#signers = signers;
    this.#revoked = revoked;
  }

  keyFor(
    person: Name,
    armored: string,
    message: Uint8Array,
    namespace: SshNamespace,
  ): KeyFingerprint | SignatureInvalid {
    if (this.#ring === null) return new SignatureInvalid(this.#isClosed ? CLOSED : WITHHELD);
    const read = readSshSignature(armored);
    if (read instanceof SshFault) return new SignatureInvalid(read.why);
    const { listed, revoked } = this.#ring;
    const { publicKey } = read;
    const { fingerprint } = publicKey;
    // Before the mathematics: a stranger's key may be of a size that takes its time.
    if (!listed.has(person, fingerprint, namespace)) {
      return new SignatureInvalid(`its key is not listed for ${person} in ${namespace}`);
    }
    // Practice never has a real key in hand: who signs an exercise cannot have signed for real.
    if (namespace === EXERCISE_NAMESPACE && listed.has(person, fingerprint, APPROVAL_NAMESPACE)) {
      return new SignatureInvalid("its key is listed for real approvals: exercises have their own");
    }
    if (revoked.revokes(publicKey) || this.#isListed(fingerprint, namespace)) {
      return new SignatureInvalid("its key is revoked");
    }
    const key = verifySshSignature({ armored, message, namespace });
    return key instanceof SshFault ? new SignatureInvalid(key.why) : fingerprint;
  }

  mustSign(person: Name, exercise: boolean): boolean {
    const keys = this.#ring?.listed.keysOf(person, approvalNamespace(exercise));
    return keys === undefined || keys.length > 0;
  }

  whyRevoked(key: Required<KrlKey>): string | null {
    if (this.#ring === null) return this.#isClosed ? CLOSED : WITHHELD;
    const { revocations } = this.#options;
    const { fingerprint } = key;
    const isNamed = this.#ring.revoked.revokes(key) || revocations?.namesKey(fingerprint) === true;
    if (isNamed) return "it is revoked";
    // A list that was lost may have named it.
    return revocations?.revokesKey(fingerprint) === true ? LOST : null;
  }

  holdings(): ReadonlyMap<Name, readonly string[]> | null {
    const ring = this.#ring;
    if (ring === null) return null;
    return new Map(ring.listed.persons().map((person) => [person, this.#keysOf(ring, person)]));
  }

  holderOf(fingerprint: KeyFingerprint): Name | null {
    return this.#ring?.listed.holderOf(fingerprint) ?? null;
  }

  #keysOf({ listed, revoked }: Ring, person: Name): readonly string[] {
    return SshNamespace.options.flatMap((namespace) =>
      [...listed.wiresOf(person, namespace)]
        .filter(([fingerprint, wire]) => !revoked.revokes({ fingerprint, wire }))
        .filter(([fingerprint]) => !this.#isListed(fingerprint, namespace))
        .map(([fingerprint]) => `${namespace} ${fingerprint}`),
    );
  }

  #isListed(fingerprint: KeyFingerprint, namespace: SshNamespace): boolean {
    const { revocations } = this.#options;
    if (revocations === undefined) return false;
    return namespace === SshNamespace.enum["revocation@holdfast"]
      ? revocations.namesKey(fingerprint)
      : revocations.revokesKey(fingerprint);
  }

  async attend(): Promise<void> {
    const sinceMs = this.#options.now() - this.#lookedAt;
    const isFresh = sinceMs >= 0 && sinceMs < LOOK_AGAIN_MS;
    // Whoever comes while a look is under way waits for it: it may be that their key is revoked.
    if (this.#isClosed || isFresh) await this.#looks.underWay;
    else await this.#looks.anew();
  }

  async look(): Promise<number> {
    if (!this.#isClosed) await this.#looks.anew();
    return this.#generation;
  }

  async fault(): Promise<FileUnusable | null> {
    await this.attend();
    return this.#fault;
  }

  close(): void {
    this.#isClosed = true;
    this.#ring = null;
    this.#generation += 1;
    this.#signers.close();
    this.#revoked.close();
  }

  async #lookAgain(): Promise<void> {
    this.#lookedAt = this.#options.now();
    await Promise.all([this.#signers.look(), this.#revoked.look()]);
    const fault = this.#faultSeen();
    const [listed, revoked] = [this.#signers.value, this.#revoked.value];
    if (this.#isClosed) return;
    if (fault !== null) this.#withhold(fault);
    else if (listed !== null && revoked !== null) this.#know({ listed, revoked });
  }

  /** By what this look saw: the file system is not asked again for each event that is told. */
  #faultSeen(): FileUnusable | null {
    const { file, revokedFile } = this.#options;
    const fault = this.#signers.faultSeen ?? this.#revoked.faultSeen;
    if (fault !== null) return fault;
    if (this.#signers.wasThere) this.#wasThere = true;
    else if (this.#wasThere) return new SignersUnusable(file, [GONE]);
    const listsAny = (this.#signers.value?.persons().length ?? 0) > 0;
    if (!listsAny || this.#revoked.wasThere) return null;
    return new RevokedKeysUnusable(revokedFile, [NO_REVOKED_KEYS]);
  }

  #withhold(fault: FileUnusable): void {
    const isNews = this.#fault?.message !== fault.message;
    this.#fault = fault;
    if (isNews) this.#options.log.error({ err: fault }, WITHHELD);
    if (isNews) this.#replace(null);
  }

  #know(ring: Ring): void {
    this.#fault = null;
    if (ring.listed === this.#ring?.listed && ring.revoked === this.#ring.revoked) return;
    this.#replace(ring);
  }

  #replace(ring: Ring | null): void {
    this.#ring = ring;
    this.#generation += 1;
  }
}
