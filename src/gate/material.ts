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
  const part = <T>(prerequisite: Prerequisite, kept: T | undefined, make: () => T): T => {
    if (kept !== undefined && !judged.has(prerequisite)) return kept;
    const made = make();
    return kept !== undefined && isAlike(kept, made) ? kept : made;
  };
  const seating = part("SIGNER_QUORUM", previous?.seating, () =>
    seatingOf(facts, epoch, approved, previous),
  );
  const material: Material = {
    sources: sourceDigests(facts, previous),
    bindings: facts.bindings,
    seating: seatingLeft(seating, facts, epoch),
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
  return previous !== null && isTakenOver(previous, material) ? previous : material;
}

function sourceDigests(facts: Facts, previous: Material | null): Material["sources"] {
  const sources = Object.values(facts.sources);
  const isSame = sources.every((source) => previous?.sources[source.kind] === source.digest);
  if (previous !== null && isSame) return previous.sources;
  return Object.fromEntries(sources.map((source) => [source.kind, source.digest]));
}

/** True when two parts of a material have the same canonical form. */
function isAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return false;
  const [members, others] = [Object.entries(one), Object.entries(other)];
  return (
    members.length === others.length &&
    members.every(([name, member], at) => {
      const [otherName, otherMember] = others[at] ?? [];
      return name === otherName && isAlike(member, otherMember);
    })
  );
}

/** True when every part is the very one of before, so that its digest need not be made again. */
function isTakenOver(previous: Material, material: Material): boolean {
  return (
    previous.sources === material.sources &&
    previous.bindings === material.bindings &&
    previous.seating === material.seating &&
    previous.enclaves === material.enclaves &&
    previous.custody === material.custody &&
    previous.safeguards === material.safeguards &&
    previous.liftedQuarantines === material.liftedQuarantines
  );
}

function seatingLeft(
  seating: Material["seating"],
  facts: Facts,
  epoch: Epoch,
): Material["seating"] {
  const left = new Set<Name>(shiftsLeft(facts, epoch).map((shift) => shift.shift));
  if (seating.every((item) => left.has(item.shift))) return seating;
  return seating.filter((item) => left.has(item.shift));
}

/** Rule 5.4: the material without the seating of shifts that have ended; itself while none has. */
export function withoutEnded(material: Material, facts: Facts, epoch: Epoch): Material {
  const seating = seatingLeft(material.seating, facts, epoch);
  return seating === material.seating ? material : { ...material, seating };
}

const digests = new WeakMap<Material, string>();

/** SHA-256 of the material's canonical form, in hexadecimal; made once for each material. */
export function materialDigestOf(material: Material): string {
  const known = digests.get(material);
  if (known !== undefined) return known;
  const digest = sha256Hex(canonical({ ...material, domain: "holdfast/material/1" }));
  digests.set(material, digest);
  return digest;
}
