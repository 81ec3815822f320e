import type { Actor } from "#packet/actor.ts";
import type { GateReason } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { HoldName } from "./told.ts";
import { sha256Hex } from "#proof/digest.ts";
import { difference, holdText, isExact } from "./blockers.ts";
import type { GateAnswer } from "./reader.ts";
import type { Expected, Run } from "./run.ts";

/** Readiness over time: what goes wrong by itself first must be exactly this. */
export async function lookAhead(
  run: Run,
  expected: { readonly epoch: Epoch; readonly opened: readonly HoldName[] },
): Promise<void> {
  const { openHolds, earliestLapse: lapse } = await run.reader.earliestLapse(run.train.packet);
  if (lapse === null) {
    run.fault("nothing is forecast");
    return;
  }
  const { opened } = lapse.revision;
  const isSame = isExact(difference(expected.opened.map(holdText), opened.map(holdText)));
  if (lapse.epoch !== expected.epoch || !isSame) {
    run.fault(`the forecast is of epoch ${lapse.epoch}, or of other holds, than expected`);
  }
  run.tell({
    line: "ahead",
    ready: openHolds === 0,
    epoch: lapse.epoch,
    holds: opened.map(({ code, subject }) => ({ code, subject })),
    renew: lapse.renewFirst.length,
    why: opened.map((hold) => hold.why).join("; "),
  });
}

/** What a shift's quorum must be able to bear. */
export interface ExpectedShift {
  readonly shift: string;
  readonly absencesSurvived: number;
  readonly breakingAbsences: readonly string[];
}

/** Quorum arithmetic: how many absences each shift survives, and whose would break it. */
export async function countQuorum(run: Run, expected: readonly ExpectedShift[]): Promise<void> {
  const shifts = await run.reader.shiftQuorums(run.train.packet);
  for (const want of expected) {
    const found = shifts.find((item) => item.shift === want.shift);
    const isSame =
      found?.absencesSurvived === want.absencesSurvived &&
      isExact(difference(want.breakingAbsences, found.breakingAbsences));
    if (!isSame) run.fault(`the arithmetic of shift ${want.shift} is not the expected one`);
  }
  run.tell({ line: "quorum", shifts });
}

/** Asks what a change would do. It must foresee exactly this, and record nothing. */
export async function preview(
  run: Run,
  told: string,
  change: object,
  expected: Expected,
): Promise<void> {
  const { packet } = run.train;
  const seen = await run.accepted(() => run.reader.changePreview({ packet, ...change }));
  const { status, opened, cleared, outOfScope, standingBefore, standingAfter } = seen;
  const texts = [opened, cleared, outOfScope].flatMap((holds) => holds.map(holdText));
  const wanted = [expected.opened, expected.cleared, expected.outOfScope].flatMap((holds) =>
    (holds ?? []).map(holdText),
  );
  const isSame = status === expected.status && (standingAfter ?? undefined) === expected.standing;
  if (!isSame || !isExact(difference(wanted, texts)))
    run.fault("the preview foresees something else");
  if (await run.hasMoved()) run.fault("the preview recorded something");
  const names = (holds: readonly HoldName[]) =>
    holds.map(({ code, subject }) => ({ code, subject }));
  run.tell({
    line: "preview",
    change: told,
    status,
    opened: names(opened),
    cleared: names(cleared),
    outOfScope: names(outOfScope),
    standingBefore,
    standingAfter,
  });
}

/** What the owner must be shown before deciding: since which revision, and what changed, as words. */
export interface ExpectedReview {
  readonly sinceRevision: number;
  readonly changes: readonly string[];
}

/** A part of the material as words. */
function words(part: string): string {
  return part.toLowerCase().replaceAll("_", " ");
}

/** Rule 5.6: what changed since the last decision, with every loosened policy marked. */
export async function review(run: Run, owner: Actor, expected: ExpectedReview): Promise<void> {
  const shown = await run.reader.review(run.train.packet, owner);
  const { sinceRevision, sources, bindings, material, loosened } = shown;
  const versions = (what: string, changes: typeof sources): string[] =>
    changes.map(({ kind, from, to }) => `${what} ${kind} ${from} -> ${to}`);
  const changes = [
    ...versions("source", sources),
    ...versions("binding", bindings),
    ...material.map(words),
  ];
  const isSame =
    sinceRevision === expected.sinceRevision &&
    isExact(difference(expected.changes, changes)) &&
    loosened.length === 0;
  if (!isSame) run.fault("the owner is shown other changes than there were");
  const listed = (items: readonly string[]): string =>
    items.length === 0 ? "none" : items.join(", ");
  const fields = loosened.map((item) => item.field);
  const told = `reads what changed since revision ${sinceRevision}: ${listed(changes)}`;
  run.done(owner, `${told}; policies loosened: ${listed(fields)}`);
}

/** What the gate must tell downstream. */
export type ExpectedGate =
  | { readonly status: "OPEN"; readonly validThroughEpoch: Epoch }
  | { readonly status: "CLOSED"; readonly reasons: readonly GateReason[] };

/** Asks the gate, and compares its answer with the packet that the owner approved. */
export async function askGate(run: Run, expected: ExpectedGate): Promise<void> {
  const gate = await run.reader.gate(run.train.packet);
  const { status, reasons, epoch, validThroughEpoch } = gate;
  const isSame =
    expected.status === "OPEN"
      ? status === "OPEN" && validThroughEpoch === expected.validThroughEpoch
      : status === "CLOSED" && isExact(difference(expected.reasons, reasons));
  const isEqual = isSame && (status === "CLOSED" || tellsTheApproved(run, gate));
  if (!isSame) run.fault("the gate tells something else than expected");
  else if (!isEqual) run.fault("the gate tells another packet than the approved one");
  run.gates.push({ isEqual });
  run.tell({ line: "gate", status, reasons, epoch, validThroughEpoch });
}

/** The gate names the newest revision, whose material is byte for byte the approved one's. */
function tellsTheApproved(run: Run, gate: GateAnswer): boolean {
  const { packet, number, document } = run.last;
  return (
    gate.packet === packet &&
    gate.revision === number &&
    gate.digest === sha256Hex(document) &&
    gate.materialDigest === run.approved?.materialDigest
  );
}
