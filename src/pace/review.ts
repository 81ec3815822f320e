import type { Change, ChangeKind } from "#packet/change.ts";
import { EPOCH_MAX, type Epoch } from "#packet/epoch.ts";
import type { Policy } from "./policy.ts";

/** Epochs, both ends included. */
export interface Span {
  readonly firstEpoch: Epoch;
  readonly lastEpoch: Epoch;
}

/** A token that was given, as far as rates go. */
export interface Granted extends Span {
  readonly deployment: string;
  readonly kind: ChangeKind;
}

/** Why a change is not allowed. */
export type ReviewCode =
  | "NO_POLICY"
  | "OTHER_DEPLOYMENT"
  | "FROZEN"
  | "KIND_NOT_ALLOWED"
  | "RATE_EXCEEDED"
  | "TOO_MANY_AT_ONCE"
  | "BEYOND_TIME";

/** One reason why a change is not allowed from the epoch that was asked for. */
export interface ReviewReason {
  readonly code: ReviewCode;
  readonly message: string;
}

/** The epochs in which a change is allowed, or every reason why it is not and from which epoch it would be. */
export type Review =
  | (Span & { readonly isAllowed: true })
  | {
      readonly isAllowed: false;
      readonly reasons: readonly ReviewReason[];
      /** By this policy and what was given so far; null where only another policy allows it. */
      readonly possibleFrom: Epoch | null;
    };

/**
 * Judges a change by the policy and by the tokens given so far. A token may be used at any epoch of
 * its span, so that it counts against the rate at each of them. Whoever asks says the epoch: since
 * tokens are valid by epochs only, a false one gains nothing but a token for that epoch.
 */
export function review(
  policy: Policy | null,
  given: readonly Granted[],
  change: Pick<Change, "deployment" | "kind">,
  epoch: Epoch,
): Review {
  if (policy === null) {
    const message = "there is no policy yet: an author must set one";
    return { isAllowed: false, reasons: [{ code: "NO_POLICY", message }], possibleFrom: null };
  }
  const lasting = lastingReasons(policy, change);
  const epochs = policy.rates[change.kind]?.epochs ?? 1n;
  // What ended before counts against nothing from here on.
  const own = given.filter(
    ({ deployment, lastEpoch }) => deployment === change.deployment && lastEpoch + epochs > epoch,
  );
  const reasons = [...lasting, ...passingReasons(policy, own, change.kind, epoch)];
  if (reasons.length === 0) return { isAllowed: true, ...spanFrom(policy, epoch) };
  const possibleFrom = lasting.length > 0 ? null : earliest(policy, own, change.kind, epoch);
  return { isAllowed: false, reasons, possibleFrom };
}

/** What only another policy lifts. */
function lastingReasons(
  policy: Policy,
  { deployment, kind }: Pick<Change, "deployment" | "kind">,
): ReviewReason[] {
  const reasons: ReviewReason[] = [];
  if (deployment !== policy.deployment) {
    reasons.push({ code: "OTHER_DEPLOYMENT", message: "the policy is for another deployment" });
  }
  if (policy.frozen) {
    reasons.push({ code: "FROZEN", message: "the policy allows no change at all for now" });
  }
  if (policy.rates[kind] === undefined) {
    reasons.push({ code: "KIND_NOT_ALLOWED", message: `the policy has no rate for ${kind}` });
  }
  return reasons;
}

/** What is over by itself at a later epoch. */
function passingReasons(
  policy: Policy,
  own: readonly Granted[],
  kind: ChangeKind,
  epoch: Epoch,
): ReviewReason[] {
  const span = spanFrom(policy, epoch);
  const { simultaneousMax } = policy;
  const rate = policy.rates[kind];
  const reasons: ReviewReason[] = [];
  if (span.lastEpoch > EPOCH_MAX) {
    reasons.push({ code: "BEYOND_TIME", message: "there are no epochs so late" });
  }
  const alike = own.filter((each) => each.kind === kind);
  if (rate !== undefined && mostWithin(alike, span, rate.epochs) > rate.changesMax) {
    const message = `at most ${rate.changesMax} of ${kind} in ${rate.epochs} epochs`;
    reasons.push({ code: "RATE_EXCEEDED", message });
  }
  if (mostWithin(own, span, 1n) > simultaneousMax) {
    const message = `at most ${simultaneousMax} changes at one epoch`;
    reasons.push({ code: "TOO_MANY_AT_ONCE", message });
  }
  return reasons;
}

function spanFrom({ tokenEpochs }: Policy, epoch: Epoch): Span {
  return { firstEpoch: epoch, lastEpoch: epoch + tokenEpochs - 1n };
}

/**
 * How many spans, the new one among them, touch one stretch of so many epochs at the most. The
 * fullest stretch can begin where one of those in it ends: moved so far, it loses none.
 */
function mostWithin(spans: readonly Span[], added: Span, epochs: bigint): number {
  const reach = epochs - 1n;
  const near = [added, ...spans].filter(
    ({ firstEpoch, lastEpoch }) =>
      lastEpoch >= added.firstEpoch - reach && firstEpoch <= added.lastEpoch + reach,
  );
  const starts = near
    .map(({ lastEpoch }) => lastEpoch)
    .filter((start) => start <= added.lastEpoch && start + reach >= added.firstEpoch);
  const counts = starts.map(
    (start) =>
      near.filter(({ firstEpoch, lastEpoch }) => lastEpoch >= start && firstEpoch <= start + reach)
        .length,
  );
  return Math.max(0, ...counts);
}

/** The first epoch from which nothing speaks against it: one at which something given before ceases to. */
function earliest(
  policy: Policy,
  own: readonly Granted[],
  kind: ChangeKind,
  epoch: Epoch,
): Epoch | null {
  const epochs = policy.rates[kind]?.epochs ?? 1n;
  const ends = own.flatMap(({ lastEpoch }) => [lastEpoch + 1n, lastEpoch + epochs]);
  const later = [...new Set(ends)].filter((each) => each > epoch).sort(inOrder);
  return later.find((each) => passingReasons(policy, own, kind, each).length === 0) ?? null;
}

function inOrder(left: Epoch, right: Epoch): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
