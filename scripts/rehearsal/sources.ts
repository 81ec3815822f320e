import type { z } from "zod";
import type { ApprovalLane, AuthorityKind, SourceProposal } from "#packet/source.ts";
import { sha256Hex } from "#proof/digest.ts";
import type { Cast } from "./cast.ts";
import type { Holding } from "./holding.ts";
import {
  CUSTODIANS_NEEDED,
  ENCLAVES_NEEDED,
  OUTLASTING_AGE,
  type Plan,
  SHIFTS,
  SHIFT_HOURS,
  TARGETS,
} from "./plan.ts";
import type { Props } from "./props.ts";
import type { ReleaseSigner } from "./releaseSigner.ts";
import type { KeyHolders } from "./roster.ts";

/** How long before its shipment window a train's sources are accepted. */
const WINDOW_LEAD_EPOCHS = 2;

/** The rollback packages' security version, which the train's own release leaves acceptable. */
const ROLLBACK_SVN = 11;
export const TRAIN_MASVN = ROLLBACK_SVN;

/** A source as an authority proposes it. */
type Proposal<K extends AuthorityKind> = Extract<z.input<typeof SourceProposal>, { kind: K }>;

/** What the sources are made of. `now` is in milliseconds since 1970. */
export interface Material {
  readonly plan: Plan;
  readonly cast: Cast;
  readonly props: Props;
  readonly keyHolders: KeyHolders;
  /** Who made the releases. */
  readonly releases: ReleaseSigner;
  readonly now: number;
}

/** The lane: the owner, and for each kind its authority. */
export function laneSource({ owner, authorities }: Cast): z.input<typeof ApprovalLane> {
  return {
    kind: "APPROVAL_LANE",
    owner: owner.actor,
    authorities: [...authorities].map(([kind, { actor }]) => ({ kind, authority: actor })),
  };
}

/** What may be signed, and where it would be published. */
export function manifestSource(holdings: readonly Holding[]): Proposal<"MANIFEST"> {
  const targets = TARGETS.map(({ target }) => target);
  return {
    kind: "MANIFEST",
    artifacts: holdings.map(({ name, digest, size }) => ({ name, digest, size, targets })),
  };
}

/** The measurement that an enclave must attest. */
export function measurementOf(enclave: string): string {
  return `sha256:${sha256Hex(`image of ${enclave}`)}`;
}

/** One source of each other kind, the roster first: policies are checked against it. */
export function otherSources(material: Material): z.input<typeof SourceProposal>[] {
  const { plan, cast, props } = material;
  return [
    outage(plan),
    branch(props),
    manifestSource(props.firstManifest),
    roster(cast),
    quorumPolicy(material.keyHolders),
    calendarSource(material.now),
    windowSource(material.now, plan, WINDOW_LEAD_EPOCHS),
    reproducibilityPolicy(cast),
    rollbackSource(props, plan, TRAIN_MASVN, material.releases),
    requiredEnclaves(plan),
    freshnessPolicy(plan),
    publicationScope(),
    acceptedReporters(cast),
  ];
}

function outage({ train }: Plan): Proposal<"OUTAGE_DECLARATION"> {
  return {
    kind: "OUTAGE_DECLARATION",
    declaration: "outage-2026-11",
    status: "DECLARED",
    services: ["release-signing", "attestation"],
    fallbackTrains: [train],
  };
}

/** The lock file pins everything, so what it pins stands for the commit. */
function branch({ firstManifest }: Props): Proposal<"TRUSTED_BRANCH"> {
  const commit = sha256Hex(firstManifest.map((item) => item.digest).join("\n"));
  return { kind: "TRUSTED_BRANCH", repository: "holdfast", branch: "release/security", commit };
}

/** Everybody has a custody group of their own: each keeps their own key. */
function roster({ signers, relief, custodians }: Cast): Proposal<"ROSTER"> {
  return {
    kind: "ROSTER",
    people: [...signers, relief].map((signer) => ({
      person: signer.actor,
      roles: custodians.includes(signer) ? ["SIGNER", "CUSTODIAN"] : ["SIGNER"],
      custodyGroup: `key.${signer.actor}`,
    })),
  };
}

function quorumPolicy({ threshold }: KeyHolders): Proposal<"QUORUM_POLICY"> {
  return {
    kind: "QUORUM_POLICY",
    seats: [
      { role: "SIGNER", count: threshold },
      { role: "CUSTODIAN", count: 1 },
    ],
    minCustodyGroups: threshold,
    handoverEpochs: "1",
  };
}

