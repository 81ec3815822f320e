import {
  type Entry,
  type PacketReport,
  type Receipt,
  type Report,
  type SharedEntry,
  type SharedReport,
  entrySubject,
} from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Actor } from "#packet/actor.ts";
import type { EntriesRecorded } from "#packet/fact.ts";
import type { EntryId, Name } from "#packet/name.ts";
import { type Fault, InvalidInput, type Refusal } from "#packet/refusal.ts";
import { standpointOf } from "#recovery/deviations.ts";
import { refusesNoLess } from "#recovery/rollback.ts";
import type { Facts, PacketState } from "../state.ts";
import type { Asking } from "./asking.ts";
import { type KnownComponent, componentRefusal, knownOf } from "./components.ts";

/** What every entry of one report gets from the server. */
export interface Receiving extends Asking {
  readonly newId: () => EntryId;
  /** The automated reporter's own number, already found greater than the last (rule 4.3.2). */
  readonly reportNumber: bigint | null;
}

/** Who reports, and when. */
export interface Reporting {
  readonly actor: Pick<Actor, "actor" | "kind">;
  readonly epoch: Epoch;
}

/** Looks up the reporter's own newest entry on a subject, or the newest of those that they signed. */
export type NewestBy = (subject: string, reporter: Name, only?: "SIGNED") => Entry | undefined;

/** The same among what a packet was told. */
export function newestIn(facts: Facts): NewestBy {
  return (subject, reporter, only) => newestOf(facts.evidence.get(subject) ?? [], reporter, only);
}

/** The same among entries on one subject, in ledger order. */
export function newestOf(
  entries: readonly Entry[],
  reporter: Name,
  only?: "SIGNED",
): Entry | undefined {
  return entries.findLast(
    (entry) => entry.reporter === reporter && (only === undefined || entry.signature !== undefined),
  );
}

/** What is known of the shared subjects that a report speaks of. */
export interface SharedKnown {
  readonly newest: NewestBy;
  /** What is recorded of a component, its declaration included. */
  readonly component: (name: Name) => KnownComponent;
}

/** For reports on subjects of which nothing was said yet, such as a first revocation. */
export const NOTHING_KNOWN: SharedKnown = {
  newest: () => undefined,
  component: (name) => knownOf(name, []),
};

/** Rules 2.2 and 4.3: entries about the packet's own subjects, all or none. */
export function decideEntries(
  { facts }: Pick<PacketState, "facts">,
  reports: readonly PacketReport[],
  receiving: Receiving,
): EntriesRecorded | Refusal {
  const faults = packetFaults(facts, reports, receiving);
  if (faults.length > 0) return new InvalidInput(faults);
  const entries = reports.map((report) => ({ ...report, ...receipt(report, receiving) }));
  return { kind: "ENTRIES_RECORDED", entries };
}

/** Rule 3.6: entries about shared subjects, all or none. */
export function decideShared(
  { newest, component }: SharedKnown,
  reports: readonly SharedReport[],
  receiving: Receiving,
): SharedEntry[] | Refusal {
  const faults = sharedFaults(newest, reports, receiving);
  if (faults.length > 0) return new InvalidInput(faults);
  const refused = componentRefusal(component, reports);
  if (refused !== null) return refused;
  return reports.map((report) => ({ ...report, ...receipt(report, receiving) }));
}

/** What is wrong with reports about a packet's own subjects. */
export function packetFaults(
  facts: Facts,
  reports: readonly PacketReport[],
  reporting: Reporting,
): Fault[] {
  return [
    ...reports.flatMap((report, index) => unknownSubjects(facts, report, index)),
    ...signedFaults(reports),
    ...timeFaults(reports, reporting, newestIn(facts)),
  ];
}

/** What is wrong with reports on shared subjects, whatever is recorded of a component. */
export function sharedFaults(
  newest: NewestBy,
  reports: readonly SharedReport[],
  reporting: Reporting,
): Fault[] {
  return [
    ...signedFaults(reports),
    ...timeFaults(reports, reporting, newest),
    ...ratchetFaults(reports, reporting, newest),
    ...exerciseFaults(reports, reporting),
  ];
}

function receipt(report: Report, { actor, epoch, newId, reportNumber }: Receiving): Receipt {
  return {
    entry: newId(),
    reporter: actor.actor,
    reporterKind: actor.kind,
    observedEpoch: report.observedEpoch ?? epoch,
    recordedEpoch: epoch,
    reportNumber,
  };
}

function fault(index: number, field: string, message: string): Fault {
  return { path: ["entries", index, field], message };
}

/** Reading 26: what is signed says when it was so, or it could be told again at any later time. */
function signedFaults(reports: readonly Report[]): Fault[] {
  return reports.flatMap((report, index) => {
    if (report.signature === undefined || report.observedEpoch !== undefined) return [];
    return [fault(index, "observedEpoch", "must be given in a signed report")];
  });
}

/**
 * Rule 4.3.2: nothing from the future, nothing older than the reporter's newest, nothing twice in one list.
 * What a person signed may be sent again by whoever reads it (a system's is numbered): good news must be newer
 * than all that they signed on its subject, so that none of it counts twice.
 */
