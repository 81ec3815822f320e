import { entitle } from "#access/permissions.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import type { Asking } from "#gate/decide/asking.ts";
import { type Receiving, decideEntries, decideShared } from "#gate/decide/entries.ts";
import { decideBind, decidePlace, decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { contentOf } from "#gate/decide/source.ts";
import { type SharedSubject, sharedSubjects } from "#gate/dependencies.ts";
import { type Preview, preview } from "#gate/preview.ts";
import type { PacketState } from "#gate/state.ts";
import { arranged } from "#ledger/arranged.ts";
import { sourceDigest } from "#ledger/bytes.ts";
import type { Seen } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Fact } from "#packet/fact.ts";
import { InvalidInput, PacketClosed, Refusal, UnknownPacket } from "#packet/refusal.ts";
import type { SourceContent } from "#packet/source.ts";
import { ChangePreview, type ProposedChange } from "#packet/wish.ts";
import { mappingOf } from "#recovery/mapping.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";
import { inputDigest, read, within } from "./ask.ts";
import type { Desk } from "./desk.ts";

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
  const seen = await desk.ledger.view(wish.packet);
  if (seen === null) return new UnknownPacket();
  const { epoch, doubt } = seen.moment;
  const asking = { actor: { ...actor, actor: wish.as ?? actor.actor }, epoch, doubt };
  const fact = await factOf(desk, seen, wish.change, asking);
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
  switch (change.kind) {
    case "SOURCE": {
      const { sources } = state.facts;
      const content = contentOf(sources, change.source, mappingOf(moment.clock, desk.rate));
      if (content instanceof InvalidInput) return within(["source"], content);
      return content instanceof Refusal ? content : sourceFact(desk, state, content, asking);
    }
    case "LANE":
      return sourceFact(desk, state, change.lane, asking);
    case "BINDINGS":
      return decideBind(state, change.bindings);
    case "ENTRIES":
      return decideEntries(state, change.entries, receiving);
    case "SHARED_ENTRIES": {
      const entries = decideShared(newestIn(state), change.entries, receiving);
      return entries instanceof Refusal ? entries : { kind: "ENTRIES_RECORDED", entries };
    }
    case "APPROVAL": {
      const { revision, digest } = change;
      const recorded = await desk.ledger.revision(state.facts.packet, revision);
      return decideApprove(
        state,
        { revision, digest, recordedDigest: recorded?.digest ?? null },
        asking,
      );
    }
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

function newestIn({ facts }: PacketState) {
  return (subject: string, reporter: string) =>
    facts.evidence.get(subject)?.find((entry) => entry.reporter === reporter);
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
