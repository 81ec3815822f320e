import type { Entry, EntryOf } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import { entriesOf, isAccepted } from "./evidence.ts";
import { startingWith } from "./sorted.ts";
import type { Facts } from "./state.ts";

/** The kinds that say something of one person: of a shift they come to, of a package they hold. */
type PersonalKind = "AVAILABILITY" | "CUSTODY";

/** What was said of one person and one shift or package. */
export interface Word<K extends PersonalKind> {
  /** Rule 4.3.1: the newest entry by an accepted reporter. */
  readonly counting: EntryOf<K> | undefined;
  /** Those by reporters who are not accepted, which count for nothing (rule 2.2). */
  readonly unaccepted: readonly EntryOf<K>[];
}

/** By person, in order of name. */
export type Words<K extends PersonalKind> = ReadonlyMap<Name, Word<K>>;

type Gathered = Readonly<Record<PersonalKind, Map<Name, ReadonlyMap<Name, unknown>>>>;

const gathered = new WeakMap<Facts, Gathered>();

/**
 * What was said of a shift or package. Several prerequisites and the
 * material ask it of everybody, so it is read once for the same facts.
 */
export function wordsOn<K extends PersonalKind>(facts: Facts, kind: K, about: Name): Words<K> {
  let known = gathered.get(facts);
  if (known === undefined) {
    known = { AVAILABILITY: new Map(), CUSTODY: new Map() };
    gathered.set(facts, known);
  }
  let words = known[kind].get(about);
  if (words === undefined) {
    words = gather<K>(facts, `${kind} ${about} `);
    known[kind].set(about, words);
  }
  // A subject begins with the kind, so behind it there are entries of no other.
  return words as Words<K>;
}

/**
 * Takes over what was read of the facts before these entries were folded in, and reads again only
 * what they speak of. Nothing else that the words rest on may differ.
 */
export function takeOverWords(before: Facts, after: Facts, entries: readonly Entry[]): void {
  const known = gathered.get(before);
  if (known === undefined) return;
  const taken = { AVAILABILITY: new Map(known.AVAILABILITY), CUSTODY: new Map(known.CUSTODY) };
  for (const entry of entries) {
    if (entry.kind !== "AVAILABILITY" && entry.kind !== "CUSTODY") continue;
    const { kind } = entry;
    const [about, person] =
      kind === "AVAILABILITY" ? [entry.shift, entry.person] : [entry.package, entry.custodian];
    const words = taken[kind].get(about);
    // Who was not among them has a place of their own in the order, which only reading them all tells.
    if (words?.has(person) !== true) taken[kind].delete(about);
    else
      taken[kind].set(
        about,
        new Map(words).set(person, wordOf(after, entriesOf(after, kind, `${about} ${person}`))),
      );
  }
  gathered.set(after, taken);
}

function gather<K extends PersonalKind>(facts: Facts, prefix: string): Words<K> {
  const words = new Map<Name, Word<K>>();
  for (const [subject, told] of startingWith(facts.evidence, prefix)) {
    words.set(subject.slice(prefix.length), wordOf(facts, told as readonly EntryOf<K>[]));
  }
  return words;
}

function wordOf<K extends PersonalKind>(facts: Facts, entries: readonly EntryOf<K>[]): Word<K> {
  const accepted = entries.filter((entry) => isAccepted(facts, entry));
  const unaccepted =
    accepted.length === entries.length ? [] : entries.filter((entry) => !accepted.includes(entry));
  return { counting: accepted.at(-1), unaccepted };
}
