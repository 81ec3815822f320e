import {
  EntitledKind,
  type Entry,
  type EntryKind,
  type EntryOf,
  type ReportedKind,
  entrySubject,
  nameOfSubject,
} from "#packet/entry.ts";
import type { Epoch, Epochs } from "#packet/epoch.ts";
import type { Advisory } from "#packet/hold.ts";
import type { Name } from "#packet/name.ts";
import type { Facts } from "./state.ts";

/** When judgement is made; `ageless` asks what it would be had nothing aged (rule 5.5). */
export interface Moment {
  readonly epoch: Epoch;
  readonly ageless: boolean;
}

/** Rule 2.2, readings 2 and 26: whether the entry counts now, by who reported it and whether they signed. */
export function isAccepted(facts: Facts, entry: Entry): boolean {
  // An exercise is whose it is (ADR 0085).
  if (entry.kind === "EMERGENCY_EXERCISE") return entry.reporter === entry.person;
  if (isEntitled(entry)) return true;
  if (entry.reporter === facts.sources.APPROVAL_LANE.content.owner) return false;
  if (lacksSignature(facts, entry)) return false;
  if (entry.kind === "AVAILABILITY" && entry.reporter === entry.person) return true;
  return isListed(facts, entry.kind, entry.reporter) && isForSubject(facts, entry);
}

function isEntitled(entry: Entry): entry is EntryOf<EntitledKind> {
  const kinds: readonly EntryKind[] = EntitledKind.options;
  return kinds.includes(entry.kind);
}

/** Reading 26: whether its kind asks for the reporter's own signature and it has none. */
function lacksSignature(facts: Facts, entry: Entry): boolean {
  if (entry.signature !== undefined || facts.signedKinds.size === 0) return false;
  const kind: EntryKind = entry.kind;
  return facts.signedKinds.has(kind);
}

/** Reading 27: a reporter who is accepted for some subjects only is accepted for no other. */
function isForSubject(facts: Facts, entry: Entry): boolean {
  const subjects = facts.subjectsOfReporters.get(`${entry.kind} ${entry.reporter}`);
  if (subjects === undefined) return true;
  const name = nameOfSubject(entry);
  return name !== null && subjects.has(name);
}

function isListed(facts: Facts, kind: ReportedKind, reporter: Name): boolean {
  if (facts.reporters.get(kind)?.has(reporter) !== true) return false;
  const rebuilders = facts.sources.REPRODUCIBILITY_POLICY.content.rebuilders;
  return kind !== "REPRODUCIBILITY_CHECK" || rebuilders.includes(reporter);
}

/** Every reporter's newest entry on a subject, and their newest signed one, accepted or not, in ledger order. */
export function entriesOf<K extends EntryKind>(
  facts: Facts,
  kind: K,
  subject: string,
): readonly EntryOf<K>[] {
  // A subject begins with the kind, so under it there are entries of no other.
  return (facts.evidence.get(`${kind} ${subject}`) ?? NONE) as readonly EntryOf<K>[];
}

const NONE: readonly Entry[] = [];

/** Readings 1 and 26: of these entries each reporter's newest that is accepted, in ledger order. */
export function acceptedOfEach<E extends Entry>(facts: Facts, entries: readonly E[]): readonly E[] {
  const accepted = entries.filter((entry) => isAccepted(facts, entry));
  return accepted.filter((entry, at) => !isFollowed(accepted, entry, at));
}

/** Whether the same reporter's later word follows; only a signed one is kept then. */
function isFollowed(entries: readonly Entry[], entry: Entry, at: number): boolean {
  if (entry.signature === undefined) return false;
  return entries.some((other, place) => place > at && other.reporter === entry.reporter);
}

/** Rule 4.3.1: the newest entry on a subject by an accepted reporter; undefined when there is none. */
export function countingOf<K extends EntryKind>(
  facts: Facts,
  kind: K,
  subject: string,
): EntryOf<K> | undefined {
  return entriesOf(facts, kind, subject).findLast((entry) => isAccepted(facts, entry));
}

/** Rule 4.3.4: at exactly its greatest age good news still counts. */
export function isFresh(entry: Entry, ageMax: Epochs, at: Moment): boolean {
  return at.ageless || at.epoch - entry.observedEpoch <= ageMax;
}

/** The first epoch at which good news has used 80 % of its age (rule 4.2.5). */
function refreshFrom(entry: Entry, ageMax: Epochs): Epoch {
  return entry.observedEpoch + (4n * ageMax + 4n) / 5n;
}

/** The first epoch at which good news no longer counts. */
function lapsesAt(entry: Entry, ageMax: Epochs): Epoch {
  return entry.observedEpoch + ageMax + 1n;
}

/** The kinds of which every reporter's newest word counts beside the others' (readings 1 and 6). */
const EACH_REPORTERS: readonly EntryKind[] = [
  "DIGEST_CONFIRMATION",
  "REPRODUCIBILITY_CHECK",
  "COMPONENT_STATE",
  "EMERGENCY_EXERCISE",
];

/** Gathers what one cell says: advisories about evidence, and when to look again. */
export class Notes {
  readonly advisories: Advisory[] = [];
  due: Epoch | null = null;
  readonly #facts: Facts;
  readonly #epoch: Epoch;

  constructor(facts: Facts, epoch: Epoch) {
    this.#facts = facts;
    this.#epoch = epoch;
  }

  /** Look again at `epoch`, unless that is past. */
  lookAgain(epoch: Epoch): void {
    if (epoch > this.#epoch && (this.due === null || epoch < this.due)) this.due = epoch;
  }

  /** Counting good news: look again when its refresh is due and when it lapses; say when the first has come. */
  goodNews(entry: Entry, ageMax: Epochs): void {
    const refresh = refreshFrom(entry, ageMax);
    const lapse = lapsesAt(entry, ageMax);
    this.lookAgain(refresh);
    this.lookAgain(lapse);
    if (this.#epoch < refresh || this.#epoch >= lapse) return;
    const why = `observed at epoch ${entry.observedEpoch}, it counts through epoch ${lapse - 1n}: renew it`;
    const subject = entrySubject(entry);
    const isEachReporters = EACH_REPORTERS.includes(entry.kind);
    this.advise("REFRESH_DUE", isEachReporters ? `${subject} ${entry.reporter}` : subject, why, [
      entry,
    ]);
  }

  /** Rule 2.2: each reporter's newest entry, if it is not accepted, is shown and counts for nothing. */
  unaccepted(entries: readonly Entry[] = NONE): void {
    for (const [at, entry] of entries.entries()) {
      if (isAccepted(this.#facts, entry) || isFollowed(entries, entry, at)) continue;
      const what = lacksSignature(this.#facts, entry)
        ? "its kind asks for the reporter's signature, which it lacks"
        : "its reporter is not accepted for this";
      const why = `${what}: it opens and clears nothing`;
      this.advise("UNACCEPTED_REPORT", `${entrySubject(entry)} ${entry.reporter}`, why, [entry]);
    }
  }

  advise(code: Advisory["code"], subject: string, why: string, entries: readonly Entry[]): void {
    this.advisories.push({
      code,
      subject,
      why,
      evidence: entries.map((entry) => entry.entry),
      byAge: false,
    });
  }
}
