import { type Checkpoint, CheckpointMalformed, readCheckpoint } from "#proof/checkpoint.ts";
import type { Cosigner } from "#proof/cosignature.ts";
import { verifyLogConsistency } from "#proof/logTree.ts";
import {
  NoteMalformed,
  NoteUnverified,
  type NoteVerifier,
  type ReadNote,
  readNote,
  verifyNote,
} from "#proof/signedNote.ts";
import { readAddCheckpoint, RequestMalformed } from "./request.ts";
import type { CheckpointStore } from "./store.ts";
import { Turns } from "#outpost/turns.ts";

/** What a witness answers to a checkpoint, one kind for each status of C2SP tlog-witness. */
export type WitnessAnswer =
  /** The lines of the witness's cosignature, each with its newline. */
  | { readonly kind: "COSIGNED"; readonly lines: string }
  | { readonly kind: "MALFORMED"; readonly reason: string }
  | { readonly kind: "UNKNOWN_LOG"; readonly reason: string }
  | { readonly kind: "UNSIGNED"; readonly reason: string }
  /** The log's old size is not that of the checkpoint that was cosigned last, which is `size`. */
  | { readonly kind: "OTHER_SIZE"; readonly size: bigint }
  /** The tree has the same size and another root: the log says two things. */
  | { readonly kind: "OTHER_ROOT"; readonly reason: string }
  | { readonly kind: "NOT_CONSISTENT"; readonly reason: string }
  /** More requests for this log wait than are let wait. */
  | { readonly kind: "BUSY" };

/** What a witness needs. */
export interface WitnessOptions {
  readonly cosigner: Cosigner;
  /** The keys of each log that it watches, by the log's origin. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>;
  readonly store: CheckpointStore;
  /** The time in POSIX seconds. */
  readonly nowSeconds: () => bigint;
}

const WAITING_MAX = 64;

/**
 * Watches logs grow, and says so: it cosigns a checkpoint only after it has seen a proof that its
 * tree starts with that of the checkpoint it cosigned last, and only after the new one is stored.
 */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #turns = new Turns(WAITING_MAX);

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /**
   * Answers the body of an `add-checkpoint` request.
   *
   * @throws {StoreBroken} if what it cosigned last cannot be read back; then it cosigns nothing.
   */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    try {
      const { old, proof, note } = readAddCheckpoint(body);
      const { text } = readNote(note);
      const next = readCheckpoint(text);
      const keys = this.#options.logs.get(next.origin);
      if (keys === undefined)
        return { kind: "UNKNOWN_LOG", reason: "this witness watches no log of that origin" };
      const signed = verifyNote(note, keys);
      if (old > next.size)
        return { kind: "MALFORMED", reason: "the old size is above that of the checkpoint" };
      const answer = await this.#turns.take(next.origin, () =>
        this.#judge({ old, proof, signed, next }),
      );
      return answer ?? { kind: "BUSY" };
    } catch (fault) {
      if (fault instanceof NoteUnverified) return { kind: "UNSIGNED", reason: fault.message };
      if (!isMalformed(fault)) throw fault;
      return { kind: "MALFORMED", reason: fault.message };
    }
  }

  /**
   * The checkpoint of a log that was cosigned last, as a note with the signatures of the log's known
   * keys and the witness's cosignature; null for an unknown log, and before the first one.
   *
   * @throws {StoreBroken} if it cannot be read back.
   */
  async latest(origin: string): Promise<string | null> {
    if (!this.#options.logs.has(origin)) return null;
    return (await this.#options.store.read(origin))?.note ?? null;
  }

  async #judge(asked: {
    readonly old: bigint;
    readonly proof: readonly Uint8Array[];
    readonly signed: ReadNote;
    readonly next: Checkpoint;
  }): Promise<WitnessAnswer> {
    const { old, proof, signed, next } = asked;
    const { store, cosigner, nowSeconds } = this.#options;
    const last = (await store.read(next.origin))?.checkpoint ?? null;
    const seen = last?.size ?? 0n;
    if (old !== seen) return { kind: "OTHER_SIZE", size: seen };
    const refusal = growthFault(last, next, proof);
    if (refusal !== null) return refusal;
    const lines = `${cosigner.cosign(signed.text, nowSeconds())}\n`;
    const known = signed.signatures.map(({ line }) => `${line}\n`).join("");
    await store.write(next.origin, `${signed.text}\n${known}${lines}`);
    return { kind: "COSIGNED", lines };
  }
}

/** Why the next checkpoint may not follow the last; null if it may. */
function growthFault(
  last: Checkpoint | null,
  next: Checkpoint,
  proof: readonly Uint8Array[],
): WitnessAnswer | null {
  const isSame = last !== null && last.size === next.size;
  if (isSame && Buffer.compare(last.root, next.root) !== 0)
    return {
      kind: "OTHER_ROOT",
      reason: `a tree of ${last.size} leaves with another root was cosigned: the log has forked`,
    };
  // From nothing, and from the same tree, there is nothing to prove.
  if (last === null || last.size === 0n || isSame) {
    if (proof.length === 0) return null;
    return { kind: "NOT_CONSISTENT", reason: "the proof from this old size is empty" };
  }
  const [from, to] = [last.size, next.size];
  if (verifyLogConsistency({ from, to, fromRoot: last.root, toRoot: next.root, proof }))
    return null;
  return {
    kind: "NOT_CONSISTENT",
    reason: `the proof does not show that the tree of ${to} leaves starts with that of ${from}`,
  };
}

function isMalformed(fault: unknown): fault is Error {
  return (
    fault instanceof RequestMalformed ||
    fault instanceof NoteMalformed ||
    fault instanceof CheckpointMalformed
  );
}
