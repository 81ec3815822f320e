import type { Advisory } from "#packet/hold.ts";
import type { QuorumPolicy } from "#packet/quorum.ts";
import type { SourceKind, Sources } from "#packet/source.ts";
import type { PacketState } from "./state.ts";

/** One number of a policy that the owner has not seen as loose as it is now (rule 4.2.6). */
export interface Loosened {
  readonly source: SourceKind;
  readonly field: string;
  readonly from: bigint | number;
  readonly to: bigint | number;
}

interface Limit {
  readonly source: SourceKind;
  readonly field: string;
  readonly value: bigint | number;
  /** Which way is looser. */
  readonly looser: "LOWER" | "HIGHER";
}

function seatLimits(policy: QuorumPolicy): Limit[] {
  return policy.seats.map(({ role, count }) => ({
    source: "QUORUM_POLICY",
    field: `seats.${role}`,
    value: count,
    looser: "LOWER",
  }));
}

/** A kind that asks for signatures asks for one, and one that does not for none. */
function signatureLimits({ ACCEPTED_REPORTERS }: Sources): Limit[] {
  return ACCEPTED_REPORTERS.content.accepted.flatMap(({ kind, signed }): Limit[] => {
    if (signed !== true) return [];
    return [{ source: "ACCEPTED_REPORTERS", field: `signed.${kind}`, value: 1, looser: "LOWER" }];
  });
}

/** What a lane asks of emergency access: that it is shown, that it holds, and for how long an exercise counts. */
function exerciseLimits({ APPROVAL_LANE }: Sources): Limit[] {
  const { emergencyAccess } = APPROVAL_LANE.content;
  if (emergencyAccess === undefined) return [];
  const { maxAgeEpochs, holds } = emergencyAccess;
  const limit = (name: string, value: bigint | number, looser: Limit["looser"]): Limit => ({
    source: "APPROVAL_LANE",
    field: `emergencyAccess.${name}`,
    value,
    looser,
  });
  return [
    limit("shown", 1, "LOWER"),
    ...(holds ? [limit("holds", 1, "LOWER")] : []),
    limit("maxAgeEpochs", maxAgeEpochs, "HIGHER"),
  ];
}

function limits(sources: Sources): Limit[] {
  const quorum = sources.QUORUM_POLICY.content;
  const { kind, ...ages } = sources.FRESHNESS_POLICY.content;
  const lower = (source: SourceKind, field: string, value: number): Limit => ({
    source,
    field,
    value,
    looser: "LOWER",
  });
  return [
    ...seatLimits(quorum),
    lower("QUORUM_POLICY", "minCustodyGroups", quorum.minCustodyGroups),
    {
      source: "QUORUM_POLICY",
      field: "handoverEpochs",
      value: quorum.handoverEpochs,
      looser: "HIGHER",
    },
    lower(
      "REPRODUCIBILITY_POLICY",
      "minRebuilders",
      sources.REPRODUCIBILITY_POLICY.content.minRebuilders,
    ),
    lower(
      "REQUIRED_ENCLAVES",
      "requiredEnclaves",
      sources.REQUIRED_ENCLAVES.content.requiredEnclaves,
    ),
    lower("ROLLBACK_SCOPE", "minCustodians", sources.ROLLBACK_SCOPE.content.minCustodians),
    ...signatureLimits(sources),
    ...exerciseLimits(sources),
    ...Object.entries(ages).map(([field, value]): Limit => ({
      source: kind,
      field,
      value,
      looser: "HIGHER",
    })),
  ];
}

/**
 * Every number that the sources of now loosen against those the owner knows; a seat or a demand for
 * signatures that is gone counts as none.
 */
export function loosened(known: Sources, now: Sources): Loosened[] {
  const current = new Map(
    limits(now).map((limit) => [`${limit.source} ${limit.field}`, limit.value]),
  );
  return limits(known).flatMap(({ source, field, value, looser }) => {
    const to = current.get(`${source} ${field}`) ?? 0;
    const isLooser = looser === "LOWER" ? to < value : to > value;
    return isLooser ? [{ source, field, from: value, to }] : [];
  });
}

/** The same as advisories. */
export function looseningAdvisories(state: PacketState): Advisory[] {
  return loosened(state.reviewed.sources, state.facts.sources).map(
    ({ source, field, from, to }) => ({
      code: "POLICY_LOOSENED",
      subject: `${source} ${field}`,
      why: `${field} went from ${from} to ${to} since the owner last decided`,
      evidence: [],
      byAge: false,
    }),
  );
}
