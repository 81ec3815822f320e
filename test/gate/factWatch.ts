import type { Occurrence } from "#packet/fact.ts";
import { BoundKind } from "#packet/source.ts";
import type { Known } from "../judge/known.ts";
import type { Entry } from "../judge/shapes.ts";
import { subjectOf } from "../judge/words.ts";
import type { Memory } from "./onlooker.ts";

/** Rules 2.2, 3.5, 4.3.2, 5.1 and 5.3: whether a fact should ever have been taken. */
export function factFaults(memory: Memory | null, { fact, actor, epoch }: Occurrence): string[] {
  if (memory === null) return "entries" in fact ? receiptFaults([], fact.entries, epoch) : [];
  const { known } = memory;
  const { owner } = known.sources.APPROVAL_LANE.content;
  const isOwner = actor.actor === owner && actor.kind === "PERSON";
  const isRevoked = known.entries.some(
    (entry) => entry.kind === "CREDENTIAL_REVOCATION" && entry.person === actor.actor,
  );
  const when = (isWrong: boolean, fault: string): string[] => (isWrong ? [fault] : []);
  switch (fact.kind) {
    case "ENTRIES_RECORDED":
      return [
        ...receiptFaults(known.entries, fact.entries, epoch),
        ...scopeFaults(known, fact.entries),
      ];
    case "PACKET_APPROVED":
      return [
        ...when(!isOwner || isRevoked, "approved by somebody else than the owner"),
        ...when(known.clock.frozen, "approved while the epoch is frozen"),
      ];
    case "PACKET_REJECTED":
      return when(!isOwner || isRevoked, "rejected by somebody else than the owner");
    case "PACKET_RESUBMITTED":
      return [
        ...when(!known.rejected, "resubmitted without a rejection"),
        ...when(actor.actor === owner, "resubmitted by the owner"),
      ];
    case "PACKET_WITHDRAWN": {
      const isSecurity = actor.actor === "rex" && actor.kind === "PERSON";
      return when(isRevoked || !(isOwner || isSecurity), "withdrawn by somebody else");
    }
    case "OPERATOR_HOLD_PLACED": {
      const placed = memory.history.filter((one) => one.fact.kind === fact.kind).length;
      return when(fact.placement !== placed + 1, "placed under another number than the next");
    }
    case "OPERATOR_HOLD_RELEASED":
      return when(!known.placements.includes(fact.placement), "released what is not placed");
    case "ESCALATION_ACKNOWLEDGED":
      return when(memory.last.state.status !== "ESCALATED", "acknowledged no escalation");
    case "PACKET_BOUND":
      return BoundKind.options.flatMap((kind) =>
        when(fact.bindings[kind] > known.sources[kind].version, `bound to no ${kind}`),
      );
    default:
      return [];
  }
}

/** Rule 4.3.2: nothing of the future, nothing older than the same reporter's newest, nothing twice. */
function receiptFaults(
  earlier: readonly Entry[],
  entries: readonly Entry[],
  epoch: bigint,
): string[] {
  const subjects = new Set(entries.map(subjectOf));
  const faults = subjects.size < entries.length ? ["a subject twice in one list"] : [];
  for (const entry of entries) {
    if (entry.observedEpoch > epoch) faults.push("an entry of the future");
    const isOld = earlier.some(
      (other) =>
        other.reporter === entry.reporter &&
        subjectOf(other) === subjectOf(entry) &&
        other.observedEpoch > entry.observedEpoch,
    );
    if (isOld) faults.push("an entry older than its reporter's newest");
  }
  return faults;
}

/** A report speaks of something in the packet's scope. */
function scopeFaults({ sources, manifests }: Known, entries: readonly Entry[]): string[] {
  const isOnRoster = (name: string): boolean =>
    sources.ROSTER.content.people.some((item) => item.person === name);
  const isKnown = (entry: Entry): boolean => {
    switch (entry.kind) {
      case "DIGEST_CONFIRMATION":
      case "REPRODUCIBILITY_CHECK":
        return sources.MANIFEST.content.artifacts.some((item) => item.name === entry.artifact);
      case "AVAILABILITY":
        return (
          isOnRoster(entry.person) &&
          sources.SHIFT_CALENDAR.content.shifts.some((item) => item.shift === entry.shift)
        );
      case "CUSTODY":
        return (
          isOnRoster(entry.custodian) &&
          sources.ROLLBACK_SCOPE.content.packages.some((item) => item.package === entry.package)
        );
      case "SAFEGUARD":
        return sources.PUBLICATION_SCOPE.content.targets.some(
          (item) =>
            item.target === entry.target && item.safeguards.some((one) => one === entry.safeguard),
        );
      case "QUARANTINE": {
        const { selector } = entry;
        return (
          selector.by !== "MANIFEST" || manifests.some((item) => item.version === selector.version)
        );
      }
      default:
        return true;
    }
  };
  return entries.filter((entry) => !isKnown(entry)).map((entry) => `${entry.kind} out of scope`);
}
