import type { Actor } from "#packet/actor.ts";
import { CONTENTS, digestOf, rosterPerson } from "../gate/train.ts";
import { UMA } from "./cast.ts";
import { type RefusalRow, key } from "./refusalRow.ts";
import { type Wire, onWire } from "./trains.ts";

function source(of: Wire, train = "ready", by: Actor = UMA): RefusalRow["ask"] {
  return () => ({ by, input: { ...key(), train, exercise: false, source: onWire(of) } });
}

/** A source whose times are said in epochs from now. */
function timed(of: (at: (epochs: number) => string) => Wire): RefusalRow["ask"] {
  return (_at, time) => ({
    by: UMA,
    input: { ...key(), train: "ready", exercise: false, source: of(time) },
  });
}

const shifts = (...list: Wire[]): Wire => ({ kind: "SHIFT_CALENDAR", shifts: list, noSigning: [] });
const { QUORUM_POLICY, ROLLBACK_SCOPE, REPRODUCIBILITY_POLICY } = CONTENTS;

/** What is refused as a source. */
export const SOURCE_REFUSALS: readonly RefusalRow[] = [
  {
    verb: "sourceAccept",
    why: "of a train that has no lane",
    ask: source(CONTENTS.MANIFEST, "unheard-of"),
    code: "SOURCES_MISSING",
  },
  {
    verb: "sourceAccept",
    why: "by somebody who is not its authority (rule 2.1)",
    ask: source(CONTENTS.MANIFEST, "ready", { ...UMA, actor: "ugo" }),
    code: "NOT_THE_AUTHORITY",
  },
  {
    verb: "sourceAccept",
    why: "that asks for more seats than people may sit (rule 4.2.6)",
    ask: source({ ...QUORUM_POLICY, seats: [{ role: "SIGNER", count: 5 }] }),
    code: "POLICY_UNMEETABLE",
    paths: [["source", "seats"]],
  },
  {
    verb: "sourceAccept",
    why: "that asks people with two roles to sit twice (rule 4.2.6)",
    ask: source({
      ...QUORUM_POLICY,
      seats: [
        { role: "SIGNER", count: 4 },
        { role: "CUSTODIAN", count: 2 },
      ],
    }),
    code: "POLICY_UNMEETABLE",
    paths: [["source", "seats"]],
  },
  {
    verb: "sourceAccept",
    why: "that asks for more custody groups than the roster has (rule 4.2.6)",
    ask: source({
      ...QUORUM_POLICY,
      seats: [{ role: "SIGNER", count: 4 }],
      minCustodyGroups: 4,
    }),
    code: "POLICY_UNMEETABLE",
    paths: [["source", "minCustodyGroups"]],
  },
  {
    verb: "sourceAccept",
    why: "that asks for more custody groups than it has SIGNER seats (rule 4.2.6)",
    ask: source({ ...QUORUM_POLICY, minCustodyGroups: 3 }),
    code: "INVALID_INPUT",
    paths: [["source", "minCustodyGroups"]],
  },
  {
    verb: "sourceAccept",
    why: "that asks for more custodians than the roster has (rule 4.2.6)",
    ask: source({ ...ROLLBACK_SCOPE, minCustodians: 4 }),
    code: "POLICY_UNMEETABLE",
    paths: [["source", "minCustodians"]],
  },
  {
    verb: "sourceAccept",
    why: "that goes back on a component which the train does not release",
    ask: source({
      ...ROLLBACK_SCOPE,
      packages: ROLLBACK_SCOPE.packages.map((item) => ({ ...item, component: "other" })),
    }),
    code: "INVALID_INPUT",
    paths: [["source", "packages", 0, "component"]],
  },
  {
    verb: "sourceAccept",
    why: "that asks for more rebuilders than it accepts (rule 4.2.6)",
    ask: source({ ...REPRODUCIBILITY_POLICY, minRebuilders: 3 }),
    code: "INVALID_INPUT",
    paths: [["source", "minRebuilders"]],
  },
  {
    verb: "sourceAccept",
    why: "that asks for more enclaves than it accepts (rule 4.2.6)",
    ask: source({ ...CONTENTS.REQUIRED_ENCLAVES, requiredEnclaves: 3 }),
    code: "INVALID_INPUT",
    paths: [["source", "requiredEnclaves"]],
  },
  {
    verb: "sourceAccept",
    why: "in which two artifacts differ in case alone",
    ask: source({
      kind: "MANIFEST",
      artifacts: ["dir/App", "lib", "DIR/app"].map((name) => ({
        name,
        digest: digestOf(name),
        size: 1,
        targets: [],
      })),
    }),
    code: "INVALID_INPUT",
    paths: [["source", "artifacts", 2]],
  },
  {
    verb: "sourceAccept",
    why: "in which one person stands twice",
    ask: source({
      kind: "ROSTER",
      people: ["ana", "ben", "ANA"].map((name) => rosterPerson(name, ["SIGNER"], "red")),
    }),
    code: "INVALID_INPUT",
    paths: [["source", "people", 2]],
  },
  {
    verb: "sourceAccept",
    why: "with a shift that ends before it starts",
    ask: timed((at) => shifts({ shift: "early", startsAt: at(9), endsAt: at(3) })),
    code: "INVALID_INPUT",
    paths: [["source", "shifts", 0, "endsAt"]],
  },
  {
    verb: "sourceAccept",
    why: "with a shift that holds no whole epoch (rule 6.3)",
    ask: timed((at) => shifts({ shift: "early", startsAt: at(3.2), endsAt: at(3.8) })),
    code: "INVALID_INPUT",
    paths: [["source", "shifts", 0, "endsAt"]],
  },
  {
    verb: "sourceAccept",
    why: "with a window that lies before the clock's first epoch",
    ask: timed((at) => ({ kind: "SHIPMENT_WINDOW", startsAt: at(-5000), endsAt: at(9) })),
    code: "INVALID_INPUT",
    paths: [["source", "startsAt"]],
  },
  {
    verb: "sourceAccept",
    why: "that lets signing rest in the middle of a shift",
    ask: timed((at) => ({
      ...shifts({ shift: "early", startsAt: at(0), endsAt: at(9) }),
      noSigning: [{ startsAt: at(4), endsAt: at(6) }],
    })),
    code: "INVALID_INPUT",
    paths: [["source", "noSigning", 0]],
  },
];
