import { describe, expect, test } from "vitest";
import { AdvisoryCode, HoldCode, Remedy } from "#packet/hold.ts";
import { CLEARING, openHolds, prerequisiteStatus } from "#gate/view.ts";
import { open, shown } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ADVISORY_SCENARIOS, HOLD_SCENARIOS, type HoldScenario } from "./scenarios.ts";

function started({ start }: { readonly start?: () => Desk }): Desk {
  const desk = start?.() ?? new Desk();
  expect(open(desk)).toEqual([]);
  return desk;
}

function held(scenario: HoldScenario): Desk {
  const desk = started(scenario);
  scenario.happens(desk);
  return desk;
}

describe("every hold code of section 4.1", () => {
  test.each(HoldCode.options)("%s opens with exactly its companions", (code) => {
    const scenario = HOLD_SCENARIOS[code];
    const [subject, ...companions] = scenario.opens;
    const desk = held(scenario);
    expect(open(desk).toSorted()).toEqual([`${code} ${subject}`, ...companions].toSorted());
    const hold = openHolds(desk.state).find((item) => item.code === code);
    expect(hold?.sinceRevision).toBe(desk.state.revision);
    expect(hold?.sinceEpoch).toBe(desk.state.epoch);
    expect(hold?.why).toMatch(/\w/);
    expect(["ON_HOLD", "ESCALATED"]).toContain(desk.state.status);
    if (hold !== undefined) {
      expect(prerequisiteStatus(desk.state, hold.prerequisite)).not.toBe("MET");
    }
  });

  test.each(HoldCode.options)("%s is cleared by what meets its prerequisite", (code) => {
    const scenario = HOLD_SCENARIOS[code];
    const desk = held(scenario);
    scenario.clears(desk);
    const hold = desk.state.register.get(`${code} ${scenario.opens[0]}`);
    expect(hold?.status).toBe("CLEARED");
    expect(hold?.endedRevision).toBe(desk.state.revision);
    expect(desk.head.cleared).toContain(hold);
  });

  test.each(HoldCode.options)("rule 4.2.3: %s goes out of scope only with its subject", (code) => {
    const scenario = HOLD_SCENARIOS[code];
    const desk = held(scenario);
    scenario.leaves?.(desk);
    const hold = desk.state.register.get(`${code} ${scenario.opens[0]}`);
    expect(hold?.status).toBe(scenario.leaves === null ? "OPEN" : "OUT_OF_SCOPE");
    if (scenario.leaves !== null) expect(desk.head.outOfScope).toContain(hold);
  });

  test.each(HoldCode.options)("rule 3.5: %s says what clears it and who can", (code) => {
    expect(CLEARING[code].clearedBy).toMatch(/\w+ \w+/);
    expect(Remedy.options).toContain(CLEARING[code].remedy);
  });

  test("rule 4.2.3: what the packet itself is held for never goes out of scope", () => {
    const kept = HoldCode.options.filter((code) => HOLD_SCENARIOS[code].leaves === null);
    expect(kept).toEqual([
      "MANIFEST_BINDING_STALE",
      "BRANCH_BINDING_STALE",
      "REPRODUCIBILITY_POLICY_STALE",
      "ROLLBACK_SCOPE_STALE",
      "TIME_MAPPING_STALE",
      "OPERATOR_HOLD",
      "APPROVAL_REJECTED",
    ]);
  });
});

describe("rule 4.2.5: every advisory code", () => {
  test.each(AdvisoryCode.options)("%s is shown, blocks nothing, and ends", (code) => {
    const scenario = ADVISORY_SCENARIOS[code];
    const advisory = `${code} ${scenario.subject}`;
    const desk = started(scenario);
    expect(shown(desk)).not.toContain(advisory);
    scenario.happens(desk);
    expect(shown(desk)).toContain(advisory);
    expect(open(desk)).toEqual([]);
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
    scenario.ends(desk);
    expect(shown(desk)).not.toContain(advisory);
  });
});
