import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { ages, enclave, unsealed, withdrawal } from "../gate/reports.ts";
import { IVAN, PAUL, REX, UMA } from "../workflow/cast.ts";
import type { Desk } from "#workflow/desk.ts";
import {
  type Opened,
  type Wire,
  calendarOf,
  newKey,
  onWire,
  windowOf,
} from "../workflow/trains.ts";

/** A verb to be called, and by whom. */
export interface Act {
  readonly verb: Verb;
  readonly by: Actor;
  readonly input: Wire;
}

/** Something that overtakes an approval, and what brings the packet back to READY_FOR_APPROVAL. */
export interface Drift {
  readonly name: string;
  /** Whether it opens a hold; else it changes the material alone. */
  readonly holds: boolean;
  readonly happens: (on: Opened) => Act;
  /** In order, each asked for when the one before it is done; `placements` counts the packet's operator holds. */
  readonly ends: readonly ((on: Opened, placements: number, desk: Desk) => Act | Promise<Act>)[];
}

const key = (): Wire => ({ idempotencyKey: newKey() });

function reporting({ packet }: Opened, status: "WITHDRAWN" | "COMMITTED"): Act {
  const entries = ["ana", "cleo", "eve"].map((name) =>
    onWire({ ...withdrawal(name, "late"), status }),
  );
  return { verb: "readinessRecord", by: PAUL, input: { ...key(), packet, entries } };
}

function attesting({ exercise }: Opened, report: object): Act {
  const entries = [onWire(report)];
  return { verb: "enclaveReport", by: PAUL, input: { ...key(), exercise, entries } };
}

function accepting({ train, exercise }: Opened, source: Wire): Act {
  return { verb: "sourceAccept", by: UMA, input: { ...key(), train, exercise, source } };
}

/** One of each way in which the ledger writes a revision that an approval must not follow (rule 5.2). */
export const DRIFTS: readonly Drift[] = [
  {
    name: "operator hold",
    holds: true,
    happens: ({ packet }) => ({
      verb: "operatorHoldPlace",
      by: IVAN,
      input: { ...key(), packet, reason: "odd noise" },
    }),
    ends: [
      ({ packet }, placement) => ({
        verb: "operatorHoldRelease",
        by: REX,
        input: { ...key(), packet, placement, reason: "explained" },
      }),
    ],
  },
  {
    name: "signers who withdraw",
    holds: true,
    happens: (on) => reporting(on, "WITHDRAWN"),
    ends: [(on) => reporting(on, "COMMITTED")],
  },
  {
    name: "enclave unsealed",
    holds: true,
    happens: (on) => attesting(on, unsealed(on.enclaves[0])),
    ends: [(on) => attesting(on, enclave(on.enclaves[0]))],
  },
  {
    name: "policy accepted",
    holds: false,
    happens: (on) =>
      accepting(on, onWire(ages({ digestMaxAge: BigInt(1000 + (on.revision % 1000)) }))),
    ends: [],
  },
];

/** The one that concerns every packet of the deployment at once (rule 6.5). */
export const FREEZE: Drift = {
  name: "freeze",
  holds: true,
  happens: () => ({ verb: "epochFreeze", by: REX, input: { ...key(), reason: "drill" } }),
  ends: [
    () => ({ verb: "epochThaw", by: REX, input: { ...key(), reason: "done" } }),
    async (on, _placements, desk) => accepting(on, await windowOf(desk)),
    async (on, _placements, desk) => accepting(on, await calendarOf(desk)),
  ],
};
