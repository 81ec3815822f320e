import type { Digest } from "#packet/name.ts";
import type { ComponentState, Release } from "#packet/rollback.ts";
import { admits, initialise } from "./rollback.ts";

/** The most states of a component that one search looks at. */
const STATES_MAX = 2_000;

/** A way down to a vulnerable release: releases that the component admits one after the other. */
export interface Unzipping {
  readonly vulnerable: Release;
  /** From the first install to the vulnerable release itself; a shortest one. */
  readonly path: readonly Release[];
}

/** What a search for ways down found. */
export interface Unzippings {
  /** One for each vulnerable release that can be reached, in order of digest. */
  readonly found: readonly Unzipping[];
  /** False when there were too many states to look at them all: then there may be more. */
  readonly isWhole: boolean;
}

/**
 * The releases that have what a deny list names: an SVN rises when a vulnerability is fixed, so
 * whatever has the SVN of a denied release, or a lower one, is as vulnerable as that.
 */
export function vulnerableBy(denied: readonly Digest[], known: readonly Release[]): Set<Digest> {
  const names = new Set(denied);
  const svns = known.filter(({ digest }) => names.has(digest)).map(({ svn }) => svn);
  const highest = Math.max(-1, ...svns);
  return new Set(known.filter(({ svn }) => svn <= highest).map(({ digest }) => digest));
}

/**
 * Searches every order in which the component would admit the known releases, shortest first, for
 * ways down to a vulnerable one. Each install changes what is admitted next: it may bring a key.
 */
export function unzippings(
  state: ComponentState,
  known: readonly Release[],
  vulnerable: ReadonlySet<Digest>,
): Unzippings {
  const digests = new Set(known.map(({ digest }) => digest));
  const start = { state: concerning(state, digests), path: [] };
  const found = new Map<Digest, Unzipping>();
  const seen = new Set([keyOf(start.state)]);
  let reached: { state: ComponentState; path: readonly Release[] }[] = [start];
  let isWhole = true;
  while (reached.length > 0 && isWhole) {
    const next: typeof reached = [];
    for (const { state: before, path } of reached) {
      for (const release of known) {
        if (admits(before, release).length > 0) continue;
        const longer = [...path, release];
        const isNew = vulnerable.has(release.digest) && !found.has(release.digest);
        if (isNew) found.set(release.digest, { vulnerable: release, path: longer });
        const after = concerning(initialise(before, release), digests);
        const key = keyOf(after);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ state: after, path: longer });
      }
      if (seen.size > STATES_MAX) isWhole = false;
    }
    reached = next;
  }
  const inOrder = [...found.values()].toSorted((left, right) =>
    left.vulnerable.digest < right.vulnerable.digest ? -1 : 1,
  );
  return { found: inOrder, isWhole };
}

/** Only what speaks of a known release decides anything here; deny lists may be long. */
function concerning(state: ComponentState, digests: ReadonlySet<Digest>): ComponentState {
  return { ...state, denied: state.denied.filter((digest) => digests.has(digest)) };
}

function keyOf({ floor, denied, trustedKeys }: ComponentState): string {
  return `${floor} ${denied.join()} ${trustedKeys.join()}`;
}
