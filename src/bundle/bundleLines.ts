import { arranged } from "#ledger/arranged.ts";
import type { Revision, Viewed } from "#ledger/ledger.ts";
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

/** Revisions read at a time, and how many of them are proved at once. */
const PAGE = 128;
const PROVED_AT_ONCE = 4;

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

interface Place {
  readonly position: bigint;
  readonly proof: readonly Uint8Array[];
}

function revisionLine(form: BundleForm, row: Revision, { position, proof }: Place): BundleLine {
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
): AsyncGenerator<Place & { readonly row: Revision }> {
  const { facts, revision: head } = seen.head;
  let last: Revision | undefined;
  while ((last?.number ?? 0) < head) {
    const after = last?.number ?? 0;
    const rows = await ledger.revisions(facts.packet, after, Math.min(PAGE, head - after));
    if (rows.length === 0) break;
    for (let at = 0; at < rows.length; at += PROVED_AT_ONCE) {
      const some = rows.slice(at, at + PROVED_AT_ONCE);
      const places = await Promise.all(
        some.map(async (row) => ({ row, ...(await placeOf(ledger, row, checkpoint.size)) })),
      );
      yield* places;
    }
    last = rows.at(-1);
  }
  if (last?.digest !== seen.digest) throw new Error("the lineage does not end with its head");
}

async function placeOf(
  ledger: BundleSources["ledger"],
  { packet, number }: Revision,
  size: bigint,
): Promise<Place> {
  const position = await ledger.position(packet, number);
  if (position === null || position > size) {
    throw new Error(`revision ${number} is not under the checkpoint`);
  }
  return { position, proof: await ledger.inclusion(position, size) };
}
