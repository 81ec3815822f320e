import { CannotRehearse } from "./cannotRehearse.ts";
import type { Holding } from "./holding.ts";
import type { Stock } from "./manifest.ts";

/** Which part each artifact plays. All are of the stock, the biggest in the parts that are named. */
export interface Props {
  /** The frozen manifest, and the one it is re-frozen to. */
  readonly firstManifest: readonly Holding[];
  readonly secondManifest: readonly Holding[];
  /** Confirmed by the preparer alone, early: its confirmation is the first to grow old. */
  readonly early: Holding;
  /** The one of which a doctored copy turns up. */
  readonly copied: Holding;
  /** Found damaged and therefore dropped from the manifest. */
  readonly damaged: Holding;
  /** Dropped with it. */
  readonly withdrawn: Holding;
  /** In the second manifest only. */
  readonly added: readonly [Holding, Holding];
  /** Kept by custodians to go back to; in no manifest. */
  readonly rollback: readonly [Holding, Holding];
}

/** Gives out the parts by size, so that the same stock always plays the same incident. */
export function propsOf({ holdings }: Stock): Props {
  const bySize = holdings.toSorted((left, right) => right.size - left.size);
  const [early, copied, damaged, withdrawn, add, addToo, back, backToo] = bySize;
  if (early === undefined || copied === undefined || damaged === undefined) throw tooFew();
  if (withdrawn === undefined || add === undefined || addToo === undefined) throw tooFew();
  if (back === undefined || backToo === undefined) throw tooFew();
  const added = [add, addToo] as const;
  const rollback = [back, backToo] as const;
  const kept = holdings.filter((item) => !rollback.includes(item));
  return {
    firstManifest: kept.filter((item) => !added.includes(item)),
    secondManifest: kept.filter((item) => item !== damaged && item !== withdrawn),
    early,
    copied,
    damaged,
    withdrawn,
    added,
    rollback,
  };
}

function tooFew(): CannotRehearse {
  return new CannotRehearse("there are too few artifacts to rehearse with");
}
