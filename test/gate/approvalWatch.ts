import type { Occurrence } from "#packet/fact.ts";
import type { Revised } from "#gate/revise.ts";
import { enoughAreFit, fitEnclaves } from "../judge/enclaves.ts";
import { type HoldRef, holdsAt, isEngaged, isSameHold, safeguardsOfScope } from "../judge/holds.ts";
import { holdersOf } from "../judge/rollback.ts";
import { isSameSeating, peopleCounting, validSeatings } from "../judge/seats.ts";
import { shiftsOfTheRest } from "../judge/time.ts";
import { type View, hadNothingAged, isRevoked, selectorText, wordsOf } from "../judge/words.ts";
import type { Memory } from "./onlooker.ts";

/** What the onlooker remembers of decisions. */
export interface ApprovalMemory {
  /** What was material at each revision but for seats and enclaves, which are chosen: as text. */
  readonly grounds: readonly string[];
  /** Whether each revision opened a hold or moved its grounds. */
  readonly disturbed: readonly boolean[];
  readonly approval: { readonly revision: number; readonly by: string } | null;
  readonly isLapsed: boolean;
}

const NOTHING: ApprovalMemory = { grounds: [], disturbed: [], approval: null, isLapsed: false };

/** Watches what one revision does to an approval. */
export function watchApproval(
  memory: Memory | null,
  revised: Revised,
  view: View,
  unmet: readonly HoldRef[],
): { readonly memory: ApprovalMemory; readonly faults: string[] } {
  const before = memory?.approval ?? NOTHING;
  const { state, occurrence, opened, materialChanged } = revised;
  const ground = state.status === "CLOSED" ? (before.grounds.at(-1) ?? "") : groundOf(view);
  const isMoved = before.grounds.length > 0 && before.grounds.at(-1) !== ground;
  const grounds = [...before.grounds, ground];
  const disturbed = [...before.disturbed, isMoved || opened.length > 0];
  const faults: string[] = [];
  if (isMoved && !materialChanged) faults.push("something material changed unseen");

  const isNew = occurrence.fact.kind === "PACKET_APPROVED";
  const approval = isNew ? approvalIn(occurrence) : before.approval;
  const standing = state.approval?.standing ?? null;
  if ((approval === null) !== (standing === null)) faults.push("an approval out of nowhere");
  if (isNew)
    faults.push(...grantFaults(memory, { ...before, grounds, disturbed, approval }, unmet));
  if (!isNew && before.isLapsed && standing !== "LAPSED") faults.push("a lapsed approval returned");
  if (approval !== null && standing !== null && standing !== "LAPSED") {
    if (state.approval?.revision !== approval.revision) faults.push("another revision is approved");
    if (ground !== grounds[approval.revision - 1])
      faults.push("an approval survived a material change");
    if (isRevoked(view, approval.by)) faults.push("an approval survived its owner's credential");
    if (occurrence.fact.kind === "PACKET_REJECTED") faults.push("an approval survived a rejection");
    if (state.status === "CLOSED") faults.push("an approval survived the packet");
    else faults.push(...chosenFaults(revised, view));
    if (!isNew) faults.push(...agingFaults(memory, revised, view));
    const expected = unmet.length > 0 ? "SUSPENDED" : "STANDING";
    if (standing !== expected) faults.push(`an approval is ${standing}, not ${expected}`);
  }
  if ((state.status === "APPROVED") !== (standing === "STANDING"))
    faults.push(`${state.status} with an approval that is ${standing}`);
  return {
    memory: { grounds, disturbed, approval, isLapsed: standing === "LAPSED" },
    faults,
  };
}

function approvalIn({ fact, actor }: Occurrence): ApprovalMemory["approval"] {
  return fact.kind === "PACKET_APPROVED" ? { revision: fact.revision, by: actor.actor } : null;
}

/** Rule 5.4, all but seats and enclaves: straight from what is known. */
function groundOf(view: View): string {
  const { sources, bindings } = view.known;
  const ageless = hadNothingAged(view);
  const digests = Object.values(sources).map((source) => `${source.kind} ${source.digest}`);
  const custody = sources.ROLLBACK_SCOPE.content.packages.flatMap((item) =>
    holdersOf(ageless, item).map(
      ({ custodian, seal }) => `${item.package} ${item.release.digest} ${custodian} ${seal}`,
    ),
  );
  const safeguards = safeguardsOfScope(view)
    .filter((item) => isEngaged(ageless, item))
    .map((item) => `${item.target} ${item.safeguard}`);
  const lifted = wordsOf(view, "QUARANTINE")
    .filter((word) => word.status === "LIFTED")
    .map((word) => selectorText(word.selector));
  const bound = Object.entries(bindings).map(([kind, version]) => `${kind} ${version}`);
  return JSON.stringify(
    [digests, bound, custody, safeguards, lifted].map((texts) => texts.toSorted()),
  );
}

/** Rule 5.1: only at a head where nothing is unmet, and nothing was disturbed since the revision named. */
function grantFaults(
  memory: Memory | null,
  { approval, disturbed }: ApprovalMemory,
  unmet: readonly HoldRef[],
): string[] {
  const head = memory?.last.state;
  if (memory === null || head === undefined || approval === null) return ["approved nothing"];
  const faults: string[] = [];
  if (head.status !== "READY_FOR_APPROVAL") faults.push(`approved while ${head.status}`);
  if (memory.unmet.length + unmet.length > 0) faults.push("approved while something is unmet");
  if (approval.revision < 1 || approval.revision > head.revision)
    faults.push("approved what is not there");
  if (disturbed.slice(approval.revision).some(Boolean)) faults.push("approved what was overtaken");
  return faults;
}

/** Rule 5.4: the approved seats and enclaves are still among those that could be chosen now. */
function chosenFaults({ state }: Revised, view: View): string[] {
  const material = state.approval?.material;
  if (material === undefined) return [];
  const faults: string[] = [];
  const ageless = hadNothingAged(view);
  for (const { shift } of shiftsOfTheRest(view)) {
    const now = validSeatings(view, peopleCounting(view, shift));
    const possible = now.length > 0 ? now : validSeatings(view, peopleCounting(ageless, shift));
    const seats = material.seating.find((item) => item.shift === shift)?.seats ?? null;
    const isKept =
      seats === null
        ? possible.length === 0
        : possible.some((way) => isSameSeating(way, seats as typeof way));
    if (!isKept) faults.push(`an approval survived another seating of ${shift}`);
  }
  const fit = fitEnclaves(enoughAreFit(view) ? view : ageless);
  const isFit = material.enclaves.every(({ enclave, measurement, seal }) =>
    fit.some(
      (one) => one.enclave === enclave && one.measurement === measurement && one.seal === seal,
    ),
  );
  if (!isFit) faults.push("an approval survived another choice of enclaves");
  return faults;
}

/** Rule 5.5: an approval outlives no hold but one that age alone opened. */
function agingFaults(memory: Memory | null, { opened, occurrence }: Revised, view: View): string[] {
  if (opened.length === 0) return [];
  const { kind } = occurrence.fact;
  if (kind !== "EPOCH_REACHED") return [`an approval survived a hold opened by ${kind}`];
  const anyway = holdsAt(hadNothingAged(view), memory?.unmet ?? []);
  return opened
    .filter((hold) => anyway.some((other) => isSameHold(hold, other)))
    .map((hold) => `an approval survived ${hold.code} ${hold.subject}, which is not by age`);
}
