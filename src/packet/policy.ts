import { z } from "zod";
import { NAMED_MAX, REPORTERS_MAX, SUBJECTS_MAX, TARGETS_MAX, TRAINS_MAX } from "./limits.ts";
import { ReportedKind } from "./entry.ts";
import { Epochs } from "./epoch.ts";
import { ArtifactName, Digest, Name, Text, distinctList } from "./name.ts";

/** The declared outage and the trains that its bounded fallback covers. */
export const OutageDeclaration = z.strictObject({
  kind: z.literal("OUTAGE_DECLARATION"),
  declaration: Name,
  /** DECLARED while the online services are down, ENDED once they are back. */
  status: z.enum(["DECLARED", "ENDED"]),
  services: distinctList(Name, NAMED_MAX, (service) => service),
  fallbackTrains: distinctList(Name, TRAINS_MAX, (train) => train),
});

/** The branch that upstream work trusts. RESTRICTED (rule 7.1). */
export const TrustedBranch = z.strictObject({
  kind: z.literal("TRUSTED_BRANCH"),
  repository: Text,
  branch: Text,
  commit: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "must be a full commit id"),
});

function unmeetable(path: string, message: string) {
  return { code: "custom" as const, path: [path], message };
}

/** Who rebuilds, and how many distinct ones must agree. How old a check may be stands in the freshness policy. */
export const ReproducibilityPolicy = z
  .strictObject({
    kind: z.literal("REPRODUCIBILITY_POLICY"),
    rebuilders: distinctList(Name, NAMED_MAX, (rebuilder) => rebuilder),
    minRebuilders: z.int().min(1).max(NAMED_MAX),
  })
  .superRefine((policy, context) => {
    if (policy.minRebuilders <= policy.rebuilders.length) return;
    const message = `asks for more than the ${policy.rebuilders.length} rebuilders that are accepted`;
    context.addIssue(unmeetable("minRebuilders", message));
  });

const AcceptedEnclave = z.strictObject({ enclave: Name, measurement: Digest });

/** The enclaves that may be used, in order of preference, and how many are needed. */
export const RequiredEnclaves = z
  .strictObject({
    kind: z.literal("REQUIRED_ENCLAVES"),
    enclaves: distinctList(AcceptedEnclave, NAMED_MAX, (item) => item.enclave),
    requiredEnclaves: z.int().min(1).max(NAMED_MAX),
  })
  .superRefine((required, context) => {
    if (required.requiredEnclaves <= required.enclaves.length) return;
    const message = `asks for more than the ${required.enclaves.length} enclaves that are accepted`;
    context.addIssue(unmeetable("requiredEnclaves", message));
  });

/** How old each kind of good news may grow, in epochs: at the age itself it still counts (rule 4.3.4). */
export const FreshnessPolicy = z.strictObject({
  kind: z.literal("FRESHNESS_POLICY"),
  digestMaxAge: Epochs,
  reproducibilityMaxAge: Epochs,
  attestationMaxAge: Epochs,
  availabilityMaxAge: Epochs,
  custodyMaxAge: Epochs,
  safeguardMaxAge: Epochs,
  /** For a quarantine that is IN_FORCE. */
  quarantineMaxAge: Epochs,
  /** For an artifact reported GONE from a location. */
  absenceMaxAge: Epochs,
});
export type FreshnessPolicy = z.output<typeof FreshnessPolicy>;

/** What guards a publication target. */
const SafeguardName = z.enum(["REGISTRY_RELEASE", "MIRROR_PROMOTION", "ADVISORY_TIMING"]);

const PublicationTarget = z.strictObject({
  target: Name,
  safeguards: distinctList(SafeguardName, SafeguardName.options.length, (safeguard) => safeguard),
});

/** Where the train's artifacts may be published later, and what must hold them back until then. */
export const PublicationScope = z.strictObject({
  kind: z.literal("PUBLICATION_SCOPE"),
  targets: distinctList(PublicationTarget, TARGETS_MAX, (item) => item.target),
});

const SubjectsOfReporter = z.strictObject({
  reporter: Name,
  /** Names of artifacts, which every other name could be one of. */
  subjects: distinctList(ArtifactName, SUBJECTS_MAX, (subject) => subject),
});

/** Optional members are absent where they say nothing, so that what was accepted before reads as it did. */
const ReportersOfKind = z
  .strictObject({
    kind: ReportedKind,
    reporters: distinctList(Name, REPORTERS_MAX, (reporter) => reporter),
    /** Only entries with their reporter's own signature count. */
    signed: z
      .boolean()
      .transform((isAsked) => (isAsked ? (true as const) : undefined))
      .optional(),
    /** Reporters who are accepted for these subjects only; the others are for every subject. */
    subjects: distinctList(SubjectsOfReporter, REPORTERS_MAX, (item) => item.reporter).optional(),
  })
  .superRefine(({ reporters, subjects = [] }, context) => {
    const named = new Set(reporters);
    for (const [index, { reporter }] of subjects.entries()) {
      if (named.has(reporter)) continue;
      const message = "is not among the reporters of this kind";
      context.addIssue({ code: "custom", path: ["subjects", index, "reporter"], message });
    }
  });

/** Whose entries count, for each kind (rule 2.2); a kind that is not listed has no accepted reporter. */
export const AcceptedReporters = z.strictObject({
  kind: z.literal("ACCEPTED_REPORTERS"),
  accepted: distinctList(ReportersOfKind, ReportedKind.options.length, (item) => item.kind),
});
