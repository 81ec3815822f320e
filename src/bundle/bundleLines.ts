import { arranged } from "#ledger/arranged.ts";
import type { Revision, Viewed } from "#ledger/ledger.ts";
import type { LogPlace } from "#ledger/logForm.ts";
import { BUNDLE_FORMAT, type BundleForm, type BundleLine, BundleWriter } from "#proof/bundle.ts";
import { hex } from "#proof/digest.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { Retelling } from "./retelling.ts";
import type { BundleSources } from "./sources.ts";

/** Everything that was settled before the first line is written. */
export interface BundlePlan {
  readonly form: BundleForm;
  /** The head that the bundle ends with. */
  readonly seen: Viewed;
  readonly salt: Uint8Array;
  readonly checkpoint: { readonly note: string; readonly size: bigint };
  /** The signed gate statement; null where the gate is CLOSED. */
  readonly statement: string | null;
}

/** Revisions that are read and proved at a time: one may have a body of megabytes. */
const PAGE = 16;

/**
 * The lines of a bundle, made as they are asked for: memory grows with the packet's document and
 * not with the number of its revisions.
 *
 * @throws {Error} of any kind if the rows are not what the head commits to.
 */
export async function* bundleLines(
  sources: BundleSources,
  plan: BundlePlan,
): AsyncGenerator<string, void> {
  const { form, seen, salt, checkpoint, statement } = plan;
  const { facts, revision, approval } = seen.head;
  const writer = new BundleWriter();
  yield writer.line(startOf(sources.ledger.deployment, plan));
  yield writer.line({ kind: "CHECKPOINT", note: checkpoint.note });
  const retelling = new Retelling(sources.ledger, facts, salt);
  const documented = [revision, approval?.revision];
  for await (const { row, ...place } of provedRevisions(sources, plan)) {
    const fresh = await retelling.tell(row);
    if (form === "FULL") {
      for (const { content } of fresh) {
        yield writer.line({ kind: "SOURCE", content: arranged(content) });
      }
    }
    yield writer.line(revisionLine(form, row, place));
    if (!documented.includes(row.number)) continue;
    yield writer.line({ kind: "DOCUMENT", revision: row.number, digest: row.digest });
    for (const leaf of retelling.document.lines(form)) yield writer.line(leaf);
  }
  if (statement !== null) yield writer.line({ kind: "STATEMENT", note: statement });
  yield writer.end((text) => sources.notary.sign(text));
}

function startOf(deployment: string, { form, seen, salt }: BundlePlan): BundleLine {
  const { packet, exercise, train } = seen.head.facts;
  const start = { kind: "BUNDLE", format: BUNDLE_FORMAT, deployment, packet, exercise } as const;
  return form === "FULL" ? { ...start, form, train, salt: hex(salt) } : { ...start, form };
}

function revisionLine(form: BundleForm, row: Revision, { position, proof }: LogPlace): BundleLine {
  const line = {
    kind: "REVISION",
    position: position.toString(),
    proof: proof.map(hex),
    header: parseStored(row.header),
  } as const;
  return form === "FULL" ? { ...line, body: parseStored(row.body) } : line;
}

/** The revisions up to the head, each with its place under the checkpoint. */
async function* provedRevisions(
  { ledger }: BundleSources,
  { seen, checkpoint }: BundlePlan,
): AsyncGenerator<LogPlace & { readonly row: Revision }> {
  const { facts, revision: head } = seen.head;
  const { packet } = facts;
  let last: Revision | undefined;
  for (let after = 0; after < head; after += PAGE) {
    const count = Math.min(PAGE, head - after);
    const rows = await ledger.revisions(packet, after, count);
    const places = await ledger.places(packet, after, count, checkpoint.size);
    for (const [at, row] of rows.entries()) {
      const place = places[at];
      if (place?.number !== row.number) {
        throw new Error(`revision ${row.number} is not under the checkpoint`);
      }
      yield { row, ...place };
    }
    last = rows.at(-1);
  }
  if (last?.digest !== seen.digest) throw new Error("the lineage does not end with its head");
}
