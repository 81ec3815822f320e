import { escalations } from "#gate/view.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { Hold } from "#packet/hold.ts";
import { placedAdvisories } from "./advisoryPlaces.ts";
import { builder, shared } from "../builder.ts";
import { type PageArgs, connectionOptions, sliceOf } from "../connections.ts";
import type { Context } from "../context.ts";
import { EntryKindRef, HoldCodeRef, HoldStatusRef, PrerequisiteRef } from "../enums.ts";
import { AdvisoryRef, EscalationRef, HoldRef } from "./hold.ts";
import { PacketRef } from "./packet.ts";
import { idPosition } from "../positions.ts";
import { EvidenceRef, evidenceOf } from "./readiness.ts";
import { type PlacedHold, holdsInOrder } from "./registers.ts";
import { RevisionRef } from "./revision.ts";
import { numberedPage } from "../storedPages.ts";

/** Which holds of a register are meant. */
interface Wanted {
  readonly status?: Hold["status"] | null | undefined;
  readonly code?: Hold["code"] | null | undefined;
  readonly prerequisite?: Hold["prerequisite"] | null | undefined;
}

function registerPage({ state }: Viewed, args: PageArgs & Wanted, { cursors, desk }: Context) {
  const { packet } = state.facts;
  const { status, code, prerequisite } = args;
  const isFiltered = Boolean(status ?? code ?? prerequisite);
  const isWanted = ({ hold }: PlacedHold): boolean =>
    (status ?? hold.status) === hold.status &&
    (code ?? hold.code) === hold.code &&
    (prerequisite ?? hold.prerequisite) === hold.prerequisite;
  const holds = holdsInOrder(desk.ledger, state);
  const page = sliceOf({
    items: isFiltered ? holds.filter(isWanted) : holds,
    args,
    position: ({ position }) => position,
    cursors,
    scope: `holds ${packet}`,
  });
  const edges = page.edges.map(({ cursor, node }) => ({
    cursor,
    node: { packet, hold: node.hold },
  }));
  return { ...page, edges };
}

/** Adds the lists of a packet that grow. */
export function addPacketLists(): void {
  builder.objectFields(PacketRef, (t) => ({
    lineage: t.connection({
      ...shared,
      type: RevisionRef,
      description: "Its revisions in order, from the first.",
      ...connectionOptions,
      resolve: ({ state }, args, { desk, cursors }) => {
        const { packet } = state.facts;
        return numberedPage({
          head: state.revision,
          args,
          fetch: (after, limit) => desk.ledger.revisions(packet, after, limit),
          numberOf: ({ number }) => number,
          cursors,
          scope: `lineage ${packet}`,
        });
      },
    }),
    holds: t.connection({
      ...shared,
      type: HoldRef,
      description:
        "The hold register: every hold in its newest opening, in order of the revision that opened it; those of one revision are in an order that stays.",
      ...connectionOptions,
      args: {
        status: t.arg({
          required: false,
          type: HoldStatusRef,
          description: "Only those that stand so.",
        }),
        code: t.arg({
          required: false,
          type: HoldCodeRef,
          description: "Only those of this code.",
        }),
        prerequisite: t.arg({
          required: false,
          type: PrerequisiteRef,
          description: "Only those of this prerequisite.",
        }),
      },
      resolve: registerPage,
    }),
    escalations: t.connection({
      ...shared,
      type: EscalationRef,
      description: "The bounded mismatches behind its escalating holds (rule 3.8).",
      ...connectionOptions,
      resolve: ({ state }, args, { cursors, desk }) => {
        const { packet } = state.facts;
        const known = new Map(escalations(state).map((one) => [one.hold.ordinal, one]));
        const items = holdsInOrder(desk.ledger, state).flatMap(({ hold, position }) => {
          const escalation = known.get(hold.ordinal);
          return escalation === undefined ? [] : [{ ...escalation, packet, position }];
        });
        return sliceOf({
          items,
          args,
          position: ({ position }) => position,
          cursors,
          scope: `holds ${packet}`,
        });
      },
    }),
    advisories: t.connection({
      ...shared,
      type: AdvisoryRef,
      description:
        "What is worth knowing and blocks nothing, in order of code; those of one code are in an order that stays.",
      ...connectionOptions,
      resolve: ({ state }, args, { cursors, desk }) => {
        const page = sliceOf({
          items: placedAdvisories(state, () => desk.ledger.keyFor("advisories")),
          args,
          position: ({ position }) => position,
          cursors,
          scope: `advisories ${state.facts.packet}`,
        });
        const { packet } = state.facts;
        const edges = page.edges.map(({ cursor, node }) => ({
          cursor,
          node: { ...node.advisory, packet },
        }));
        return { ...page, edges };
      },
    }),
    evidence: t.connection({
      ...shared,
      type: EvidenceRef,
      description:
        "The readiness ledger as it counts now: every reporter's newest entry on every subject, oldest first.",
      ...connectionOptions,
      args: {
        kind: t.arg({
          required: false,
          type: EntryKindRef,
          description: "Only entries of this kind.",
        }),
      },
      resolve: (seen, args, { cursors }) =>
        sliceOf({
          items: evidenceOf(seen, ({ kind }) => (args.kind ?? kind) === kind),
          args,
          position: ({ entry }) => idPosition(entry.entry),
          cursors,
          scope: `evidence ${seen.state.facts.packet}`,
        }),
    }),
  }));
}
