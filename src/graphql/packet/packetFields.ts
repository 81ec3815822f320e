import { openHolds } from "#gate/view.ts";
import { reviewOf } from "#gate/review.ts";
import { shiftArithmetic } from "#gate/forecast.ts";
import type { Hold } from "#packet/hold.ts";
import { Refusal } from "#packet/refusal.ts";
import { SourceKind } from "#packet/source.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { builder, shared } from "../builder.ts";
import { ClockDoubtRef } from "../enums.ts";
import {
  EarliestLapseRef,
  ForecastRef,
  ShiftQuorumRef,
  earliestLapseOf,
  forecastOf,
} from "./forecast.ts";
import { ApprovalRef, GateRef } from "./gate.ts";
import { HoldCountRef } from "./hold.ts";
import { refusalError } from "../loading.ts";
import { BindingsRef, MaterialRef, ReviewRef } from "./material.ts";
import { PacketRef } from "./packet.ts";
import { ReadinessRef, readinessOf } from "./readiness.ts";
import { RevisionRef } from "./revision.ts";
import { AcceptedSourceRef } from "../content/source.ts";

/** Adds what can be asked of a packet beside who it is and its lists. */
export function addPacketFields(): void {
  addStanding();
  addScope();
  addReadiness();
}

/** How a packet stands: holds, approval, gate, newest revision. */
function addStanding(): void {
  builder.objectFields(PacketRef, (t) => ({
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch at which this is so.",
      resolve: ({ moment }) => moment.epoch,
    }),
    clockDoubt: t.field({
      ...shared,
      nullable: true,
      type: ClockDoubtRef,
      description: "Why the epoch is doubtful; null when it is not.",
      resolve: ({ moment }) => moment.doubt,
    }),
    openHolds: t.int({
      ...shared,
      description: "How many holds are open.",
      resolve: ({ state }) => state.openHolds,
    }),
    openHoldsByCode: t.field({
      ...shared,
      type: [HoldCountRef],
      description: "How many holds of each code are open, codes in order.",
      resolve: ({ state }) => countByCode(openHolds(state)),
    }),
    approval: t.field({
      ...shared,
      nullable: true,
      type: ApprovalRef,
      description: "The newest approval, however it stands; null when there is none.",
      resolve: ({ state }) => state.approval,
    }),
    gate: t.field({
      ...shared,
      type: GateRef,
      description: "What downstream is told now.",
      resolve: async ({ state }, _args, { desk, actor }) => {
        const gate = await gateRead(desk, actor, state.facts.packet);
        if (gate instanceof Refusal) throw refusalError(gate);
        return gate;
      },
    }),
    currentRevision: t.field({
      ...shared,
      type: RevisionRef,
      description: "Its newest revision.",
      resolve: async ({ state }, _args, { desk }) => {
        const revision = await desk.ledger.revision(state.facts.packet, state.revision);
        if (revision === null) throw new Error("a packet's newest revision is missing");
        return revision;
      },
    }),
    revisionBy: t.field({
      ...shared,
      nullable: true,
      type: RevisionRef,
      description:
        "One revision by its number or its digest; null when there is none. Give one of the two.",
      args: {
        number: t.arg.int({ required: false, description: "Its number." }),
        digest: t.arg({ required: false, type: "RevisionDigest", description: "Its full digest." }),
      },
      resolve: ({ state }, { number, digest }, { desk }) => {
        const { packet } = state.facts;
        if (typeof digest === "string") return desk.ledger.revisionByDigest(packet, digest);
        return typeof number === "number" && number > 0
          ? desk.ledger.revision(packet, number)
          : null;
      },
    }),
  }));
}

/** What it was prepared against. */
function addScope(): void {
  builder.objectFields(PacketRef, (t) => ({
    bindings: t.field({
      ...shared,
      type: BindingsRef,
      description: "The accepted versions that it was prepared against.",
      resolve: ({ state }) => state.facts.bindings,
    }),
    sources: t.field({
      ...shared,
      type: [AcceptedSourceRef],
      description: "The newest accepted version of every kind of source.",
      resolve: ({ state }) => SourceKind.options.map((kind) => state.facts.sources[kind]),
    }),
    material: t.field({
      ...shared,
      type: MaterialRef,
      description: "What an approval covers (rule 5.4).",
      resolve: ({ state }) => state.material,
    }),
    review: t.field({
      ...shared,
      type: ReviewRef,
      description: "What the owner has to look at anew.",
      resolve: ({ state }) => reviewOf(state),
    }),
  }));
}

/** What it needs, and what time will do to it. */
function addReadiness(): void {
  builder.objectFields(PacketRef, (t) => ({
    readiness: t.field({
      ...shared,
      type: [ReadinessRef],
      description: "Every prerequisite, in the order of rule 4.1.",
      resolve: readinessOf,
    }),
    forecast: t.field({
      ...shared,
      type: [ForecastRef],
      description:
        "Every revision that time alone will write, in order, the one that closes the packet last.",
      resolve: ({ state }) =>
        forecastOf(state).map((revised) => ({ packet: state.facts.packet, revised })),
    }),
    earliestLapse: t.field({
      ...shared,
      nullable: true,
      type: EarliestLapseRef,
      description: "The first thing to go wrong by itself; null when nothing will.",
      resolve: ({ state }) => earliestLapseOf(state),
    }),
    shiftQuorums: t.field({
      ...shared,
      type: [ShiftQuorumRef],
      description: "How much each shift left of the window can bear.",
      resolve: ({ state, moment }) => shiftArithmetic(state, moment.epoch),
    }),
  }));
}

function countByCode(holds: readonly Hold[]): { code: Hold["code"]; open: number }[] {
  const counts = new Map<Hold["code"], number>();
  for (const { code } of holds) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, open]) => ({ code, open }));
}
