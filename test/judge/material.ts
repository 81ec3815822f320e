import { enoughAreFit, fitEnclaves } from "./enclaves.ts";
import { isEngaged, safeguardsOfScope } from "./holds.ts";
import { holdersOf } from "./rollback.ts";
import type { Known } from "./known.ts";
import { isSameSeating, peopleCounting, validSeatings } from "./seats.ts";
import type { SeatHolder } from "./seats.ts";
import type { SourceKind } from "./shapes.ts";
import { shiftsOfTheRest } from "./time.ts";
import { hadNothingAged, selectorText, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

interface Seating {
  readonly shift: string;
  readonly seats: readonly SeatHolder[] | null;
}

interface SelectedEnclave {
  readonly enclave: string;
  readonly measurement: string;
  readonly seal: string;
}

/** What is material by what is known alone, at whatever epoch. Every list is in order of name. */
interface Lasting {
  readonly sources: Readonly<Record<SourceKind, string>>;
  readonly bindings: Readonly<Record<string, number>>;
  readonly custody: readonly {
    package: string;
    digest: string;
    custodian: string;
    seal: string;
  }[];
  readonly safeguards: readonly { target: string; safeguard: string }[];
  readonly liftedQuarantines: readonly string[];
}

/** Rule 5.4, reading 19: everything whose change makes an approval lapse. */
export interface Material extends Lasting {
  /** Of each shift of the rest of the window, by first epoch, then name. */
  readonly seating: readonly Seating[];
  readonly enclaves: readonly SelectedEnclave[];
}

/**
 * What is material now. `earlier` are the materials that are preferred where still valid, the best
 * first: that of the approval not LAPSED, then the previous revision's.
 */
export function materialAt(view: View, earlier: readonly Material[]): Material {
  const lasting = lastings.get(view.known) ?? lastingOf(view);
  lastings.set(view.known, lasting);
  return {
    ...lasting,
    seating: shiftsOfTheRest(view).map(({ shift }) => ({
      shift,
      seats: seatsOf(view, shift, earlier),
    })),
    enclaves: selectedEnclaves(view, earlier),
  };
}

const lastings = new WeakMap<Known, Lasting>();

function lastingOf(view: View): Lasting {
  const { sources, bindings } = view.known;
  const unaged = hadNothingAged(view);
  const { TRUSTED_BRANCH, MANIFEST, REPRODUCIBILITY_POLICY, ROLLBACK_SCOPE } = bindings;
  return {
    sources: {
      APPROVAL_LANE: sources.APPROVAL_LANE.digest,
      OUTAGE_DECLARATION: sources.OUTAGE_DECLARATION.digest,
      TRUSTED_BRANCH: sources.TRUSTED_BRANCH.digest,
      MANIFEST: sources.MANIFEST.digest,
      REPRODUCIBILITY_POLICY: sources.REPRODUCIBILITY_POLICY.digest,
      ROLLBACK_SCOPE: sources.ROLLBACK_SCOPE.digest,
      REQUIRED_ENCLAVES: sources.REQUIRED_ENCLAVES.digest,
      ROSTER: sources.ROSTER.digest,
      SHIFT_CALENDAR: sources.SHIFT_CALENDAR.digest,
      QUORUM_POLICY: sources.QUORUM_POLICY.digest,
      FRESHNESS_POLICY: sources.FRESHNESS_POLICY.digest,
      PUBLICATION_SCOPE: sources.PUBLICATION_SCOPE.digest,
      ACCEPTED_REPORTERS: sources.ACCEPTED_REPORTERS.digest,
      SHIPMENT_WINDOW: sources.SHIPMENT_WINDOW.digest,
    },
    bindings: { TRUSTED_BRANCH, MANIFEST, REPRODUCIBILITY_POLICY, ROLLBACK_SCOPE },
    custody: sources.ROLLBACK_SCOPE.content.packages
      .flatMap((item) =>
        holdersOf(unaged, item).map(({ custodian, seal }) => ({
          package: item.package,
          digest: item.release.digest,
          custodian,
          seal,
        })),
      )
      .sort(byText((holder) => `${holder.package} ${holder.custodian}`)),
    safeguards: safeguardsOfScope(view)
      .filter((item) => isEngaged(unaged, item))
      .sort(byText((item) => `${item.target} ${item.safeguard}`)),
    liftedQuarantines: wordsOf(view, "QUARANTINE")
      .filter((word) => word.status === "LIFTED")
      .map((word) => selectorText(word.selector))
      .sort(byText((text) => text)),
  };
}

function byText<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : 1);
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

// Reading 20: from those counting, else from those counting had nothing aged, else none.
function seatsOf(
  view: View,
  shift: string,
  earlier: readonly Material[],
): readonly SeatHolder[] | null {
  const now = validSeatings(view, peopleCounting(view, shift));
  const valid =
    now.length > 0 ? now : validSeatings(view, peopleCounting(hadNothingAged(view), shift));
  const preferred = earlier
    .map((material) => material.seating.find((seating) => seating.shift === shift)?.seats)
    .find((seats) => seats && valid.some((way) => isSameSeating(way, seats)));
  return preferred ?? valid[0] ?? null;
}

// Reading 20: from the fit, else from those fit had nothing aged, else none.
function selectedEnclaves(view: View, earlier: readonly Material[]): readonly SelectedEnclave[] {
  const from = [view, hadNothingAged(view)].find((one) => enoughAreFit(one));
  if (from === undefined) return [];
  const fit = fitEnclaves(from);
  const { requiredEnclaves } = view.known.sources.REQUIRED_ENCLAVES.content;
  const preferred = earlier
    .map((material) => material.enclaves)
    .filter((selection) => selection.length === requiredEnclaves)
    .find((selection) => selection.every((item) => fit.some((one) => isEqual(one, item))));
  return preferred ?? fit.slice(0, requiredEnclaves);
}

/** Reading 19: whether two materials differ once ended shifts are dropped from both. */
export function isMaterialChange(view: View, before: Material, after: Material): boolean {
  const left = shiftsOfTheRest(view).map(({ shift }) => shift);
  // Of the same lasting part, which is made once for what is known, nothing need be compared.
  const lasts = before.sources === after.sources;
  const dropEnded = (material: Material) => ({
    ...(lasts ? { enclaves: material.enclaves } : material),
    seating: material.seating.filter((seating) => left.includes(seating.shift)),
  });
  return !isEqual(dropEnded(before), dropEnded(after));
}
