import type { BundleLine } from "#proof/bundle.ts";

type Kind = BundleLine["kind"];

/** What has come before a line. */
export interface Before {
  /** The line just before; null for the first one. */
  readonly kind: Kind | null;
  readonly hasRevision: boolean;
  readonly hasStatement: boolean;
  readonly isDocumentOpen: boolean;
}

/** Whether a line of this kind may come next. */
export function mayFollow(kind: Kind, before: Before): boolean {
  const isUnnamedSource = before.kind === "SOURCE";
  switch (kind) {
    case "BUNDLE":
      return before.kind === null;
    case "CHECKPOINT":
      return before.kind === "BUNDLE";
    case "SOURCE":
    case "REVISION":
      return before.kind !== null && before.kind !== "BUNDLE" && !before.hasStatement;
    case "DOCUMENT":
      return before.kind === "REVISION";
    case "LEAF":
    case "HIDDEN_LEAF":
    case "DISCLOSED_LEAF":
      return before.isDocumentOpen;
    case "STATEMENT":
      return before.hasRevision && !before.hasStatement && !isUnnamedSource;
    case "END":
      return before.hasRevision && !isUnnamedSource;
  }
}