const HOUR_MS = 3_600_000;

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** Shifts one after the other from a time on, in milliseconds since 1970. */
export function calendarSource(now: number): Proposal<"SHIFT_CALENDAR"> {
  const shifts = SHIFTS.map((shift, index) => {
    const startsAt = time(now + index * SHIFT_HOURS * HOUR_MS);
    const endsAt = time(now + (index + 1) * SHIFT_HOURS * HOUR_MS);
    return { shift, startsAt, endsAt };
  });
  return { kind: "SHIFT_CALENDAR", shifts, noSigning: [] };
}

/** The window lies inside the shifts: it demands epochs that they must cover wholly. */
export function windowSource(
  now: number,
  { epochMs }: Plan,
  leadEpochs: number,
): Proposal<"SHIPMENT_WINDOW"> {
  const startsAt = time(now + leadEpochs * epochMs);
  const endsAt = time(now + SHIFTS.length * SHIFT_HOURS * HOUR_MS - 2 * epochMs);
  return { kind: "SHIPMENT_WINDOW", startsAt, endsAt };
}

function reproducibilityPolicy({ rebuilders }: Cast): Proposal<"REPRODUCIBILITY_POLICY"> {
  return {
    kind: "REPRODUCIBILITY_POLICY",
    rebuilders: rebuilders.map(({ actor }) => actor),
    minRebuilders: rebuilders.length,
  };
}

/** What may be gone back to, once the train's release of this MASVN has initialised. */
export function rollbackSource(
  { rollback, early }: Props,
  plan: Plan,
  masvn: number,
  { fingerprint, signed }: ReleaseSigner,
): Proposal<"ROLLBACK_SCOPE"> {
  const trusts = { denied: [], trustedKeys: [fingerprint] };
  const components = ["gateway", "agent"];
  const train = { release: plan.train, digest: early.digest, svn: 12, masvn, ...trusts };
  return {
    kind: "ROLLBACK_SCOPE",
    packages: rollback.map(({ digest }, index) => {
      const component = components[index] ?? "";
      const release = {
        release: `${component}-11`,
        digest,
        svn: ROLLBACK_SVN,
        masvn: 10,
        ...trusts,
      };
      return { package: `${component}-rollback`, component, release: signed(component, release) };
    }),
    trainReleases: components.map((component) => ({
      component,
      release: signed(component, train),
    })),
    minCustodians: CUSTODIANS_NEEDED,
  };
}

function requiredEnclaves({ enclaves }: Plan): Proposal<"REQUIRED_ENCLAVES"> {
  return {
    kind: "REQUIRED_ENCLAVES",
    enclaves: Object.values(enclaves).map((enclave) => ({
      enclave,
      measurement: measurementOf(enclave),
    })),
    requiredEnclaves: ENCLAVES_NEEDED,
  };
}

function freshnessPolicy({ digestMaxAge, attestationMaxAge }: Plan): Proposal<"FRESHNESS_POLICY"> {
  const outlasting = OUTLASTING_AGE.toString();
  return {
    kind: "FRESHNESS_POLICY",
    digestMaxAge: digestMaxAge.toString(),
    attestationMaxAge: attestationMaxAge.toString(),
    reproducibilityMaxAge: outlasting,
    availabilityMaxAge: outlasting,
    custodyMaxAge: outlasting,
    safeguardMaxAge: outlasting,
    quarantineMaxAge: outlasting,
    absenceMaxAge: outlasting,
  };
}

function publicationScope(): Proposal<"PUBLICATION_SCOPE"> {
  const targets = TARGETS.map(({ target, safeguards }) => ({
    target,
    safeguards: [...safeguards],
  }));
  return { kind: "PUBLICATION_SCOPE", targets };
}

function acceptedReporters(cast: Cast): Proposal<"ACCEPTED_REPORTERS"> {
  const names = (...actors: { actor: string }[]): string[] => actors.map(({ actor }) => actor);
  return {
    kind: "ACCEPTED_REPORTERS",
    accepted: [
      { kind: "DIGEST_CONFIRMATION", reporters: names(cast.digestReader, cast.preparer) },
      { kind: "REPRODUCIBILITY_CHECK", reporters: names(...cast.rebuilders) },
      { kind: "AVAILABILITY", reporters: names(cast.rosterSystem) },
      { kind: "CUSTODY", reporters: names(...cast.custodians) },
      { kind: "SAFEGUARD", reporters: names(cast.publicationDesk) },
      { kind: "OBSERVATION", reporters: names(cast.registryWatch) },
      { kind: "QUARANTINE", reporters: names(cast.quarantineDesk) },
      { kind: "ENCLAVE_REPORT", reporters: names(cast.enclaveMonitor) },
    ],
  };
}
