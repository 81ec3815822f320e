import { type Cause, type Fact, HOLDFAST, type Occurrence } from "#packet/fact.ts";
import { KeyFingerprint } from "#packet/actor.ts";
import { type Entry, saidIn } from "#packet/entry.ts";
import { arranged } from "#ledger/arranged.ts";
import type { Identity } from "#ledger/draft.ts";
import type { AllowedSigners } from "#proof/allowedSigners.ts";
import { approvalNamespace, approvalStatementBytes } from "#proof/approvalStatement.ts";
import { ENTRY_NAMESPACE, entryStatementBytes } from "#proof/entryStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { MemberFault } from "./finding.ts";
import { unprovenInEntry } from "./releases.ts";
import { isShared } from "./sharedWatch.ts";

/** The namespace of offline sign-ins (PROTOCOL.sshsig). */
const SIGN_IN_NAMESPACE = "sign-in@holdfast";

/** What the signatures came to. */
export interface SignatureCounts {
  /** Signatures under decisions that were verified. */
  readonly decisions: number;
  /** Signatures under entries that were verified, each in every lineage that it is in. */
  readonly entries: number;
  /** Whether their keys were compared with a list of allowed signers. */
  readonly areSignersCompared: boolean;
}

/** Whose documents these are. */
type Whose = Pick<Identity, "deployment" | "packet" | "exercise">;

/** A signature and what it must be of. */
interface Signed {
  readonly member: string;
  readonly person: string;
  readonly namespace: string;
  /** The forms of it that count; one that is older comes after those that say more. */
  readonly messages: readonly Uint8Array[];
  readonly armored: string;
}

/**
 * Verifies every signature again, over the statement that is made again from what is recorded; and
 * where a list of allowed signers is given, that the key is listed for whoever is said to have
 * signed. Keys that were revoked since are no fault: they counted when they were taken.
 */
export class Signatures {
  readonly #signers: AllowedSigners | null;
  #decisions = 0;
  #entries = 0;

  constructor(signers: AllowedSigners | null) {
    this.#signers = signers;
  }

