import { type Entry, type EntryKind, type SharedEntry, SharedEntryKind } from "#packet/entry.ts";
import { type SharedSubject, subjectKey } from "#gate/dependencies.ts";

/** A report on a shared subject as its table has it. */
export interface ReportRow {
  readonly entry: string;
  readonly seq: bigint;
  readonly exercise: boolean;
  readonly recordedAt: Date;
  readonly body: Uint8Array;
}

/** For how long a packet depended on a shared subject, and what it was told meanwhile. */
export interface Dependence {
  readonly subject: SharedSubject;
  /** The newest report when it began to depend; 0 for none. */
  readonly since: bigint;
  /** Newest reports by each reporter when it began: how many, and the sum of their places. */
  readonly first: { readonly count: number; readonly sum: bigint };
  /** Reports after those. */
  later: number;
  /** The newest that it was told. */
  last: bigint;
  /** The last report that it must have been told; null while it depends and is open. */
  until: bigint | null;
}

const SHARED: ReadonlySet<EntryKind> = new Set(SharedEntryKind.options);

/** Whether an entry is about something that several packets share. */
export function isShared(entry: Entry): entry is SharedEntry {
  return SHARED.has(entry.kind);
}

/**
 * Follows one packet's dependence on shared subjects through its lineage (rule 3.6): what it was
 * told when it began to depend on each, and every report since.
 */
export class SharedWatch {
  readonly #now = new Map<string, Dependence>();
  readonly #over: Dependence[] = [];
  /** Every subject that the packet ever depended on. */
  readonly ever = new Map<string, SharedSubject>();

  /** The subjects that the packet depends on from now on, with the reports that it began with. */
  depend(
    subjects: readonly SharedSubject[],
    told: readonly { readonly subject: string; readonly seq: bigint }[],
  ): string | null {
    const next = new Map(subjects.map((subject) => [subjectKey(subject), subject]));
    for (const [key, dependence] of this.#now) {
      if (!next.has(key)) this.#end(key, dependence);
    }
    const added = new Set([...next.keys()].filter((key) => !this.#now.has(key)));
    const stray = told.find(({ subject }) => !added.has(subject));
    if (stray !== undefined) return `a report on ${stray.subject}, which is no new dependence`;
    for (const key of added) {
      const subject = next.get(key);
      if (subject !== undefined) this.#begin(key, subject, told);
    }
    return null;
  }

  /** One more report; why it may not be told now, or null. */
  tell(subject: string, seq: bigint): string | null {
    const dependence = this.#now.get(subject);
    if (dependence === undefined) return `a report on ${subject}, on which it does not depend`;
    if (seq <= dependence.last) return `report ${seq} after report ${dependence.last}`;
    dependence.last = seq;
    dependence.later += 1;
    return null;
  }

  /** What is to be compared with the reports that there are, once the lineage is at its head. */
  dependences(isClosed: boolean): readonly Dependence[] {
    if (isClosed) for (const [key, dependence] of this.#now) this.#end(key, dependence);
    return [...this.#over, ...this.#now.values()];
  }

  #begin(
    key: string,
    subject: SharedSubject,
    told: readonly { readonly subject: string; readonly seq: bigint }[],
  ): void {
    const places = told.filter((each) => each.subject === key).map(({ seq }) => seq);
    const since = places.reduce((newest, seq) => (seq > newest ? seq : newest), 0n);
    const first = { count: places.length, sum: places.reduce((sum, seq) => sum + seq, 0n) };
    this.#now.set(key, { subject, since, first, later: 0, last: since, until: null });
    this.ever.set(key, subject);
  }

  #end(key: string, dependence: Dependence): void {
    dependence.until = dependence.last;
    this.#over.push(dependence);
    this.#now.delete(key);
  }
}
