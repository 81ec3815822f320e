import type { Declared, Deviation, DeviationCode, Standpoint } from "#packet/component.ts";
import { type Digest, type Name, compareNames } from "#packet/name.ts";
import type { ComponentState } from "#packet/rollback.ts";

/** What one reporter said last of what a component runs. */
export interface RunningWord {
  readonly standpoint: Standpoint;
  /** Null where the report does not say. */
  readonly running: Digest | null;
  /** False once it is too old to count as good news (rule 4.3.4). */
  readonly isFresh: boolean;
}

/** What a component is recorded to refuse. */
type Refusing = Pick<ComponentState, "floor" | "denied" | "trustedKeys"> &
  Partial<Pick<ComponentState, "retiredKeys">>;

/** What is known of a component. */
export interface ActualState {
  /** What it refuses as far as that is recorded; null where nothing is. */
  readonly refuses: Refusing | null;
  /** Null where no report says. */
  readonly keySlotsUsed: number | null;
  /** The words that count (see {@link countingWords}); empty where nobody has reported. */
  readonly words: readonly RunningWord[];
}

/** A report as far as it speaks of what a component runs. */
interface Spoken {
  readonly component: Name;
  readonly reporter: Name;
  readonly standpoint?: Standpoint | undefined;
}

/** The component's own word stays its own, whatever its reporter calls it. */
export function standpointOf({ component, reporter, standpoint }: Spoken): Standpoint {
  return reporter === component ? "OWN" : (standpoint ?? "OWN");
}

/**
 * Of reports in ledger order those whose word on what runs counts: the newest from outside, and the
 * newest of the component's own if it was told later. So a later look from outside ends an earlier
 * one, and the component's own word adds to what was seen from outside and never replaces it.
 */
export function countingWords<S extends Spoken>(reports: readonly S[]): S[] {
  const outside = reports.findLastIndex((report) => standpointOf(report) === "OUTSIDE");
  const own = reports.findLastIndex((report) => standpointOf(report) === "OWN");
  return reports.filter((_report, at) => at === outside || (at === own && own > outside));
}

/** Whether this word says that the component runs what is meant, from where that can be told. */
export function isConfirming(
  { componentKind, intended }: Declared,
  { standpoint, running }: Pick<RunningWord, "standpoint" | "running">,
): boolean {
  const canTell = standpoint === "OUTSIDE" || componentKind === "APPLICATION";
  return canTell && running === intended.digest;
}

/**
 * Every way in which a component is not as it was declared, in the order of `DeviationCode`, each
 * with the repair that would remove it. What is not known is a deviation (rule 3.4); what updates
 * itself may tell of a deviation and cannot tell of its absence.
 */
export function deviations(declared: Declared, actual: ActualState): Deviation[] {
  const { refuses, words } = actual;
  return [
    ...(words.length === 0 ? [unreported()] : ofRunning(declared, actual)),
    ...(refuses === null ? [] : ofRelease(declared, refuses)),
    ...(refuses === null ? [] : ofFloor(declared, refuses)),
    ...(refuses === null ? [] : ofDenied(declared, refuses)),
    ...(refuses === null ? [] : ofKeys(declared, refuses, actual.keySlotsUsed)),
    ...ofSlots(declared, actual.keySlotsUsed),
  ];
}

type Told = Pick<Deviation, "expected" | "found" | "repair">;

function deviation(code: DeviationCode, told: Told, about: readonly string[] = []): Deviation {
  return { code, about, ...told };
}

/** Elements that the other list lacks, each once, in order of name. */
function beyond(list: readonly string[], other: readonly string[]): string[] {
  const known = new Set(other);
  return [...new Set(list)].filter((item) => !known.has(item)).toSorted(compareNames);
}

function unreported(): Deviation {
  const expected = "a report of what it runs and refuses";
  const repair = "report its state, from outside unless it is an APPLICATION";
  return deviation("UNREPORTED", { expected, found: "none", repair });
}

function ofRunning(declared: Declared, { refuses, words }: ActualState): Deviation[] {
  const { release, digest } = declared.intended;
  const found: Deviation[] = [];
  const others = words.flatMap(({ running }) => running ?? []).filter((one) => one !== digest);
  if (others.length > 0) {
    const about = beyond(others, []);
    const told = {
      expected: `that it runs release ${release}`,
      found: words.some(({ standpoint, running }) => standpoint === "OUTSIDE" && running !== digest)
        ? "seen from outside, it runs something else"
        : "by its own word, it runs something else",
      repair:
        refuses?.denied.includes(digest) === true
          ? "none by installing: it denies that release. Declare one that it admits"
          : `have release ${release} installed there, and report what it runs then`,
    };
    found.push(deviation("RUNNING_ANOTHER", told, about));
  }
  if (!words.some((word) => word.isFresh && isConfirming(declared, word))) {
    found.push(deviation("UNCONFIRMED", unconfirmed(declared, words)));
  }
  return found;
}