  get counts(): SignatureCounts {
    const areSignersCompared = this.#signers !== null;
    return { decisions: this.#decisions, entries: this.#entries, areSignersCompared };
  }

  /** Whether the given list has this key for this person's approvals; null without a list. */
  isListed(person: string, key: string, exercise: boolean): boolean | null {
    return this.#signers?.has(person, key, approvalNamespace(exercise)) ?? null;
  }

  /** Whether the given list has any key for this person's approvals. */
  mustSign(person: string, exercise: boolean): boolean {
    return (this.#signers?.keysOf(person, approvalNamespace(exercise)).length ?? 0) > 0;
  }

  /** The first fault of what somebody did. */
  occurrenceFault(whose: Whose, occurrence: Occurrence): MemberFault | null {
    const { fact, actor } = occurrence;
    return (
      this.#actorFault(actor) ??
      this.#decisionFault(whose, fact, actor) ??
      this.#entriesFault(whose, "entries" in fact ? fact.entries : [])
    );
  }

  /** The fault of one entry's signature, or of those under a release in it; `at` is where the entry stands. */
  entryFault(whose: Whose, entry: Entry, at: string): MemberFault | null {
    const unproven = unprovenInEntry(entry);
    if (unproven !== null) {
      const { member: inside, expected, found } = unproven;
      return { kind: "SIGNATURE", member: `${at}.${inside}`, expected, found };
    }
    const { signature: armored, reporter, reportNumber } = entry;
    if (armored === undefined) return null;
    const member = `${at}.signature`;
    const { deployment, exercise } = whose;
    const packet = isShared(entry) ? null : whose.packet;
    const report = arranged(saidIn(entry));
    const stated = { deployment, exercise, packet, report, reporter, reportNumber };
    const messages = [entryStatementBytes(stated)];
    return this.#fault({ member, person: reporter, namespace: ENTRY_NAMESPACE, messages, armored });
  }

  #entriesFault(whose: Whose, entries: readonly Entry[]): MemberFault | null {
    for (const [at, entry] of entries.entries()) {
      const fault = this.entryFault(whose, entry, `body.fact.entries.${at}`);
      if (fault !== null) return fault;
      if (entry.signature !== undefined) this.#entries += 1;
    }
    return null;
  }

  #decisionFault(whose: Whose, fact: Fact, { actor }: Cause): MemberFault | null {
    const decided = decisionOf(fact);
    if (decided === null) return null;
    const { deployment, packet, exercise } = whose;
    const { decision, revision, digest, epoch, armored, spare, reason } = decided;
    const member = "body.fact.signature";
    if (spare.length > 0) {
      return { kind: "FORM", member, expected: "no other members", found: spare.join() };
    }
    const named = { decision, packet, exercise, revision, digest, deployment, epoch };
    // Rejections were signed without their reason once; what has one in it is none of those.
    const stated = reason === undefined ? [named] : [{ ...named, reason }, named];
    const fault = this.#fault({
      member,
      person: actor,
      namespace: approvalNamespace(exercise),
      messages: stated.map(approvalStatementBytes),
      armored,
    });
    if (fault === null) this.#decisions += 1;
    return fault;
  }

  #fault({ member, person, namespace, messages, armored }: Signed): MemberFault | null {
    const read = readSshSignature(armored);
    if (read instanceof SshFault) {
      return { kind: "SIGNATURE", member, expected: "an SSH signature", found: read.why };
    }
    if (read.armored !== armored) {
      const expected = "an SSH signature in the form that ssh-keygen writes";
      return { kind: "FORM", member, expected, found: "another form of it" };
    }
    const key = signerOf(armored, messages, namespace);
    if (key instanceof SshFault) {
      const expected = `a signature by ${person} in ${namespace} of what is recorded`;
      return { kind: "SIGNATURE", member, expected, found: key.why };
    }
    if (this.#signers?.has(person, key.fingerprint, namespace) ?? true) return null;
    const expected = `a key listed for ${person} in ${namespace}`;
    return { kind: "SIGNER", member, expected, found: key.fingerprint };
  }

  /** Who did it: a name, what kind of principal, and for a person who had signed in offline the key. */
  #actorFault(actor: Cause): MemberFault | null {
    const { actor: person, kind, offlineKey, ...others } = actor;
    const spare = Object.keys(others);
    if (spare.length > 0) {
      const expected = "a name, a kind and perhaps an offlineKey";
      return { kind: "FORM", member: "body.actor", expected, found: `also ${spare.join()}` };
    }
    if (offlineKey === undefined) return null;
    const member = "body.actor.offlineKey";
    if (kind !== "PERSON" || person === HOLDFAST.actor) {
      return { kind: "FORM", member, expected: "none for what is no person", found: "one" };
    }
    if (!KeyFingerprint.safeParse(offlineKey).success) {
      return { kind: "FORM", member, expected: "a key's fingerprint", found: "something else" };
    }
    if (this.#signers?.has(person, offlineKey, SIGN_IN_NAMESPACE) ?? true) return null;
    const expected = `a key listed for ${person} in ${SIGN_IN_NAMESPACE}`;
    return { kind: "SIGNER", member, expected, found: offlineKey };
  }
}

/** Who signed the first of these forms that this is a signature of; the fault of the newest where it is of none. */
function signerOf(armored: string, messages: readonly Uint8Array[], namespace: string) {
  const verified = messages.map((message) => verifySshSignature({ armored, message, namespace }));
  const [newest] = verified;
  if (newest === undefined) throw new Error("a signature is of something");
  return verified.find((one) => !(one instanceof SshFault)) ?? newest;
}

interface Decided {
  readonly decision: "APPROVE" | "REJECT";
  /** Of a rejection. */
  readonly reason?: string;
  readonly revision: number;
  readonly digest: string;
  readonly epoch: bigint;
  readonly armored: string;
  /** Members of the signature that there must not be. */
  readonly spare: readonly string[];
}

/** What a signed decision says; null for any other fact. */
function decisionOf(fact: Fact): Decided | null {
  if (fact.kind === "PACKET_APPROVED" && fact.signature !== undefined) {
    const { epoch, armored, ...others } = fact.signature;
    const { revision, digest } = fact;
    return {
      decision: "APPROVE",
      revision,
      digest,
      epoch,
      armored,
      spare: Object.keys(others),
    };
  }
  if (fact.kind !== "PACKET_REJECTED" || fact.signature === undefined) return null;
  const { revision, digest, epoch, armored, ...others } = fact.signature;
  const spare = Object.keys(others);
  return { decision: "REJECT", reason: fact.reason, revision, digest, epoch, armored, spare };
}
