import { type Checkpoint, readCheckpoint } from "#proof/checkpoint.ts";
import { hex } from "#proof/digest.ts";
import { type NoteVerifier, readNote, verifyNote } from "#proof/signedNote.ts";
import { faultText } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { LogTotals } from "./logTotals.ts";

/** A signed checkpoint that was kept outside the database. */
export interface Anchor {
  /** Where it comes from, to be named in findings. */
  readonly name: string;
  readonly note: string;
}

/** Who must have signed a checkpoint. */
export interface AnchorKeys {
  /** The deployment's, which must have signed every one. */
  readonly log: NoteVerifier;
  /** Every one of these must have cosigned. */
  readonly witnesses: readonly NoteVerifier[];
}

/** A checkpoint whose signatures were checked. */
export interface CheckedAnchor {
  readonly name: string;
  readonly checkpoint: Checkpoint;
}

/** Checks signatures alone; what is not signed as it should be is found and left out. */
export function checkSignatures(
  anchors: readonly Anchor[],
  keys: AnchorKeys | null,
  findings: Findings,
): readonly CheckedAnchor[] {
  return anchors.flatMap(({ name, note }) => {
    try {
      return [{ name, checkpoint: signedBy(note, keys) }];
    } catch (fault) {
      findings.add({
        place: { table: "checkpoint", row: name },
        kind: "SIGNATURE",
        expected: "a checkpoint signed by the log and by every witness that was given",
        found: faultText(fault),
      });
      return [];
    }
  });
}

function signedBy(note: string, keys: AnchorKeys | null): Checkpoint {
  if (keys === null) throw new Error("one that no key was given for");
  const { log, witnesses } = keys;
  const checkpoint = readCheckpoint(readNote(note).text);
  verifyNote(note, [log]);
  if (log.name !== checkpoint.origin) throw new Error(`it is of the log ${checkpoint.origin}`);
  for (const witness of witnesses) verifyNote(note, [witness]);
  return checkpoint;
}

/**
 * Whether the log is the one that each checkpoint was signed for, or continues it: a log that was
 * cut, restored from a backup or rewritten is not.
 */
export function compareAnchors(
  anchors: readonly CheckedAnchor[],
  totals: LogTotals,
  findings: Findings,
): void {
  for (const { name, checkpoint } of anchors) {
    const root = totals.rootAt(checkpoint.size);
    const found = root === null ? `only ${totals.size} revisions` : `root ${hex(root)}`;
    if (root !== null && Buffer.compare(root, checkpoint.root) === 0) continue;
    findings.add({
      place: { table: "checkpoint", row: name, position: String(checkpoint.size) },
      kind: "CHECKPOINT",
      expected: `a log of ${checkpoint.size} revisions with root ${hex(checkpoint.root)}`,
      found,
    });
  }
}
