import type { RevisionHeader } from "#ledger/document.ts";
import { SECTIONS, type Section } from "#ledger/sections.ts";
import type {
  BundleDisclosedLeaf,
  BundleDocument,
  BundleHiddenLeaf,
  BundleLeaf,
} from "#proof/bundle.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { hex } from "#proof/digest.ts";
import { leafCommitment, sealLeaf } from "#proof/saltedLeaf.ts";
import { SortedRoot } from "#proof/sortedRoot.ts";
import type { ReadHeader } from "./bundleHeaders.ts";
import type { Fault } from "./bundleSeals.ts";

/** A leaf in any of its forms. */
export type AnyLeaf = BundleLeaf | BundleHiddenLeaf | BundleDisclosedLeaf;

/** The most revisions whose document a bundle has: the head, and the one that is approved. */
const DOCUMENTS_MAX = 2;

/** Checks the documents of a bundle. */
export class DocumentsCheck {
  readonly #salt: Uint8Array | null;
  readonly #revisions: number[] = [];
  #open: DocumentCheck | null = null;

  /** With the packet's salt for the full form; the shared one has none. */
  constructor(salt: Uint8Array | null) {
    this.#salt = salt;
  }

  /** Whether leaves may come. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** The document of the last revision begins; what is wrong with that. */
  open({ revision, digest }: BundleDocument, last: ReadHeader): Fault | null {
    const { number } = last.header;
    if (revision !== number || digest !== last.digest) {
      const expected = `the document of revision ${number}, ${last.digest}`;
      return { kind: "VALUE", expected, found: `${revision}, ${digest}` };
    }
    if (this.#revisions.length === DOCUMENTS_MAX) {
      return { kind: "EXTRA", expected: `at most ${DOCUMENTS_MAX} documents`, found: "one more" };
    }
    this.#revisions.push(revision);
    this.#open = new DocumentCheck(last.header, this.#salt);
    return null;
  }

  /** The next leaf of the open document; what is wrong with it. */
  leaf(leaf: AnyLeaf): Fault | null {
    return this.#open?.leaf(leaf) ?? null;
  }

  /** All leaves of the open document, if one is, have come; what is wrong with them together. */
  close(): Fault | null {
    const fault = this.#open?.end() ?? null;
    this.#open = null;
    return fault;
  }

  /** At the end: whether there was one of each revision that must have one. */
  complete(expected: readonly number[]): Fault | null {
    if (expected.join(" ") === this.#revisions.join(" ")) return null;
    const found = this.#revisions.join(" and ") || "none";
    return { kind: "MISSING", expected: `documents of ${expected.join(" and ")}`, found };
  }
}

/** Checks that the leaves of one document are exactly those that a header commits to. */
class DocumentCheck {
  readonly #header: RevisionHeader;
  readonly #salt: Uint8Array | null;
  readonly #roots: Readonly<Record<Section, SortedRoot>> = {
    decisions: new SortedRoot(),
    entries: new SortedRoot(),
    holds: new SortedRoot(),
    sources: new SortedRoot(),
  };
  #section = 0;

  constructor(header: RevisionHeader, salt: Uint8Array | null) {
    this.#header = header;
    this.#salt = salt;
  }

  /** Takes the next leaf; what is wrong with it. */
  leaf(leaf: AnyLeaf): Fault | null {
    const at = SECTIONS.findIndex((section) => section === leaf.section);
    const section = SECTIONS[at];
    if (section === undefined || at < this.#section) {
      return { kind: "ORDER", expected: "sections in their order", found: leaf.section };
    }
    this.#section = at;
    const sealed = this.#sealed(leaf);
    if (sealed === null) {
      const expected =
        this.#salt === null ? "leaves of the shared form" : "leaves of the full form";
      return { kind: "FORM", expected, found: leaf.kind };
    }
    if (this.#roots[section].add(sealed.key, sealed.commitment)) return null;
    return {
      kind: "ORDER",
      expected: "leaves in order of key",
      found: `${section} ${hex(sealed.key)}`,
    };
  }

  /** Once all leaves were taken: the first section whose root is another. */
  end(): Fault | null {
    for (const section of SECTIONS) {
      const expected = this.#header.sections[section];
      const found = hex(this.#roots[section].root());
      if (found === expected) continue;
      const root = (digits: string): string => `${section} with the root ${digits}`;
      return { kind: "COMMITMENT", expected: root(expected), found: root(found) };
    }
    return null;
  }

  #sealed(leaf: AnyLeaf): { readonly key: Uint8Array; readonly commitment: Uint8Array } | null {
    if (leaf.kind === "LEAF") {
      if (this.#salt === null) return null;
      return sealLeaf(this.#salt, leaf.section, leaf.subject, canonicalBytes(leaf.value));
    }
    if (this.#salt !== null) return null;
    const key = Buffer.from(leaf.key, "hex");
    if (leaf.kind === "HIDDEN_LEAF")
      return { key, commitment: Buffer.from(leaf.commitment, "hex") };
    const { leafSalt, section, subject, value } = leaf;
    const salt = Buffer.from(leafSalt, "hex");
    return { key, commitment: leafCommitment(salt, section, subject, canonicalBytes(value)) };
  }
}
