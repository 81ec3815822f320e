import { z } from "zod";
import {
  ShiftCalendar,
  ShiftCalendarProposal,
  ShipmentWindow,
  ShipmentWindowProposal,
} from "./calendar.ts";
import { ExercisePolicy } from "./emergency.ts";
import { Epoch } from "./epoch.ts";
import { Manifest } from "./manifest.ts";
import { Digest, Name, distinctList } from "./name.ts";
import {
  AcceptedReporters,
  FreshnessPolicy,
  OutageDeclaration,
  PublicationScope,
  ReproducibilityPolicy,
  RequiredEnclaves,
  TrustedBranch,
} from "./policy.ts";
import { QuorumPolicy, Roster } from "./quorum.ts";
import { RollbackScope } from "./rollback.ts";

/** The kinds of accepted source (section 2), the lane first because it names the authorities of the others. */
export const SourceKind = z.enum([
  "APPROVAL_LANE",
  "OUTAGE_DECLARATION",
  "TRUSTED_BRANCH",
  "MANIFEST",
  "REPRODUCIBILITY_POLICY",
  "ROLLBACK_SCOPE",
  "REQUIRED_ENCLAVES",
  "ROSTER",
  "SHIFT_CALENDAR",
  "QUORUM_POLICY",
  "FRESHNESS_POLICY",
  "PUBLICATION_SCOPE",
  "ACCEPTED_REPORTERS",
  "SHIPMENT_WINDOW",
]);
export type SourceKind = z.infer<typeof SourceKind>;

/** The kinds that one authority accepts; a lane needs two people instead (rule 2.1). */
export const AuthorityKind = SourceKind.exclude(["APPROVAL_LANE"]);
export type AuthorityKind = z.infer<typeof AuthorityKind>;

const Authority = z.strictObject({ kind: AuthorityKind, authority: Name });

/** Who decides, and who may accept each kind of source (rule 2.1). */
export const ApprovalLane = z
  .strictObject({
    kind: z.literal("APPROVAL_LANE"),
    owner: Name,
    authorities: distinctList(Authority, AuthorityKind.options.length, (item) => item.kind),
    /** Asks that the owner and every responder have used the emergency path lately; absent: nothing is asked. */
    emergencyAccess: ExercisePolicy.optional(),
  })
  .superRefine((lane, context) => {
    const named = new Set(lane.authorities.map((item) => item.kind));
    const missing = AuthorityKind.options.filter((kind) => !named.has(kind));
    if (missing.length === 0) return;
    const message = `names no authority for ${missing.join(", ")}`;
    context.addIssue({ code: "custom", path: ["authorities"], message });
  });
export type ApprovalLane = z.output<typeof ApprovalLane>;

const untimed = [
  OutageDeclaration,
  TrustedBranch,
  Manifest,
  ReproducibilityPolicy,
  RollbackScope,
  RequiredEnclaves,
  Roster,
  QuorumPolicy,
  FreshnessPolicy,
  PublicationScope,
  AcceptedReporters,
] as const;

/** What an authority proposes to accept: times are still times. */
export const SourceProposal = z.discriminatedUnion("kind", [
  ...untimed,
  ShiftCalendarProposal,
  ShipmentWindowProposal,
]);
export type SourceProposal = z.output<typeof SourceProposal>;

/** What was accepted: its canonical form identifies it. */
export const SourceContent = z.discriminatedUnion("kind", [
  ApprovalLane,
  ...untimed,
  ShiftCalendar,
  ShipmentWindow,
]);
export type SourceContent = z.output<typeof SourceContent>;
export type ContentOf<K extends SourceKind> = Extract<SourceContent, { kind: K }>;

/** What is recorded beside a source's content. */
export const SourceReceipt = z.strictObject({
  kind: SourceKind,
  /** From 1, without gaps, for each train and kind. */
  version: z.int().min(1),
  /** SHA-256 of the content's canonical form, as `sha256:` and hexadecimal. */
  digest: Digest,
  acceptedBy: Name,
  /** For a lane: who proposed what `acceptedBy` confirmed (rule 2.1). */
  proposedBy: Name.nullable(),
  acceptedEpoch: Epoch,
});
export type SourceReceipt = z.output<typeof SourceReceipt>;

/** One accepted version of one source of a train. */
export type AcceptedSource<K extends SourceKind = SourceKind> = SourceReceipt & {
  readonly kind: K;
  readonly content: ContentOf<K>;
};

/** The newest accepted version of every kind. */
export type Sources = { readonly [K in SourceKind]: AcceptedSource<K> };

/** The sources that a packet is bound to by version, and compared with (rule 4.1, B). */
export const BoundKind = SourceKind.extract([
  "TRUSTED_BRANCH",
  "MANIFEST",
  "REPRODUCIBILITY_POLICY",
  "ROLLBACK_SCOPE",
]);
export type BoundKind = z.infer<typeof BoundKind>;

const Version = z.int().min(1);

/** Which accepted version of each bound source the packet was prepared against. */
export const Bindings = z.strictObject({
  TRUSTED_BRANCH: Version,
  MANIFEST: Version,
  REPRODUCIBILITY_POLICY: Version,
  ROLLBACK_SCOPE: Version,
});
export type Bindings = z.infer<typeof Bindings>;
