import type { Fact, FactKind, Occurrence } from "#packet/fact.ts";
import type { PacketStatus } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Name, PacketId, RevisionDigest } from "#packet/name.ts";
import type { Revised } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import { sha256Hex } from "#proof/digest.ts";
import {
  type RevisionHeader,
  REVISION_FORMAT,
  bodyBytes,
  bodyCommitment,
  headerBytes,
} from "./document.ts";
import { NO_SECTIONS, type Sections, nextSections, rootsOf } from "./sections.ts";

/** What never changes about a packet and goes into every revision of it. */
export interface Identity {
  readonly deployment: string;
  readonly packet: PacketId;
  readonly exercise: boolean;
  readonly train: Name;
  /** The packet's secret of 32 bytes. */
  readonly salt: Uint8Array;
}

/** A packet folded up to a revision. Immutable, so that whoever holds one may keep it. */
export interface Folded {
  readonly identity: Identity;
  readonly state: PacketState;
  readonly sections: Sections;
  readonly digest: RevisionDigest;
}

/** A revision that is ready to be written. */
export interface Draft {
  readonly packet: PacketId;
  readonly number: number;
  readonly predecessor: RevisionDigest | null;
  readonly digest: RevisionDigest;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly cause: FactKind;
  readonly actor: Occurrence["actor"];
  readonly epoch: Epoch;
  readonly at: Date;
  readonly status: PacketStatus;
  readonly openHolds: number;
  readonly steadySince: number;
  readonly materialDigest: RevisionDigest;
  readonly approves: RevisionHeader["approves"];
}

/** The document of one more revision, and the packet folded up to it. */
export function draftRevision(
  identity: Identity,
  before: Folded | null,
  revised: Revised,
  at: Date,
): { readonly draft: Draft; readonly folded: Folded } {
  const { state, occurrence } = revised;
  const { fact, actor, epoch } = occurrence;
  const sections = nextSections(
    before?.sections ?? NO_SECTIONS,
    identity.salt,
    before?.state ?? null,
    revised,
  );
  const body = bodyBytes(revised);
  const approves = approvedBy(fact);
  const header = headerBytes(
    headerOf(
      identity,
      { state, sections },
      {
        predecessor: before?.digest ?? null,
        cause: fact.kind,
        actorKind: actor.kind,
        approves,
        at: at.toISOString(),
        body: bodyCommitment(identity.salt, state.revision, body),
      },
    ),
  );
  const digest = sha256Hex(header);
  const draft: Draft = {
    packet: identity.packet,
    number: state.revision,
    predecessor: before?.digest ?? null,
    digest,
    header,
    body,
    cause: fact.kind,
    actor,
    epoch,
    at,
    status: state.status,
    openHolds: state.openHolds,
    steadySince: state.steadySince,
    materialDigest: state.materialDigest,
    approves,
  };
  return { draft, folded: { identity, state, sections, digest } };
}

/** The revision that a fact approves; null for every fact but an approval. */
export function approvedBy(fact: Fact): RevisionHeader["approves"] {
  return fact.kind === "PACKET_APPROVED" ? { revision: fact.revision, digest: fact.digest } : null;
}

/** The header of the revision that a state is at; `told` is what the state itself does not say. */
export function headerOf(
  { deployment, packet, exercise }: Identity,
  { state, sections }: Pick<Folded, "state" | "sections">,
  told: Pick<RevisionHeader, "predecessor" | "cause" | "actorKind" | "approves" | "at" | "body">,
): RevisionHeader {
  return {
    format: REVISION_FORMAT,
    deployment,
    packet,
    exercise,
    number: state.revision,
    epoch: state.epoch,
    status: state.status,
    openHolds: state.openHolds,
    materialDigest: state.materialDigest,
    sections: rootsOf(sections),
    ...told,
  };
}
