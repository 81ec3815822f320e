import { describe, expect, test } from "vitest";
import { InvalidInput, Refusal } from "#packet/refusal.ts";
import type { ContentOf } from "#packet/source.ts";
import { openHolds } from "#gate/view.ts";
import { open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  component,
  declaration,
  initialisation,
  rollbackScope,
  rotation,
  seen,
} from "./reports.ts";
import { digestOf, release, system } from "./train.ts";

const HOLD = `ROLLBACK_INADMISSIBLE back ${digestOf("r1")}`;
type Release = ContentOf<"ROLLBACK_SCOPE">["trainReleases"][number]["release"];

function scoped(kept: Partial<Release>, patch: Partial<Release> = {}): Desk {
  const own = { component: "core", release: { ...release("r2", 5, 4), ...patch } };
  return new Desk([rollbackScope(kept, { trainReleases: [own] })]);
}

function inadmissible(desk: Desk): string[] {
  return open(desk).filter((hold) => hold === HOLD);
}

function refusalOf(desk: Desk, ...reports: Parameters<Desk["decideReports"]>[0]): Refusal {
  const decided = desk.decideReports(reports, system("probe"));
  if (decided instanceof Refusal) return decided;
  throw new Error("it was recorded");
}

const both = ["key-1", "key-2"];

