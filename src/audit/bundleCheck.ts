import type { AllowedSigners } from "#proof/allowedSigners.ts";
import { type BundleLine, type BundleStart, BundleSum, readBundleLine } from "#proof/bundle.ts";
import { hex } from "#proof/digest.ts";
import type { GateStatement } from "#proof/gateStatement.ts";
import { approvalReport, unsignedFault, wordsOf } from "./bundleApproval.ts";
import { DocumentsCheck } from "./bundleDocument.ts";
import type { FileLine } from "./bundleFileLines.ts";
import { type Before, mayFollow } from "./bundleOrder.ts";
import {
  BUNDLE_FINDINGS_MAX,
  type BundleFinding,
  type BundleReport,
  reportText,
} from "./bundleReport.ts";
import { RevisionsCheck } from "./bundleRevisions.ts";
import { type Fault, type SealedCheckpoint, Seals } from "./bundleSeals.ts";
import { checkStatement } from "./bundleStatement.ts";
import { type Finding, faultText } from "./finding.ts";
import { Signatures } from "./signatures.ts";

/** What a bundle is checked with. */
export interface BundleKeys {
  /** Verifier keys of the deployment; at least one must be right. */
  readonly keys: readonly string[];
  /** Verifier keys of witnesses, each of which must have cosigned. */
  readonly witnesses: readonly string[];
  /** The epoch for which to tell whether the gate is OPEN. */
  readonly epoch?: bigint | undefined;
  /** Whose keys may have signed what; without it only the signatures themselves are verified. */
  readonly signers?: AllowedSigners | undefined;
}

const LINE_FEED = 0x0a;

/**
 * Checks a bundle line by line, in memory that does not grow with what nobody vouches for. After a
 * fault, what can only be told from what it is about is not looked at; signatures and the sum are.
 */
export class BundleCheck {
  readonly #options: BundleKeys;
  readonly #seals: Seals;
  readonly #signatures: Signatures;
  readonly #sum = new BundleSum();
  readonly #findings: BundleFinding[] = [];
  #line = 0;
  #start: BundleStart | null = null;
  #checkpoint: SealedCheckpoint | null = null;
  #revisions: RevisionsCheck | null = null;
  #documents: DocumentsCheck | null = null;
  #statement: GateStatement | null = null;
  #hasStatement = false;
  #hasEnd = false;
  /** The kind of the line before. */
  #kind: BundleLine["kind"] | null = null;
  /** Something was not as it must be, so that what follows cannot be compared with it. */
  #isLost = false;

  constructor(options: BundleKeys) {
    this.#options = options;
    this.#seals = new Seals(options.keys, options.witnesses);
    this.#signatures = new Signatures(options.signers ?? null);
    for (const fault of this.#seals.faults) this.#find(fault);
  }

  /** Takes the next line of the file. */
  take({ number, bytes }: FileLine): void {
    this.#line = number;
    try {
      this.#read(bytes);
    } catch (fault) {
      this.#lose({ kind: "FORM", expected: "a line of a bundle", found: faultText(fault) });
    }
    if (!this.#hasEnd) this.#sum.add(bytes);
  }

  /** Takes what kept the file from being read to its end. */
  stop(line: number, fault: Fault): void {
    this.#line = line;
    this.#lose(fault);
  }

  /** The report, once the file has ended. */
  report(): BundleReport {
    if (!this.#hasEnd)
      this.#find({ kind: "MISSING", expected: "an END as the last line", found: "none" });
    if (!this.#isLost) this.#complete();
    const told = this.#told();
    return { ...told, told: reportText(told) };
  }

  #read(bytes: Uint8Array): void {
    if (bytes.at(-1) !== LINE_FEED) {
      this.#lose({ kind: "FORM", expected: "a line feed at the end", found: "none" });
    }
    if (this.#hasEnd) {
      this.#lose({ kind: "EXTRA", expected: "nothing after the END", found: "a line" });
      return;
    }
    const line = readBundleLine(bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes);
    if (!this.#isLost && !mayFollow(line.kind, this.#before())) {
      const found = `${line.kind} after ${this.#kind ?? "nothing"}`;
      this.#lose({ kind: "ORDER", expected: "a line that may stand here", found });
    }
    this.#kind = line.kind;
    if (!line.kind.endsWith("LEAF")) this.#closeDocument();
    this.#check(line);
  }

  #check(line: BundleLine): void {
    switch (line.kind) {
      case "BUNDLE":
        if (!this.#isLost) this.#start = line;
        return;
      case "CHECKPOINT":
        this.#checkCheckpoint(line.note);
        return;
      case "STATEMENT":
        this.#checkStatement(line.note);
        return;
      case "END":
        this.#checkEnd(line.note);
        return;
      default:
        if (!this.#isLost) this.#checkLineage(line);
    }
  }

  #checkCheckpoint(note: string): void {
    const { checkpoint, faults } = this.#seals.checkpoint(note);
    for (const fault of faults) this.#find(fault);
    if (checkpoint === null || this.#start === null || this.#isLost) {
      // Nobody vouches for what follows, so nothing is made of it.
      this.#isLost = true;
      return;
    }
    this.#checkpoint = checkpoint;
    this.#revisions = new RevisionsCheck(this.#start, checkpoint, this.#signatures);
    const salt = this.#start.form === "FULL" ? Buffer.from(this.#start.salt, "hex") : null;
    this.#documents = new DocumentsCheck(salt);
  }

  #checkLineage(line: BundleLine): void {
    const revisions = this.#revisions;
    const documents = this.#documents;
    if (revisions === null || documents === null) return;
    switch (line.kind) {
      case "SOURCE":
        this.#loseIf(revisions.source(line));
        return;
      case "REVISION":
        this.#loseIf(revisions.revision(line));
        return;
      case "DOCUMENT":
        if (revisions.last !== null) this.#loseIf(documents.open(line, revisions.last));
        return;
      case "LEAF":
      case "HIDDEN_LEAF":
      case "DISCLOSED_LEAF":
        this.#loseIf(documents.leaf(line));
        return;
      default:
    }
  }

  #closeDocument(): void {
    const fault = this.#documents?.close() ?? null;
    this.#loseIf(this.#isLost ? null : fault);
  }

  #checkStatement(note: string): void {
    this.#hasStatement = true;
    const text = this.#seals.text(note);
    if (typeof text !== "string") this.#find(text);
    if (typeof text !== "string" || this.#isLost || this.#start === null) return;
    const statement = checkStatement(text, {
      start: this.#start,
      last: this.#revisions?.last ?? null,
      approval: this.#revisions?.approval ?? null,
      state: this.#revisions?.state ?? null,
    });
    if ("kind" in statement) this.#find(statement);
    else this.#statement = statement;
  }

  #checkEnd(note: string): void {
    this.#hasEnd = true;
    const text = this.#seals.text(note);
    const expected = this.#sum.endText();
    if (typeof text !== "string") this.#find(text);
    else if (text !== expected) this.#find({ kind: "DIGEST", expected, found: text });
  }

