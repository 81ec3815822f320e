import type { PacketState } from "#gate/state.ts";
import { readBody } from "#ledger/document.ts";
import type { Identity } from "#ledger/draft.ts";
import { receiptsIn } from "#ledger/factForm.ts";
import type { BundleRevision, BundleSource, BundleStart } from "#proof/bundle.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import type { Checkpoint } from "#proof/checkpoint.ts";
import { logLeafHash, verifyLogInclusion } from "#proof/logTree.ts";
import {
  HeaderCheck,
  type ReadHeader,
  readHeaderStrictly,
  unreadableHeader,
} from "./bundleHeaders.ts";
import type { Fault } from "./bundleSeals.ts";
import { SourceShelfOfBundle } from "./bundleSources.ts";
import { ChainCheck } from "./chainCheck.ts";
import { type Finding, faultText } from "./finding.ts";
import { JudgementCheck } from "./judgementCheck.ts";
import type { Signatures } from "./signatures.ts";

/** An approval as headers tell of it. */
export interface RecordedApproval {
  readonly revision: number;
  readonly digest: string;
  readonly recordedIn: number;
}

/** What is checked of revisions with their bodies. */
interface FullChecks {
  readonly chain: ChainCheck;
  readonly judgement: JudgementCheck;
  readonly sources: SourceShelfOfBundle;
}

/** Checks the revisions of a bundle, each under the checkpoint before anything is made of it. */
export class RevisionsCheck {
  readonly #checkpoint: Checkpoint;
  readonly #headers: HeaderCheck;
  readonly #full: FullChecks | null;
  #position = 0n;
  #last: ReadHeader | null = null;
  #approval: RecordedApproval | null = null;

  constructor(start: BundleStart, checkpoint: Checkpoint, signatures: Signatures) {
    this.#checkpoint = checkpoint;
    this.#headers = new HeaderCheck(start);
    this.#full = start.form === "FULL" ? fullChecks(start, signatures) : null;
  }

  /** The last revision that was right. */
  get last(): ReadHeader | null {
    return this.#last;
  }

  /** The newest approval so far. */
  get approval(): RecordedApproval | null {
    return this.#approval;
  }

  /** The packet as the bodies tell it; null where there are none. */
  get state(): PacketState | null {
    return this.#full?.judgement.judged?.folded.state ?? null;
  }

  /** The content of a source; what is wrong with it. */
  source({ content }: BundleSource): Fault | null {
    if (this.#full !== null) return this.#full.sources.take(content);
    return { kind: "FORM", expected: "no SOURCE in the shared form", found: "one" };
  }

  /** The next revision; the first thing that is wrong with it. */
  revision(line: BundleRevision): Fault | Finding | null {
    const bytes = canonicalBytes(line.header);
    let read: ReadHeader;
    try {
      read = readHeaderStrictly(bytes);
    } catch (fault) {
      return unreadableHeader(fault);
    }
    const fault =
      this.#unlogged(line, read) ?? this.#headers.next(read) ?? this.#misjudged(line, bytes, read);
    if (fault !== null) return fault;
    this.#last = read;
    const { approves, number } = read.header;
    if (approves !== null) this.#approval = { ...approves, recordedIn: number };
    return null;
  }

  /** Whether the log that was signed has this revision where the line says. */
  #unlogged({ position, proof }: BundleRevision, { digest }: ReadHeader): Fault | null {
    const at = BigInt(position);
    const { size, root } = this.#checkpoint;
    const isProved = verifyLogInclusion({
      index: at - 1n,
      size,
      leafHash: logLeafHash(Buffer.from(digest, "hex")),
      root,
      proof: proof.map((each) => Buffer.from(each, "hex")),
    });
    if (!isProved) {
      const expected = `a proof that ${digest} is at position ${position} of the log`;
      return { kind: "CHECKPOINT", expected, found: "one that does not hold" };
    }
    if (at <= this.#position) {
      return { kind: "ORDER", expected: `a position after ${this.#position}`, found: position };
    }
    this.#position = at;
    return null;
  }

  #misjudged(
    { body }: BundleRevision,
    header: Uint8Array,
    { header: { number }, digest }: ReadHeader,
  ): Fault | Finding | null {
    const full = this.#full;
    if (full === null) {
      const isBare = body === undefined;
      return isBare
        ? null
        : { kind: "EXTRA", expected: "no body in the shared form", found: "one" };
    }
    if (body === undefined) return { kind: "MISSING", expected: "a body", found: "none" };
    const row = { number, digest, header, body: canonicalBytes(body) };
    return (
      full.chain.next(row) ??
      named(full, row.body) ??
      full.judgement.next(row, full.sources.resolve)
    );
  }
}

function named({ sources }: FullChecks, body: Uint8Array): Fault | null {
  try {
    return sources.name(receiptsIn(readBody(body).fact));
  } catch (fault) {
    return { kind: "FORM", expected: "a body that can be read", found: faultText(fault) };
  }
}

function fullChecks(
  start: BundleStart & { readonly form: "FULL" },
  signatures: Signatures,
): FullChecks {
  const { deployment, packet, exercise, train, salt } = start;
  const identity: Identity = {
    deployment,
    packet,
    exercise,
    train,
    salt: Buffer.from(salt, "hex"),
  };
  return {
    chain: new ChainCheck(identity),
    judgement: new JudgementCheck(identity, signatures),
    sources: new SourceShelfOfBundle(),
  };
}
