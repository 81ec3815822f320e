import type { Epoch } from "#packet/epoch.ts";
import type { Approval, Material } from "#packet/approval.ts";
import type { Name } from "#packet/name.ts";
import type { Prerequisite } from "#packet/hold.ts";
import { canonical } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { custodyOf } from "./custody.ts";
import { selectEnclaves } from "./enclaves.ts";
import { engagedSafeguards } from "./publication.ts";
import { liftedQuarantines } from "./quarantine.ts";
import { seatingOf } from "./quorum.ts";
import type { Facts } from "./state.ts";
import { shiftsLeft } from "./window.ts";

/** What the material is chosen against: an approval that may still stand, and the previous revision. */
interface Earlier {
  readonly approval: Approval | null;
  readonly material: Material | null;
}

/**
 * Rule 5.4: everything whose change makes an approval lapse. `judged` names the
 * prerequisites judged anew: the parts that rest on others are taken over.
 */
export function materialOf(
  facts: Facts,
  epoch: Epoch,
  earlier: Earlier,
  judged: ReadonlySet<Prerequisite>,
): Material {
  const previous = earlier.material;
  const { approval } = earlier;
  const approved = approval === null || approval.standing === "LAPSED" ? null : approval.material;
  const part = <T>(prerequisite: Prerequisite, kept: T | undefined, make: () => T): T =>
    kept === undefined || judged.has(prerequisite) ? make() : kept;
  const shifts = new Set(shiftsLeft(facts, epoch).map((shift) => shift.shift));
  const seating = part("SIGNER_QUORUM", previous?.seating, () =>
    seatingOf(facts, epoch, approved, previous),
  );
  return {
    sources: Object.fromEntries(
      Object.values(facts.sources).map((source) => [source.kind, source.digest]),
    ),
    bindings: facts.bindings,
    seating: seating.filter((item) => shifts.has(item.shift)),
    enclaves: part("ENCLAVES", previous?.enclaves, () =>
      selectEnclaves(facts, epoch, approved, previous),
    ),
    custody: part("ROLLBACK_CUSTODY", previous?.custody, () => custodyOf(facts, epoch)),
    safeguards: part("PUBLICATION_SAFEGUARDS", previous?.safeguards, () =>
      engagedSafeguards(facts),
    ),
    liftedQuarantines: part("QUARANTINE", previous?.liftedQuarantines, () =>
      liftedQuarantines(facts),
    ),
  };
}

/** Rule 5.4: the material without the seating of shifts that have ended. */
export function withoutEnded(material: Material, facts: Facts, epoch: Epoch): Material {
  const left = new Set<Name>(shiftsLeft(facts, epoch).map((shift) => shift.shift));
  return { ...material, seating: material.seating.filter((item) => left.has(item.shift)) };
}

/** SHA-256 of the material's canonical form, in hexadecimal. */
export function materialDigestOf(material: Material): string {
  return sha256Hex(canonical({ ...material, domain: "holdfast/material/1" }));
}
