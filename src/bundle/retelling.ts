import { type Revised, openPacket, revise } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import { readBody, readHeader } from "#ledger/document.ts";
import { receiptsIn, readFact } from "#ledger/factForm.ts";
import type { Ledger, Revision, TrainKey } from "#ledger/ledger.ts";
import type { AcceptedSource, SourceReceipt } from "#packet/source.ts";
import { PacketDocument } from "./packetDocument.ts";

/** Folds a lineage again from its bytes, one revision after another, for what headers commit to. */
export class Retelling {
  readonly document: PacketDocument;
  readonly #ledger: Pick<Ledger, "source">;
  readonly #train: TrainKey;
  readonly #named = new Set<string>();
  #state: PacketState | null = null;

  constructor(ledger: Pick<Ledger, "source">, train: TrainKey, salt: Uint8Array) {
    this.#ledger = ledger;
    this.#train = train;
    this.document = new PacketDocument(salt);
  }

  /** Tells one more revision; resolves to the sources whose content no earlier one named. */
  async tell(row: Revision): Promise<readonly AcceptedSource[]> {
    const { actor, fact } = readBody(row.body);
    const sources = new Map<string, AcceptedSource>();
    const fresh: AcceptedSource[] = [];
    for (const receipt of receiptsIn(fact)) {
      const source = await this.#sourceOf(receipt);
      sources.set(receipt.digest, source);
      if (this.#named.has(receipt.digest)) continue;
      this.#named.add(receipt.digest);
      fresh.push(source);
    }
    const resolve = (receipt: SourceReceipt): AcceptedSource => {
      const source = sources.get(receipt.digest);
      if (source === undefined) throw new Error("a receipt that the fact does not name");
      return { ...receipt, content: source.content };
    };
    const { epoch } = readHeader(row.header);
    const revised = revisedBy(this.#state, { fact: readFact(fact, resolve), actor, epoch });
    this.document.take(this.#state, revised);
    this.#state = revised.state;
    return fresh;
  }

  async #sourceOf({ kind, version, digest }: SourceReceipt): Promise<AcceptedSource> {
    const source = await this.#ledger.source(this.#train, kind, version);
    if (source?.digest === digest) return source;
    throw new Error(`version ${version} of the ${kind} is not what the lineage names`);
  }
}

function revisedBy(before: PacketState | null, occurrence: Revised["occurrence"]): Revised {
  if (before !== null) return revise(before, occurrence);
  const { fact } = occurrence;
  if (fact.kind !== "PACKET_OPENED") throw new TypeError("a lineage starts with the opening");
  return openPacket({ ...occurrence, fact });
}
