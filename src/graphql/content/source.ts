import type { AcceptedSource, SourceReceipt } from "#packet/source.ts";
import { builder, governed, shared } from "../builder.ts";
import type { Context } from "../context.ts";
import { SourceKindRef } from "../enums.ts";
import { type ShownContent, SourceContentRef } from "./sourceContent.ts";

/** A branch can be guessed, and its digest would confirm the guess: it is RESTRICTED like the branch. */
export function shownDigest(
  { kind, digest }: SourceReceipt,
  _args: object,
  { classes }: Context,
): string | null {
  return kind === "TRUSTED_BRANCH" && !classes.has("RESTRICTED") ? null : digest;
}

export const AcceptedSourceRef = builder.objectRef<AcceptedSource>("AcceptedSource").implement({
  description: "One accepted version of one source of a train.",
  fields: (t) => ({
    kind: t.expose("kind", { ...shared, type: SourceKindRef, description: "The kind of source." }),
    version: t.exposeInt("version", {
      ...shared,
      description: "From 1, without gaps, for each train and kind.",
    }),
    digest: t.field({
      ...governed,
      type: "Digest",
      description: "The SHA-256 of the content's canonical form.",
      resolve: shownDigest,
    }),
    acceptedBy: t.exposeString("acceptedBy", { ...governed, description: "Who accepted it." }),
    proposedBy: t.exposeString("proposedBy", {
      ...governed,
      description:
        "For a lane: who proposed what another confirmed (rule 2.1); null for any other source.",
    }),
    acceptedEpoch: t.expose("acceptedEpoch", {
      ...shared,
      type: "Epoch",
      description: "The epoch at which it was accepted.",
    }),
    content: t.field({
      ...governed,
      type: SourceContentRef,
      description: "What it says.",
      resolve: ({ digest, content }): ShownContent => ({ ...content, sourceDigest: digest }),
    }),
  }),
});
