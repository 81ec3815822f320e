import { CHANGE_FORMAT, Change, type ChangeKind } from "#packet/change.ts";
import { type CanonicalValue, canonical, canonicalBytes } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { readCanonical } from "#proof/readCanonical.ts";

/** What is done to what. */
export interface ChangeWish {
  readonly kind: ChangeKind;
  readonly subject: string;
  /** Everything that makes this change another than the next of its kind; digested, never sent. */
  readonly content: CanonicalValue;
}

/** The subject of every change of the deployment's own clock. */
const EPOCH = "epoch";

/** The changes of the deployment's clock, each as it is described. */
export const epochChanges = {
  rate: (epochMs: number): ChangeWish => ({
    kind: "EPOCH_RATE",
    subject: EPOCH,
    content: { epochMs },
  }),
  freeze: { kind: "EPOCH_FREEZE", subject: EPOCH, content: { frozen: true } },
  thaw: { kind: "EPOCH_THAW", subject: EPOCH, content: { frozen: false } },
  advance: { kind: "EPOCH_ADVANCE", subject: EPOCH, content: { steps: 1 } },
} as const;

/** Describes a change of a deployment. */
export function describeChange(deployment: string, wish: ChangeWish): Change {
  const { kind, subject, content } = wish;
  return {
    content: sha256Hex(canonicalBytes(content)),
    deployment,
    format: CHANGE_FORMAT,
    kind,
    subject,
  };
}

/** A description in canonical form (RFC 8785): what is sent to the service, and what a token is compared with. */
export function changeText(change: Change): string {
  return canonical({ ...change });
}

/** SHA-256 of the canonical description in lower-case hexadecimal digits: what a token names. */
export function changeDigest(change: Change): string {
  return sha256Hex(changeText(change));
}

/** Reads what {@link changeText} wrote, with a line feed behind it or not; null for anything else. */
export function readChange(text: string): Change | null {
  try {
    const bytes = Buffer.from(text.endsWith("\n") ? text.slice(0, -1) : text, "utf8");
    return Change.safeParse(readCanonical(bytes)).data ?? null;
  } catch {
    return null;
  }
}
