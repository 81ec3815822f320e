import type { Name } from "#packet/name.ts";
import type { Manifest } from "#packet/manifest.ts";
import { SourceContent, type SourceKind, type SourceReceipt } from "#packet/source.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { arranged } from "#ledger/arranged.ts";
import { sourceDigest, sourceDigestBytes } from "#ledger/bytes.ts";
import type { ResolveSource } from "#ledger/factForm.ts";
import type { Reading } from "./reading.ts";

/** What is recorded of an accepted source beside its content. */
export interface SourceRow extends SourceReceipt {
  readonly proposal: string | null;
  readonly acceptedAt: Date;
}

/** Contents kept in memory. */
const CONTENTS_MAX = 512;

/** One text for a version of a source. */
export function sourceKey(
  train: { readonly exercise: boolean; readonly train: Name },
  { kind, version }: Pick<SourceReceipt, "kind" | "version">,
): string {
  return `${train.exercise} ${train.train} ${kind} ${version}`;
}

/**
 * A content read from its exact bytes.
 *
 * @throws {Error} of any kind if they are not the canonical form of a content.
 */
export function readContent(bytes: Uint8Array): SourceContent {
  const stored: unknown = readCanonical(bytes);
  const isManifest = (stored as { readonly kind?: unknown }).kind === "MANIFEST";
  // A manifest may be large and has nothing to revive.
  const content = isManifest ? (stored as Manifest) : SourceContent.parse(stored);
  if (Buffer.compare(canonicalBytes(arranged(content)), bytes) === 0) return content;
  throw new TypeError("the content has other members than its kind has");
}

/** Accepted sources as the lineages need them: contents by digest, receipts by their place. */
export class SourceShelf {
  /** Receipts by {@link sourceKey}. */
  readonly rows: ReadonlyMap<string, SourceRow>;
  readonly #reading: Reading;
  readonly #contents = new Map<string, SourceContent>();

  constructor(reading: Reading, rows: ReadonlyMap<string, SourceRow>) {
    this.#reading = reading;
    this.rows = rows;
  }

  /**
   * Fetches the contents that these receipts name, and answers who resolves any of them: as the
   * lineage's own train has them, or not at all.
   */
  async fetch(
    train: { readonly exercise: boolean; readonly train: Name },
    receipts: readonly SourceReceipt[],
  ): Promise<ResolveSource> {
    const found = new Map<string, SourceContent>();
    const missing = new Set<string>();
    for (const { digest } of receipts) {
      const content = this.#contents.get(digest);
      if (content === undefined) missing.add(digest);
      else found.set(digest, content);
    }
    for (const content of await this.#read([...missing])) found.set(...content);
    return (receipt) => {
      const row = this.rows.get(sourceKey(train, receipt));
      if (row === undefined) throw new Error("no such row of source");
      const differing = receiptDifference(receipt, row);
      if (differing !== null) throw new Error(`the row of source has another ${differing}`);
      const content = found.get(receipt.digest);
      if (content === undefined) throw new Error("no content with this digest");
      if (content.kind !== receipt.kind) throw new Error(`a content of kind ${content.kind}`);
      return { ...receipt, content };
    };
  }

  async #read(digests: readonly string[]): Promise<readonly (readonly [string, SourceContent])[]> {
    if (digests.length === 0) return [];
    const list = `{${digests.map((digest) => `"\\\\x${Buffer.from(sourceDigestBytes(digest)).toString("hex")}"`).join()}}`;
    const rows = await this.#reading.rows<{ content: Uint8Array }>(
      (sql) => sql`
        SELECT DISTINCT ON (digest) content FROM public.source
        WHERE digest = ANY(${list}::bytea[]) AND sha256(content) = digest`,
    );
    return rows.flatMap(({ content }) => {
      try {
        const read = [sourceDigest(sha256(content)), readContent(content)] as const;
        this.#keep(...read);
        return [read];
      } catch {
        return [];
      }
    });
  }

  #keep(digest: string, content: SourceContent): void {
    if (this.#contents.size >= CONTENTS_MAX) {
      const [oldest] = this.#contents.keys();
      this.#contents.delete(oldest ?? "");
    }
    this.#contents.set(digest, content);
  }
}

const RECEIPT = ["digest", "acceptedBy", "proposedBy", "acceptedEpoch"] as const;

/** The first member in which a receipt and the row that it is of differ. */
export function receiptDifference(receipt: SourceReceipt, row: SourceReceipt): string | null {
  return RECEIPT.find((member) => receipt[member] !== row[member]) ?? null;
}

/** The newest version of a kind that a train has; 0 for none. */
export function newestVersion(
  rows: ReadonlyMap<string, SourceRow>,
  train: { readonly exercise: boolean; readonly train: Name },
  kind: SourceKind,
  from: number,
): number {
  let version = from;
  while (rows.has(sourceKey(train, { kind, version: version + 1 }))) version += 1;
  return version;
}
