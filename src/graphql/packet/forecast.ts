import {
  type EarliestLapse,
  type ShiftArithmetic,
  earliestLapse,
  forecast,
} from "#gate/forecast.ts";
import type { Revised } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import type { PacketId } from "#packet/name.ts";
import { builder, governed, shared } from "../builder.ts";
import { ApprovalStandingRef, PacketStatusRef } from "../enums.ts";
import { HoldRef } from "./hold.ts";
import { veilOf } from "./veil.ts";

const forecasts = new WeakMap<PacketState, readonly Revised[]>();

/** The forecast of a state, made once. */
export function forecastOf(state: PacketState): readonly Revised[] {
  const known = forecasts.get(state);
  if (known !== undefined) return known;
  const made = forecast(state);
  forecasts.set(state, made);
  return made;
}

/** One forecast revision with its packet. */
export interface ForecastOf {
  readonly packet: PacketId;
  readonly revised: Revised;
}

export const ForecastRef = builder.objectRef<ForecastOf>("ForecastRevision").implement({
  description: "A revision that time alone will write, all else unchanged.",
  fields: (t) => ({
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "When.",
      resolve: ({ revised }) => revised.state.epoch,
    }),
    status: t.field({
      ...shared,
      type: PacketStatusRef,
      description: "Where the packet will stand.",
      resolve: ({ revised }) => revised.state.status,
    }),
    standing: t.field({
      ...shared,
      nullable: true,
      type: ApprovalStandingRef,
      description: "How the approval will stand; null when there is none.",
      resolve: ({ revised }) => revised.state.approval?.standing ?? null,
    }),
    opened: t.field({
      ...shared,
      type: [HoldRef],
      description: "The holds that will open.",
      resolve: ({ packet, revised }, _args, { desk }) =>
        veilOf(desk.ledger, packet)
          .arranged(revised.opened)
          .map((hold) => ({ packet, hold })),
    }),
    outOfScope: t.field({
      ...shared,
      type: [HoldRef],
      description: "The holds whose subjects will leave the scope.",
      resolve: ({ packet, revised }, _args, { desk }) =>
        veilOf(desk.ledger, packet)
          .arranged(revised.outOfScope)
          .map((hold) => ({ packet, hold })),
    }),
  }),
});

/** The earliest lapse with its packet. */
export interface EarliestLapseOf extends EarliestLapse {
  readonly packet: PacketId;
}

/** The earliest lapse of a packet; null when nothing lapses any more. */
export function earliestLapseOf(state: PacketState): EarliestLapseOf | null {
  const lapse = earliestLapse(state);
  return lapse === null ? null : { ...lapse, packet: state.facts.packet };
}

export const EarliestLapseRef = builder.objectRef<EarliestLapseOf>("EarliestLapse").implement({
  description: "The first thing to go wrong by itself, and what to renew against it.",
  fields: (t) => ({
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "When.",
      resolve: ({ epoch }) => epoch,
    }),
    revision: t.field({
      ...shared,
      type: ForecastRef,
      description: "What will be so then.",
      resolve: ({ packet, revised }) => ({ packet, revised }),
    }),
    renewFirst: t.field({
      ...governed,
      type: ["UUID"],
      description: "The entries to renew before that epoch, oldest first.",
      resolve: ({ renewFirst }) => [...renewFirst],
    }),
  }),
});

export const ShiftQuorumRef = builder.objectRef<ShiftArithmetic>("ShiftQuorum").implement({
  description: "How much a shift's quorum can bear.",
  fields: (t) => ({
    shift: t.exposeString("shift", { ...governed, description: "The shift." }),
    people: t.exposeInt("people", { ...shared, description: "How many people count in it." }),
    absencesSurvived: t.exposeInt("absencesSurvived", {
      ...shared,
      description:
        "How many absences it survives, whoever is absent; -1 when its seats cannot be filled as it is.",
    }),
    breakingAbsences: t.stringList({
      ...governed,
      description: "Whose single absence would break it.",
      resolve: ({ breakingAbsences }) => [...breakingAbsences],
    }),
  }),
});
