import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Log } from "#packet/log.ts";
import { Name } from "#packet/name.ts";
import { ARMORED_LENGTH_MAX } from "#proof/sshSignature.ts";
import {
  readSignInStatement,
  SIGN_IN_EPOCHS_MAX,
  SIGN_IN_NAMESPACE,
  type SignInStatement,
} from "#proof/signInStatement.ts";
import type { GroundAnswer, LedgerWord, OfflineGround } from "./offlineGround.ts";
import { actorOf, type Principals } from "./principals.ts";
import type { Principal } from "./principalsFile.ts";
import type { KeyRing } from "./signers.ts";

/** The longest statement, in bytes: names and numbers. */
const STATEMENT_BYTES_MAX = 1_024;

/** What an offline sign-in is judged on. */
export interface OfflineOptions {
  readonly deployment: string;
  readonly signers: Pick<KeyRing, "attend" | "keyFor" | "look">;
  readonly principals: Pick<Principals, "listing">;
  readonly ground: OfflineGround;
  readonly log: Log;
}

/** Somebody who was let in offline, and the last epoch in which that counts. */
export interface SignedIn {
  readonly actor: Actor;
  readonly validThroughEpoch: Epoch;
}

/** A statement, its exact bytes and what claims to be its signature. */
interface Credential {
  readonly statement: SignInStatement;
  readonly bytes: Uint8Array;
  readonly armored: string;
}

/**
 * Lets in whoever signed a statement with a key of their own, without any identity provider. Time
 * is the deployment's epoch and nothing else (rule 6.1): the last one that this node knows.
 */
export class OfflineDesk {
  readonly #options: OfflineOptions;
  /** Of everybody who was let in: to when, and at the latest. */
  readonly #letIn = new Map<Name, Epoch>();
  /** The last epochs of what was let in; never more than the longest sign-in has. */
  readonly #ends = new Set<Epoch>();
  #ended = 0;
  /** The newest generation of the keys, as far as a look has told it. */
  #keys = 0;

  constructor(options: OfflineOptions) {
    this.#options = options;
  }

  /** As {@link signIn}, without the end. */
  async authenticate(credential: string): Promise<Actor | null> {
    return (await this.signIn(credential))?.actor ?? null;
  }

  /**
   * Takes what follows the scheme `Holdfast-Sshsig`: the statement's bytes and the armored
   * signature, each in base64url without padding, with a dot between them. Null for whoever is not
   * let in; why is logged where the signature was theirs, and nobody else is told.
   */
  async signIn(credential: string): Promise<SignedIn | null> {
    const read = readCredential(credential);
    if (read === null || read.statement.deployment !== this.#options.deployment) return null;
    const { statement, bytes, armored } = read;
    const { signers, log } = this.#options;
    await signers.attend();
    const key = signers.keyFor(statement.principal, armored, bytes, SIGN_IN_NAMESPACE);
    if (typeof key !== "string") return null;
    const judged = await this.#judge(statement);
    if (typeof judged === "string") {
      log.info(
        { principal: statement.principal, key, why: judged },
        "an offline sign-in was refused",
      );
      return null;
    }
    const { principal, validThroughEpoch } = statement;
    this.#end(await this.#options.ground.epoch());
    const until = this.#letIn.get(principal) ?? validThroughEpoch;
    this.#letIn.set(principal, until > validThroughEpoch ? until : validThroughEpoch);
    this.#ends.add(validThroughEpoch);
    return { actor: Object.freeze({ ...actorOf(judged), offlineKey: key }), validThroughEpoch };
  }

  /**
   * Looks at the keys, the epoch and the revocations of those who were let in. Resolves to a number
   * that grows whenever a statement that counted may count no more. What is told next may have been
   * committed in the epoch after their last, or after their revocation: a NEW word of the ledger is
   * waited for until it comes.
   */
  async look(word: LedgerWord = "LAST"): Promise<number> {
    const { signers, ground } = this.#options;
    const present = [...this.#letIn.keys()];
    const [keys, { epoch, revoked }] = await Promise.all([
      signers.look(),
      word === "NEW" ? ground.answered(present) : lastAnswers(ground, present),
    ]);
    for (const person of present) {
      if (revoked.has(person) && this.#letIn.delete(person)) this.#ended += 1;
    }
    this.#end(epoch);
    this.#keys = Math.max(this.#keys, keys);
    return this.#keys + this.#ended;
  }

  #end(epoch: Epoch | null): void {
    if (epoch === null) return;
    for (const last of this.#ends) {
      if (last < epoch && this.#ends.delete(last)) this.#ended += 1;
    }
    for (const [person, last] of this.#letIn) if (last < epoch) this.#letIn.delete(person);
  }

  /** Whoever the statement speaks of, or why they are not let in. */
  async #judge(statement: SignInStatement): Promise<Principal | string> {
    const { principals, ground } = this.#options;
    const { principal: name, epoch, validThroughEpoch } = statement;
    const principal = (await principals.listing())?.named(name) ?? null;
    if (principal?.name !== name) return "they are not in the principals file";
    if (principal.kind !== "PERSON" || principal.responder !== true) return "they are no responder";
    if (validThroughEpoch < epoch || validThroughEpoch - epoch > SIGN_IN_EPOCHS_MAX) {
      return `the statement is not for 0 to ${SIGN_IN_EPOCHS_MAX} epochs`;
    }
    const known = await ground.epoch();
    // Whoever asked another node may know of a step that this one has not seen.
    const present = known !== null && epoch > known ? await ground.epochNow() : known;
    if (present === null) return "the epoch is not known here";
    if (epoch > present) return "the statement is of an epoch to come";
    if (validThroughEpoch < present) return "the statement's last epoch is over";
    const isRevoked = await ground.isRevoked(name);
    if (isRevoked === false) return principal;
    return isRevoked === null
      ? "nobody can say if they are revoked"
      : "their credential is revoked";
  }
}

async function lastAnswers(ground: OfflineGround, people: readonly Name[]): Promise<GroundAnswer> {
  const [epoch, revoked] = await Promise.all([
    people.length === 0 ? null : ground.epochNow(),
    ground.revokedNow(people),
  ]);
  return { epoch, revoked };
}

function readCredential(credential: string): Credential | null {
  if (credential.length > 2 * (STATEMENT_BYTES_MAX + ARMORED_LENGTH_MAX)) return null;
  const [first, second, ...more] = credential.split(".").map(readBase64url);
  if (first === undefined || second === undefined || more.length > 0) return null;
  if (first === null || second === null || first.length > STATEMENT_BYTES_MAX) return null;
  const statement = readSignInStatement(first);
  if (statement === null || !Name.safeParse(statement.principal).success) return null;
  return { statement, bytes: first, armored: Buffer.from(second).toString("latin1") };
}

/** Only without padding and with unused bits of zero: equal bytes have one spelling. */
function readBase64url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : null;
}
