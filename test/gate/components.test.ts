import { describe, expect, test } from "vitest";
import { forecast } from "#gate/forecast.ts";
import { freshnessOf } from "#gate/freshness.ts";
import { escalations, openHolds } from "#gate/view.ts";
import { viewComponent } from "#gate/components.ts";
import { approve, open, shown, standing, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, component, declaration, rollbackScope, seen } from "./reports.ts";
import { CONTENTS, digestOf, release } from "./train.ts";

const HOLD = `ROLLBACK_COMPONENT_DEVIATION back ${digestOf("r1")}`;
const running = digestOf("r2");

/** The small train with its component declared, and whatever is told of it. */
function declared(...told: readonly Parameters<typeof tell>[1][number][]): Desk {
  const desk = new Desk();
  tell(desk, [declaration()], "rex");
  for (const report of told) tell(desk, [report]);
  return desk;
}

describe("rule 4.1.4 and reading 28: a component is compared with its declaration", () => {
  test("without one nothing is compared, whatever is reported", () => {
    const desk = new Desk();
    tell(desk, [component(1, { running: digestOf("r1") })]);
    expect(open(desk)).toEqual([]);
  });

  test("with one and no report, unknown is held", () => {
    const desk = declared();
    expect(open(desk)).toEqual([HOLD]);
    const [hold] = openHolds(desk.state);
    expect(hold?.why).toMatch(/UNREPORTED/);
    expect(hold?.evidence).toHaveLength(1);
  });

  test("a self-updating component's own report leaves it held, an observation from outside clears it", () => {
    const desk = declared(component(0, { running }));
    expect(open(desk)).toEqual([HOLD]);
    tell(desk, [component(0, { running, standpoint: "OUTSIDE" })], "scout");
    expect(open(desk)).toEqual([]);
  });

  test("whatever it calls itself: its own name is its own standpoint", () => {
    const desk = declared();
    tell(desk, [seen()], "core");
    expect(open(desk)).toEqual([HOLD]);
    tell(desk, [seen()], "scout");
    expect(open(desk)).toEqual([]);
  });

  test("its own report may reveal what nobody saw from outside", () => {
    const desk = declared(seen());
    expect(open(desk)).toEqual([]);
    tell(desk, [component(0, { running: digestOf("r1") })], "agent");
    expect(open(desk)).toEqual([HOLD]);
    tell(desk, [component(0, { running })], "agent");
    expect(open(desk)).toEqual([]);
  });

  test("an application's own report is enough", () => {
    const desk = new Desk();
    tell(desk, [declaration({ componentKind: "APPLICATION" })]);
    tell(desk, [component(0, { running })]);
    expect(open(desk)).toEqual([]);
  });

  test("what was seen from outside is not talked away by the component, even an application", () => {
    const desk = new Desk();
    tell(desk, [declaration({ componentKind: "APPLICATION" })]);
    tell(desk, [seen({ running: digestOf("r1") })], "scout");
    tell(desk, [component(0, { running })]);
    expect(open(desk)).toEqual([HOLD]);
    tell(desk, [seen()], "probe");
    expect(open(desk)).toEqual([]);
  });

  test("a newer declaration takes the place of the older one, whoever declares", () => {
    const desk = declared(seen());
    tell(desk, [declaration({}, { floor: 1 })], "ruth");
    expect(open(desk)).toEqual([HOLD]);
    tell(desk, [component(1)], "scout");
    expect(openHolds(desk.state).map(({ why }) => why)).toEqual([]);
  });

  test("a floor beyond the declared one is held until that is declared: it never goes down", () => {
    const desk = declared(seen());
    tell(desk, [seen({ floor: 2 })]);
    expect(openHolds(desk.state)[0]?.why).toMatch(/FLOOR_TOO_HIGH .*floor 0.*floor 2/);
    expect(desk.report([seen({ floor: 0 })])).toBeNull();
    tell(desk, [declaration({}, { floor: 2 })]);
    expect(open(desk)).toEqual([]);
  });

  test("the sentence gives every deviation at once", () => {
    const desk = new Desk();
    const meant = { floor: 3, denied: [digestOf("r0")], trustedKeys: ["key-1"] };
    tell(desk, [declaration({ componentKind: "FIRMWARE", keySlots: 2 }, meant)]);
    tell(desk, [component(1, { running: digestOf("r0"), keySlotsUsed: 3 })]);
    const [why] = openHolds(desk.state)
      .filter(({ code }) => code === "ROLLBACK_COMPONENT_DEVIATION")
      .map((hold) => hold.why);
    expect(why?.match(/[A-Z_]+(?= \()/g)).toEqual([
      "RUNNING_ANOTHER",
      "UNCONFIRMED",
      "FLOOR_TOO_LOW",
      "DENY_ENTRY_MISSING",
      "EVERY_KEY_TRUSTED",
      "KEY_SLOTS_EXCEEDED",
    ]);
  });

  test("only packages of that component are held, each of them", () => {
    const [first] = CONTENTS.ROLLBACK_SCOPE.packages;
    const [own] = CONTENTS.ROLLBACK_SCOPE.trainReleases;
    if (first === undefined || own === undefined) throw new Error("the small train has both");
    const desk = new Desk();
    desk.accept({
      ...CONTENTS.ROLLBACK_SCOPE,
      packages: [
        first,
        { ...first, package: "further" },
        { ...first, package: "edge-back", component: "edge", release: release("e1", 4, 0) },
      ],
      trainReleases: [own, { component: "edge", release: release("e2", 5, 4) }],
    });
    tell(desk, [declaration()]);
    const held = open(desk).filter((hold) => hold.startsWith("ROLLBACK_COMPONENT_DEVIATION"));
    expect(held).toEqual([HOLD, `ROLLBACK_COMPONENT_DEVIATION further ${digestOf("r1")}`]);
  });

  test("it escalates to the authority over the rollback scope", () => {
    expect(escalations(declared().state)).toMatchObject([
      { source: "ROLLBACK_SCOPE", bound: 1, accepted: 1, authority: "uma" },
    ]);
  });

  test("a packet that is opened later begins with what was declared", () => {
    const desk = new Desk();
    desk.accept(rollbackScope({}, { packages: [packageOf("edge")], trainReleases: [edge] }));
    expect(desk.report([declaration()])).toBeNull();
    desk.accept(CONTENTS.ROLLBACK_SCOPE);
    expect(open(desk)).toContain(HOLD);
  });
});

const edge = { component: "edge", release: release("e2", 5, 4) };

function packageOf(name: string) {
  return { package: "edge-back", component: name, release: release("e1", 4, 0) };
}

describe("rule 4.3.4: a confirmation is good news, and grows old as an enclave's report does", () => {
  /** Seen from outside at epoch 8, which counts through epoch 13. */
  function ageing(): Desk {
    const desk = new Desk([ages({ attestationMaxAge: 5n })]);
    desk.report([declaration()], "rex");
    desk.report([seen()], "scout");
    return desk;
  }

  test("at exactly its age it still counts, and one epoch later it does not", () => {
    const desk = ageing();
    const isHeld = (): boolean => open(desk).includes(HOLD);
    desk.pass(5n);
    expect(isHeld()).toBe(false);
    desk.pass(1n);
    expect(isHeld()).toBe(true);
    desk.report([seen()], "scout");
    expect(isHeld()).toBe(false);
  });

  test("it is told before, and foreseen", () => {
    const desk = ageing();
    desk.pass(4n);
    expect(shown(desk)).toContain("REFRESH_DUE COMPONENT_STATE core scout");
    const foreseen = forecast(desk.state).flatMap(({ opened }) =>
      opened.map(({ code, sinceEpoch }) => `${code} ${sinceEpoch}`),
    );
    expect(foreseen).toContain("ROLLBACK_COMPONENT_DEVIATION 14");
  });

  test("by age alone it suspends an approval, which stands again once it is seen again", () => {
    const desk = new Desk([ages()]);
    tell(desk, [declaration()]);
    tell(desk, [seen({ observedEpoch: 0n })], "scout");
    desk.accept(ages({ attestationMaxAge: 12n }));
    approve(desk);
    desk.pass(5n);
    expect([open(desk), standing(desk)]).toEqual([[HOLD], "SUSPENDED"]);
    tell(desk, [seen()], "scout");
    expect(standing(desk)).toBe("STANDING");
  });

  test("a deviation that somebody sees makes it lapse", () => {
    const desk = declared(seen());
    approve(desk);
    tell(desk, [component(0, { running: digestOf("r1") })], "agent");
    expect(standing(desk)).toBe("LAPSED");
  });

  test("only a confirmation has an age", () => {
    const desk = declared(component(0, { running }), seen());
    const { facts, epoch } = desk.state;
    const limits = (facts.evidence.get("COMPONENT_STATE core") ?? []).map(
      (entry) => freshnessOf(facts, entry, epoch).ageMax,
    );
    const { attestationMaxAge } = CONTENTS.FRESHNESS_POLICY;
    expect(limits).toEqual([attestationMaxAge]);
    tell(desk, [component(0, { running })], "agent");
    const own = desk.state.facts.evidence.get("COMPONENT_STATE core")?.at(-1);
    expect(own && freshnessOf(desk.state.facts, own, epoch).ageMax).toBeNull();
  });
});

describe("a component apart from any packet", () => {
  test("is shown by each reporter's newest report, compared whatever its age", () => {
    const desk = declared(seen(), seen({ floor: 1 }));
    tell(desk, [component(2)], "agent");
    const entries = [...desk.state.facts.evidence.values()].flat();
    const view = viewComponent("core", entries);
    expect(view.reports.map(({ reporter, floor }) => `${reporter} ${floor}`)).toEqual([
      "probe 1",
      "agent 2",
    ]);
    expect(view.refuses?.floor).toBe(2);
    expect(view.deviations.map(({ code }) => code)).toEqual(["FLOOR_TOO_HIGH"]);
  });

  test("of which nobody spoke has nothing to compare", () => {
    expect(viewComponent("core", [])).toEqual({
      component: "core",
      declaration: null,
      reports: [],
      refuses: null,
      keySlotsUsed: null,
      deviations: [],
    });
  });
});
