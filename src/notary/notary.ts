import { LogBroken } from "#ledger/fault.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { type LineageDoubt, LineageInDoubt } from "#packet/lineage.ts";
import type { Log } from "#packet/log.ts";
import { checkpointText, readCheckpoint } from "#proof/checkpoint.ts";
import { type NoteSigner, noteVerifier, signNote, verifyNote } from "#proof/signedNote.ts";
import { readCheckpointFile, writeCheckpointFile } from "./checkpointFile.ts";
import { type ComparedLedger, Comparison, Disagreement, type PacketMark } from "./comparison.ts";
import {
  WitnessAhead,
  WitnessClient,
  WitnessDisagrees,
  type WitnessOptions,
} from "./witnessClient.ts";

/** A checkpoint as it is given away: signed, and cosigned where a witness is asked. */
export interface PublishedCheckpoint {
  /** A signed note (C2SP) whose text is a checkpoint of the log. */
  readonly note: string;
  /** How many revisions the log had. */
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** What the notary compares, with what, and whom it asks. */
export interface NotaryOptions {
  readonly ledger: ComparedLedger & Pick<Ledger, "sequence" | "consistency">;
  /** The deployment's key; its name is the log's origin. */
  readonly signer: NoteSigner;
  /** Where the last checkpoint is kept, outside the database. */
  readonly checkpointFile: string;
  readonly witness: WitnessOptions | null;
  readonly log: Log;
}

/** The log was not signed, because the database is not believed; `doubt` says why. */
export class LineageDoubted extends Error {
  override readonly name = "LineageDoubted";
  readonly doubt: LineageDoubt;

  constructor(doubt: LineageDoubt, cause?: unknown) {
    super(new LineageInDoubt(doubt).message, { cause });
    this.doubt = doubt;
  }
}

/** The last checkpoint: what this deployment signed, and what the witness added to it, if it did. */
interface Kept {
  readonly signed: string;
  readonly cosignature: string | null;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/**
 * Signs what the deployment says of its log, and compares the log with what was said before: with
 * the last checkpoint, which is kept in a file, and with what the witness saw. Once they disagree
 * it says so for as long as it runs: a person has to look.
 */
export class Notary {
  readonly #options: NotaryOptions;
  readonly #comparison: Comparison;
  readonly #witness: WitnessClient | null;
  #last: Kept | null = null;
  #doubt: LineageDoubt | null = "NOT_COMPARED";
  #isLasting = false;
  #isWitnessSilent = false;
  #running: Promise<PublishedCheckpoint> | null = null;
  #next: Promise<PublishedCheckpoint> | null = null;

  constructor(options: NotaryOptions) {
    this.#options = options;
    this.#comparison = new Comparison(options.ledger);
    this.#witness = options.witness === null ? null : new WitnessClient(options.witness);
  }

  /** The name under which the log is known (C2SP tlog-checkpoint). */
  get origin(): string {
    return this.#options.signer.name;
  }

  /** With it anybody checks what this deployment signed. */
  get verifierKey(): string {
    return this.#options.signer.verifierKey;
  }

  /** Why the database is not believed; null while all agrees. */
  doubt(): LineageDoubt | null {
    return this.#doubt;
  }

  /** Whether the witness answers; null where none is asked. */
  isWitnessed(): boolean | null {
    return this.#witness === null ? null : !this.#isWitnessSilent;
  }

