import { describe, expect, test } from "vitest";
import { Refusal } from "#packet/refusal.ts";
import { forecast } from "#gate/forecast.ts";
import { prerequisiteStatus } from "#gate/view.ts";
import { approve, open, shown, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, askingLane, emergencyPlan, exercise } from "./reports.ts";
import { CONTENTS, OWNER, system } from "./train.ts";

const UNEXERCISED = "EMERGENCY_ACCESS_UNEXERCISED";
const ofEmergency = (named: readonly string[]): string[] =>
  named.filter((item) => item.includes("EMERGENCY"));

function asking(maxAge: bigint, holds: boolean): Desk {
  return new Desk([ages(), askingLane(maxAge, holds)]);
}

function used(desk: Desk, name: string): void {
  desk.report([exercise(name)], name);
}

describe("rule 4.1.13: whoever must get in when nothing else lets them in", () => {
  test("is not asked after where the lane asks for nothing, whatever is reported", () => {
    const desk = new Desk([ages()]);
    expect(desk.report([emergencyPlan(["ana"])], "rex")).toBeNull();
    expect(desk.report([exercise("ana")], "ana")).toBeNull();
    expect([open(desk), shown(desk), desk.state.revision]).toEqual([[], [], 1]);
  });

  test("is the owner, also without any plan", () => {
    const desk = asking(20n, true);
    expect(open(desk)).toEqual([`${UNEXERCISED} ${OWNER}`]);
    expect(prerequisiteStatus(desk.state, "EMERGENCY_ACCESS")).toBe("HELD");
    expect(desk.state.status).toBe("ON_HOLD");
    used(desk, OWNER);
    expect([open(desk), desk.state.status]).toEqual([[], "READY_FOR_APPROVAL"]);
  });

  test("is every responder of the newest plan, whoever recorded it", () => {
    const desk = asking(20n, true);
    used(desk, OWNER);
    tell(desk, [emergencyPlan(["ana", "ben"])], "rex");
    expect(open(desk)).toEqual([`${UNEXERCISED} ana`, `${UNEXERCISED} ben`]);
    tell(desk, [emergencyPlan(["cleo"])], "ruth");
    expect(open(desk)).toEqual([`${UNEXERCISED} cleo`]);
    expect(desk.head.outOfScope.map((hold) => hold.subject)).toEqual(["ana", "ben"]);
  });

  test("is shown, and holds nothing, where the lane does not say so", () => {
    const desk = asking(20n, false);
    expect([open(desk), shown(desk)]).toEqual([[], [`${UNEXERCISED} ${OWNER}`]]);
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
    used(desk, OWNER);
    expect(shown(desk)).toEqual([]);
  });

  test("cannot be spoken for", () => {
    const desk = asking(20n, true);
    expect(desk.decideReports([exercise(OWNER)], system("probe"))).toBeInstanceOf(Refusal);
  });
});

describe("an exercise", () => {
  test("counts at exactly its greatest age, and one epoch later no more; its renewal is due before", () => {
    const desk = asking(10n, true);
    used(desk, OWNER);
    desk.pass(7n);
    expect(ofEmergency(shown(desk))).toEqual([]);
    desk.pass(1n);
    const due = `REFRESH_DUE EMERGENCY_EXERCISE DEPLOYMENT ${OWNER}`;
    expect(ofEmergency(shown(desk))).toEqual([due]);
    desk.pass(2n);
    expect(ofEmergency(open(desk))).toEqual([]);
    desk.pass(1n);
    expect(ofEmergency(open(desk))).toEqual([`${UNEXERCISED} ${OWNER}`]);
    expect(desk.state.epoch).toBe(19n);
  });

  test("that grew old suspends an approval, and the next one makes it stand again (rule 5.5)", () => {
    const desk = asking(10n, true);
    used(desk, OWNER);
    approve(desk);
    expect(desk.state.approval?.standing).toBe("STANDING");
    desk.pass(11n);
    expect(desk.state.approval?.standing).toBe("SUSPENDED");
    used(desk, OWNER);
    expect(desk.state.approval?.standing).toBe("STANDING");
  });

  test("that somebody never had makes it lapse for good", () => {
    const desk = asking(20n, true);
    used(desk, OWNER);
    approve(desk);
    tell(desk, [emergencyPlan(["ana"])], "rex");
    expect(desk.state.approval?.standing).toBe("LAPSED");
  });

  test("is foreseen to grow old", () => {
    const desk = asking(10n, true);
    used(desk, OWNER);
    const opening = forecast(desk.state).find((revised) => revised.opened.length > 0);
    expect(opening?.state.epoch).toBe(19n);
    expect(opening?.opened.map((hold) => hold.code)).toEqual([UNEXERCISED]);
  });
});

describe("a lane that asks for less", () => {
  test("is marked to the owner, and what it no longer asks of is out of scope", () => {
    const desk = asking(10n, true);
    desk.accept(CONTENTS.APPROVAL_LANE);
    expect(shown(desk)).toEqual([
      "POLICY_LOOSENED APPROVAL_LANE emergencyAccess.holds",
      "POLICY_LOOSENED APPROVAL_LANE emergencyAccess.shown",
    ]);
    expect(desk.head.outOfScope.map((hold) => hold.subject)).toEqual([OWNER]);
    desk.accept(askingLane(11n, true));
    expect(ofEmergency(open(desk))).toEqual([`${UNEXERCISED} ${OWNER}`]);
    expect(shown(desk)).toEqual(["POLICY_LOOSENED APPROVAL_LANE emergencyAccess.maxAgeEpochs"]);
  });

  test("clears what it only shows from then on", () => {
    const desk = asking(10n, true);
    desk.accept(askingLane(10n, false));
    expect(desk.head.cleared.map((hold) => hold.subject)).toEqual([OWNER]);
    expect(shown(desk)).toContain(`${UNEXERCISED} ${OWNER}`);
  });

  test("that asks anew learns of what was reported while it did not ask", () => {
    const desk = asking(20n, true);
    desk.accept(CONTENTS.APPROVAL_LANE);
    used(desk, OWNER);
    desk.accept(askingLane(20n, true));
    expect(open(desk)).toEqual([]);
  });
});
