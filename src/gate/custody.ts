import type { CustodyHolder } from "#packet/approval.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Finding } from "#packet/hold.ts";
import type { Name } from "#packet/name.ts";
import { compareNames } from "#packet/name.ts";
import type { RosterPerson } from "#packet/quorum.ts";
import type { RollbackPackage } from "#packet/rollback.ts";
import { type Moment, Notes, isFresh } from "./evidence.ts";
import { isCommitted, wordsFor } from "./quorum.ts";
import type { Facts, Verdict } from "./state.ts";
import { shiftsLeft } from "./window.ts";
import { wordsOn } from "./words.ts";

type GoodCustody = EntryOf<"CUSTODY"> & { readonly seal: Name };

/** A package among the subjects: another release under its name is another package. */
export function packageSubject(item: RollbackPackage): string {
  return `${item.package} ${item.release.digest}`;
}

/** The counting word about a package and custodian, when it speaks of the accepted digest (rule 4.3.3). */
function wordOf(
  facts: Facts,
  item: RollbackPackage,
  custodian: Name,
): EntryOf<"CUSTODY"> | undefined {
  const word = wordsOn(facts, "CUSTODY", item.package).get(custodian)?.counting;
  return word?.digest === item.release.digest ? word : undefined;
}

/** HELD on sealed media with the accepted digest verified. */
function isGood(word: EntryOf<"CUSTODY"> | undefined): word is GoodCustody {
  return word?.status === "HELD" && word.seal !== null && word.observed === word.digest;
}

function mayHold(facts: Facts, person: RosterPerson): boolean {
  return person.roles.includes("CUSTODIAN") && !facts.revoked.has(person.person);
}

/** Rule 4.1.7: the words of the package's holders. */
function holdersOf(facts: Facts, item: RollbackPackage, at: Moment): GoodCustody[] {
  const { custodyMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  return facts.sources.ROSTER.content.people
    .filter((person) => mayHold(facts, person))
    .map((person) => wordOf(facts, item, person.person))
    .filter(isGood)
    .filter((word) => isFresh(word, custodyMaxAge, at));
}

/** Rule 4.1.7: every rollback package in enough sound hands, now and in every shift to come. */
export function judgeCustody(facts: Facts, epoch: Epoch): Verdict {
  const notes = new Notes(facts, epoch);
  const holds = facts.sources.ROLLBACK_SCOPE.content.packages.flatMap((item) => {
    noteCustody(facts, item, notes);
    return [...gap(facts, epoch, item), ...mismatch(facts, item), ...coverage(facts, epoch, item)];
  });
  const { availabilityMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  for (const shift of shiftsLeft(facts, epoch)) {
    notes.lookAgain(shift.last + 1n);
    const words = wordsOn(facts, "AVAILABILITY", shift.shift);
    for (const { person } of facts.sources.ROSTER.content.people) {
      const word = words.get(person)?.counting;
      if (word !== undefined) notes.lookAgain(word.observedEpoch + availabilityMaxAge + 1n);
    }
  }
  return { holds, advisories: notes.advisories, due: notes.due };
}

function noteCustody(facts: Facts, item: RollbackPackage, notes: Notes): void {
  const { custodyMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const words = wordsOn(facts, "CUSTODY", item.package);
  for (const { person } of facts.sources.ROSTER.content.people) {
    const word = wordOf(facts, item, person);
    if (isGood(word)) notes.goodNews(word, custodyMaxAge);
    notes.unaccepted(words.get(person)?.unaccepted);
  }
}

function gap(facts: Facts, epoch: Epoch, item: RollbackPackage): Finding[] {
  const { minCustodians } = facts.sources.ROLLBACK_SCOPE.content;
  const holders = holdersOf(facts, item, { epoch, ageless: false });
  if (holders.length >= minCustodians) return [];
  const why = `package ${item.package} is in ${holders.length} of ${minCustodians} sound hands`;
  const byAge = holdersOf(facts, item, { epoch, ageless: true }).length >= minCustodians;
  const words = facts.sources.ROSTER.content.people.flatMap(
    ({ person }) => wordOf(facts, item, person) ?? [],
  );
  const evidence = words.map((word) => word.entry);
  return [{ code: "ROLLBACK_CUSTODY_GAP", subject: packageSubject(item), why, evidence, byAge }];
}

/** Bad news counts also of custodians who left the roster: what they hold is not what was accepted. */
function mismatch(facts: Facts, item: RollbackPackage): Finding[] {
  const words = [...wordsOn(facts, "CUSTODY", item.package).values()].flatMap(({ counting }) =>
    counting !== undefined && isDisagreeing(counting, item) ? [counting] : [],
  );
  if (words.length === 0) return [];
  const who = words.map((word) => word.custodian).join(", ");
  const why = `package ${item.package}: ${who} verified another digest than the accepted one`;
  const evidence = words.map((word) => word.entry);
  return [
    {
      code: "ROLLBACK_DIGEST_MISMATCH",
      subject: packageSubject(item),
      why,
      evidence,
      byAge: false,
    },
  ];
}

function isDisagreeing(word: EntryOf<"CUSTODY">, item: RollbackPackage): boolean {
  const speaksOfIt = word.status === "HELD" && word.digest === item.release.digest;
  return speaksOfIt && word.observed !== null && word.observed !== word.digest;
}

function coverage(facts: Facts, epoch: Epoch, item: RollbackPackage): Finding[] {
  const { minCustodians } = facts.sources.ROLLBACK_SCOPE.content;
  const holdersNow = holdersOf(facts, item, { epoch, ageless: false });
  return shiftsLeft(facts, epoch).flatMap(({ shift }): Finding[] => {
    const present = (holders: readonly GoodCustody[], at: Moment): GoodCustody[] =>
      holders.filter((word) => isCommitted(facts, shift, word.custodian, at));
    const committed = present(holdersNow, { epoch, ageless: false });
    if (committed.length >= minCustodians) return [];
    const subject = `${packageSubject(item)} ${shift}`;
    const why = `shift ${shift}: ${committed.length} of ${minCustodians} holders of package ${item.package} are committed`;
    const holders = holdersOf(facts, item, { epoch, ageless: true });
    const byAge = present(holders, { epoch, ageless: true }).length >= minCustodians;
    const words = wordsFor(facts, shift).filter((word) =>
      holders.some((held) => held.custodian === word.person),
    );
    const evidence = [...holders, ...words].map((word) => word.entry);
    return [{ code: "CUSTODY_COVERAGE_GAP", subject, why, evidence, byAge }];
  });
}

/** Rule 5.4: every holder of every package with the seal, whatever its age. */
export function custodyOf(facts: Facts, epoch: Epoch): CustodyHolder[] {
  return facts.sources.ROLLBACK_SCOPE.content.packages.flatMap((item) =>
    holdersOf(facts, item, { epoch, ageless: true })
      .map(({ custodian, seal }) => ({
        package: item.package,
        digest: item.release.digest,
        custodian,
        seal,
      }))
      .toSorted((left, right) => compareNames(left.custodian, right.custodian)),
  );
}
