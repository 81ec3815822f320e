import { arranged } from "#ledger/arranged.ts";
import { sourceDigest } from "#ledger/bytes.ts";
import type { ResolveSource } from "#ledger/factForm.ts";
import { SourceContent, SourceKind, type SourceReceipt } from "#packet/source.ts";
import { type CanonicalValue, canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";
import type { Fault } from "./bundleSeals.ts";
import { unprovenInSource } from "./releases.ts";

/** The most bytes of contents that may wait for the revision that names them. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** The contents of accepted sources: each comes once, before the first revision that names it. */
export class SourceShelfOfBundle {
  readonly #known = new Map<string, SourceContent>();
  #waiting: string[] = [];
  #waitingBytes = 0;

  /** Takes a content; what is wrong with it. */
  take(value: CanonicalValue): Fault | null {
    const bytes = canonicalBytes(value);
    const digest = sourceDigest(sha256(bytes));
    if (this.#known.has(digest))
      return { kind: "EXTRA", expected: "each content once", found: digest };
    this.#waitingBytes += bytes.length;
    const isTooMuch = this.#waitingBytes > WAITING_BYTES_MAX;
    if (isTooMuch || this.#waiting.length === SourceKind.options.length) {
      return { kind: "EXTRA", expected: "the revision that names the contents", found: digest };
    }
    const content = SourceContent.safeParse(value);
    if (!content.success || !isSame(bytes, content.data)) {
      const expected = "the content of an accepted source";
      return { kind: "FORM", expected, found: digest };
    }
    const unproven = unprovenInSource(content.data);
    if (unproven !== null) {
      const { member, expected, found } = unproven;
      return { kind: "SIGNATURE", expected: `${member}: ${expected}`, found };
    }
    this.#known.set(digest, content.data);
    this.#waiting.push(digest);
    return null;
  }

  /** A revision names these: the contents that came since the last one must be those that are new, in order. */
  name(receipts: readonly SourceReceipt[]): Fault | null {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const named = new Set(receipts.map(({ digest }) => digest));
    const missing = [...named].find((digest) => !this.#known.has(digest));
    if (missing !== undefined) {
      return { kind: "MISSING", expected: `the content ${missing}`, found: "none" };
    }
    const isFresh = new Set(waiting);
    const inOrder = [...named].filter((digest) => isFresh.has(digest));
    const at = waiting.findIndex((digest, place) => inOrder[place] !== digest);
    if (at === -1) return null;
    const kind = inOrder.length === waiting.length ? "ORDER" : "EXTRA";
    return { kind, expected: inOrder[at] ?? "no other content", found: waiting[at] ?? "none" };
  }

  /** Finds contents by receipt. */
  readonly resolve: ResolveSource = (receipt) => {
    const content = this.#known.get(receipt.digest);
    if (content?.kind !== receipt.kind) throw new Error(`no ${receipt.kind} of this digest`);
    return { ...receipt, content };
  };
}

function isSame(bytes: Uint8Array, content: SourceContent): boolean {
  return Buffer.compare(bytes, canonicalBytes(arranged(content))) === 0;
}
