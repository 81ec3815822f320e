import type {
  LastKnownApproval,
  LastKnownHold,
  LastKnownPacket,
  LastKnownReason,
} from "#lastKnown/lastKnownPacket.ts";
import type { AdvisoryCode } from "#packet/hold.ts";
import { canonical } from "#proof/canonical.ts";
import { builder, governed, restricted, shared } from "./builder.ts";
import {
  AdvisoryCodeRef,
  ApprovalStandingRef,
  GateReasonRef,
  GateStatusRef,
  HoldCodeRef,
  PacketStatusRef,
} from "./enums.ts";
import { requireEntitled } from "./loading.ts";
import { wordsOf } from "./words.ts";

/** How the resolver itself is named on record; the names of the fields begin alike. */
const READ = "LastKnownPacket";

const LastKnownHoldRef = builder.objectRef<LastKnownHold>("LastKnownHold").implement({
  description: "A hold that was open when the packet was last read.",
  fields: (t) => ({
    code: t.expose("code", { ...shared, type: HoldCodeRef, description: "Its code." }),
    sinceRevision: t.exposeInt("sinceRevision", {
      ...shared,
      description: "The revision that opened it.",
    }),
    sinceEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch of that revision.",
      resolve: ({ sinceEpoch }) => BigInt(sinceEpoch),
    }),
    subject: t.exposeString("subject", { ...governed, description: "What it was about." }),
    why: t.exposeString("why", { ...governed, description: "Why it was open." }),
  }),
});

const LastKnownAdvisoryRef = builder
  .objectRef<LastKnownReason<AdvisoryCode>>("LastKnownAdvisory")
  .implement({
    description: "An advisory that was shown when the packet was last read.",
    fields: (t) => ({
      code: t.expose("code", { ...shared, type: AdvisoryCodeRef, description: "Its code." }),
      subject: t.exposeString("subject", { ...governed, description: "What it was about." }),
      why: t.exposeString("why", { ...governed, description: "Why it was shown." }),
    }),
  });

const LastKnownApprovalRef = builder.objectRef<LastKnownApproval>("LastKnownApproval").implement({
  description: "The approval as it stood when the packet was last read.",
  fields: (t) => ({
    revision: t.exposeInt("revision", { ...shared, description: "The revision approved." }),
    digest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "Its digest, as the owner named it.",
      resolve: ({ digest }) => digest,
    }),
    standing: t.expose("standing", {
      ...shared,
      type: ApprovalStandingRef,
      description: "How it stood.",
    }),
    approvedBy: t.exposeString("approvedBy", { ...governed, description: "Who approved." }),
  }),
});

/** What can be said of a gate without the ledger: nothing is current, so nothing is open. */
const CLOSED = { status: "CLOSED", reasons: ["NOT_CURRENT"] } as const;

const LastKnownGateRef = builder.objectRef<typeof CLOSED>("LastKnownGate").implement({
  description: "The gate as a node's own copy has it: always CLOSED.",
  fields: (t) => ({
    status: t.field({
      ...shared,
      type: GateStatusRef,
      description: "CLOSED.",
      resolve: ({ status }) => status,
    }),
    reasons: t.field({
      ...shared,
      type: [GateReasonRef],
      description: "That the copy is not current.",
      resolve: ({ reasons }) => [...reasons],
    }),
  }),
});

const LastKnownPacketRef = builder.objectRef<LastKnownPacket>("LastKnownPacket").implement({
  description:
    "A packet as this node last read it from the ledger. It is not current, and nothing may rest on it.",
  fields: (t) => ({
    packet: t.field({
      ...shared,
      type: "UUID",
      description: "The packet's id.",
      resolve: ({ packet }) => packet,
    }),
    exercise: t.exposeBoolean("exercise", {
      ...shared,
      description: "True for practice, never to be taken for real.",
    }),
    isCurrent: t.boolean({
      ...shared,
      description: "False, always: whoever can ask the ledger asks for `packet` instead.",
      resolve: () => false,
    }),
    revision: t.exposeInt("revision", { ...shared, description: "The revision that it was at." }),
    digest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "That revision's digest.",
      resolve: ({ digest }) => digest,
    }),
    digestWords: t.stringList({
      ...shared,
      description: "The digest as words that can be read aloud over a phone.",
      resolve: ({ digest }) => wordsOf(digest),
    }),
    revisionEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch of that revision.",
      resolve: ({ revisionEpoch }) => BigInt(revisionEpoch),
    }),
    readAtEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch at which this node read it.",
      resolve: ({ readAtEpoch }) => BigInt(readAtEpoch),
    }),
    status: t.expose("status", {
      ...shared,
      type: PacketStatusRef,
      description: "How it stood then.",
    }),
    gate: t.field({
      ...shared,
      type: LastKnownGateRef,
      description: "CLOSED, with the reason.",
      resolve: () => CLOSED,
    }),
    holds: t.field({
      ...shared,
      type: [LastKnownHoldRef],
      description: "The holds that were open then.",
      resolve: ({ holds }) => [...holds],
    }),
    advisories: t.field({
      ...shared,
      type: [LastKnownAdvisoryRef],
      description: "The advisories that were shown then.",
      resolve: ({ advisories }) => [...advisories],
    }),
    approval: t.expose("approval", {
      ...shared,
      nullable: true,
      type: LastKnownApprovalRef,
      description: "The approval as it stood then; null for none.",
    }),
    train: t.exposeString("train", { ...governed, description: "The train." }),
    owner: t.exposeString("owner", {
      ...governed,
      description: "The approval owner whom its lane named then.",
    }),
    document: t.string({
      ...restricted,
      description:
        "Everything that it rested on: its sources, bindings, entries and material, as canonical JSON.",
      resolve: ({ document }) => canonical(document),
    }),
  }),
});

/** Adds what can be read while the ledger cannot. */
export function addLastKnownQueries(): void {
  builder.queryField("lastKnownPackets", (t) =>
    t.field({
      ...shared,
      complexity: 100,
      type: [LastKnownPacketRef],
      description:
        "The open packets as this node last read them, from its own files alone: for when the database is away.",
      resolve: async (_root, _args, context) => {
        requireEntitled(context, "packetRead");
        const known = await context.lastKnown();
        if (!context.classes.has("GOVERNED")) return [...known];
        const { access, actor, address } = context;
        await Promise.all(
          known.map(({ packet }) =>
            access.record({
              code: "GOVERNED_READ",
              actor: actor.actor,
              address,
              packet,
              subject: READ,
            }),
          ),
        );
        return [...known];
      },
    }),
  );
}
