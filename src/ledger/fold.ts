import type { RevisionDigest } from "#packet/name.ts";
import { openPacket, revise, type Revised } from "#gate/revise.ts";
import { sha256Hex } from "#proof/digest.ts";
import {
  type RevisionHeader,
  bodyCommitment,
  headerBytes,
  readBody,
  readHeader,
} from "./document.ts";
import { type Folded, type Identity, approvedBy, headerOf } from "./draft.ts";
import { type ResolveSource, readFact } from "./factForm.ts";
import { LineageBroken } from "./fault.ts";
import { NO_SECTIONS, nextSections } from "./sections.ts";

/** A revision as it is stored: the bytes, and what the row says of them. */
export interface StoredRevision {
  readonly number: number;
  readonly digest: RevisionDigest;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/**
 * Rule 3.7: folds one more stored revision in, the first one into null.
 *
 * @throws {LineageBroken} if its bytes are not what the digests say or cannot be read, or if
 * judging them gives another state than they record.
 */
export function foldRevision(
  identity: Identity,
  before: Folded | null,
  row: StoredRevision,
  resolve: ResolveSource,
): Folded {
  const at = { packet: identity.packet, revision: row.number };
  try {
    const header = checkedHeader(identity, before, row);
    const { actor, fact } = readBody(row.body);
    const occurrence = { fact: readFact(fact, resolve), actor, epoch: header.epoch };
    requireTold(at, header, occurrence);
    const revised = reviseWith(before, occurrence);
    requireEqual(at, header.status, revised.state.status);
    requireEqual(at, header.materialDigest, revised.state.materialDigest);
    const sections = nextSections(
      before?.sections ?? NO_SECTIONS,
      identity.salt,
      before?.state ?? null,
      revised,
    );
    return { identity, state: revised.state, sections, digest: row.digest };
  } catch (fault) {
    if (fault instanceof LineageBroken) throw fault;
    throw new LineageBroken(at, "a revision that can be read", String(fault), { cause: fault });
  }
}

/**
 * Whether the document that the fold arrives at is, byte for byte, the one that was recorded.
 *
 * @throws {LineageBroken} if it is not.
 */
export function requireHead(folded: Folded, row: StoredRevision): void {
  const recorded = readHeader(row.header);
  const { predecessor, cause, actorKind, approves, at, body } = recorded;
  const again = headerOf(folded.identity, folded, {
    predecessor,
    cause,
    actorKind,
    approves,
    at,
    body,
  });
  const place = { packet: folded.identity.packet, revision: row.number };
  requireEqual(place, row.digest, sha256Hex(headerBytes(again)));
}

function checkedHeader(
  identity: Identity,
  before: Folded | null,
  row: StoredRevision,
): RevisionHeader {
  const at = { packet: identity.packet, revision: row.number };
  requireEqual(at, row.digest, sha256Hex(row.header));
  const header = readHeader(row.header);
  requireEqual(at, identity.deployment, header.deployment);
  requireEqual(at, identity.packet, header.packet);
  requireEqual(at, String((before?.state.revision ?? 0) + 1), String(header.number));
  requireEqual(at, before?.digest ?? "no predecessor", header.predecessor ?? "no predecessor");
  requireEqual(at, header.body, bodyCommitment(identity.salt, row.number, row.body));
  return header;
}

/** What a header repeats of the body, so that a redacted document can tell it. */
function requireTold(
  at: { readonly packet: string; readonly revision: number },
  header: RevisionHeader,
  { fact, actor }: Revised["occurrence"],
): void {
  const approves = approvedBy(fact);
  requireEqual(at, fact.kind, header.cause);
  requireEqual(at, actor.kind, header.actorKind);
  requireEqual(at, String(approves?.revision), String(header.approves?.revision));
  requireEqual(at, String(approves?.digest), String(header.approves?.digest));
}

function reviseWith(before: Folded | null, occurrence: Revised["occurrence"]): Revised {
  if (before !== null) return revise(before.state, occurrence);
  const { fact } = occurrence;
  if (fact.kind !== "PACKET_OPENED") throw new TypeError("a lineage starts with the opening");
  return openPacket({ ...occurrence, fact });
}

function requireEqual(
  at: { readonly packet: string; readonly revision: number },
  expected: string,
  found: string,
): void {
  if (expected !== found) throw new LineageBroken(at, expected, found);
}
