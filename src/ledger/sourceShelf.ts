import type { Manifest } from "#packet/manifest.ts";
import { SourceContent, type SourceReceipt } from "#packet/source.ts";
import { sha256 } from "#proof/digest.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { arrayOf } from "./arrays.ts";
import { sourceDigest, sourceDigestBytes } from "./bytes.ts";
import type { ResolveSource } from "./factForm.ts";
import { SOURCES_KEPT_MAX } from "./limits.ts";
import { Lru } from "./lru.ts";
import type { Query } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";

/** Contents of accepted sources by digest: what many packets and versions share is held once. */
export class SourceShelf {
  readonly #contents = new Lru<string, SourceContent>(SOURCES_KEPT_MAX);

  /** Keeps a content whose digest is known. */
  keep(digest: string, content: SourceContent): void {
    this.#contents.set(digest, content);
  }

  /** Fetches what is missing of these receipts, and answers who resolves any of them. */
  async fetch(sql: Query, receipts: readonly SourceReceipt[]): Promise<ResolveSource> {
    const found = new Map<string, SourceContent>();
    const missing = new Set<string>();
    for (const { digest } of receipts) {
      const content = this.#contents.get(digest);
      if (content === undefined) missing.add(digest);
      else found.set(digest, content);
    }
    if (missing.size > 0) {
      const digests = [...missing].map(sourceDigestBytes);
      const rows = await rowsOf(sql<{ content: Uint8Array }[]>`
        SELECT DISTINCT ON (digest) content FROM source
        WHERE digest = ANY(${arrayOf(sql, "bytea", digests)}::bytea[]) AND sha256(content) = digest`);
      for (const row of rows) {
        const digest = sourceDigest(sha256(row.content));
        const content = readContent(row.content);
        this.keep(digest, content);
        found.set(digest, content);
      }
    }
    return (receipt) => {
      const content = found.get(receipt.digest);
      if (content?.kind !== receipt.kind) throw new Error(`the ${receipt.kind} is not there`);
      return { ...receipt, content };
    };
  }
}

/**
 * A content read back from bytes whose digest was checked. A manifest was validated when it was
 * accepted and has nothing to revive, and it is the one that may be large.
 *
 * @throws {Error} of any kind if it is not a content.
 */
export function readContent(bytes: Uint8Array): SourceContent {
  const stored: unknown = parseStored(bytes);
  const isManifest = (stored as { readonly kind?: unknown }).kind === "MANIFEST";
  return isManifest ? (stored as Manifest) : SourceContent.parse(stored);
}
