import { entitle } from "#access/permissions.ts";
import { outOfScope } from "#access/reportScopes.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import type { Asking } from "#gate/decide/asking.ts";
import { knownComponent } from "#gate/decide/components.ts";
import {
  type Receiving,
  type SharedKnown,
  decideEntries,
  decideShared,
  newestIn,
} from "#gate/decide/entries.ts";
import { decidePlace, decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { contentOf } from "#gate/decide/source.ts";
import { type SharedSubject, sharedSubjects } from "#gate/dependencies.ts";
import { type Preview, preview } from "#gate/preview.ts";
import type { PacketState } from "#gate/state.ts";
import { arranged } from "#ledger/arranged.ts";
import { sourceDigest } from "#ledger/bytes.ts";
import type { Seen } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Fact } from "#packet/fact.ts";
import type { Report } from "#packet/entry.ts";
import type { PacketId } from "#packet/name.ts";
import {
  ApprovalRefused,
  InvalidInput,
  PacketClosed,
  Refusal,
  UnknownPacket,
} from "#packet/refusal.ts";
import type { SourceContent } from "#packet/source.ts";
import { ChangePreview, type ProposedChange } from "#packet/wish.ts";
import { mappingOf } from "#recovery/mapping.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";
import { inputDigest, read, within } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { bindFact } from "./packetBind.ts";
import { provenReports, provenSource } from "./releaseSignatures.ts";
import { inOneForm, signatureFault, verifiedReports } from "./signatures.ts";

/** What a change would open, clear, suspend or make lapse, were it recorded now (rule 4.2.7). Nothing is. */
export async function changePreview(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Preview | Refusal> {
  const refused = entitle(actor, "changePreview");
  if (refused !== null) return refused;
  const wish = read(ChangePreview, input);
  if (wish instanceof Refusal) return wish;
  const digest = inputDigest(wish);
  if (digest instanceof Refusal) return digest;
  const { change } = wish;
  const isBranch = change.kind === "SOURCE" && change.source.kind === "TRUSTED_BRANCH";
  const unseen = isBranch ? entitle(actor, "branchPreview") : null;
  if (unseen !== null) return unseen;
  const seen = await desk.ledger.view(wish.packet);
  if (seen === null) return new UnknownPacket();
  const { epoch, doubt } = seen.moment;
  const asking = { actor: { ...actor, actor: wish.as ?? actor.actor }, epoch, doubt };
  const fact = await factOf(desk, seen, change, asking);
  if (fact instanceof Refusal) return within(["change"], fact);
  return preview(seen.state, { fact, actor: asking.actor, epoch }) ?? new PacketClosed();
}

async function factOf(
  desk: Desk,
  seen: Seen,
  change: ProposedChange,
  asking: Asking,
): Promise<Fact | Refusal> {
  const { state, moment } = seen;
  const receiving: Receiving = { ...asking, newId: desk.newId, reportNumber: null };
  const unscoped =
    "entries" in change ? outOfScope(asking.actor, change.entries, ["entries"]) : null;
  switch (change.kind) {
    case "SOURCE": {
      const { sources } = state.facts;
      const source = await provenSource(desk, change.source);
      if (source instanceof InvalidInput) return source;
      const content = contentOf(sources, source, mappingOf(moment.clock, desk.rate));
      if (content instanceof InvalidInput) return within(["source"], content);
      return content instanceof Refusal ? content : sourceFact(desk, state, content, asking);
    }
    case "LANE":
      return sourceFact(desk, state, change.lane, asking);
    case "BINDINGS":
      return bindFact(desk, state, change.bindings);
    case "ENTRIES": {
      if (unscoped !== null) return unscoped;
      const { packet } = state.facts;
      const reports = await verifiedIn(desk, state, change.entries, packet, receiving);
      return reports instanceof Refusal ? reports : decideEntries(state, reports, receiving);
    }
    case "SHARED_ENTRIES": {
      if (unscoped !== null) return unscoped;
      const proven = await provenReports(desk, change.entries);
      if (proven instanceof Refusal) return proven;
      const reports = await verifiedIn(desk, state, proven, null, receiving);
      if (reports instanceof Refusal) return reports;
      const entries = decideShared(knownIn(state), reports, receiving);
      return entries instanceof Refusal ? entries : { kind: "ENTRIES_RECORDED", entries };
    }
    case "APPROVAL":
      return approvalFact(desk, state, change, asking);
    case "REJECTION":
      return decideReject(state, change.reason, asking);
    case "RESUBMISSION":
      return decideResubmit(state, change.answer, asking);
    case "OPERATOR_HOLD":
      return decidePlace(state, change.reason);
    case "OPERATOR_HOLD_RELEASE":
      return decideRelease(state, change.placement, change.reason);
    case "WITHDRAWAL":
      return decideWithdraw(state, change.reason, asking);
  }
}

/** Reports with their signatures verified; a preview has no number, so what is signed for one says none. */
function verifiedIn<R extends Report>(
  desk: Desk,
  { facts: { exercise } }: PacketState,
  reports: readonly R[],
  packet: PacketId | null,
  { actor, reportNumber }: Receiving,
): Promise<readonly R[] | Refusal> {
  return verifiedReports(desk, actor, reports, { exercise, packet, reportNumber });
}

/** An approval as it would be decided; without a signature, as though it had the one that it may need. */
async function approvalFact(
  desk: Desk,
  state: PacketState,
  { revision, digest, signature }: Extract<ProposedChange, { kind: "APPROVAL" }>,
  asking: Asking,
): Promise<Fact | Refusal> {
  const { packet, exercise } = state.facts;
  const recorded = await desk.ledger.revision(packet, revision);
  const named = { revision, digest, recordedDigest: recorded?.digest ?? null };
  if (signature === undefined) return decideApprove(state, named, asking);
  const signed = { signature: inOneForm(signature), namedEpoch: recorded?.epoch ?? null };
  const decided = decideApprove(state, named, asking, signed);
  const stated = { decision: "APPROVE", packet, exercise, revision, digest } as const;
  const fault = signatureFault(desk, asking.actor, stated, signed.signature);
  if (fault === null) return decided;
  const others = decided instanceof ApprovalRefused ? decided.reasons : [];
  return new ApprovalRefused([...others, fault]);
}

function knownIn({ facts }: PacketState): SharedKnown {
  return {
    newest: newestIn(facts),
    component: (name) => knownComponent(facts, name),
  };
}

/** The next version as it would be, with what is known of subjects that the packet would newly depend on. */
async function sourceFact(
  { ledger }: Desk,
  { facts }: PacketState,
  content: SourceContent,
  { actor, epoch }: Asking,
): Promise<Fact> {
  const version = facts.sources[content.kind].version + 1;
  const digest = sourceDigest(sha256(canonicalBytes(arranged(content))));
  const receipt = { version, digest, acceptedBy: actor.actor, proposedBy: null };
  const source = { kind: content.kind, content, ...receipt, acceptedEpoch: epoch };
  const known = new Set(sharedSubjects(facts.sources).map(keyOf));
  const all = sharedSubjects({ ...facts.sources, [content.kind]: source });
  const { entries } = await ledger.shared(
    facts.exercise,
    all.filter((subject) => !known.has(keyOf(subject))),
  );
  return { kind: "SOURCE_ACCEPTED", source, entries };
}

function keyOf({ kind, name }: SharedSubject): string {
  return `${kind} ${name}`;
}
