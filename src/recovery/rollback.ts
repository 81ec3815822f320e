import type { Digest } from "#packet/name.ts";
import type {
  ComponentState,
  Inadmissibility,
  Release,
  Rotation,
  SigningKey,
} from "#packet/rollback.ts";

/** A component of which nothing has been recorded: it admits every release. */
export const UNRECORDED: ComponentState = {
  floor: 0,
  denied: [],
  trustedKeys: [],
  retiredKeys: [],
  everTrusted: [],
  overlaps: [],
};

/** What a component is reported to refuse. */
type Reported = Pick<ComponentState, "floor" | "denied" | "trustedKeys">;

/** The state once the component's own is reported: its keys are the newest word, the rest only grows. */
export function reported(state: ComponentState, report: Reported): ComponentState {
  return {
    ...state,
    floor: Math.max(state.floor, report.floor),
    denied: union(state.denied, report.denied),
    trustedKeys: without(report.trustedKeys, state.retiredKeys),
    everTrusted: union(state.everTrusted, report.trustedKeys),
  };
}

/** The component's state once the release has initialised there: no floor sinks, no entry or retirement is undone. */
export function initialise(state: ComponentState, release: Release): ComponentState {
  return {
    ...state,
    floor: Math.max(state.floor, release.masvn),
    denied: union(state.denied, release.denied),
    trustedKeys: without(union(state.trustedKeys, release.trustedKeys), state.retiredKeys),
    everTrusted: union(state.everTrusted, release.trustedKeys),
  };
}

/** The state once a rotation is recorded: in an overlap both keys are trusted, afterwards the incoming one. */
export function rotate(
  state: ComponentState,
  { mode, outgoing, incoming }: Rotation,
): ComponentState {
  const isOverlap = mode === "OVERLAP";
  const retiredKeys = isOverlap ? state.retiredKeys : union(state.retiredKeys, [outgoing]);
  const overlaps = isOverlap ? [...state.overlaps, { outgoing, incoming }] : state.overlaps;
  return {
    ...state,
    trustedKeys: without(union(state.trustedKeys, [outgoing, incoming]), retiredKeys),
    retiredKeys,
    everTrusted: union(state.everTrusted, [outgoing, incoming]),
    overlaps: overlaps.filter(
      (overlap, at) =>
        !retiredKeys.includes(overlap.outgoing) &&
        !retiredKeys.includes(overlap.incoming) &&
        overlaps.findIndex((other) => isSameOverlap(other, overlap)) === at,
    ),
  };
}

function isSameOverlap(left: Omit<Rotation, "mode">, right: Omit<Rotation, "mode">): boolean {
  return left.outgoing === right.outgoing && left.incoming === right.incoming;
}

/** What else a release must do for: parts on the shelf whose version is old and whose keys were never rotated. */
export interface Purpose {
  readonly hasSpareParts: boolean;
}

/** Every reason why the component would refuse the release; none when it admits it. */
export function admits(
  state: ComponentState,
  release: Release,
  { hasSpareParts }: Purpose = { hasSpareParts: false },
): Inadmissibility[] {
  const reasons: Inadmissibility[] = [];
  if (release.svn < state.floor) reasons.push("BELOW_FLOOR");
  if (state.denied.includes(release.digest)) reasons.push("DENIED");
  if (!isTrusted(state, release.signedBy)) reasons.push("UNTRUSTED_KEY");
  if (hasSpareParts && !isForSpareParts(state, release.signedBy)) reasons.push("SPARE_PARTS");
  return reasons;
}

function isTrusted(
  { trustedKeys, retiredKeys }: ComponentState,
  signedBy: readonly SigningKey[],
): boolean {
  // A component whose last key was retired trusts nobody, and not everybody again.
  if (trustedKeys.length === 0 && retiredKeys.length === 0) return true;
  return signedBy.some((key) => trustedKeys.includes(key));
}

/** A part on the shelf trusts an old key only, the component after the rotation a new one only. */
function isForSpareParts(
  { trustedKeys, retiredKeys, overlaps }: ComponentState,
  signedBy: readonly SigningKey[],
): boolean {
  const outgoing = overlaps.map((overlap) => overlap.outgoing);
  const old = union(retiredKeys, outgoing);
  if (old.length === 0) return true;
  const current = without(trustedKeys, outgoing);
  return signedBy.some((key) => old.includes(key)) && signedBy.some((key) => current.includes(key));
}

/**
 * What the patch itself lacks to be installed wherever the component is: both signatures of every
 * rotation under way, and those that spare parts need. `state` is the component's before it.
 */
export function patchLacks(
  state: ComponentState,
  { signedBy }: Release,
  { hasSpareParts }: Purpose = { hasSpareParts: false },
): Inadmissibility[] {
  const lacks: Inadmissibility[] = [];
  if (hasSpareParts && !isForSpareParts(state, signedBy)) lacks.push("SPARE_PARTS");
  const carriesBoth = state.overlaps.every(
    ({ outgoing, incoming }) => signedBy.includes(outgoing) && signedBy.includes(incoming),
  );
  if (!carriesBoth) lacks.push("PATCH_IN_ROTATION");
  return lacks;
}

/** True when `next` admits nothing that `previous` refuses by floor or deny list. */
export function refusesNoLess(
  previous: Pick<Reported, "floor" | "denied">,
  next: Pick<Reported, "floor" | "denied">,
): boolean {
  const denied = new Set(next.denied);
  return next.floor >= previous.floor && previous.denied.every((digest) => denied.has(digest));
}

/** A key slot budget after one more key. */
export interface SlotBudget {
  readonly slots: number;
  /** Taken now. */
  readonly used: number;
  /** Whether a slot stays free after this key, as it must for the next one that leaks. */
  readonly isEnough: boolean;
}

/** Counts slots over every key that was ever trusted; `reportedUsed` is what the component itself says. */
export function slotBudget(
  { everTrusted }: ComponentState,
  slots: number,
  reportedUsed: number,
  { outgoing, incoming }: Omit<Rotation, "mode">,
): SlotBudget {
  const taken = union(everTrusted, [outgoing]);
  const used = Math.max(taken.length, reportedUsed);
  return { slots, used, isEnough: taken.includes(incoming) || used + 1 < slots };
}

/** An element of a deny list, and whether the floor refuses its release anyway. */
export interface DenyEntry {
  readonly digest: Digest;
  /** Null where no release of this digest is known. */
  readonly release: string | null;
  readonly isRedundant: boolean;
}

/** The deny list with what is known of its elements. */
export function denyEntries(state: ComponentState, known: readonly Release[]): DenyEntry[] {
  return state.denied.map((digest) => {
    const releases = known.filter((release) => release.digest === digest);
    const isRedundant = releases.length > 0 && releases.every(({ svn }) => svn < state.floor);
    return { digest, release: releases.at(-1)?.release ?? null, isRedundant };
  });
}

/** Elements of both, each once, in order of name. */
export function union(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])].toSorted();
}

function without(keys: readonly string[], gone: readonly string[]): string[] {
  return gone.length === 0 ? [...keys] : keys.filter((key) => !gone.includes(key));
}
