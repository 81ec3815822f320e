import type {
  CustodyHolder,
  EngagedSafeguard,
  Material,
  SeatHolder,
  Seating,
  SelectedEnclave,
} from "#packet/approval.ts";
import type { Loosened } from "#gate/loosened.ts";
import type { MaterialPart, Review, VersionChange } from "#gate/review.ts";
import type { Bindings } from "#packet/source.ts";
import { builder, governed, shared } from "../builder.ts";
import { SourceKindRef, enumOf } from "../enums.ts";

export const BindingsRef = builder.objectRef<Bindings>("Bindings").implement({
  description: "The accepted versions that a packet was prepared against.",
  fields: (t) => ({
    trustedBranch: t.int({
      ...shared,
      description: "Of the trusted branch.",
      resolve: (it) => it.TRUSTED_BRANCH,
    }),
    manifest: t.int({
      ...shared,
      description: "Of the frozen manifest.",
      resolve: (it) => it.MANIFEST,
    }),
    reproducibilityPolicy: t.int({
      ...shared,
      description: "Of the reproducibility policy.",
      resolve: (it) => it.REPRODUCIBILITY_POLICY,
    }),
    rollbackScope: t.int({
      ...shared,
      description: "Of the rollback scope.",
      resolve: (it) => it.ROLLBACK_SCOPE,
    }),
  }),
});

const SeatHolderRef = builder.objectRef<SeatHolder>("SeatHolder").implement({
  description: "One filled seat.",
  fields: (t) => ({
    role: t.exposeString("role", { ...shared, description: "The seat's role." }),
    person: t.exposeString("person", { ...governed, description: "Who sits there." }),
  }),
});

const SeatingRef = builder.objectRef<Seating>("Seating").implement({
  description: "Who sits in one shift, in the policy's order of seats.",
  fields: (t) => ({
    shift: t.exposeString("shift", { ...governed, description: "The shift." }),
    seats: t.field({
      ...shared,
      nullable: true,
      type: [SeatHolderRef],
      description: "The seats; null while not even aged commitments could fill them.",
      resolve: ({ seats }) => (seats === null ? null : [...seats]),
    }),
  }),
});

const SelectedEnclaveRef = builder.objectRef<SelectedEnclave>("SelectedEnclave").implement({
  description: "An enclave that the approval covers.",
  fields: (t) => ({
    enclave: t.exposeString("enclave", { ...governed, description: "The enclave." }),
    measurement: t.field({
      ...governed,
      type: "Digest",
      description: "Its attested measurement.",
      resolve: ({ measurement }) => measurement,
    }),
    seal: t.exposeString("seal", { ...governed, description: "The number of its seal." }),
  }),
});

const CustodyHolderRef = builder.objectRef<CustodyHolder>("CustodyHolder").implement({
  description: "A custodian who holds a rollback package, sealed and verified.",
  fields: (t) => ({
    package: t.exposeString("package", { ...governed, description: "The package." }),
    digest: t.field({
      ...governed,
      type: "Digest",
      description: "Its accepted digest.",
      resolve: ({ digest }) => digest,
    }),
    custodian: t.exposeString("custodian", { ...governed, description: "Who holds it." }),
    seal: t.exposeString("seal", { ...governed, description: "The number of the medium's seal." }),
  }),
});

const EngagedSafeguardRef = builder.objectRef<EngagedSafeguard>("EngagedSafeguard").implement({
  description: "A safeguard that was reported engaged.",
  fields: (t) => ({
    target: t.exposeString("target", { ...governed, description: "The publication target." }),
    safeguard: t.exposeString("safeguard", { ...governed, description: "The safeguard." }),
  }),
});