function unconfirmed(declared: Declared, words: readonly RunningWord[]): Told {
  const isApplication = declared.componentKind === "APPLICATION";
  const found = words.some((word) => isConfirming(declared, word))
    ? "a word that is too old to count"
    : words.some(({ running }) => running === declared.intended.digest)
      ? "only its own word, which confirms nothing"
      : "no word that it does";
  return {
    expected: `a confirmation${isApplication ? "" : " from outside"} that it runs release ${declared.intended.release}`,
    found,
    repair: isApplication
      ? "report what it runs"
      : "have somebody look at it from outside, and report what it runs with the standpoint OUTSIDE",
  };
}

function ofRelease({ intended }: Declared, { denied }: Refusing): Deviation[] {
  if (!denied.includes(intended.digest)) return [];
  const told = {
    expected: `that it admits release ${intended.release}`,
    found: "it denies that release",
    repair: "none on the component: what it denies it denies for good. Declare another release",
  };
  return [deviation("INTENDED_DENIED", told, [intended.digest])];
}

function ofFloor({ intended }: Declared, { floor }: Refusing): Deviation[] {
  const told = { expected: `floor ${intended.floor}`, found: `floor ${floor}` };
  if (floor < intended.floor) {
    const repair = `have a release with MASVN ${intended.floor} initialise there`;
    return [deviation("FLOOR_TOO_LOW", { ...told, repair })];
  }
  if (floor === intended.floor) return [];
  const repair = `none on the component: a floor never goes down. Declare floor ${floor}`;
  return [deviation("FLOOR_TOO_HIGH", { ...told, repair })];
}

function ofDenied({ intended }: Declared, { denied }: Refusing): Deviation[] {
  const missing = beyond(intended.denied, denied);
  const undeclared = beyond(denied, intended.denied);
  const found: Deviation[] = [];
  if (missing.length > 0) {
    const told = {
      expected: `that it denies ${counted(missing, "further digest")}`,
      found: "it does not",
      repair: "have a release that denies them initialise there",
    };
    found.push(deviation("DENY_ENTRY_MISSING", told, missing));
  }
  if (undeclared.length > 0) {
    const told = {
      expected: "that it denies what is declared, and nothing else",
      found: `it denies ${counted(undeclared, "digest")} more`,
      repair: "none on the component: no entry is ever taken back. Declare them",
    };
    found.push(deviation("DENY_ENTRY_UNDECLARED", told, undeclared));
  }
  return found;
}

function ofKeys(declared: Declared, state: Refusing, used: number | null): Deviation[] {
  const intended = declared.intended.trustedKeys;
  const trustsEvery = state.trustedKeys.length === 0 && (state.retiredKeys ?? []).length === 0;
  if (intended.length > 0 && trustsEvery) {
    const told = {
      expected: `that it trusts ${counted(beyond(intended, []), "key")} only`,
      found: "it trusts every key",
      repair: slotRepair(declared, beyond(intended, []), used),
    };
    return [deviation("EVERY_KEY_TRUSTED", told, beyond(intended, []))];
  }
  const found: Deviation[] = [];
  const missing = beyond(intended, state.trustedKeys);
  if (missing.length > 0) {
    const told = {
      expected: `that it trusts ${counted(missing, "further key")}`,
      found: "it does not",
      repair: slotRepair(declared, missing, used),
    };
    found.push(deviation("KEY_MISSING", told, missing));
  }
  const undeclared = beyond(state.trustedKeys, intended);
  if (undeclared.length > 0) found.push(undeclaredKeys(declared, undeclared));
  return found;
}

function slotRepair({ keySlots }: Declared, keys: readonly string[], used: number | null): string {
  if (keySlots !== undefined && (used ?? 0) + keys.length > keySlots) {
    return `none on the component: ${used ?? 0} of its ${keySlots} slots are used. Declare keys that it has`;
  }
  const repair = "have a release that brings them initialise there";
  return keySlots === undefined ? repair : `${repair}: each takes a slot for good`;
}

function undeclaredKeys(declared: Declared, keys: readonly string[]): Deviation {
  const found = `it trusts ${counted(keys, "key")} that nobody declared`;
  if (declared.intended.trustedKeys.length === 0) {
    const repair = "declare the keys that it trusts: without a list it was meant to trust any";
    return deviation("KEY_UNDECLARED", { expected: "no list of keys", found, repair }, keys);
  }
  const rotated =
    declared.componentKind === "FIRMWARE"
      ? "revoke them in their slots, which stay used, or declare them"
      : "rotate to the declared keys, or declare them";
  const expected = "that it trusts the declared keys only";
  return deviation("KEY_UNDECLARED", { expected, found, repair: rotated }, keys);
}

function ofSlots({ keySlots }: Declared, used: number | null): Deviation[] {
  if (keySlots === undefined || used === null || used <= keySlots) return [];
  const told = {
    expected: `at most ${keySlots} used key slots`,
    found: `${used}`,
    repair:
      "none on the component: a programmed slot stays so. Declare how many slots it has, or replace the part",
  };
  return [deviation("KEY_SLOTS_EXCEEDED", told)];
}

function counted(list: readonly string[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? "" : "s"}`;
}
