import { type RevisionBody, readBody } from "#ledger/document.ts";
import { readEntry, receiptsIn } from "#ledger/factForm.ts";
import type { Revision } from "#ledger/ledger.ts";
import type { Entry } from "#packet/entry.ts";
import type { SourceReceipt } from "#packet/source.ts";
import { holdChangesOf } from "#feed/holdChanges.ts";
import { builder, governed, shared } from "../builder.ts";
import { connectionOptions, sliceOf } from "../connections.ts";
import { EntryRef } from "../content/entryRef.ts";
import { ActorKindRef, HoldCodeRef, PacketStatusRef, SourceKindRef } from "../enums.ts";
import { FactKindRef } from "./factKinds.ts";
import { HoldChangeRef, TransitionRef } from "./holdChange.ts";
import { loadPacket, loadRevision } from "../loading.ts";
import { numberedPart } from "../positions.ts";
import { shownDigest } from "../content/source.ts";
import { wordsOf } from "../words.ts";

const bodies = new WeakMap<Revision, RevisionBody>();

/** A revision's body, read once. */
export function bodyOf(revision: Revision): RevisionBody {
  const known = bodies.get(revision);
  if (known !== undefined) return known;
  const body = readBody(revision.body);
  bodies.set(revision, body);
  return body;
}

function entriesOf(revision: Revision): Entry[] {
  const { fact } = bodyOf(revision);
  return "entries" in fact ? fact.entries.map(readEntry) : [];
}

/** What a person said with their decision. */
function noteOf(revision: Revision): string | null {
  const { fact } = bodyOf(revision);
  if ("reason" in fact) return fact.reason;
  if ("answer" in fact) return fact.answer;
  return "note" in fact ? fact.note : null;
}

export const SourceReceiptRef = builder.objectRef<SourceReceipt>("SourceReceipt").implement({
  description: "That a version of a source was accepted, without its content.",
  fields: (t) => ({
    kind: t.field({
      ...shared,
      type: SourceKindRef,
      description: "The kind of source.",
      resolve: ({ kind }) => kind,
    }),
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
      description: "For a lane: who proposed what another confirmed (rule 2.1).",
    }),
    acceptedEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "When.",
      resolve: ({ acceptedEpoch }) => acceptedEpoch,
    }),
  }),
});

/** Which of a revision's changes are meant: their pages are of one change each. */
const holdChangeArgs = builder.args((t) => ({
  code: t.field({
    type: HoldCodeRef,
    required: false,
    description: "Only the changes of this code: so that one of them can be paged through.",
  }),
  transition: t.field({
    type: TransitionRef,
    required: false,
    description: "Only the changes of this kind.",
  }),
}));

export const RevisionRef = builder.objectRef<Revision>("Revision");

builder.node(RevisionRef, {
  description: "One immutable version of a packet, chained to its predecessor by digest.",
  id: {
    ...shared,
    description: "Finds this revision again through `node`.",
    resolve: ({ packet, number }) => `${packet}.${number}`,
  },
  isTypeOf: (value) => typeof value === "object" && value !== null && "predecessor" in value,
  async loadWithoutCache(id, context) {
    const part = numberedPart(id);
    const seen = await loadPacket(context, part?.packet ?? id);
    return part === null || seen === null ? null : loadRevision(context, part.packet, part.number);
  },
  fields: (t) => ({
    packet: t.field({
      ...shared,
      type: "UUID",
      description: "The packet.",
      resolve: ({ packet }) => packet,
    }),
    number: t.exposeInt("number", { ...shared, description: "From 1, without gaps." }),
    digest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "The SHA-256 of the document: what an owner approves.",
      resolve: ({ digest }) => digest,
    }),
    digestWords: t.stringList({
      ...shared,
      description: "The digest as words to be read aloud over a phone.",
      resolve: ({ digest }) => wordsOf(digest),
    }),
    predecessor: t.field({
      ...shared,
      nullable: true,
      type: "RevisionDigest",
      description: "The digest of the revision before; null for the first.",
      resolve: ({ predecessor }) => predecessor,
    }),
    document: t.string({
      ...shared,
      description:
        "The exact canonical bytes that have the digest. They name no person and no artifact.",
      resolve: ({ header }) => new TextDecoder().decode(header),
    }),
    cause: t.field({
      ...shared,
      type: FactKindRef,
      description: "What made it.",
      resolve: ({ cause }) => cause,
    }),
    actor: t.exposeString("actor", {
      ...governed,
      description: "Who caused it; `holdfast` for what happens by itself.",
    }),
    actorKind: t.field({
      ...shared,
      type: ActorKindRef,
      description: "What kind of principal.",
      resolve: ({ actorKind }) => actorKind,
    }),
    note: t.string({
      ...governed,
      description:
        "What a person said with it: a reason, an answer or a note; null where nothing is said.",
      resolve: noteOf,
    }),
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "When, in the deployment's own time.",
      resolve: ({ epoch }) => epoch,
    }),
    at: t.field({
      ...shared,
      type: "DateTime",
      description: "When, for people; it decides nothing.",
      resolve: ({ at }) => at,
    }),
    status: t.field({
      ...shared,
      type: PacketStatusRef,
      description: "Where the packet stood with it.",
      resolve: ({ status }) => status,
    }),
    openHolds: t.exposeInt("openHolds", {
      ...shared,
      description: "How many holds were open with it.",
    }),
    materialDigest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "The digest of the material (rule 5.4).",
      resolve: ({ materialDigest }) => materialDigest,
    }),
    sources: t.field({
      ...shared,
      type: [SourceReceiptRef],
      description: "The source versions that came with it.",
      resolve: (revision) => receiptsIn(bodyOf(revision).fact),
    }),
    holdChanges: t.field({
      ...shared,
      type: [HoldChangeRef],
      description: "What it did to the register, one change for each code (rule 4.2.5).",
      args: holdChangeArgs,
      resolve: (revision, { code, transition }) =>
        holdChangesOf(bodyOf(revision))
          .filter((change) => (code ?? change.code) === change.code)
          .filter((change) => (transition ?? change.transition) === change.transition)
          .map((change) => ({ revision, change })),
    }),
    entries: t.connection({
      ...shared,
      type: EntryRef,
      description: "The readiness entries that came with it, in the order of the ledger.",
      ...connectionOptions,
      resolve: (revision, args, { cursors }) =>
        sliceOf({
          items: entriesOf(revision),
          args,
          position: (_, index) => BigInt(index),
          cursors,
          scope: `entries ${revision.packet}.${revision.number}`,
        }),
    }),
  }),
});
