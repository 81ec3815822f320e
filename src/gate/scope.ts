import { UNRECORDED, admits, initialise, patchLacks } from "#recovery/rollback.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Finding, HoldCode } from "#packet/hold.ts";
import type { Inadmissibility, RollbackPackage } from "#packet/rollback.ts";
import type { BoundKind } from "#packet/source.ts";
import { purposeOf } from "./components.ts";
import { packageSubject } from "./custody.ts";
import { judgeDeviations } from "./deviations.ts";
import { entriesOf } from "./evidence.ts";
import type { Facts, Verdict } from "./state.ts";

/** The prerequisites that rest on accepted sources and decisions; of components alone something ages. */

function settled(holds: readonly Finding[]): Verdict {
  return { holds, advisories: [], due: null };
}

function finding(code: HoldCode, subject: string, why: string): Finding {
  return { code, subject, why, evidence: [], byAge: false };
}

/** Rule 4.1.1: the outage is still declared, and its fallback scope covers this train. */
export function judgeOutage(facts: Facts): Verdict {
  const { declaration, status, fallbackTrains } = facts.sources.OUTAGE_DECLARATION.content;
  if (status === "DECLARED" && fallbackTrains.includes(facts.train)) return settled([]);
  const why =
    status === "ENDED"
      ? `outage declaration ${declaration} has ended: the fallback has no ground`
      : `outage declaration ${declaration} does not cover train ${facts.train}`;
  return settled([finding("OUTAGE_NOT_STANDING", declaration, why)]);
}

/** The hold of a source to which the packet is not bound at its newest version. */
const STALE_BINDINGS: Readonly<Record<BoundKind, HoldCode>> = {
  TRUSTED_BRANCH: "BRANCH_BINDING_STALE",
  MANIFEST: "MANIFEST_BINDING_STALE",
  REPRODUCIBILITY_POLICY: "REPRODUCIBILITY_POLICY_STALE",
  ROLLBACK_SCOPE: "ROLLBACK_SCOPE_STALE",
};

function staleBinding(facts: Facts, kind: BoundKind): Finding[] {
  const bound = facts.bindings[kind];
  const accepted = facts.sources[kind].version;
  if (bound === accepted) return [];
  const why = `the packet is bound to ${kind} version ${bound}, accepted is version ${accepted}`;
  return [finding(STALE_BINDINGS[kind], kind, why)];
}

/** Rule 4.1.2: bound to the newest accepted manifest and trusted branch. */
export function judgeManifestBinding(facts: Facts): Verdict {
  return settled([...staleBinding(facts, "MANIFEST"), ...staleBinding(facts, "TRUSTED_BRANCH")]);
}

/** Rule 4.1.3, the binding: bound to the newest reproducibility policy. */
export function judgeReproducibilityPolicy(facts: Facts): Verdict {
  return settled(staleBinding(facts, "REPRODUCIBILITY_POLICY"));
}

const REASONS: Readonly<Record<Inadmissibility, string>> = {
  BELOW_FLOOR: "its security version lies below the floor",
  DENIED: "its digest is on the deny list",
  UNTRUSTED_KEY: "none of its signing keys is trusted",
  SPARE_PARTS: "it or the patch lacks the signatures of an old and a new key that spare parts need",
  PATCH_IN_ROTATION:
    "the patch itself lacks one of both signatures of a rotation that is under way there",
};

/**
 * Rule 4.1.4: bound to the newest scope, every package installable after the train's own release,
 * and its component as it was declared.
 */
export function judgeRollbackScope(facts: Facts, epoch: Epoch): Verdict {
  const inadmissible = inadmissiblePackages(facts).map(({ item, reasons }) => {
    const told = reasons.map((reason) => REASONS[reason]).join("; ");
    const why = `component ${item.component} would refuse package ${item.package} after the patch: ${told}`;
    return finding("ROLLBACK_INADMISSIBLE", packageSubject(item), why);
  });
  const { holds, advisories, due } = judgeDeviations(facts, epoch);
  const stale = staleBinding(facts, "ROLLBACK_SCOPE");
  return { holds: [...stale, ...inadmissible, ...holds], advisories, due };
}

/** A package that could not be gone back to after the patch, with every reason. */
export interface InadmissiblePackage {
  readonly item: RollbackPackage;
  readonly reasons: readonly Inadmissibility[];
}

/** Rule 4.1.4: the packages that their component would refuse once the train's own release has initialised there. */
export function inadmissiblePackages(facts: Facts): InadmissiblePackage[] {
  const { packages, trainReleases } = facts.sources.ROLLBACK_SCOPE.content;
  const patches = new Map(trainReleases.map((item) => [item.component, item.release]));
  return packages.flatMap((item) => {
    const { component } = item;
    const recorded = facts.components.get(component) ?? UNRECORDED;
    const declaration = entriesOf(facts, "COMPONENT_DECLARATION", component).at(-1);
    const patch = patches.get(component);
    const patched = patch === undefined ? recorded : initialise(recorded, patch);
    const purpose = purposeOf(declaration);
    const own = admits(patched, item.release, purpose);
    const reasons = patch === undefined ? own : [...own, ...patchLacks(recorded, patch, purpose)];
    return reasons.length === 0 ? [] : [{ item, reasons: [...new Set(reasons)] }];
  });
}

/** Rule 4.1.12: window and calendar were mapped to epochs after the clock last broke. */
export function judgeTime(facts: Facts): Verdict {
  const { SHIPMENT_WINDOW, SHIFT_CALENDAR } = facts.sources;
  const stale = [SHIPMENT_WINDOW, SHIFT_CALENDAR].filter(
    (source) => source.content.mapping.generation !== facts.clock.generation,
  );
  if (stale.length === 0) return settled([]);
  const kinds = stale.map((source) => source.kind).join(" and ");
  const why = `the epoch was frozen, thawed, moved by hand or left behind since ${kinds} was accepted`;
  return settled([finding("TIME_MAPPING_STALE", "TIME", why)]);
}

/** Rule 3.5: the holds that people place. */
export function judgePlaced(facts: Facts): Verdict {
  const holds = [...facts.placements.values()]
    .filter((placement) => !placement.released)
    .map((placement) => finding("OPERATOR_HOLD", `${placement.placement}`, placement.reason));
  if (facts.rejection !== null)
    holds.push(finding("APPROVAL_REJECTED", "PACKET", facts.rejection.reason));
  return settled(holds);
}
