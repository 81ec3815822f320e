import type { HeadMark, Ledger } from "#ledger/ledger.ts";
import type { LogPlace } from "#ledger/logForm.ts";
import { BLOCK } from "#ledger/logTree.ts";
import type { LineageDoubt } from "#packet/lineage.ts";
import type { PacketId } from "#packet/name.ts";
import { logLeafHash, verifyLogInclusion } from "#proof/logTree.ts";

/** What is asked of the ledger to compare it. */
export type ComparedLedger = Pick<
  Ledger,
  "logExtent" | "logRoot" | "rereadLogRoot" | "logged" | "inclusion" | "places" | "heads"
>;

/** What a checkpoint says of the log. */
interface Extent {
  /** How many revisions it had. */
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** Where a packet's lineage is said to end. */
export interface PacketMark extends HeadMark {
  readonly packet: PacketId;
}

/** The database says otherwise than what is kept outside it. */
export class Disagreement extends Error {
  override readonly name = "Disagreement";
  readonly doubt: LineageDoubt;

  constructor(doubt: LineageDoubt, found: string) {
    super(found);
    this.doubt = doubt;
  }
}

/**
 * Compares the log with the last checkpoint. What is kept of the tree lies in the database that is
 * compared, so the revisions themselves are read: all of them the first time, and one block more of
 * them each time after.
 */
export class Comparison {
  readonly #ledger: ComparedLedger;
  #isReread = false;
  /** How far the log was read once more since then. */
  #rereadTo = 0n;

  constructor(ledger: ComparedLedger) {
    this.#ledger = ledger;
  }

  /**
   * Compares the log, which has `size` revisions now, with the last checkpoint, if there is one.
   *
   * @throws {Disagreement | LogBroken}
   */
  async run(last: Extent | null, size: bigint): Promise<void> {
    const { position, revisions } = await this.#ledger.logExtent();
    if (revisions < position) {
      throw new Disagreement("HEAD_WENT_BACK", "the log has more revisions than the packets");
    }
    if (last === null) return;
    if (size < last.size) {
      throw new Disagreement("HEAD_WENT_BACK", `the log has ${size} revisions, not ${last.size}`);
    }
    const root = this.#isReread
      ? await this.#ledger.logRoot(last.size)
      : await this.#ledger.rereadLogRoot(last.size);
    if (Buffer.compare(root, last.root) !== 0) {
      throw new Disagreement("HISTORY_REWRITTEN", `the log has another root at ${last.size}`);
    }
    if (this.#isReread) await this.#rereadBlock(last);
    this.#isReread = true;
  }

  /**
   * Whether the log has this revision of the packet, under this checkpoint.
   *
   * @throws {Disagreement | LogBroken} if it has another one there, or one of the packet after its head.
   */
  async hasHead(head: PacketMark, checkpoint: Extent): Promise<boolean> {
    const { packet, revision, digest } = head;
    const [place, next] = await this.#ledger.places(packet, revision - 1, 2, checkpoint.size);
    if (place?.number !== revision) return false;
    requireLogged(checkpoint, digest, place);
    if (next === undefined) return true;
    const now = (await this.#ledger.heads([packet])).get(packet);
    if (now !== undefined && now.revision >= next.number) return true;
    throw new Disagreement("HEAD_WENT_BACK", "a packet ends before its last revision in the log");
  }

  /** The proof of a block's first revision is made from all the others in it. */
  async #rereadBlock(last: Extent): Promise<void> {
    if (this.#rereadTo >= last.size) this.#rereadTo = 0n;
    if (last.size === 0n) return;
    const [first] = await this.#ledger.logged(this.#rereadTo, 1);
    const position = this.#rereadTo + 1n;
    const proof = await this.#ledger.inclusion(position, last.size);
    requireLogged(last, first?.digest ?? "", { position, proof });
    this.#rereadTo += BigInt(BLOCK);
  }
}

function requireLogged(
  { size, root }: Extent,
  digest: string,
  { position, proof }: Pick<LogPlace, "position" | "proof">,
): void {
  const leafHash = logLeafHash(Buffer.from(digest, "hex"));
  if (verifyLogInclusion({ index: position - 1n, size, leafHash, root, proof })) return;
  throw new Disagreement("HISTORY_REWRITTEN", `the log has another revision at ${position}`);
}
