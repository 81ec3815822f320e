import type { Actor } from "#packet/actor.ts";
import type { ReportScope } from "#packet/reportScope.ts";
import {
  commitment,
  component,
  emergencyPlan,
  confirmation,
  enclave,
  held,
  initialisation,
  quarantine,
  revocation,
  safeguard,
  sighting,
} from "../gate/reports.ts";
import { PIA, PROBE, REX } from "./cast.ts";
import type { Place } from "./malformed.ts";
import { type RefusalRow, about, key } from "./refusalRow.ts";
import { BINDINGS, onWire } from "./trains.ts";

/** A service with the rights of somebody, that may report this and nothing else. */
function scoped({ roles }: Actor, ...reports: ReportScope[]): Actor {
  return { ...PROBE, roles, reports };
}

const roster = scoped(PROBE, { kind: "AVAILABILITY" });
const signing = scoped(PROBE, { kind: "ENCLAVE_REPORT", subjects: ["another"] });
const numbered = { reportNumber: "1000" };

function refused(
  verb: RefusalRow["verb"],
  why: string,
  ask: RefusalRow["ask"],
  ...paths: Place[]
): RefusalRow {
  return { verb, why, ask, code: "REPORT_OUT_OF_SCOPE", paths };
}

function recording(by: Actor, ...reports: object[]): RefusalRow["ask"] {
  return about("ready", by, { ...numbered, entries: reports.map(onWire) });
}

function sharing(by: Actor, ...reports: object[]): RefusalRow["ask"] {
  const entries = reports.map(onWire);
  return () => ({ by, input: { ...key(), ...numbered, exercise: false, entries } });
}

function previewing(kind: string, by: Actor, ...reports: object[]): RefusalRow["ask"] {
  const change = { kind, entries: reports.map(onWire) };
  return (at) => ({ by, input: { packet: at.ready.packet, change } });
}

const other = (kind: ReportScope["kind"]): Actor =>
  scoped(PROBE, { kind, subjects: ["nothing/of.this"] });

/** What a service asks for that its credential does not cover. */
export const SCOPE_REFUSALS: readonly RefusalRow[] = [
  refused(
    "readinessRecord",
    "by a roster's script of anything else, every entry named",
    recording(roster, confirmation("app"), commitment("anna", "first"), held("cora")),
    ["entries", 0],
    ["entries", 2],
  ),
  ...[
    confirmation("app"),
    commitment("anna", "first"),
    held("cora"),
    safeguard("REGISTRY_RELEASE", "ENGAGED"),
    sighting("app", "app", "mirror-1"),
    quarantine({ by: "LOCATION", location: "mirror-1" }, "IN_FORCE"),
    quarantine({ by: "MANIFEST", version: 1 }, "IN_FORCE"),
  ].map((report) =>
    refused(
      "readinessRecord",
      `of ${report.kind} about another subject than its own`,
      recording(other(report.kind), report),
      ["entries", 0],
    ),
  ),
  refused(
    "packetOpen",
    "with entries that the opener may not report",
    () => ({
      by: scoped(PIA, { kind: "AVAILABILITY" }),
      input: {
        ...key(),
        ...numbered,
        train: "settled",
        exercise: false,
        bindings: BINDINGS,
        entries: [onWire(confirmation("app"))],
      },
    }),
    ["entries", 0],
  ),
  refused("enclaveReport", "by a roster's script", sharing(roster, enclave("north")), [
    "entries",
    0,
  ]),
  refused("enclaveReport", "of another enclave than its own", sharing(signing, enclave("north")), [
    "entries",
    0,
  ]),
  refused(
    "credentialRevoke",
    "of another person than its own",
    sharing(scoped(REX, { kind: "CREDENTIAL_REVOCATION", subjects: ["ben"] }), revocation("anna")),
    ["entries", 0],
  ),
  refused(
    "componentReport",
    "of another component than its own",
    sharing(scoped(REX, { kind: "COMPONENT_STATE", subjects: ["none"] }), component(3)),
    ["entries", 0],
  ),
  refused(
    "releaseInitialise",
    "on another component than its own",
    sharing(scoped(REX, { kind: "RELEASE_INITIALISATION", subjects: ["none"] }), initialisation()),
    ["entries", 0],
  ),
  refused(
    "emergencyPlanReport",
    "of another kind than its own",
    sharing(scoped(REX, { kind: "COMPONENT_STATE" }), emergencyPlan(["ana"])),
    ["entries", 0],
  ),
  refused(
    "changePreview",
    "of an entry that the asker may not report",
    previewing("ENTRIES", roster, confirmation("app")),
    ["change", "entries", 0],
  ),
  refused(
    "changePreview",
    "of a shared entry that the asker may not report",
    previewing("SHARED_ENTRIES", roster, enclave("north")),
    ["change", "entries", 0],
  ),
];
