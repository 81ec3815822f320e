import { describe, expect, test } from "vitest";
import type { ContentOf } from "#packet/source.ts";
import { escalations, openHolds } from "#gate/view.ts";
import { open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { component, rollbackScope } from "./reports.ts";
import { CONTENTS, digestOf, release } from "./train.ts";

const HOLD = `ROLLBACK_INADMISSIBLE back ${digestOf("r1")}`;
type Release = ContentOf<"ROLLBACK_SCOPE">["trainReleases"][number]["release"];

/** The small train with a changed package and a changed release of its own. */
function scoped(kept: Partial<Release>, patch: Partial<Release> = {}): Desk {
  const own = { component: "core", release: { ...release("r2", 5, 4), ...patch } };
  return new Desk([rollbackScope(kept, { trainReleases: [own] })]);
}

function inadmissible(desk: Desk): string[] {
  return open(desk).filter((hold) => hold === HOLD);
}

describe("rule 4.1.4: every package is admissible once the train's own release has initialised", () => {
  test("at exactly the minimum security version it still is", () => {
    expect(open(scoped({ svn: 4 }, { masvn: 4 }))).toEqual([]);
  });

  test("one below the release's minimum it is not, though the component would take it today", () => {
    expect(open(scoped({ svn: 4 }, { masvn: 5 }))).toEqual([HOLD]);
  });

  test("the package's own minimum asks nothing of itself", () => {
    expect(open(scoped({ svn: 4, masvn: 9 }))).toEqual([]);
  });

  test("the component's recorded floor counts where it is the greater", () => {
    const desk = scoped({ svn: 4 }, { masvn: 4 });
    tell(desk, [component(4)]);
    expect(inadmissible(desk)).toEqual([]);
    tell(desk, [component(5)]);
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("a digest that the train's release denies is refused", () => {
    expect(open(scoped({}, { denied: [digestOf("r0")] }))).toEqual([]);
    expect(open(scoped({}, { denied: [digestOf("r0"), digestOf("r1")] }))).toEqual([HOLD]);
  });

  test("a digest that the component denies is refused", () => {
    const desk = new Desk();
    tell(desk, [component(0, { denied: [digestOf("r1")] })]);
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("keys that the release brings are merged in: from none trusting all, to trusting these", () => {
    expect(open(scoped({ signedBy: ["key-1"] }, { trustedKeys: ["key-1", "key-2"] }))).toEqual([]);
    expect(open(scoped({ signedBy: ["key-3"] }, { trustedKeys: ["key-1"] }))).toEqual([HOLD]);
    expect(open(scoped({ signedBy: [] }, { trustedKeys: ["key-1"] }))).toEqual([HOLD]);
  });

  test("a key that only the component trusts stays trusted after the merge", () => {
    const desk = scoped({ signedBy: ["key-9"] }, { trustedKeys: ["key-1"] });
    expect(inadmissible(desk)).toEqual([HOLD]);
    tell(desk, [component(0, { trustedKeys: ["key-9"] })]);
    expect(inadmissible(desk)).toEqual([]);
  });

  test("the sentence gives every reason at once", () => {
    const desk = scoped(
      { svn: 1, signedBy: ["key-3"] },
      { masvn: 4, denied: [digestOf("r1")], trustedKeys: ["key-1"] },
    );
    const [hold] = openHolds(desk.state);
    expect(hold?.why).toMatch(/floor.*deny list.*keys/);
  });

  test("of several packages only the refused one holds", () => {
    const [first] = CONTENTS.ROLLBACK_SCOPE.packages;
    if (first === undefined) throw new Error("the small train has a rollback package");
    const second = { ...first, package: "further", release: release("r0", 3, 0) };
    const desk = new Desk();
    desk.accept({ ...CONTENTS.ROLLBACK_SCOPE, packages: [first, second] });
    const refused = open(desk).filter((hold) => hold.startsWith("ROLLBACK_INADMISSIBLE"));
    expect(refused).toEqual([`ROLLBACK_INADMISSIBLE further ${digestOf("r0")}`]);
  });
});

describe("rule 4.3.1 and reading 6: what is known of a component", () => {
  test("the greatest floor of every reporter's newest report counts", () => {
    const desk = new Desk();
    tell(desk, [component(5)], "probe");
    tell(desk, [component(0)], "scout");
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("what any reporter denies is denied", () => {
    const desk = new Desk();
    tell(desk, [component(0, { denied: [digestOf("r1")] })], "probe");
    tell(desk, [component(0, { denied: [digestOf("r0")] })], "scout");
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("the keys of the newest report count, whoever reports", () => {
    const desk = scoped({ signedBy: ["key-1"] });
    tell(desk, [component(0, { trustedKeys: ["key-1"] })], "probe");
    expect(inadmissible(desk)).toEqual([]);
    tell(desk, [component(0, { trustedKeys: ["key-2"] })], "stranger");
    expect(inadmissible(desk)).toEqual([HOLD]);
  });

  test("another component's state concerns the packet in nothing", () => {
    const desk = new Desk();
    expect(desk.report([component(9, { component: "elsewhere" })])).toBeNull();
    expect(open(desk)).toEqual([]);
  });
});

describe("rule 3.8: an inadmissible package", () => {
  test("escalates to the authority over the rollback scope, with both versions", () => {
    const desk = new Desk();
    tell(desk, [component(5)]);
    expect(escalations(desk.state)).toMatchObject([
      { source: "ROLLBACK_SCOPE", bound: 1, accepted: 1, authority: "uma" },
    ]);
  });
});