  /** A signed note with this text. */
  sign(text: string): string {
    return signNote(text, [this.#options.signer]);
  }

  /** The newest checkpoint that was signed; null before the first one. */
  latest(): PublishedCheckpoint | null {
    return this.#last === null ? null : publishedOf(this.#last);
  }

  /**
   * Compares, and resolves to a checkpoint of all that was committed when this was called.
   *
   * @throws {LineageDoubted}
   */
  checkpoint(): Promise<PublishedCheckpoint> {
    if (this.#running === null) return this.#start();
    // One that runs may have looked too early; all who ask meanwhile share the one after it.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#start();
      });
    return this.#next;
  }

  /**
   * Why it is not believed that a packet's lineage ends so: the log must have that revision, under
   * the last checkpoint, and none of the packet after it. Null while it is believed.
   */
  async headDoubt(head: PacketMark): Promise<LineageDoubt | null> {
    try {
      if (!this.#isLasting) await this.#believing(() => this.#requireHead(head));
      return this.#doubt;
    } catch (fault) {
      if (fault instanceof LineageDoubted) return fault.doubt;
      throw fault;
    }
  }

  #start(): Promise<PublishedCheckpoint> {
    const running = this.#compareAndSign().finally(() => {
      this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #compareAndSign(): Promise<PublishedCheckpoint> {
    if (this.#isLasting) throw this.#doubted();
    return this.#believing(async () => {
      const size = await this.#options.ledger.sequence();
      this.#last ??= await this.#read();
      await this.#comparison.run(this.#last, size);
      if (this.#last?.size !== size) this.#last = await this.#sign(size);
      this.#last = await this.#cosigned(this.#last);
      this.#doubt = null;
      return publishedOf(this.#last);
    });
  }

  async #read(): Promise<Kept | null> {
    const note = await readCheckpointFile(this.#options.checkpointFile);
    if (note === null) return null;
    try {
      const { text } = verifyNote(note, [noteVerifier(this.verifierKey)]);
      const { origin, size, root } = readCheckpoint(text);
      if (origin !== this.origin) throw new Error(`it is of the log ${origin}`);
      // Ed25519 signs the same text the same way. Whether the witness has it too is asked again.
      return { signed: this.sign(text), cosignature: null, size, root };
    } catch (fault) {
      throw this.#disbelieve("CHECKPOINT_UNREADABLE", fault);
    }
  }

  async #requireHead(head: PacketMark): Promise<void> {
    const last = this.latest() ?? (await this.checkpoint());
    if (await this.#comparison.hasHead(head, last)) return;
    // It may have been appended since.
    const now = await this.checkpoint();
    if (await this.#comparison.hasHead(head, now)) return;
    throw new Disagreement("HISTORY_REWRITTEN", "the log does not have the head of a packet");
  }

  async #believing<T>(compare: () => Promise<T>): Promise<T> {
    try {
      return await compare();
    } catch (fault) {
      if (fault instanceof LogBroken) throw this.#disbelieve("HISTORY_REWRITTEN", fault);
      if (fault instanceof Disagreement) throw this.#disbelieve(fault.doubt, fault);
      throw fault;
    }
  }

  async #sign(size: bigint): Promise<Kept> {
    const root = await this.#options.ledger.logRoot(size);
    const text = checkpointText({ origin: this.origin, size, root, extensions: [] });
    const kept = { signed: this.sign(text), cosignature: null, size, root };
    // Before anybody else hears of it, so that what was said once is never unsaid.
    await writeCheckpointFile(this.#options.checkpointFile, kept.signed);
    return kept;
  }

  async #cosigned(kept: Kept): Promise<Kept> {
    if (this.#witness === null || kept.cosignature !== null) return kept;
    const { ledger, log, checkpointFile } = this.#options;
    try {
      const cosignature = await this.#witness.cosign(
        { note: kept.signed, size: kept.size },
        (from, to) => ledger.consistency(from, to),
      );
      if (this.#isWitnessSilent) log.info({}, "the witness cosigns again");
      this.#isWitnessSilent = false;
      await writeCheckpointFile(checkpointFile, `${kept.signed}${cosignature}`);
      return { ...kept, cosignature };
    } catch (err) {
      if (err instanceof LogBroken) throw err;
      if (err instanceof WitnessAhead) return this.#catchUp(kept, err);
      if (err instanceof WitnessDisagrees) throw this.#disbelieve("WITNESS_DISAGREES", err);
      if (!this.#isWitnessSilent)
        log.warn({ err }, "the witness did not cosign; it is asked again");
      this.#isWitnessSilent = true;
      // It agreed since the start: its absence now hides nothing that was seen before.
      if (this.#doubt === null) return kept;
      this.#doubt = "WITNESS_SILENT";
      throw this.#doubted(err);
    }
  }

  /** What the witness has seen more was either appended since, or is lost here. */
  async #catchUp(last: Kept, ahead: WitnessAhead): Promise<Kept> {
    const size = await this.#options.ledger.sequence();
    if (size < ahead.size) throw this.#disbelieve("WITNESS_DISAGREES", ahead);
    await this.#comparison.run(last, size);
    return this.#cosigned(await this.#sign(size));
  }

  #disbelieve(doubt: LineageDoubt, cause?: unknown): LineageDoubted {
    this.#doubt = doubt;
    this.#isLasting = true;
    const doubted = this.#doubted(cause);
    this.#options.log.error(
      { err: doubted },
      "the database is not believed: approvals are refused",
    );
    return doubted;
  }

  #doubted(cause?: unknown): LineageDoubted {
    return new LineageDoubted(this.#doubt ?? "NOT_COMPARED", cause);
  }
}

function publishedOf({ signed, cosignature, size, root }: Kept): PublishedCheckpoint {
  return { note: `${signed}${cosignature ?? ""}`, size, root };
}
