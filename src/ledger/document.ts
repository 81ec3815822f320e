import type { ActorKind } from "#packet/actor.ts";
import type { PacketStatus } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { FactKind, Occurrence } from "#packet/fact.ts";
import type { Hold } from "#packet/hold.ts";
import type { PacketId, RevisionDigest } from "#packet/name.ts";
import type { Revised } from "#gate/revise.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { hex } from "#proof/digest.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { sealValue } from "#proof/saltedLeaf.ts";
import { arranged } from "./arranged.ts";
import { type StoredAs, type StoredFact, writeFact } from "./factForm.ts";
import type { Section } from "./sections.ts";

/** Tells a header from every other preimage of SHA-256 here. */
export const REVISION_FORMAT = "holdfast/revision/1";

/**
 * What has the revision digest (decision 1): the SHA-256 of its canonical form. Nothing in
 * it names a person or an artifact; those are behind `body` and the roots of `sections`.
 */
export interface RevisionHeader {
  readonly format: typeof REVISION_FORMAT;
  readonly deployment: string;
  readonly packet: PacketId;
  readonly exercise: boolean;
  readonly number: number;
  readonly predecessor: RevisionDigest | null;
  readonly cause: FactKind;
  readonly actorKind: ActorKind;
  readonly epoch: Epoch;
  /** RFC 3339 in UTC with milliseconds, by the database's clock, for people (rule 6.4). */
  readonly at: string;
  readonly status: PacketStatus;
  readonly openHolds: number;
  readonly materialDigest: RevisionDigest;
  /** For an approval: the revision that it names, so that also a redacted document tells which. */
  readonly approves: { readonly revision: number; readonly digest: RevisionDigest } | null;
  /** The sealed commitment to the body, in hexadecimal digits: see {@link bodyCommitment}. */
  readonly body: string;
  /** Merkle roots in hexadecimal digits. */
  readonly sections: Readonly<Record<Section, string>>;
}

/** The canonical bytes of a header. */
export function headerBytes(header: RevisionHeader): Uint8Array {
  // In order of name already, which spares the writer from arranging it at every append.
  return canonicalBytes({
    actorKind: header.actorKind,
    approves:
      header.approves === null
        ? null
        : { digest: header.approves.digest, revision: header.approves.revision },
    at: header.at,
    body: header.body,
    cause: header.cause,
    deployment: header.deployment,
    epoch: header.epoch.toString(),
    exercise: header.exercise,
    format: header.format,
    materialDigest: header.materialDigest,
    number: header.number,
    openHolds: header.openHolds,
    packet: header.packet,
    predecessor: header.predecessor,
    sections: {
      decisions: header.sections.decisions,
      entries: header.sections.entries,
      holds: header.sections.holds,
      sources: header.sections.sources,
    },
    status: header.status,
  });
}

/**
 * Reads a header whose digest was checked.
 *
 * @throws {TypeError} if it is of another format.
 */
export function readHeader(bytes: Uint8Array): RevisionHeader {
  const stored: unknown = parseStored(bytes);
  const header = stored as Omit<RevisionHeader, "epoch"> & { readonly epoch: string };
  if (header.format !== REVISION_FORMAT) throw new TypeError("it is no revision header");
  return { ...header, epoch: BigInt(header.epoch) };
}

/** What a revision did, in full: the fact, who caused it, and the register's transitions (rule 3.3). */
export interface RevisionBody {
  readonly actor: Occurrence["actor"];
  readonly fact: StoredFact;
  /** Each in order of code, then subject. */
  readonly opened: readonly StoredAs<Hold>[];
  readonly cleared: readonly HoldName[];
  readonly outOfScope: readonly HoldName[];
  /** Open as before on other grounds, which is no transition (rule 4.2.2). */
  readonly amended: readonly StoredAs<Hold>[];
}

/** What tells an opening of a hold from all others in its packet. */
export type HoldName = Pick<Hold, "code" | "subject" | "ordinal">;

/** The canonical bytes of a revision's body; sources are in it by receipt. */
export function bodyBytes({ occurrence, ...changed }: Revised): Uint8Array {
  const { opened, cleared, outOfScope, amended } = changed;
  return canonicalBytes(
    arranged({
      actor: occurrence.actor,
      amended,
      cleared: cleared.map(ending),
      fact: writeFact(occurrence.fact),
      opened,
      outOfScope: outOfScope.map(ending),
    }),
  );
}

function ending({ code, subject, ordinal }: Hold): HoldName {
  return { code, subject, ordinal };
}

/** Reads a body whose commitment was checked. */
export function readBody(bytes: Uint8Array): RevisionBody {
  const stored: unknown = parseStored(bytes);
  return stored as RevisionBody;
}

/** Commits to a body under the packet's salt, so that a redacted document can withhold it. */
export function bodyCommitment(salt: Uint8Array, number: number, body: Uint8Array): string {
  return hex(sealValue(salt, "body", String(number), body).commitment);
}
