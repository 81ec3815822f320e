import type { Actor } from "#packet/actor.ts";
import { digestOf } from "../gate/train.ts";
import { OLGA, PAUL, PIA, REX, RUTH } from "./cast.ts";
import { FULL_ENTRIES } from "./contents.ts";
import { NOWHERE, type RefusalRow, key } from "./refusalRow.ts";
import type { Situations } from "./situations.ts";
import { BINDINGS, LANE, type Wire } from "./trains.ts";

function opening(of: Wire, by: Actor = PIA): RefusalRow["ask"] {
  const usual = { train: "settled", exercise: false, bindings: BINDINGS, entries: [] };
  return () => ({ by, input: { ...key(), ...usual, ...of } });
}

function confirming(of: (at: Situations) => Wire, by: Actor = RUTH): RefusalRow["ask"] {
  return (at) => ({ by, input: { ...key(), ...of(at) } });
}

function both(actor: Actor, ...roles: Actor["roles"]): Actor {
  return { ...actor, roles: [...actor.roles, ...roles] };
}

const LANES: readonly RefusalRow[] = [
  {
    verb: "lanePropose",
    why: "of oneself as the owner (rule 2.1)",
    ask: () => ({
      by: REX,
      input: { ...key(), train: "settled", exercise: false, lane: { ...LANE, owner: REX.actor } },
    }),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "lanePropose",
    why: "by the preparer of the train's packet (rule 2.1)",
    ask: () => ({
      by: both(PIA, "RELEASE_SECURITY"),
      input: { ...key(), train: "ready", exercise: false, lane: LANE },
    }),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "lanePropose",
    why: "that names no authority for a kind",
    ask: () => ({
      by: REX,
      input: {
        ...key(),
        train: "settled",
        exercise: false,
        lane: { ...LANE, authorities: LANE.authorities.slice(1) },
      },
    }),
    code: "INVALID_INPUT",
    paths: [["lane", "authorities"]],
  },
  {
    verb: "laneConfirm",
    why: "of a proposal that nobody made",
    ask: confirming((at) => ({ ...at.waiting, proposal: NOWHERE })),
    code: "UNKNOWN_PROPOSAL",
  },
  {
    verb: "laneConfirm",
    why: "under the digest of another lane",
    ask: confirming((at) => ({ ...at.waiting, digest: digestOf("another") })),
    code: "UNKNOWN_PROPOSAL",
  },
  {
    verb: "laneConfirm",
    why: "for another train",
    ask: confirming((at) => ({ ...at.waiting, train: "ready" })),
    code: "UNKNOWN_PROPOSAL",
  },
  {
    verb: "laneConfirm",
    why: "in an exercise, of what was proposed for real (rule 2.3)",
    ask: confirming((at) => ({ ...at.waiting, exercise: true })),
    code: "UNKNOWN_PROPOSAL",
  },
  {
    verb: "laneConfirm",
    why: "after a later lane was accepted",
    ask: confirming((at) => ({ ...at.confirmed })),
    code: "UNKNOWN_PROPOSAL",
  },
  {
    verb: "laneConfirm",
    why: "by the one who proposed it (rule 2.1)",
    ask: confirming((at) => ({ ...at.waiting }), REX),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "laneConfirm",
    why: "by the owner whom it names (rule 2.1)",
    ask: confirming((at) => ({ ...at.waiting }), both(OLGA, "RELEASE_SECURITY")),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "laneConfirm",
    why: "by the preparer of the train's packet (rule 2.1)",
    ask: confirming((at) => ({ ...at.onReady }), both(PIA, "RELEASE_SECURITY")),
    code: "DUTIES_NOT_SEPARATE",
  },
];

const OPENINGS: readonly RefusalRow[] = [
  {
    verb: "packetOpen",
    why: "of a train that nobody has heard of",
    ask: opening({ train: "unheard-of" }),
    code: "SOURCES_MISSING",
  },
  {
    verb: "packetOpen",
    why: "in an exercise, of a train that is settled for real (rule 2.3)",
    ask: opening({ exercise: true }),
    code: "SOURCES_MISSING",
  },
  {
    verb: "packetOpen",
    why: "of a train that has one",
    ask: opening({ train: "ready" }),
    code: "TRAIN_HAS_PACKET",
  },
  {
    verb: "packetOpen",
    why: "by the owner (rule 2.1)",
    ask: opening({}, both(OLGA, "PREPARER")),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "packetOpen",
    why: "by the one who proposed the lane (rule 2.1)",
    ask: opening({}, both(REX, "PREPARER")),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "packetOpen",
    why: "by the one who confirmed the lane (rule 2.1)",
    ask: opening({}, both(RUTH, "PREPARER")),
    code: "DUTIES_NOT_SEPARATE",
  },
  {
    verb: "packetOpen",
    why: "as the successor of a packet that is not there",
    ask: opening({ succeeds: NOWHERE }),
    code: "UNKNOWN_PACKET",
  },
  {
    verb: "packetOpen",
    why: "as the successor of another train's packet (rule 5.3)",
    ask: (at) => opening({ succeeds: at.closed.packet })(at, String),
    code: "UNKNOWN_PACKET",
  },
  {
    verb: "packetOpen",
    why: "with bindings to versions that were never accepted, each named",
    ask: opening({ bindings: { ...BINDINGS, MANIFEST: 9, ROLLBACK_SCOPE: 2 } }),
    code: "INVALID_INPUT",
    paths: [
      ["bindings", "MANIFEST"],
      ["bindings", "ROLLBACK_SCOPE"],
    ],
  },
  {
    verb: "packetOpen",
    why: "with an entry about an artifact that is not in the manifest",
    ask: opening({ entries: [FULL_ENTRIES[4], { ...FULL_ENTRIES[0], artifact: "unheard-of" }] }),
    code: "INVALID_INPUT",
    paths: [["entries", 1, "artifact"]],
  },
  {
    verb: "packetOpen",
    why: "by a person who numbers the report",
    ask: opening({ entries: FULL_ENTRIES, reportNumber: "7" }),
    code: "INVALID_INPUT",
    paths: [["reportNumber"]],
  },
  {
    verb: "packetOpen",
    why: "by somebody whose role is another",
    ask: opening({}, PAUL),
    code: "NOT_ENTITLED",
  },
];

/** What is refused about a train: its lane, and the opening of its packet. */
export const TRAIN_REFUSALS: readonly RefusalRow[] = [...LANES, ...OPENINGS];
