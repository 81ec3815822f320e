import { CHANGE_FORMAT, Change, type ChangeKind } from "#packet/change.ts";
import type { Name } from "#packet/name.ts";
import type { Release, Rotation } from "#packet/rollback.ts";
import { type CanonicalValue, canonical, canonicalBytes } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { type SignedList, shardText } from "#proof/revocationList.ts";

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

/** A component, and whether it is one for practice only. */
export interface ChangedComponent {
  readonly exercise: boolean;
  readonly component: Name;
}

/** Changes of what a component refuses, each as it is described. */
export const ratchetChanges = {
  /** A release that initialises raises the floor to its own MASVN. */
  floor: (changed: ChangedComponent, { digest, masvn }: Release): ChangeWish =>
    ofComponent("FLOOR_RAISE", changed, { release: digest, masvn }),
  /** A release that initialises adds its deny entries. */
  denied: (changed: ChangedComponent, { digest, denied }: Release): ChangeWish =>
    ofComponent("DENY_ENTRIES", changed, { release: digest, denied: denied.toSorted() }),
  /** A release that initialises has its keys trusted. */
  keys: (changed: ChangedComponent, { digest, trustedKeys }: Release): ChangeWish =>
    ofComponent("KEY_ROTATION", changed, { release: digest, trustedKeys: trustedKeys.toSorted() }),
  rotation: (changed: ChangedComponent, { mode, outgoing, incoming }: Rotation): ChangeWish =>
    ofComponent("KEY_ROTATION", changed, { mode, outgoing, incoming }),
} as const;

function ofComponent(
  kind: ChangeKind,
  { exercise, component }: ChangedComponent,
  content: { readonly [member: string]: CanonicalValue },
): ChangeWish {
  const subject = `${exercise ? "exercise/" : ""}component/${component}`;
  return { kind, subject, content: { component, exercise, ...content } };
}

/** The push of a shard's next list, which is named by the SHA-256 of its signed bytes. */
export function revocationChange({
  list,
  digest,
}: Pick<SignedList, "list" | "digest">): ChangeWish {
  const subject = `revocation/${shardText(list.shard)}`;
  return { kind: "REVOCATION_SHARD", subject, content: { list: digest } };
}

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
