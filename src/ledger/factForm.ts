import { EmergencyTerms, emergencyTerms } from "#packet/emergency.ts";
import type { Entry } from "#packet/entry.ts";
import type {
  EntriesRecorded,
  Fact,
  PacketApproved,
  PacketOpened,
  PacketRejected,
  SourceAccepted,
} from "#packet/fact.ts";
import type { DecisionSignature, RejectionSignature } from "#packet/signature.ts";
import {
  type AcceptedSource,
  SourceKind,
  type SourceReceipt,
  type Sources,
} from "#packet/source.ts";

/** Finds an accepted source's content by its receipt; bodies carry digests, not contents. */
export type ResolveSource = (receipt: SourceReceipt) => AcceptedSource;

type Decimal<T> = T extends bigint ? string : T;
/** A noun as JSON has it: 64-bit values are decimal strings. */
export type StoredAs<T> = { readonly [Member in keyof T]: Decimal<T[Member]> };

/** A receipt as JSON has it: epochs are decimal strings. */
type StoredReceipt = StoredAs<SourceReceipt>;

/** An entry as JSON has it. */
export type StoredEntry = StoredAs<Entry>;

type Stored<F, Sources> = Omit<F, keyof Sources | "entries"> &
  Sources & { readonly entries: readonly StoredEntry[] };

/** A decision as JSON has it: the epoch under its signature, if it has one, is a decimal string. */
type StoredDecision<F, S> = Omit<F, "signature"> & { readonly signature?: StoredAs<S> };

/** A fact as a body has it: sources by receipt, 64-bit values as decimal strings, the rest as it is. */
export type StoredFact =
  | Stored<PacketOpened, { readonly sources: readonly StoredReceipt[] }>
  | Stored<SourceAccepted, { readonly source: StoredReceipt }>
  | Stored<EntriesRecorded, object>
  | StoredDecision<PacketApproved, DecisionSignature>
  | StoredDecision<PacketRejected, RejectionSignature>
  | Exclude<
      Fact,
      PacketOpened | SourceAccepted | EntriesRecorded | PacketApproved | PacketRejected
    >;

/** What a body says of a fact, before it has its canonical form. */
export function writeFact(fact: Fact): object {
  if (fact.kind === "PACKET_OPENED") {
    return { ...fact, sources: SourceKind.options.map((kind) => receiptOf(fact.sources[kind])) };
  }
  return fact.kind === "SOURCE_ACCEPTED" ? { ...fact, source: receiptOf(fact.source) } : fact;
}

/** What is recorded beside a source's content. */
export function receiptOf(source: SourceReceipt): SourceReceipt {
  const { kind, version, digest, acceptedBy, proposedBy, acceptedEpoch } = source;
  return { kind, version, digest, acceptedBy, proposedBy, acceptedEpoch };
}

/** The receipts that a stored fact names, whose contents {@link readFact} will ask for. */
export function receiptsIn(fact: StoredFact): SourceReceipt[] {
  if (fact.kind === "PACKET_OPENED") return fact.sources.map(readReceipt);
  return fact.kind === "SOURCE_ACCEPTED" ? [readReceipt(fact.source)] : [];
}

/**
 * A fact read back from a body whose digest was checked: 64-bit values are bigints again.
 *
 * @throws {Error} of any kind if it is not what {@link writeFact} wrote.
 */
export function readFact(fact: StoredFact, resolve: ResolveSource): Fact {
  switch (fact.kind) {
    case "PACKET_OPENED": {
      const sources = receiptsIn(fact).map((receipt) => [receipt.kind, resolve(receipt)] as const);
      return {
        ...fact,
        sources: Object.fromEntries(sources) as Partial<Sources> as Sources,
        entries: fact.entries.map(readEntry),
      };
    }
    case "SOURCE_ACCEPTED":
      return {
        ...fact,
        source: resolve(readReceipt(fact.source)),
        entries: fact.entries.map(readEntry),
      };
    case "ENTRIES_RECORDED":
      return { ...fact, entries: fact.entries.map(readEntry) };
    case "PACKET_APPROVED": {
      const { signature, ...rest } = fact;
      return signature === undefined ? rest : { ...rest, signature: readSignature(signature) };
    }
    case "PACKET_REJECTED": {
      const { signature, ...rest } = fact;
      return signature === undefined ? rest : { ...rest, signature: readSignature(signature) };
    }
    default:
      return fact;
  }
}

function readSignature<S extends { readonly epoch: string }>(
  signature: S,
): Omit<S, "epoch"> & { readonly epoch: bigint } {
  return { ...signature, epoch: BigInt(signature.epoch) };
}

/** An entry read back from its canonical form. */
export function readEntry(stored: StoredEntry): Entry {
  const { observedEpoch, recordedEpoch, reportNumber } = stored;
  const receipt = {
    observedEpoch: BigInt(observedEpoch),
    recordedEpoch: BigInt(recordedEpoch),
    reportNumber: reportNumber === null ? null : BigInt(reportNumber),
  };
  return stored.kind === "EMERGENCY_PLAN"
    ? { ...stored, ...readTerms(stored), ...receipt }
    : { ...stored, ...receipt };
}

/** A plan's terms, which have 64-bit values at every depth. */
function readTerms(stored: object): EmergencyTerms {
  const terms = Object.entries(stored).filter(([member]) => member in emergencyTerms);
  return EmergencyTerms.parse(Object.fromEntries(terms));
}

function readReceipt(stored: StoredReceipt): SourceReceipt {
  return { ...stored, acceptedEpoch: BigInt(stored.acceptedEpoch) };
}
