import { ApprovalRefused, Refusal } from "#packet/refusal.ts";
import { gateAnswer } from "#gate/answer.ts";
import { forecast, shiftArithmetic } from "#gate/forecast.ts";
import { reachEpoch } from "#gate/lapse.ts";
import type { Revised } from "#gate/revise.ts";
import { advisories, openHolds } from "#gate/view.ts";
import {
  advisoriesAt,
  approvalRefusals,
  gateAt,
  judge,
  forecast as judgedForecast,
  shiftArithmetic as judgedArithmetic,
} from "../judge/judge.ts";
import type { JudgedRevision } from "../judge/revision.ts";
import type { ApprovalAttempt, Desk } from "./desk.ts";

/** Both judges' words brought to one shape. Epochs as text, so that a difference prints. */

function ref({ code, subject }: { code: string; subject: string }): string {
  return `${code} ${subject}`;
}

function ours(revised: Revised) {
  const { state, occurrence } = revised;
  return {
    number: state.revision,
    cause: occurrence.fact.kind,
    epoch: `${state.epoch}`,
    status: state.status,
    opened: revised.opened.map(ref),
    cleared: revised.cleared.map(ref),
    outOfScope: revised.outOfScope.map(ref),
    open: openHolds(state).map(
      (hold) => `${ref(hold)} since ${hold.sinceRevision}@${hold.sinceEpoch}`,
    ),
    approval:
      state.approval === null ? null : `${state.approval.revision} ${state.approval.standing}`,
    materialChanged: revised.materialChanged,
    // Reading 22: with a closing revision nobody is going to sign.
    ...(state.closing === null && {
      seating: state.material.seating.map(({ shift, seats }) => ({ shift, seats })),
      enclaves: state.material.enclaves,
    }),
  };
}

function theirs(revision: JudgedRevision) {
  return {
    number: revision.number,
    cause: revision.cause,
    epoch: `${revision.epoch}`,
    status: revision.status,
    opened: revision.opened.map(ref),
    cleared: revision.cleared.map(ref),
    outOfScope: revision.outOfScope.map(ref),
    open: revision.openHolds.map(
      (hold) => `${ref(hold)} since ${hold.sinceRevision}@${hold.sinceEpoch}`,
    ),
    approval:
      revision.approval === null
        ? null
        : `${revision.approval.revision} ${revision.approval.standing}`,
    materialChanged: revision.materialChanged,
    ...(revision.status !== "CLOSED" && {
      seating: revision.seating,
      enclaves: revision.enclaves,
    }),
  };
}

type Word = ReturnType<typeof ours> | ReturnType<typeof theirs> | string[] | object;

/** A question both judges answered differently. */
export interface Difference {
  readonly question: string;
  readonly ours: Word;
  readonly theirs: Word;
}

/** Every question put to both judges about one history, and those on which they differ. */
export function differences(desk: Desk): Difference[] {
  const found: Difference[] = [];
  const compare = (question: string, left: Word, right: Word): void => {
    if (JSON.stringify(left) !== JSON.stringify(right))
      found.push({ question, ours: left, theirs: right });
  };
  const judged = judge(desk.history, desk.epoch);
  const longest = Math.max(judged.length, desk.revisions.length);
  for (let index = 0; index < longest; index += 1) {
    const left = desk.revisions[index];
    const right = judged[index];
    compare(`revision ${index + 1}`, left ? ours(left) : [], right ? theirs(right) : []);
    if (found.length > 0) return found;
  }
  if (desk.state.closing === null) compareOutlook(desk, compare);
  for (const attempt of desk.attempts.slice(-3)) compareAttempt(desk, attempt, compare);
  return found;
}

type Compare = (question: string, left: Word, right: Word) => void;

function compareOutlook(desk: Desk, compare: Compare): void {
  const { state, epoch, history } = desk;
  const { view } = reachEpoch(state, epoch);
  compare("advisories", advisories(view).map(ref), advisoriesAt(history, epoch).map(ref));
  compare("forecast", forecast(state).map(ours), judgedForecast(history, epoch).map(theirs));
  compareGate(desk, compare);
  for (const arithmetic of shiftArithmetic(state, epoch)) {
    const left = { survives: arithmetic.absencesSurvived, breaking: arithmetic.breakingAbsences };
    compare(`shift ${arithmetic.shift}`, left, judgedArithmetic(history, epoch, arithmetic.shift));
  }
}

/** The gate now and, all else unchanged, at every later epoch of the window. */
function compareGate({ state, epoch, clock, history }: Desk, compare: Compare): void {
  const doubt = clock.frozen ? "EPOCH_FROZEN" : null;
  const { last } = state.facts.sources.SHIPMENT_WINDOW.content;
  let reached = state;
  for (let at = epoch; at <= last + 1n; at += 1n) {
    // As it is recorded: what lapses at one epoch is written before the next one is reached.
    reached = reachEpoch(reached, at).head;
    const { status, validThroughEpoch } = gateAnswer(reached, at, doubt);
    const right = gateAt(history, at);
    const left = [status, `${validThroughEpoch}`];
    compare(`gate at ${at}`, left, [right.status, `${right.validThroughEpoch}`]);
  }
}

/** What our refusals are called in the other judge's list. */
const REASONS: Readonly<Record<string, string>> = {
  HELD: "NOT_READY",
  PACKET_CLOSED: "NOT_READY",
  ALREADY_APPROVED: "ALREADY_APPROVED",
  STALE_REVISION: "STALE_REVISION",
  NOT_THE_OWNER: "NOT_THE_OWNER",
  SYSTEM_CANNOT_DECIDE: "SYSTEM",
  CREDENTIAL_REVOKED: "REVOKED",
  CLOCK_IN_DOUBT: "EPOCH_FROZEN",
};

function compareAttempt(desk: Desk, attempt: ApprovalAttempt, compare: Compare): void {
  const { decided, at, epoch, revision, actor } = attempt;
  const reasons = decided instanceof ApprovalRefused ? decided.reasons : [];
  if (decided instanceof Refusal && reasons.length === 0)
    throw new Error(`unlisted refusal ${decided.code}`);
  const left = reasons.map((reason) => REASONS[reason.code] ?? reason.code).toSorted();
  const right = approvalRefusals(desk.history.slice(0, at), epoch, revision, actor).toSorted();
  compare(`approval of ${revision} at ${epoch} by ${actor.actor}`, left, right);
}
