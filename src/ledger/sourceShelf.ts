import { type AcceptedSource, SourceContent, type SourceReceipt } from "#packet/source.ts";
import { sha256Hex } from "#proof/digest.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { sourceDigestBytes } from "./bytes.ts";
import type { ResolveSource } from "./factForm.ts";
import { SOURCES_KEPT_MAX } from "./limits.ts";
import { Lru } from "./lru.ts";
import type { Query } from "./moment.ts";

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
      const rows = await sql<{ content: Uint8Array }[]>`
        SELECT DISTINCT ON (digest) content FROM source
        WHERE digest = ANY(${sql.array(digests, 17)}::bytea[])`;
      for (const row of rows) {
        const digest = `sha256:${sha256Hex(row.content)}`;
        const content = SourceContent.parse(parseStored(row.content));
        this.keep(digest, content);
        found.set(digest, content);
      }
    }
    return (receipt) => {
      const content = found.get(receipt.digest);
      if (content?.kind !== receipt.kind) throw new Error(`the ${receipt.kind} is not there`);
      return { ...receipt, content } as AcceptedSource;
    };
  }
}
