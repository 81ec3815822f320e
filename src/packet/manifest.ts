import { z } from "zod";
import { ARTIFACTS_MAX, TARGETS_MAX } from "./limits.ts";
import { ArtifactName, Digest, Name, compareNames, distinctList } from "./name.ts";

/** One artifact that may be signed. `size` is in bytes. */
export const Artifact = z.strictObject({
  name: ArtifactName,
  digest: Digest,
  size: z.int().min(0),
  /** Where it would be published; none or an unknown one is held as PUBLICATION_SCOPE_AMBIGUOUS. */
  targets: z.array(Name).max(TARGETS_MAX),
});
export type Artifact = z.infer<typeof Artifact>;

/** The frozen manifest: the exact set of artifacts that may be signed, in order of name. */
export const Manifest = z.strictObject({
  kind: z.literal("MANIFEST"),
  artifacts: distinctList(Artifact, ARTIFACTS_MAX, (artifact) => artifact.name).transform(
    (artifacts) => artifacts.toSorted((left, right) => compareNames(left.name, right.name)),
  ),
});
export type Manifest = z.output<typeof Manifest>;
