import { builder } from "../builder.ts";
import { AuthorityKindRef } from "../content/contentEnums.ts";
import { ExercisePolicyInput } from "./emergencyInput.ts";
import {
  AcceptedReportersInput,
  FreshnessPolicyInput,
  PublicationScopeInput,
  QuorumPolicyInput,
  ReproducibilityPolicyInput,
  RequiredEnclavesInput,
} from "./policyInput.ts";
import { RollbackScopeInput } from "./rollbackInput.ts";
import {
  ManifestInput,
  OutageDeclarationInput,
  RosterInput,
  ShiftCalendarInput,
  ShipmentWindowInput,
  TrustedBranchInput,
} from "./trainInput.ts";

const one = { required: false } as const;

export const SourceProposalInput = builder.inputType("SourceProposalInput", {
  description: "What an authority proposes to accept: exactly one of these (rule 2.1).",
  isOneOf: true,
  extensions: { discriminator: "kind" },
  fields: (t) => ({
    outageDeclaration: t.field({
      ...one,
      type: OutageDeclarationInput,
      description: "The outage and its fallback.",
    }),
    trustedBranch: t.field({
      ...one,
      type: TrustedBranchInput,
      description: "The trusted branch.",
    }),
    manifest: t.field({ ...one, type: ManifestInput, description: "The manifest." }),
    reproducibilityPolicy: t.field({
      ...one,
      type: ReproducibilityPolicyInput,
      description: "Who rebuilds.",
    }),
    rollbackScope: t.field({
      ...one,
      type: RollbackScopeInput,
      description: "What may be gone back to.",
    }),
    requiredEnclaves: t.field({
      ...one,
      type: RequiredEnclavesInput,
      description: "The enclaves that may be used.",
    }),
    roster: t.field({ ...one, type: RosterInput, description: "The people." }),
    shiftCalendar: t.field({ ...one, type: ShiftCalendarInput, description: "The shifts." }),
    quorumPolicy: t.field({
      ...one,
      type: QuorumPolicyInput,
      description: "The seats of every shift.",
    }),
    freshnessPolicy: t.field({
      ...one,
      type: FreshnessPolicyInput,
      description: "How old evidence may grow.",
    }),
    publicationScope: t.field({
      ...one,
      type: PublicationScopeInput,
      description: "Where artifacts may go later.",
    }),
    acceptedReporters: t.field({
      ...one,
      type: AcceptedReportersInput,
      description: "Whose entries count.",
    }),
    shipmentWindow: t.field({
      ...one,
      type: ShipmentWindowInput,
      description: "When the train would ship.",
    }),
  }),
});

const AuthorityInput = builder.inputType("AuthorityInput", {
  description: "Who may accept one kind of source.",
  fields: (t) => ({
    kind: t.field({ type: AuthorityKindRef, description: "The kind." }),
    authority: t.string({ description: "Who may accept it." }),
  }),
});

export const ApprovalLaneInput = builder.inputType("ApprovalLaneInput", {
  description: "Who decides, and who may accept each kind of source (rule 2.1).",
  extensions: { kind: "APPROVAL_LANE" },
  fields: (t) => ({
    owner: t.string({ description: "Who decides." }),
    authorities: t.field({
      type: [AuthorityInput],
      description: "The authority of every kind of source but the lane itself.",
    }),
    emergencyAccess: t.field({
      ...one,
      type: ExercisePolicyInput,
      description: "What it asks of emergency access; left out, it asks for nothing.",
    }),
  }),
});

export const BindingsInput = builder.inputType("BindingsInput", {
  description: "Which accepted version of each bound source the packet is prepared against.",
  extensions: { constantNames: true },
  fields: (t) => ({
    trustedBranch: t.int({ description: "The version of the trusted branch." }),
    manifest: t.int({ description: "The version of the manifest." }),
    reproducibilityPolicy: t.int({ description: "The version of the reproducibility policy." }),
    rollbackScope: t.int({ description: "The version of the rollback scope." }),
  }),
});