export const MaterialRef = builder.objectRef<Material>("Material").implement({
  description:
    "Everything whose change makes an approval lapse (rule 5.4), beside sources and bindings.",
  fields: (t) => ({
    seating: t.field({
      ...shared,
      type: [SeatingRef],
      description: "Who sits in each shift left.",
      resolve: ({ seating }) => [...seating],
    }),
    enclaves: t.field({
      ...shared,
      type: [SelectedEnclaveRef],
      description: "The selected enclaves.",
      resolve: ({ enclaves }) => [...enclaves],
    }),
    custody: t.field({
      ...shared,
      type: [CustodyHolderRef],
      description: "Who holds which rollback package.",
      resolve: ({ custody }) => [...custody],
    }),
    safeguards: t.field({
      ...shared,
      type: [EngagedSafeguardRef],
      description: "The engaged safeguards.",
      resolve: ({ safeguards }) => [...safeguards],
    }),
    liftedQuarantines: t.stringList({
      ...governed,
      description: "Selectors whose newest word is LIFTED.",
      resolve: ({ liftedQuarantines }) => [...liftedQuarantines],
    }),
  }),
});

const VersionChangeRef = builder.objectRef<VersionChange>("VersionChange").implement({
  description: "A version that another replaced.",
  fields: (t) => ({
    kind: t.field({
      ...shared,
      type: SourceKindRef,
      description: "The kind of source.",
      resolve: ({ kind }) => kind,
    }),
    from: t.exposeInt("from", { ...shared, description: "The version before." }),
    to: t.exposeInt("to", { ...shared, description: "The version now." }),
  }),
});

const LoosenedRef = builder.objectRef<Loosened>("LoosenedPolicy").implement({
  description: "A number of a policy that is looser than the owner has seen it (rule 4.2.6).",
  fields: (t) => ({
    source: t.field({
      ...shared,
      type: SourceKindRef,
      description: "The policy.",
      resolve: ({ source }) => source,
    }),
    field: t.exposeString("field", { ...shared, description: "Which number." }),
    from: t.string({
      ...shared,
      description: "What it was, as a decimal string.",
      resolve: ({ from }) => from.toString(),
    }),
    to: t.string({
      ...shared,
      description: "What it is, as a decimal string.",
      resolve: ({ to }) => to.toString(),
    }),
  }),
});

const MaterialPartRef = enumOf(
  "MaterialPart",
  { options: ["SEATING", "ENCLAVES", "CUSTODY", "SAFEGUARDS", "LIFTED_QUARANTINES"] },
  "A part of the material.",
  {
    SEATING: "Who sits in each shift.",
    ENCLAVES: "The selected enclaves.",
    CUSTODY: "Who holds which rollback package.",
    SAFEGUARDS: "The engaged safeguards.",
    LIFTED_QUARANTINES: "Quarantines that were lifted.",
  },
);

const PARTS = {
  seating: "SEATING",
  enclaves: "ENCLAVES",
  custody: "CUSTODY",
  safeguards: "SAFEGUARDS",
  liftedQuarantines: "LIFTED_QUARANTINES",
} as const satisfies Readonly<Record<MaterialPart, string>>;

export const ReviewRef = builder.objectRef<Review>("Review").implement({
  description:
    "What the owner has to look at anew: what changed since their last decision, or since the opening (rule 5.6).",
  fields: (t) => ({
    sinceRevision: t.exposeInt("sinceRevision", {
      ...shared,
      description: "The revision that recorded the last decision, or 1.",
    }),
    sources: t.field({
      ...shared,
      type: [VersionChangeRef],
      description: "Sources that have newer versions.",
      resolve: ({ sources }) => [...sources],
    }),
    bindings: t.field({
      ...shared,
      type: [VersionChangeRef],
      description: "Bindings that changed.",
      resolve: ({ bindings }) => [...bindings],
    }),
    material: t.field({
      ...shared,
      type: [MaterialPartRef],
      description: "Parts of the material that changed.",
      resolve: ({ material }) => material.map((part) => PARTS[part]),
    }),
    loosened: t.field({
      ...shared,
      type: [LoosenedRef],
      description: "Every number of a policy that became looser.",
      resolve: ({ loosened }) => [...loosened],
    }),
  }),
});