  #before(): Before {
    return {
      kind: this.#kind,
      hasRevision: (this.#revisions?.last ?? null) !== null,
      hasStatement: this.#hasStatement,
      isDocumentOpen: this.#documents?.isOpen ?? false,
    };
  }

  /** Nothing that a bundle must have was left out. */
  #complete(): void {
    const last = this.#revisions?.last?.header.number ?? 0;
    const approved = this.#revisions?.approval?.revision;
    const expected = approved === undefined ? [last] : [approved, last];
    const fault = this.#documents?.complete(expected) ?? null;
    if (fault !== null) this.#find(fault);
    const unsigned = unsignedFault(this.#revisions, this.#signatures);
    if (unsigned !== null) this.#find(unsigned);
  }

  #loseIf(fault: Fault | Finding | null): void {
    if (fault !== null) this.#lose(fault);
  }

  #lose(fault: Fault | Finding): void {
    this.#find(fault);
    this.#isLost = true;
  }

  #find({ kind, expected, found, ...fault }: Fault | Finding): void {
    if (this.#findings.length >= BUNDLE_FINDINGS_MAX) return;
    const line = this.#line;
    const inner = "place" in fault ? fault.place : {};
    const place = { ...inner, table: "bundle", row: `line ${line}` };
    this.#findings.push({ line, place, kind, expected: shown(expected), found: shown(found) });
  }

  #told(): Omit<BundleReport, "told"> {
    const last = this.#revisions?.last ?? null;
    return {
      findings: this.#findings,
      form: this.#start?.form ?? null,
      deployment: this.#start?.deployment ?? null,
      packet: this.#start?.packet ?? null,
      exercise: this.#start?.exercise ?? null,
      revision: last?.header.number ?? 0,
      digest: last?.digest ?? null,
      digestWords: last === null ? [] : wordsOf(last.digest),
      approval: approvalReport(this.#revisions, this.#signatures),
      signatures: this.#start?.form === "FULL" ? this.#signatures.counts : null,
      checkpoint: this.#checkpointReport(),
      validThroughEpoch: this.#statement?.validThroughEpoch ?? null,
      gate: this.#gate(),
      lines: this.#line,
    };
  }

  #checkpointReport(): BundleReport["checkpoint"] {
    if (this.#checkpoint === null) return null;
    const { origin, size, root, cosignedBy, unchecked } = this.#checkpoint;
    return { origin, size, root: hex(root), cosignedBy, unchecked };
  }

  /** Rule 5.7: only what was signed, for the epochs that it names, and nothing wrong with the rest. */
  #gate(): BundleReport["gate"] {
    const { epoch } = this.#options;
    if (epoch === undefined) return null;
    const statement = this.#statement;
    const isOpen =
      statement !== null &&
      this.#findings.length === 0 &&
      epoch >= statement.epoch &&
      epoch <= statement.validThroughEpoch;
    return isOpen ? "OPEN" : "CLOSED";
  }
}

/** How much of a value is repeated in a finding, in characters. */
const SHOWN_MAX = 500;

function shown(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}...`;
}
