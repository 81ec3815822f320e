import type { EntryOf } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import { isAccepted } from "./evidence.ts";
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

function gather<K extends PersonalKind>(facts: Facts, prefix: string): Words<K> {
  const words = new Map<Name, Word<K>>();
  for (const [subject, told] of startingWith(facts.evidence, prefix)) {
    const entries = told as readonly EntryOf<K>[];
    const accepted = entries.filter((entry) => isAccepted(facts, entry));
    const unaccepted =
      accepted.length === entries.length
        ? []
        : entries.filter((entry) => !accepted.includes(entry));
    words.set(subject.slice(prefix.length), { counting: accepted.at(-1), unaccepted });
  }
  return words;
}
