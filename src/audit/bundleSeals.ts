import { type Checkpoint, readCheckpoint } from "#proof/checkpoint.ts";
import {
  type NoteVerifier,
  NoteUnverified,
  noteVerifier,
  readNote,
  verifyNote,
} from "#proof/signedNote.ts";
import { type Finding, faultText } from "./finding.ts";

/** What is wrong, without where. */
export type Fault = Omit<Finding, "place">;

/** A checkpoint that the deployment signed. */
export interface SealedCheckpoint extends Checkpoint {
  /** The witnesses that were given and cosigned it. */
  readonly cosignedBy: readonly string[];
  /** Whose signatures on it nobody checked, because their keys were not given. */
  readonly unchecked: readonly string[];
}

/** What the given keys say of the notes in a bundle. */
export class Seals {
  /** Faults of the keys themselves. */
  readonly faults: readonly Fault[];
  readonly #keys: readonly NoteVerifier[];
  readonly #witnesses: readonly NoteVerifier[];
  /** The name of the log, once a checkpoint told it; only its own key then signs. */
  #origin: string | null = null;

  constructor(keys: readonly string[], witnesses: readonly string[]) {
    const faults: Fault[] = [];
    this.#keys = keys.flatMap((key) =>
      verifiersOf("a verifier key of the deployment", key, faults),
    );
    this.#witnesses = witnesses.flatMap((key) => verifiersOf("a witness's key", key, faults));
    if (keys.length === 0) {
      faults.push({ kind: "SIGNATURE", expected: "the deployment's verifier key", found: "none" });
    }
    this.faults = faults;
  }

  /** The checkpoint of a note, if the deployment's key signed it; and whatever is wrong with it. */
  checkpoint(note: string): { checkpoint: SealedCheckpoint | null; faults: readonly Fault[] } {
    const text = this.text(note);
    if (typeof text !== "string") return { checkpoint: null, faults: [text] };
    let checkpoint: Checkpoint;
    try {
      checkpoint = readCheckpoint(text);
    } catch (fault) {
      return {
        checkpoint: null,
        faults: [{ kind: "FORM", expected: "a checkpoint", found: faultText(fault) }],
      };
    }
    const own = this.#keys.filter(({ name }) => name === checkpoint.origin);
    if (!isSignedBy(note, own)) {
      const expected = `a signature by the log's own key ${checkpoint.origin}`;
      return { checkpoint: null, faults: [{ kind: "SIGNATURE", expected, found: "none" }] };
    }
    this.#origin = checkpoint.origin;
    return this.#cosigned(note, checkpoint);
  }

  /** The text of a note that the deployment's key signed; else what is wrong. */
  text(note: string): string | Fault {
    const keys = this.#keys.filter(({ name }) => this.#origin === null || name === this.#origin);
    const expected = "a note signed by the deployment's key";
    try {
      return verifyNote(note, keys).text;
    } catch (fault) {
      const kind = fault instanceof NoteUnverified ? "SIGNATURE" : "FORM";
      return { kind, expected, found: faultText(fault) };
    }
  }

  #cosigned(note: string, checkpoint: Checkpoint) {
    const faults: Fault[] = [];
    const cosignedBy: string[] = [];
    for (const witness of this.#witnesses) {
      if (isSignedBy(note, [witness])) cosignedBy.push(witness.name);
      else {
        const expected = `a cosignature by the witness ${witness.name}`;
        faults.push({ kind: "SIGNATURE", expected, found: "none that is right" });
      }
    }
    const known = [...this.#keys, ...this.#witnesses];
    const unchecked = readNote(note)
      .signatures.filter((each) => !known.some((key) => isBy(each, key)))
      .map(({ name }) => name);
    return { checkpoint: { ...checkpoint, cosignedBy, unchecked }, faults };
  }
}

function verifiersOf(expected: string, key: string, faults: Fault[]): NoteVerifier[] {
  try {
    return [noteVerifier(key)];
  } catch (fault) {
    faults.push({ kind: "SIGNATURE", expected, found: faultText(fault) });
    return [];
  }
}

function isSignedBy(note: string, keys: readonly NoteVerifier[]): boolean {
  try {
    verifyNote(note, keys);
    return true;
  } catch {
    return false;
  }
}

function isBy(
  signature: { readonly name: string; readonly keyHash: number },
  key: NoteVerifier,
): boolean {
  return signature.name === key.name && signature.keyHash === key.keyHash;
}
