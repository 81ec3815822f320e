import { describe, expect, test } from "vitest";
import type { Report } from "#packet/entry.ts";
import { InvalidInput } from "#packet/refusal.ts";
import { tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  byDigest,
  commitment,
  component,
  confirmation,
  enclave,
  held,
  manifest,
  quarantine,
  rebuild,
  revocation,
  safeguard,
  sighting,
} from "./reports.ts";
import { digestOf, system } from "./train.ts";

/** Where the faults of a refused report are; an accepted one has none. */
function faults(desk: Desk, reports: readonly Report[], reporter = "probe"): string[] {
  const decided = desk.decideReports(reports, system(reporter));
  return decided instanceof InvalidInput ? decided.faults.map(({ path }) => path.join(".")) : [];
}

describe("rule 4.3.2: an observation's epoch", () => {
  test("in the future is refused, and the present one is not", () => {
    const desk = new Desk();
    expect(faults(desk, [confirmation("app", { observedEpoch: 9n })])).toEqual([
      "entries.0.observedEpoch",
    ]);
    expect(faults(desk, [confirmation("app", { observedEpoch: 8n })])).toEqual([]);
  });

  test("left out means now", () => {
    const desk = new Desk();
    desk.pass(2n);
    const decided = desk.decideReports([confirmation("app")], system("probe"));
    expect(decided).toMatchObject([{ observedEpoch: 10n, recordedEpoch: 10n }]);
  });

  test("older than the reporter's newest on the subject is refused, an equal one is not", () => {
    const desk = new Desk();
    desk.pass(2n);
    tell(desk, [confirmation("app", { observedEpoch: 9n })]);
    expect(faults(desk, [confirmation("app", { observedEpoch: 8n })])).toEqual([
      "entries.0.observedEpoch",
    ]);
    expect(faults(desk, [confirmation("app", { observedEpoch: 9n })])).toEqual([]);
  });

  test("older than another reporter's newest is no fault", () => {
    const desk = new Desk();
    desk.pass(2n);
    tell(desk, [confirmation("app")]);
    expect(faults(desk, [confirmation("app", { observedEpoch: 8n })], "scout")).toEqual([]);
  });

  test("is compared for shared subjects as well", () => {
    const desk = new Desk();
    desk.pass(2n);
    tell(desk, [enclave("north")]);
    expect(faults(desk, [enclave("north", { observedEpoch: 9n })])).toEqual([
      "entries.0.observedEpoch",
    ]);
    expect(faults(desk, [revocation("ana"), enclave("south", { observedEpoch: 11n })])).toEqual([
      "entries.1.observedEpoch",
    ]);
  });
});

describe("rule 3.4: a report that cannot be taken is refused whole, fault by fault", () => {
  const desk = new Desk();

  test.each([
    ["an artifact outside the manifest", confirmation("ghost"), ["artifact"]],
    ["a rebuild of one", rebuild("ghost"), ["artifact"]],
    ["a person off the roster", commitment("zoe", "late"), ["person"]],
    ["a shift off the calendar", commitment("ana", "dawn"), ["shift"]],
    ["both", commitment("zoe", "dawn"), ["person", "shift"]],
    ["a package outside the scope", held("ben", { package: "forth" }), ["package"]],
    ["a custodian off the roster", held("zoe"), ["custodian"]],
    [
      "a target outside the scope",
      { ...safeguard("REGISTRY_RELEASE", "ENGAGED"), target: "bazaar" },
      ["target"],
    ],
    ["a safeguard not required there", safeguard("MIRROR_PROMOTION", "ENGAGED"), ["safeguard"]],
    ["a manifest version never known", quarantine({ by: "MANIFEST", version: 2 }), ["selector"]],
  ] as [string, Report, string[]][])("%s", (_, report, fields) => {
    expect(faults(desk, [report])).toEqual(fields.map((field) => `entries.0.${field}`));
  });

  test("what is observed or quarantined may be anything: that is what it is for", () => {
    expect(
      faults(desk, [sighting("ghost", "ghost", "nowhere"), quarantine(byDigest("ghost"))]),
    ).toEqual([]);
  });

  test("the same subject twice in one report is refused at the second", () => {
    const twice = [
      confirmation("app"),
      confirmation("lib"),
      confirmation("app", { observed: digestOf("x") }),
    ];
    expect(faults(desk, twice)).toEqual(["entries.2.kind"]);
  });

  test("a confirmation and a rebuild of one artifact are two subjects", () => {
    expect(faults(desk, [confirmation("app"), rebuild("app")])).toEqual([]);
  });

  test("every fault is named at once, and nothing is recorded", () => {
    const reports = [
      confirmation("ghost", { observedEpoch: 99n }),
      held("zoe", { package: "forth" }),
    ];
    expect(faults(desk, [confirmation("app"), ...reports])).toEqual([
      "entries.1.artifact",
      "entries.2.package",
      "entries.2.custodian",
      "entries.1.observedEpoch",
    ]);
    expect(desk.report([confirmation("app"), ...reports])).toBeNull();
    expect(desk.state.revision).toBe(1);
  });

  test("the subject must be in the newest source, whatever the packet is bound to", () => {
    const refrozen = new Desk();
    refrozen.accept(manifest(["app"]));
    expect(faults(refrozen, [confirmation("lib")])).toEqual(["entries.0.artifact"]);
    expect(faults(refrozen, [quarantine({ by: "MANIFEST", version: 2 })])).toEqual([]);
  });
});

describe("rule 4.1.4: what a component reports only ever refuses more", () => {
  function reported(): Desk {
    const desk = new Desk();
    tell(desk, [component(3, { denied: [digestOf("old")], trustedKeys: ["key-1"] })]);
    return desk;
  }

  test("a lower floor is refused", () => {
    expect(faults(reported(), [component(2, { denied: [digestOf("old")] })])).toEqual([
      "entries.0.floor",
    ]);
  });

  test("a shorter deny list is refused", () => {
    expect(faults(reported(), [component(4)])).toEqual(["entries.0.floor"]);
  });

  test("the same again, or more, is taken; keys may change", () => {
    const denied = [digestOf("older"), digestOf("old")];
    expect(faults(reported(), [component(3, { denied })])).toEqual([]);
    expect(faults(reported(), [component(9, { denied, trustedKeys: ["key-2"] })])).toEqual([]);
  });

  test("another reporter is held to their own words", () => {
    expect(faults(reported(), [component(0)], "scout")).toEqual([]);
  });
});
