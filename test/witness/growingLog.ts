import { checkpointText } from "#proof/checkpoint.ts";
import { sha256 } from "#proof/digest.ts";
import {
  logConsistencyProof,
  LogFrontier,
  logLeafHash,
  logRoot,
  type SubtreeReader,
} from "#proof/logTree.ts";
import { newNoteKey, type NoteSigner, noteSigner, signNote } from "#proof/signedNote.ts";

/** What a request is to differ in from that of an honest log. */
export interface Crooked {
  /** From this leaf on, the log has others than it had. */
  readonly forkedAt?: number;
  readonly proof?: readonly Uint8Array[];
  readonly signers?: readonly NoteSigner[];
}

/** A log of leaves that follow from its name and their number, at whatever size is asked for. */
export class GrowingLog {
  readonly origin: string;
  readonly signer: NoteSigner;

  constructor(origin: string) {
    this.origin = origin;
    this.signer = noteSigner(newNoteKey(origin, sha256(`seed of ${origin}`)));
  }

  /** A signed checkpoint of the first `size` leaves. */
  async checkpoint(size: number, { forkedAt, signers }: Crooked = {}): Promise<string> {
    const root = await logRoot(BigInt(size), this.#reader(forkedAt));
    const { origin } = this;
    const text = checkpointText({ origin, size: BigInt(size), root, extensions: [] });
    return signNote(text, signers ?? [this.signer]);
  }

  /** The body of an `add-checkpoint` request. */
  async request(old: number, size: number, crooked: Crooked = {}): Promise<string> {
    const reader = this.#reader(crooked.forkedAt);
    const grown = old < size ? await logConsistencyProof(BigInt(old), BigInt(size), reader) : [];
    const proof = (crooked.proof ?? grown).map((hash) => Buffer.from(hash).toString("base64"));
    const note = await this.checkpoint(size, crooked);
    return [`old ${old}`, ...proof, "", note].join("\n");
  }

  #reader(forkedAt = Number.POSITIVE_INFINITY): SubtreeReader {
    return async (level, index) => {
      const subtree = new LogFrontier();
      const start = Number(index) * 2 ** level;
      for (let leaf = start; leaf < start + 2 ** level; leaf += 1) {
        const kind = leaf < forkedAt ? "leaf" : "another leaf";
        subtree.append(logLeafHash(sha256(`${this.origin} ${kind} ${leaf}`)));
      }
      return subtree.root();
    };
  }
}
