import type { Entry } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Hold, Prerequisite } from "#packet/hold.ts";
import type { SourceKind } from "#packet/source.ts";
import { judgeDigest, judgeReproducibility } from "./checks.ts";
import { judgeCustody } from "./custody.ts";
import { judgeEmergency } from "./emergency.ts";
import { judgeEnclaves } from "./enclaves.ts";
import { judgePublicationScope, judgeSafeguards } from "./publication.ts";
import { judgePair, judgeSelectors, pairsOfConcern } from "./quarantine.ts";
import { judgeQuorum } from "./quorum.ts";
import {
  judgeManifestBinding,
  judgeOutage,
  judgePlaced,
  judgeReproducibilityPolicy,
  judgeRollbackScope,
  judgeTime,
} from "./scope.ts";
import type { Sorted } from "./sorted.ts";
import type { Facts, Verdict } from "./state.ts";

/**
 * Judgement is sliced into cells: one for each prerequisite, and where a
 * prerequisite speaks of artifacts, one for each of them as well. A change
 * makes some cells dirty, and only those are judged again (decision 11).
 */
export interface Cell {
  readonly prerequisite: Prerequisite;
  /** An artifact's name, a pair `NAME DIGEST`, or empty for the prerequisite itself. */
  readonly part: string;
}

export function cellKey(cell: Cell): string {
  return cell.part === "" ? cell.prerequisite : `${cell.prerequisite} ${cell.part}`;
}

export function cellOf(key: string): Cell {
  const space = key.indexOf(" ");
  const prerequisite = (space < 0 ? key : key.slice(0, space)) as Prerequisite;
  return { prerequisite, part: space < 0 ? "" : key.slice(space + 1) };
}

const NOTHING: Verdict = { holds: [], advisories: [], due: null };

/** Judges one cell. A part that is in nobody's scope any more says nothing. */
export function judgeCell(facts: Facts, epoch: Epoch, register: Sorted<Hold>, cell: Cell): Verdict {
  if (cell.part !== "") return judgePart(facts, epoch, cell);
  switch (cell.prerequisite) {
    case "OUTAGE":
      return judgeOutage(facts);
    case "MANIFEST_BINDING":
      return judgeManifestBinding(facts);
    case "REPRODUCIBILITY":
      return judgeReproducibilityPolicy(facts);
    case "ROLLBACK_SCOPE":
      return judgeRollbackScope(facts, epoch);
    case "ENCLAVES":
      return judgeEnclaves(facts, epoch, register);
    case "SIGNER_QUORUM":
      return judgeQuorum(facts, epoch);
    case "ROLLBACK_CUSTODY":
      return judgeCustody(facts, epoch);
    case "PUBLICATION_SAFEGUARDS":
      return judgeSafeguards(facts, epoch);
    case "QUARANTINE":
      return judgeSelectors(facts, epoch);
    case "TIME":
      return judgeTime(facts);
    case "EMERGENCY_ACCESS":
      return judgeEmergency(facts, epoch);
    case "PLACED":
      return judgePlaced(facts);
    case "PUBLICATION_SCOPE":
      return judgePublicationScope(facts);
    case "DIGEST_CONFIRMATION":
      return NOTHING;
  }
}

function judgePart(facts: Facts, epoch: Epoch, { prerequisite, part }: Cell): Verdict {
  if (prerequisite === "QUARANTINE") {
    const [artifact = "", digest = ""] = part.split(" ");
    return judgePair(facts, epoch, { artifact, digest });
  }
  const artifact = facts.manifest.byName.get(part);
  if (artifact === undefined) return NOTHING;
  if (prerequisite === "REPRODUCIBILITY") return judgeReproducibility(facts, epoch, artifact);
  return judgeDigest(facts, epoch, artifact);
}

const BY_ARTIFACT: readonly Prerequisite[] = ["REPRODUCIBILITY", "DIGEST_CONFIRMATION"];

