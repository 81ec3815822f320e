import { describe, expect, test } from "vitest";
import { outOfScope } from "#access/reportScopes.ts";
import type { Actor } from "#packet/actor.ts";
import type { Report } from "#packet/entry.ts";
import type { ReportScope } from "#packet/reportScope.ts";
import {
  byDigest,
  commitment,
  component,
  confirmation,
  declaration,
  enclave,
  held,
  initialisation,
  quarantine,
  rebuild,
  revocation,
  rotation,
  safeguard,
  sighting,
} from "../gate/reports.ts";

function service(...reports: ReportScope[]): Actor {
  return { actor: "probe", kind: "SYSTEM", roles: ["REPORTER"], reports };
}

/** A report of each kind, and whose it is. */
const OWN: readonly (readonly [subject: string, report: Report])[] = [
  ["app", confirmation("app")],
  ["app", rebuild("app")],
  ["anna", commitment("anna", "first")],
  ["back", held("cora")],
  ["registry", safeguard("REGISTRY_RELEASE", "ENGAGED")],
  ["mirror-1", sighting("app", "other", "mirror-1")],
  ["mirror-1", quarantine({ by: "LOCATION", location: "mirror-1" })],
  ["north", enclave("north")],
  ["anna", revocation("anna")],
  ["core", component(3)],
  ["core", declaration()],
  ["core", initialisation()],
  ["core", rotation()],
];

describe("a credential covers", () => {
  test("everything where nothing is said", () => {
    const person: Actor = { actor: "paul", kind: "PERSON", roles: ["REPORTER"] };
    const all = OWN.map(([, report]) => report);
    expect(outOfScope(person, all, [])).toBeNull();
  });

  test.each(OWN)(
    "a report about %s, where that is its subject or the kind is",
    (subject, report) => {
      const { kind } = report;
      expect(outOfScope(service({ kind, subjects: ["other", subject] }), [report], [])).toBeNull();
      expect(outOfScope(service({ kind }), [report], [])).toBeNull();
    },
  );

  test.each(OWN)("no report about %s where its subjects are others", (_subject, report) => {
    const scope = { kind: report.kind, subjects: ["another"] };
    const [fault, ...more] = outOfScope(service(scope), [report], ["entries"])?.faults ?? [];
    expect([fault?.path, more]).toEqual([["entries", 0], []]);
    expect(fault?.message).toContain("not about this subject");
  });

  test("a quarantine of a digest or a manifest only with the whole kind", () => {
    const kind = "QUARANTINE";
    for (const selector of [byDigest("app"), { by: "MANIFEST", version: 1 } as const]) {
      const report = quarantine(selector);
      expect(outOfScope(service({ kind, subjects: ["app"] }), [report], [])).not.toBeNull();
      expect(outOfScope(service({ kind }), [report], [])).toBeNull();
    }
  });
});

test("every entry that is not covered is named by its place, and none by its subject", () => {
  const roster = service({ kind: "AVAILABILITY" });
  const all = [confirmation("app"), commitment("anna", "first"), held("cora")];
  const refused = outOfScope(roster, all, ["change", "entries"]);
  expect(refused?.faults.map(({ path }) => path)).toEqual([
    ["change", "entries", 0],
    ["change", "entries", 2],
  ]);
  expect(JSON.stringify(refused)).not.toMatch(/cora|back|"app"/);
});
