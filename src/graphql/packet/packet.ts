import type { Viewed } from "#ledger/ledger.ts";
import { builder, governed, shared } from "../builder.ts";
import { ClosingRef, PacketStatusRef } from "../enums.ts";
import { loadPacket } from "../loading.ts";
import { wordsOf } from "../words.ts";

export const PacketRef = builder.objectRef<Viewed>("Packet");

builder.node(PacketRef, {
  description:
    "The approval-gated packet of one patch train, as it looks at the current epoch. Its state is derived from its lineage and never set.",
  id: {
    ...shared,
    description: "Finds this packet again through `node`.",
    resolve: ({ state }) => state.facts.packet,
  },
  isTypeOf: (value) => typeof value === "object" && value !== null && "moment" in value,
  loadWithoutCache: (id, context) => loadPacket(context, id),
  fields: (t) => ({
    packet: t.field({
      ...shared,
      type: "UUID",
      description: "The packet's own id, which every input takes.",
      resolve: ({ state }) => state.facts.packet,
    }),
    train: t.string({
      ...governed,
      description: "The patch train.",
      resolve: ({ state }) => state.facts.train,
    }),
    exercise: t.boolean({
      ...shared,
      description: "True for practice, never to be taken for real (rule 2.3).",
      resolve: ({ state }) => state.facts.exercise,
    }),
    preparer: t.string({
      ...governed,
      description: "Who opened it.",
      resolve: ({ state }) => state.facts.preparer,
    }),
    succeeds: t.field({
      ...shared,
      nullable: true,
      type: "UUID",
      description: "The closed packet that it succeeds, from which it inherits nothing (rule 5.3).",
      resolve: ({ state }) => state.facts.succeeds,
    }),
    status: t.field({
      ...shared,
      type: PacketStatusRef,
      description: "Where it stands.",
      resolve: ({ state }) => state.status,
    }),
    closing: t.field({
      ...shared,
      nullable: true,
      type: ClosingRef,
      description: "Why it is CLOSED; null while it is not.",
      resolve: ({ state }) => state.closing,
    }),
    revision: t.int({
      ...shared,
      description: "The number of its newest revision.",
      resolve: ({ state }) => state.revision,
    }),
    digest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "The digest of its newest revision.",
      resolve: ({ digest }) => digest,
    }),
    digestWords: t.stringList({
      ...shared,
      description: "That digest as words to be read aloud over a phone.",
      resolve: ({ digest }) => wordsOf(digest),
    }),
    materialDigest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "The digest of its material (rule 5.4).",
      resolve: ({ state }) => state.materialDigest,
    }),
  }),
});