describe("rule 4.1.4: the keys of a component are rotated", () => {
  test("in an overlap a package with one signature stays, as long as the patch carries both", () => {
    const desk = scoped({ signedBy: ["key-1"] }, { signedBy: both });
    tell(desk, [rotation()]);
    expect(inadmissible(desk)).toEqual([]);
    tell(desk, [rotation({ mode: "OVERLAP_END" })]);
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("a patch with one of both signatures holds while the rotation is under way", () => {
    const desk = scoped({ signedBy: both }, { signedBy: ["key-2"] });
    tell(desk, [rotation()]);
    expect(inadmissible(desk)).toEqual([HOLD]);
    expect(openHolds(desk.state)[0]?.why).toMatch(/the patch itself lacks/);
    tell(desk, [rotation({ mode: "OVERLAP_END" })]);
    expect(inadmissible(desk)).toEqual([]);
  });

  test("a sudden rotation holds at once what carries the outgoing signature only", () => {
    const desk = scoped({ signedBy: ["key-1"] });
    tell(desk, [rotation({ mode: "SUDDEN" })]);
    expect(inadmissible(desk)).toEqual([HOLD]);
    expect(openHolds(desk.state)[0]?.why).toMatch(/none of its signing keys is trusted/);
    desk.accept(rollbackScope({ signedBy: both }));
    expect(inadmissible(desk)).toEqual([]);
  });

  test("a patch that still brings the key that is out does not bring it back", () => {
    const desk = scoped({ signedBy: ["key-1"] }, { trustedKeys: ["key-1", "key-2"] });
    tell(desk, [rotation({ mode: "SUDDEN" })]);
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test.each([
    ["a key that is out", { mode: "SUDDEN", outgoing: "key-2", incoming: "key-1" }, "incoming"],
    ["from a key that is out", { mode: "SUDDEN", incoming: "key-3" }, "outgoing"],
    ["from a key that nobody trusts", { mode: "OVERLAP", outgoing: "key-9" }, "outgoing"],
    [
      "the end of no overlap",
      { mode: "OVERLAP_END", outgoing: "key-2", incoming: "key-3" },
      "mode",
    ],
  ] as const)("it is refused: %s", (_what, changed, field) => {
    const desk = new Desk();
    tell(desk, [rotation({ mode: "SUDDEN" })]);
    const refusal = refusalOf(desk, rotation(changed));
    if (!(refusal instanceof InvalidInput)) throw new Error(refusal.message);
    expect(refusal.faults.map((fault) => fault.path)).toContainEqual(["entries", 0, field]);
  });
});

describe("firmware", () => {
  const firmware = (more: Parameters<typeof declaration>[0] = {}) =>
    declaration({ componentKind: "FIRMWARE", keySlots: 4, ...more }, { trustedKeys: ["key-1"] });

  test("its slots are counted over every key that it ever trusted, and the last stays free", () => {
    const desk = new Desk();
    tell(desk, [component(0, { trustedKeys: ["key-1"] }), firmware()]);
    tell(desk, [rotation({ mode: "SUDDEN" })]);
    tell(desk, [rotation({ mode: "SUDDEN", outgoing: "key-2", incoming: "key-3" })]);
    const next = rotation({ mode: "SUDDEN", outgoing: "key-3", incoming: "key-4" });
    expect(refusalOf(desk, next)).toMatchObject({
      code: "KEY_SLOTS_EXHAUSTED",
      path: ["entries", 0, "incoming"],
      slots: 4,
      used: 3,
    });
  });

  test("and over what it reports itself, whoever knows of those keys", () => {
    const desk = new Desk();
    tell(desk, [component(0, { trustedKeys: ["key-1"], keySlotsUsed: 3 }), firmware()]);
    expect(refusalOf(desk, rotation())).toMatchObject({ code: "KEY_SLOTS_EXHAUSTED", used: 3 });
  });

  test("two rotations told at once are counted one after the other", () => {
    const desk = new Desk();
    tell(desk, [component(0, { trustedKeys: ["key-1"] }), firmware()]);
    const second = rotation({ outgoing: "key-1", incoming: "key-3" });
    const third = rotation({ outgoing: "key-1", incoming: "key-4" });
    expect(refusalOf(desk, rotation(), second, third)).toMatchObject({
      path: ["entries", 2, "incoming"],
      used: 3,
    });
  });

  test("with spare parts, a package without an old and a new signature holds", () => {
    const spareParts = [{ release: "r0", svn: 3 }];
    const desk = scoped({ signedBy: ["key-2"] });
    tell(desk, [component(0, { trustedKeys: ["key-1"] })]);
    tell(desk, [rotation({ mode: "SUDDEN" })]);
    expect(inadmissible(desk)).toEqual([]);
    tell(desk, [firmware({ spareParts })]);
    expect(inadmissible(desk)).toEqual([HOLD]);
    desk.accept(rollbackScope({ signedBy: both }));
    expect(inadmissible(desk)).toEqual([HOLD]);
    const own = { component: "core", release: { ...release("r2", 5, 4), signedBy: both } };
    desk.accept(rollbackScope({ signedBy: both }, { trainReleases: [own] }));
    expect(inadmissible(desk)).toEqual([]);
  });
});

describe("rule 3.6: a release initialises on a component", () => {
  test("and what it asks for counts from then on, whatever its reporter said before or says later", () => {
    const desk = new Desk();
    tell(desk, [component(0)], "scout");
    tell(desk, [initialisation({ release: "r3", digest: digestOf("r3"), svn: 6, masvn: 5 })]);
    expect(inadmissible(desk)).toEqual([HOLD]);
    tell(desk, [initialisation({ release: "r4", digest: digestOf("r4"), svn: 6, masvn: 0 })]);
    tell(desk, [component(0)], "scout");
    tell(desk, [seen()], "another");
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("denied digests are the union over every release that ever initialised", () => {
    const desk = new Desk();
    const digests = ["r0", "r1", "r7"].map(digestOf);
    for (const [at, denied] of digests.entries()) {
      const digest = digestOf(`step-${at}`);
      tell(desk, [initialisation({ digest, svn: 9, masvn: 0, denied: [denied] })]);
    }
    expect(inadmissible(desk)).toEqual([HOLD]);
    expect(desk.state.facts.components.get("core")?.denied).toEqual(digests.toSorted());
  });

  test("a packet that comes to depend on the component later is told all of it", () => {
    const desk = new Desk();
    const far = { component: "edge", release: { ...release("e2", 5, 4) } };
    expect(desk.report([initialisation({ svn: 9, masvn: 8 }, "edge")])).toBeNull();
    expect(
      desk.report([initialisation({ digest: digestOf("e3"), svn: 9, masvn: 0 }, "edge")]),
    ).toBeNull();
    const kept = { package: "fore", component: "edge", release: release("e1", 7, 1) };
    const own = { component: "core", release: release("r2", 5, 4) };
    desk.accept(rollbackScope({}, { packages: [kept], trainReleases: [own, far] }));
    expect(open(desk)).toContain(`ROLLBACK_INADMISSIBLE fore ${digestOf("e1")}`);
  });

  test("what the component would refuse is refused, with every reason", () => {
    const desk = new Desk();
    tell(desk, [component(6, { denied: [digestOf("r2")], trustedKeys: ["key-1"] })]);
    expect(refusalOf(desk, initialisation())).toMatchObject({
      code: "RELEASE_INADMISSIBLE",
      path: ["entries", 0, "release"],
      causes: ["BELOW_FLOOR", "DENIED", "UNTRUSTED_KEY"],
    });
  });

  test("nor is one that the reports before it in the same list shut out", () => {
    const desk = new Desk();
    const newer = initialisation({ release: "r3", digest: digestOf("r3"), svn: 6, masvn: 6 });
    expect(refusalOf(desk, newer, initialisation())).toMatchObject({
      path: ["entries", 1, "release"],
      causes: ["BELOW_FLOOR"],
    });
  });
});
