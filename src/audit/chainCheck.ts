import type { RevisionDigest } from "#packet/name.ts";
import { sha256Hex } from "#proof/digest.ts";
import { bodyCommitment } from "#ledger/document.ts";
import type { Identity } from "#ledger/draft.ts";
import type { StoredRevision } from "#ledger/fold.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { type ChainMembers, readStrictly } from "./headerForm.ts";

/**
 * Checks one packet's revisions, given from the first one in order, by their bytes alone: numbers,
 * digests, the exact form of the header, links, whose they are, and the commitment to the body.
 * Nothing is judged. Memory does not grow with the lineage.
 */
export class ChainCheck {
  readonly #identity: Identity;
  #number = 0;
  #digest: RevisionDigest | null = null;
  #isBroken = false;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  /** The last revision that was right; 0 before the first one. */
  get number(): number {
    return this.#number;
  }

  /** Whether a fault was found; what follows one proves nothing and is not looked at. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The first fault of the next revision; null when there is none, and after the first fault. */
  next(row: StoredRevision): Finding | null {
    if (this.#isBroken) return null;
    const finding = this.#check(row);
    if (finding !== null) {
      this.#isBroken = true;
      return finding;
    }
    this.#number = row.number;
    this.#digest = row.digest;
    return null;
  }

  #check(row: StoredRevision): Finding | null {
    const number = this.#number + 1;
    const { packet, salt } = this.#identity;
    const fault = (
      kind: FindingKind,
      column: string,
      expected: unknown,
      found: unknown,
    ): Finding => ({
      place: { table: "revision", packet, revision: Math.min(row.number, number), column },
      kind,
      expected: String(expected),
      found: String(found),
    });
    if (row.number !== number) return fault("GAP", "number", number, row.number);
    const digest = sha256Hex(row.header);
    if (digest !== row.digest) return fault("DIGEST", "digest", digest, row.digest);
    const header = readStrictly(row.header);
    if (typeof header === "string") return fault("FORM", "header", "a canonical header", header);
    const strange = this.#strange(header, number);
    if (strange !== null) return fault("IDENTITY", `header.${strange[0]}`, strange[1], strange[2]);
    if (header.predecessor !== this.#digest) {
      return fault("LINK", "header.predecessor", this.#digest, header.predecessor);
    }
    const body = bodyCommitment(salt, number, row.body);
    return body === header.body ? null : fault("COMMITMENT", "body", header.body, body);
  }

  /** The first member that is another's: its name, what it should say, and what it says. */
  #strange(header: ChainMembers, number: number): readonly [string, unknown, unknown] | null {
    const { deployment, packet, exercise } = this.#identity;
    if (header.deployment !== deployment) return ["deployment", deployment, header.deployment];
    if (header.packet !== packet) return ["packet", packet, header.packet];
    if (header.exercise !== exercise) return ["exercise", exercise, header.exercise];
    return header.number === number ? null : ["number", number, header.number];
  }
}
