import type { Epoch } from "#packet/epoch.ts";
import type { RevisionDigest } from "#packet/name.ts";
import { hex } from "#proof/digest.ts";
import { bytesOf } from "#ledger/bytes.ts";

const DIGEST_BYTES = 32;
const ROOM_MIN = 64;

/**
 * The digests and epochs of a packet's revisions since the one that last opened a hold or changed
 * the material: those that a decision may name (rule 5.1). Of digests 32 bytes each.
 */
export class SteadyDigests {
  #first = 1;
  #count = 0;
  #bytes = Buffer.alloc(ROOM_MIN * DIGEST_BYTES);
  #epochs: Epoch[] = [];

  /** Keeps the next revision's digest and epoch, and lets go of those before `steadySince`. */
  keep(number: number, digest: RevisionDigest, steadySince: number, epoch: Epoch): void {
    if (steadySince > this.#first) {
      const kept = Math.max(0, this.#first + this.#count - steadySince);
      const from = (this.#count - kept) * DIGEST_BYTES;
      this.#bytes.copyWithin(0, from, this.#count * DIGEST_BYTES);
      this.#epochs = this.#epochs.slice(this.#count - kept);
      this.#first = number - kept;
      this.#count = kept;
    }
    const end = this.#count * DIGEST_BYTES;
    if (end === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], end * 2);
    this.#bytes.set(bytesOf(digest), end);
    this.#epochs.push(epoch);
    this.#count += 1;
  }

  /** The digest of a revision; null for one that is not there or was let go. */
  digestOf(number: number): RevisionDigest | null {
    const at = number - this.#first;
    if (!Number.isInteger(at) || at < 0 || at >= this.#count) return null;
    return hex(this.#bytes.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES));
  }

  /** The epoch of a revision; null for one that is not there or was let go. */
  epochOf(number: number): Epoch | null {
    return this.#epochs[number - this.#first] ?? null;
  }
}