function timeFaults(
  reports: readonly Report[],
  { actor, epoch }: Reporting,
  newest: NewestBy,
): Fault[] {
  const seen = new Set<string>();
  return reports.flatMap((report, index) => {
    const faults: Fault[] = [];
    const subject = entrySubject(report);
    const observed: Epoch = report.observedEpoch ?? epoch;
    if (observed > epoch) {
      faults.push(fault(index, "observedEpoch", `lies in the future: the epoch is ${epoch}`));
    }
    const last = newest(subject, actor.actor);
    if (last !== undefined && observed < last.observedEpoch) {
      const message = `is older than your newest word on this subject, of epoch ${last.observedEpoch}`;
      faults.push(fault(index, "observedEpoch", message));
    }
    if (report.signature !== undefined && actor.kind === "PERSON" && isGoodNews(report)) {
      const signed = newest(subject, actor.actor, "SIGNED");
      if (signed !== undefined && observed === signed.observedEpoch) {
        const message = `must be after epoch ${observed}, of which you signed a word on this subject: look again, and sign that`;
        faults.push(fault(index, "observedEpoch", message));
      }
    }
    if (seen.has(subject))
      faults.push(fault(index, "kind", "repeats the subject of an earlier element"));
    seen.add(subject);
    return faults;
  });
}

/** Whether what it says may end a hold. */
function isGoodNews(report: Report): boolean {
  switch (report.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return report.observed === report.digest;
    case "AVAILABILITY":
      return report.status === "COMMITTED";
    case "CUSTODY":
      return report.status === "HELD";
    case "SAFEGUARD":
      return report.status === "ENGAGED";
    case "OBSERVATION":
      return report.status === "GONE";
    case "QUARANTINE":
      return report.status === "LIFTED";
    case "ENCLAVE_REPORT":
      return report.sealing === "SEALED" && report.availability === "AVAILABLE";
    default:
      return false;
  }
}

/** A component never admits again what it refused: a report that says less is a mistake or an attack. */
function ratchetFaults(
  reports: readonly Report[],
  { actor }: Reporting,
  newest: NewestBy,
): Fault[] {
  return reports.flatMap((report, index) => {
    if (report.kind !== "COMPONENT_STATE") return [];
    const last = newest(entrySubject(report), actor.actor);
    if (last?.kind !== "COMPONENT_STATE") return [];
    const faults: Fault[] = [];
    if (!refusesNoLess(last, report)) {
      const message = "is lower, or its deny list shorter, than in your newest report";
      faults.push(fault(index, "floor", message));
    }
    if ((report.keySlotsUsed ?? 0) < (last.keySlotsUsed ?? 0)) {
      faults.push(fault(index, "keySlotsUsed", "is less than in your newest report"));
    }
    const told = standpointOf({ ...report, reporter: actor.actor });
    if (told === "OWN" && standpointOf(last) === "OUTSIDE") {
      const message =
        "must stay OUTSIDE as in your newest report: let another reporter tell its own word";
      faults.push(fault(index, "standpoint", message));
    }
    return faults;
  });
}

/** An exercise is recorded of whoever does it, and of nobody else. */
function exerciseFaults(reports: readonly Report[], { actor }: Reporting): Fault[] {
  return reports.flatMap((report, index) => {
    if (report.kind !== "EMERGENCY_EXERCISE" || report.person === actor.actor) return [];
    return [fault(index, "person", "must be the one who exercises")];
  });
}

/** A report must speak of something in the packet's scope: an unknown name is a mistake, not news. */
function unknownSubjects(facts: Facts, report: PacketReport, index: number): Fault[] {
  const unknown = (field: string, isKnown: boolean, where: string): Fault[] =>
    isKnown ? [] : [fault(index, field, `is not in the newest accepted ${where}`)];
  const { ROSTER, ROLLBACK_SCOPE, SHIFT_CALENDAR, PUBLICATION_SCOPE } = facts.sources;
  const isOnRoster = (name: Name): boolean =>
    ROSTER.content.people.some((item) => item.person === name);
  switch (report.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return unknown("artifact", facts.manifest.byName.has(report.artifact), "manifest");
    case "AVAILABILITY": {
      const isShift = SHIFT_CALENDAR.content.shifts.some((item) => item.shift === report.shift);
      return [
        ...unknown("person", isOnRoster(report.person), "roster"),
        ...unknown("shift", isShift, "shift calendar"),
      ];
    }
    case "CUSTODY": {
      const isPackage = ROLLBACK_SCOPE.content.packages.some(
        (item) => item.package === report.package,
      );
      return [
        ...unknown("package", isPackage, "rollback scope"),
        ...unknown("custodian", isOnRoster(report.custodian), "roster"),
      ];
    }
    case "SAFEGUARD": {
      const target = PUBLICATION_SCOPE.content.targets.find(
        (item) => item.target === report.target,
      );
      const isRequired = target?.safeguards.some((name) => name === report.safeguard) === true;
      return [
        ...unknown("target", target !== undefined, "publication scope"),
        ...(target === undefined
          ? []
          : unknown("safeguard", isRequired, "publication scope for this target")),
      ];
    }
    case "QUARANTINE": {
      const { selector } = report;
      const isKnown = selector.by !== "MANIFEST" || facts.manifests.has(selector.version);
      return isKnown
        ? []
        : [fault(index, "selector", "names a manifest version that this packet has not known")];
    }
    case "OBSERVATION":
      return [];
  }
}
