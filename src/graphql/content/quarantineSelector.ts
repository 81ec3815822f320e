import type { QuarantineSelector } from "#packet/entry.ts";
import { builder, governed, shared } from "../builder.ts";

type Selector<B extends QuarantineSelector["by"]> = Extract<QuarantineSelector, { by: B }>;

const SELECTORS = {
  DIGEST: builder.objectRef<Selector<"DIGEST">>("DigestSelector").implement({
    description: "Keeps out one digest, wherever it lies.",
    fields: (t) => ({
      digest: t.expose("digest", { ...governed, type: "Digest", description: "The digest." }),
    }),
  }),
  LOCATION: builder.objectRef<Selector<"LOCATION">>("LocationSelector").implement({
    description: "Keeps out whatever lies at one location.",
    fields: (t) => ({
      location: t.exposeString("location", { ...governed, description: "The location." }),
    }),
  }),
  MANIFEST: builder.objectRef<Selector<"MANIFEST">>("ManifestSelector").implement({
    description: "Keeps out what an earlier manifest had and the newest has not (rule 4.2.4).",
    fields: (t) => ({
      version: t.exposeInt("version", { ...shared, description: "The manifest's version." }),
    }),
  }),
};

export const QuarantineSelectorRef = builder.unionType("QuarantineSelector", {
  description: "What a quarantine keeps out.",
  types: Object.values(SELECTORS),
  resolveType: ({ by }) => SELECTORS[by],
});
