import type { PacketHead, Viewed } from "#ledger/ledger.ts";
import type { HoldCode } from "#packet/hold.ts";
import { Refusal } from "#packet/refusal.ts";
import { Name } from "#packet/name.ts";
import { openHolds } from "#gate/view.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { type PacketWork, workList } from "#workflow/workList.ts";
import { builder, shared } from "./builder.ts";
import { connectionOptions } from "./connections.ts";
import type { Context } from "./context.ts";
import { addDeploymentQueries } from "./deployment.ts";
import { HoldCodeRef, PacketStatusRef, SourceKindRef } from "./enums.ts";
import { GateRef } from "./packet/gate.ts";
import { loadPacket, loadReadable, refusalError, requireEntitled } from "./loading.ts";
import { PacketRef } from "./packet/packet.ts";
import { idAt, idPosition } from "./positions.ts";
import { SourceReceiptRef } from "./packet/revision.ts";
import { AcceptedSourceRef } from "./content/source.ts";
import { forwardPage, numberedPage } from "./storedPages.ts";
import { PacketWorkRef } from "./packet/work.ts";

const PacketFilter = builder.inputType("PacketFilter", {
  description: "Which packets: those that fit everything given.",
  fields: (t) => ({
    status: t.field({
      type: [PacketStatusRef],
      required: false,
      description: "Standing in one of these.",
    }),
    holdCode: t.field({
      type: HoldCodeRef,
      required: false,
      description: "With an open hold of this code.",
    }),
    train: t.string({ required: false, description: "Of this train." }),
    exercise: t.boolean({ required: false, description: "Practice, or real." }),
  }),
});

/** How many heads are looked at to fill a page of packets that have a hold. */
const HEADS_PAGE = 200;

interface Wanted {
  readonly status?: readonly PacketHead["status"][] | null | undefined;
  readonly holdCode?: HoldCode | null | undefined;
  readonly train?: string | null | undefined;
  readonly exercise?: boolean | null | undefined;
}

/** The packets after one that are wanted, as they look now, in order of id. */
async function packetsAfter(
  context: Context,
  wanted: Wanted,
  after: bigint | null,
  limit: number,
): Promise<Viewed[]> {
  const { train, exercise, status, holdCode } = wanted;
  if (typeof train === "string" && !Name.safeParse(train).success) return [];
  const filter = {
    ...(typeof train === "string" ? { train } : {}),
    ...(typeof exercise === "boolean" ? { exercise } : {}),
  };
  const found: Viewed[] = [];
  for (let last = after === null ? null : idAt(after); found.length < limit;) {
    const heads = await context.desk.ledger.packets(filter, last, HEADS_PAGE);
    for (const { packet } of heads) {
      const seen = found.length < limit ? await loadReadable(context, packet) : null;
      if (seen === null) continue;
      const { state } = seen;
      if (!(status ?? [state.status]).includes(state.status)) continue;
      if (holdCode && !openHolds(state).some(({ code }) => code === holdCode)) continue;
      found.push(seen);
    }
    last = heads.at(-1)?.packet ?? last;
    if (heads.length < HEADS_PAGE) break;
  }
  return found;
}