/** Every cell that a prerequisite has now. */
export function cellsOf(facts: Facts, prerequisite: Prerequisite): Cell[] {
  const cells: Cell[] = [{ prerequisite, part: "" }];
  if (BY_ARTIFACT.includes(prerequisite)) {
    for (const part of facts.manifest.byName.keys()) cells.push({ prerequisite, part });
  }
  if (prerequisite === "QUARANTINE") {
    for (const part of pairsOfConcern(facts).keys()) cells.push({ prerequisite, part });
  }
  return cells;
}

const EVIDENCED: readonly Prerequisite[] = [
  "REPRODUCIBILITY",
  "ENCLAVES",
  "SIGNER_QUORUM",
  "ROLLBACK_CUSTODY",
  "DIGEST_CONFIRMATION",
  "PUBLICATION_SAFEGUARDS",
  "QUARANTINE",
];
const SHIFTS: readonly Prerequisite[] = ["SIGNER_QUORUM", "ROLLBACK_CUSTODY"];

/** Which prerequisites a new version of a source concerns. */
export const CONCERNED_BY_SOURCE: Readonly<Record<SourceKind, readonly Prerequisite[]>> = {
  APPROVAL_LANE: [...EVIDENCED, "EMERGENCY_ACCESS"],
  OUTAGE_DECLARATION: ["OUTAGE"],
  TRUSTED_BRANCH: ["MANIFEST_BINDING"],
  MANIFEST: ["MANIFEST_BINDING", ...BY_ARTIFACT, "PUBLICATION_SCOPE", "QUARANTINE"],
  REPRODUCIBILITY_POLICY: ["REPRODUCIBILITY"],
  ROLLBACK_SCOPE: ["ROLLBACK_SCOPE", "ROLLBACK_CUSTODY"],
  REQUIRED_ENCLAVES: ["ENCLAVES"],
  ROSTER: SHIFTS,
  SHIFT_CALENDAR: [...SHIFTS, "TIME"],
  QUORUM_POLICY: ["SIGNER_QUORUM"],
  FRESHNESS_POLICY: [...EVIDENCED, "ROLLBACK_SCOPE"],
  PUBLICATION_SCOPE: ["PUBLICATION_SCOPE", "PUBLICATION_SAFEGUARDS"],
  ACCEPTED_REPORTERS: EVIDENCED,
  SHIPMENT_WINDOW: [...SHIFTS, "TIME"],
};

/** Which cells an entry concerns. A quarantine may concern any pair, so it concerns them all. */
export function concernedByEntry(facts: Facts, entry: Entry): Cell[] {
  switch (entry.kind) {
    case "DIGEST_CONFIRMATION":
      return [{ prerequisite: "DIGEST_CONFIRMATION", part: entry.artifact }];
    case "REPRODUCIBILITY_CHECK":
      return [{ prerequisite: "REPRODUCIBILITY", part: entry.artifact }];
    case "OBSERVATION":
      return [{ prerequisite: "QUARANTINE", part: `${entry.artifact} ${entry.digest}` }];
    case "QUARANTINE":
      return cellsOf(facts, "QUARANTINE");
    case "ENCLAVE_REPORT":
      return [{ prerequisite: "ENCLAVES", part: "" }];
    case "SAFEGUARD":
      return [{ prerequisite: "PUBLICATION_SAFEGUARDS", part: "" }];
    case "CUSTODY":
      return [{ prerequisite: "ROLLBACK_CUSTODY", part: "" }];
    case "AVAILABILITY":
    case "CREDENTIAL_REVOCATION":
      return SHIFTS.map((prerequisite) => ({ prerequisite, part: "" }));
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
      return [{ prerequisite: "ROLLBACK_SCOPE", part: "" }];
    case "EMERGENCY_PLAN":
    case "EMERGENCY_EXERCISE":
      return [{ prerequisite: "EMERGENCY_ACCESS", part: "" }];
  }
}
