import type { Notary, PublishedCheckpoint } from "#notary/notary.ts";
import { builder, shared } from "./builder.ts";
import type { Context } from "./context.ts";
import { LineageDoubtRef } from "./enums.ts";
import { requireEntitled } from "./loading.ts";
import { RevisionRef } from "./packet/revision.ts";

const SIZE = /^(?:0|[1-9][0-9]{0,18})$/;

/** How many revisions are meant; null for what is no number, or more than there are. */
async function sizeWithin({ desk }: Context, text: string): Promise<bigint | null> {
  if (!SIZE.test(text)) return null;
  const size = BigInt(text);
  return size <= (await desk.ledger.logHead()) ? size : null;
}

function inBase64(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString("base64"));
}

const CheckpointRef = builder.objectRef<PublishedCheckpoint>("Checkpoint").implement({
  description: "What the deployment signed of its log at one size.",
  fields: (t) => ({
    note: t.exposeString("note", {
      ...shared,
      description:
        "A signed note (C2SP signed-note) whose text is a checkpoint (C2SP tlog-checkpoint), with the witness's cosignature where one is asked.",
    }),
    size: t.field({
      ...shared,
      type: "LogPosition",
      description: "How many revisions it covers.",
      resolve: ({ size }) => size,
    }),
    root: t.field({
      ...shared,
      type: "Base64",
      description: "The root of their Merkle tree (RFC 6962): each leaf is a revision's digest.",
      resolve: ({ root }) => Buffer.from(root).toString("base64"),
    }),
  }),
});

const TransparencyLogRef = builder.objectRef<Notary>("TransparencyLog").implement({
  description:
    "The revisions of all packets in one order, as a Merkle tree that nobody can change unseen (RFC 6962).",
  fields: (t) => ({
    origin: t.exposeString("origin", {
      ...shared,
      description: "The name under which the log and its key are known.",
    }),
    verifierKey: t.exposeString("verifierKey", {
      ...shared,
      description:
        "The key that verifies what is signed here (C2SP signed-note). Compare it with one that you got another way.",
    }),
    doubt: t.field({
      ...shared,
      nullable: true,
      type: LineageDoubtRef,
      description:
        "Why the database is not believed, so that approvals are refused and gates are CLOSED; null while it is.",
      resolve: (notary) => notary.doubt(),
    }),
    checkpoint: t.field({
      ...shared,
      nullable: true,
      type: CheckpointRef,
      description: "The newest checkpoint; null before the first one of this process.",
      resolve: (notary) => notary.latest(),
    }),
    consistency: t.field({
      ...shared,
      nullable: true,
      type: ["Base64"],
      description:
        "Proves that the tree of size `to` continues that of size `from` (RFC 6962, 2.1.2); null where the log is not that long.",
      args: {
        from: t.arg({ type: "LogPosition", description: "The size of the earlier tree." }),
        to: t.arg({ type: "LogPosition", description: "The size of the later tree." }),
      },
      async resolve(_notary, args, context) {
        const [from, to] = [
          await sizeWithin(context, args.from),
          await sizeWithin(context, args.to),
        ];
        if (from === null || to === null || from > to) return null;
        return inBase64(await context.desk.ledger.consistency(from, to));
      },
    }),
  }),
});

/** Adds what proves the lineage. */
export function addLogFields(): void {
  builder.queryField("log", (t) =>
    t.field({
      ...shared,
      type: TransparencyLogRef,
      description: "The log of all revisions, and what is signed of it.",
      resolve(_root, _args, context) {
        requireEntitled(context, "packetRead");
        return context.notary;
      },
    }),
  );
  builder.objectFields(RevisionRef, (t) => ({
    logPosition: t.field({
      ...shared,
      nullable: true,
      type: "LogPosition",
      description: "Its place in the log; null for the moment until it has one.",
      resolve: ({ packet, number }, _args, { desk }) => desk.ledger.position(packet, number),
    }),
    inclusion: t.field({
      ...shared,
      nullable: true,
      type: ["Base64"],
      description:
        "Proves that the tree of the first `size` revisions has it (RFC 6962, 2.1.1); null where the log is not that long, or has it later.",
      args: { size: t.arg({ type: "LogPosition", description: "The size of the tree." }) },
      async resolve({ packet, number }, args, context) {
        const { ledger } = context.desk;
        const size = await sizeWithin(context, args.size);
        const position = await ledger.position(packet, number);
        if (size === null || position === null || position > size) return null;
        return inBase64(await ledger.inclusion(position, size));
      },
    }),
  }));
}
