import type { Digest } from "#packet/name.ts";
import type { SourceContent, SourceKind } from "#packet/source.ts";
import { builder } from "../builder.ts";
import {
  AcceptedReportersRef,
  FreshnessPolicyRef,
  PublicationScopeRef,
  QuorumPolicyRef,
  ReproducibilityPolicyRef,
  RequiredEnclavesRef,
} from "./policyContent.ts";
import { RollbackScopeRef } from "./rollbackContent.ts";
import { ShiftCalendarRef, ShipmentWindowRef } from "./timeContent.ts";
import {
  ApprovalLaneRef,
  ManifestRef,
  OutageDeclarationRef,
  RosterRef,
  TrustedBranchRef,
} from "./trainContent.ts";

/** A content with the digest of the source that it is the content of. */
export type ShownContent = SourceContent & { readonly sourceDigest: Digest };

const TYPES = {
  APPROVAL_LANE: ApprovalLaneRef,
  OUTAGE_DECLARATION: OutageDeclarationRef,
  TRUSTED_BRANCH: TrustedBranchRef,
  MANIFEST: ManifestRef,
  REPRODUCIBILITY_POLICY: ReproducibilityPolicyRef,
  ROLLBACK_SCOPE: RollbackScopeRef,
  REQUIRED_ENCLAVES: RequiredEnclavesRef,
  ROSTER: RosterRef,
  SHIFT_CALENDAR: ShiftCalendarRef,
  QUORUM_POLICY: QuorumPolicyRef,
  FRESHNESS_POLICY: FreshnessPolicyRef,
  PUBLICATION_SCOPE: PublicationScopeRef,
  ACCEPTED_REPORTERS: AcceptedReportersRef,
  SHIPMENT_WINDOW: ShipmentWindowRef,
} as const satisfies Record<SourceKind, unknown>;

export const SourceContentRef = builder.unionType("SourceContent", {
  description: "What a source says: one type for each kind of source.",
  types: Object.values(TYPES),
  resolveType: ({ kind }) => TYPES[kind],
});
