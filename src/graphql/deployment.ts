import type { PacketHead } from "#ledger/ledger.ts";
import { rateControlIn } from "#recovery/changeToken.ts";
import { rateInForce } from "#recovery/clock.ts";
import { mappingOf } from "#recovery/mapping.ts";
import { builder, shared } from "./builder.ts";
import { RateControlRef } from "./changes.ts";
import { withheldFrom } from "./classGuard.ts";
import { TimeMappingRef } from "./content/timeContent.ts";
import type { Context } from "./context.ts";
import { ActorKindRef, RoleRef, enumOf } from "./enums.ts";
import { loadReadable, requireEntitled } from "./loading.ts";

const FieldClassRef = enumOf(
  "FieldClass",
  { options: ["SHARED", "GOVERNED", "RESTRICTED"] },
  "What a field may tell whom (rule 7.1). A field of a class that you do not see reads as null.",
  {
    SHARED: "Timing, readiness, codes, counts and states.",
    GOVERNED: "Artifacts, digests, people's names, places, reasons.",
    RESTRICTED: "Branches and repositories.",
  },
);

const ViewerRef = builder.objectRef<Context>("Viewer").implement({
  description: "Who asks.",
  fields: (t) => ({
    name: t.string({ ...shared, description: "Your name.", resolve: ({ actor }) => actor.actor }),
    kind: t.field({
      ...shared,
      type: ActorKindRef,
      description: "What kind of principal you are.",
      resolve: ({ actor }) => actor.kind,
    }),
    roles: t.field({
      ...shared,
      type: [RoleRef],
      description: "What you may do.",
      resolve: ({ actor }) => [...actor.roles],
    }),
    classes: t.field({
      ...shared,
      type: [FieldClassRef],
      description: "What you are shown.",
      resolve: ({ classes }) => [...classes],
    }),
    withheld: t.stringList({
      ...shared,
      description:
        "The fields that read as null to you whether or not there is a value, as `Type.field`. A null anywhere else means that there is none, but for the digest of a trusted branch, which is RESTRICTED.",
      resolve: ({ classes }, _args, _context, info) => withheldFrom(info.schema, classes),
    }),
  }),
});

/** What the deployment says of itself. */
interface Deployment {
  readonly deployment: string;
}

const HEADS_PAGE = 200;

async function unreadablePackets(context: Context): Promise<string[]> {
  const unreadable: string[] = [];
  for (let last: string | null = null; ;) {
    const heads: readonly PacketHead[] = await context.desk.ledger.packets(
      { isOpen: true },
      last,
      HEADS_PAGE,
    );
    for (const { packet } of heads) {
      if ((await loadReadable(context, packet)) === null) unreadable.push(packet);
    }
    last = heads.at(-1)?.packet ?? last;
    if (heads.length < HEADS_PAGE) return unreadable;
  }
}

const DeploymentRef = builder.objectRef<Deployment>("Deployment").implement({
  description: "The deployment that answers.",
  fields: (t) => ({
    deployment: t.field({
      ...shared,
      type: "UUID",
      description: "Its id.",
      resolve: ({ deployment }) => deployment,
    }),
    database: t.string({
      ...shared,
      description:
        "EMBEDDED for the one that is for newcomers, tests and rehearsals; else EXTERNAL.",
      resolve: (_deployment, _args, { embedded }) => (embedded ? "EMBEDDED" : "EXTERNAL"),
    }),
    unreadable: t.field({
      ...shared,
      type: ["UUID"],
      description:
        "Packets that are not closed and whose lineage cannot be read: held, their gates CLOSED, until somebody looks.",
      resolve: async (_deployment, _args, context) => {
        requireEntitled(context, "packetRead");
        return unreadablePackets(context);
      },
    }),
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch now.",
      resolve: async (_deployment, _args, { desk }) => (await desk.ledger.moment()).epoch,
    }),
    epochMs: t.int({
      ...shared,
      description:
        "How long one epoch lasts, in milliseconds: as recorded last, else as configured.",
      resolve: async (_deployment, _args, { desk }) =>
        rateInForce((await desk.ledger.moment()).clock, desk.rate).epochMs,
    }),
    rateControl: t.field({
      ...shared,
      type: RateControlRef,
      description: "Whether somebody apart decides how fast things change here.",
      resolve: (_deployment, _args, { desk }) => rateControlIn(desk.changes),
    }),
    timeMapping: t.field({
      ...shared,
      type: TimeMappingRef,
      description:
        "How times would become epochs now: whoever proposes a calendar or window reads the deployment's time here and on no clock.",
      resolve: async (_deployment, _args, { desk }) =>
        mappingOf((await desk.ledger.moment()).clock, desk.rate),
    }),
  }),
});

/** Adds the queries about the deployment and about who asks. */
export function addDeploymentQueries(): void {
  builder.queryField("viewer", (t) =>
    t.field({
      ...shared,
      type: ViewerRef,
      description: "Who you are here.",
      resolve: (_root, _args, context) => context,
    }),
  );
  builder.queryField("deployment", (t) =>
    t.field({
      ...shared,
      type: DeploymentRef,
      description: "The deployment that answers.",
      resolve: (_root, _args, { desk }) => ({ deployment: desk.ledger.deployment }),
    }),
  );
}