function packetQueries(): void {
  builder.queryField("packet", (t) =>
    t.field({
      ...shared,
      nullable: true,
      type: PacketRef,
      description: "One packet; null when there is none that you may see.",
      args: { packet: t.arg({ type: "UUID", description: "The packet's own id." }) },
      resolve: (_root, { packet }, context) => loadPacket(context, packet),
    }),
  );
  builder.queryField("packets", (t) =>
    t.connection({
      ...shared,
      type: PacketRef,
      description:
        "Packets in order of their opening; this list is read forwards. One that cannot be read is missing here and named by `deployment`.",
      ...connectionOptions,
      args: {
        filter: t.arg({
          type: PacketFilter,
          required: false,
          description: "Which ones; all when left out.",
        }),
      },
      resolve: (_root, { filter, ...args }, context) => {
        requireEntitled(context, "packetRead");
        // Which packets a name finds would tell whether there is a train of that name.
        if (typeof filter?.train === "string") requireEntitled(context, "sourceRead");
        const wanted = filter ?? {};
        return forwardPage({
          args,
          fetch: (after, limit) => packetsAfter(context, wanted, after, limit),
          positionOf: ({ state }) => idPosition(state.facts.packet),
          total: async () =>
            (await packetsAfter(context, wanted, null, Number.MAX_SAFE_INTEGER)).length,
          cursors: context.cursors,
          scope: "packets",
        });
      },
    }),
  );
  builder.queryField("gate", (t) =>
    t.field({
      ...shared,
      nullable: true,
      type: GateRef,
      description: "The gate of a packet, for downstream tools; null when there is no such packet.",
      args: { packet: t.arg({ type: "UUID", description: "The packet." }) },
      resolve: async (_root, { packet }, { desk, actor }) => {
        const gate = await gateRead(desk, actor, packet);
        if (!(gate instanceof Refusal)) return gate;
        if (gate.code === "UNKNOWN_PACKET" || gate.code === "INVALID_INPUT") return null;
        throw refusalError(gate);
      },
    }),
  );
  builder.queryField("workList", (t) =>
    t.connection({
      ...shared,
      type: PacketWorkRef,
      description:
        "What waits for whom, and by when, on every packet that is not closed; this list is read forwards.",
      ...connectionOptions,
      args: { mine: t.arg.boolean({ defaultValue: true, description: "Only what you can do." }) },
      resolve: async (_root, { mine, ...args }, context) => {
        const fetch = async (after: bigint | null, limit: number): Promise<PacketWork[]> => {
          const wanted = { after: after === null ? null : idAt(after), limit, mine };
          const work = await workList(context.desk, context.actor, wanted);
          if (work instanceof Refusal) throw refusalError(work);
          return work;
        };
        return forwardPage({
          args,
          fetch,
          positionOf: ({ packet }) => idPosition(packet),
          total: async () => (await fetch(null, Number.MAX_SAFE_INTEGER)).length,
          cursors: context.cursors,
          scope: "work",
        });
      },
    }),
  );
}

const SourceOf = builder.inputType("SourceOf", {
  description: "The sources of one kind that were accepted for a train.",
  fields: (t) => ({
    train: t.string({ description: "The patch train." }),
    exercise: t.boolean({ description: "Practice, or real." }),
    kind: t.field({ type: SourceKindRef, description: "The kind of source." }),
  }),
});

function sourceQueries(): void {
  builder.queryField("source", (t) =>
    t.field({
      ...shared,
      nullable: true,
      type: AcceptedSourceRef,
      description:
        "One accepted version of a source, the newest when no version is given; null when there is none.",
      args: {
        of: t.arg({ type: SourceOf, description: "Which source." }),
        version: t.arg.int({ required: false, description: "Its version." }),
      },
      resolve: (_root, { of: { train, exercise, kind }, version }, context) => {
        requireEntitled(context, "sourceRead");
        if (!Name.safeParse(train).success || (version ?? 1) < 1) return null;
        return context.desk.ledger.source({ train, exercise }, kind, version ?? null);
      },
    }),
  );
  builder.queryField("sourceVersions", (t) =>
    t.connection({
      ...shared,
      type: SourceReceiptRef,
      description: "Every accepted version of a source, from the first.",
      ...connectionOptions,
      args: { of: t.arg({ type: SourceOf, description: "Which source." }) },
      resolve: async (_root, { of: { train, exercise, kind }, ...args }, context) => {
        requireEntitled(context, "sourceRead");
        const key = { train, exercise };
        const { ledger } = context.desk;
        const newest = Name.safeParse(train).success ? await ledger.source(key, kind, null) : null;
        return numberedPage({
          head: newest?.version ?? 0,
          args,
          fetch: (after, limit) => ledger.sourceVersions(key, kind, after, limit),
          numberOf: ({ version }) => version,
          cursors: context.cursors,
          scope: `sources ${exercise} ${kind} ${train}`,
        });
      },
    }),
  );
}

/** Adds every query. */
export function addQueries(): void {
  builder.queryType({ description: "Everything that can be read. Reading changes no decision." });
  packetQueries();
  sourceQueries();
  addDeploymentQueries();
}
