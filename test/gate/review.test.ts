import { describe, expect, test } from "vitest";
import { reviewOf, waitingFor } from "#gate/review.ts";
import { approve, bind, place, reject, resubmit, tell, withdraw } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, confirmation, held, quarantine, byDigest, unsealed, withdrawal } from "./reports.ts";
import { CONTENTS } from "./train.ts";

describe("rule 5.6: the owner sees what changed since the last decision", () => {
  test("nothing at first: the opening is where their knowledge starts", () => {
    expect(reviewOf(new Desk().state)).toEqual({
      sinceRevision: 1,
      sources: [],
      bindings: [],
      material: [],
      loosened: [],
    });
  });

  test("which sources and bindings went from which version to which", () => {
    const desk = new Desk();
    desk.accept(CONTENTS.MANIFEST);
    desk.accept(CONTENTS.MANIFEST);
    expect(reviewOf(desk.state)).toMatchObject({
      sources: [{ kind: "MANIFEST", from: 1, to: 3 }],
      bindings: [],
    });
    bind(desk);
    expect(reviewOf(desk.state).bindings).toEqual([{ kind: "MANIFEST", from: 1, to: 3 }]);
  });

  test("which parts of the material are others", () => {
    const desk = new Desk([ages()]);
    tell(desk, [withdrawal("ana", "late")]);
    expect(reviewOf(desk.state).material).toEqual(["seating"]);
    tell(desk, [held("cleo"), quarantine(byDigest("rogue"), "LIFTED")]);
    expect(reviewOf(desk.state).material).toEqual(["seating", "custody", "liftedQuarantines"]);
  });

  test("a part that is as it was again is no change, nor is a shift that has ended", () => {
    const desk = new Desk([ages()]);
    tell(desk, [held("ben", { seal: "bag-9" })]);
    expect(reviewOf(desk.state).material).toEqual(["custody"]);
    tell(desk, [held("ben")]);
    desk.pass(7n);
    tell(desk, [confirmation("app")]);
    expect(reviewOf(desk.state).material).toEqual([]);
  });

  test("every loosened number, until they have decided", () => {
    const desk = new Desk();
    desk.accept({ ...CONTENTS.QUORUM_POLICY, minCustodyGroups: 1 });
    expect(reviewOf(desk.state).loosened).toEqual([
      { source: "QUORUM_POLICY", field: "minCustodyGroups", from: 2, to: 1 },
    ]);
    approve(desk);
    expect(reviewOf(desk.state)).toMatchObject({ sinceRevision: 3, sources: [], loosened: [] });
  });

  test("a rejection is a decision as well", () => {
    const desk = new Desk();
    desk.accept(CONTENTS.TRUSTED_BRANCH);
    reject(desk);
    resubmit(desk);
    expect(reviewOf(desk.state)).toMatchObject({ sinceRevision: 3, sources: [] });
  });
});

describe("rule 3.5: holds wait for whoever can clear them", () => {
  test("one line for each remedy, with how many wait", () => {
    const desk = new Desk();
    tell(desk, [unsealed("north"), unsealed("south")]);
    place(desk);
    const waiting = waitingFor(desk.state);
    expect(waiting).toContainEqual({
      what: "CLEARING",
      who: "RELEASE_SECURITY",
      named: null,
      holds: 1,
    });
    expect(waiting).toContainEqual({
      what: "CLEARING",
      who: "ACCEPTED_REPORTER",
      named: null,
      holds: 2,
    });
  });

  test("an escalation waits for the upstream authority by name", () => {
    const desk = new Desk();
    desk.accept({ ...CONTENTS.OUTAGE_DECLARATION, status: "ENDED" });
    expect(waitingFor(desk.state)).toEqual([
      { what: "CLEARING", who: "UPSTREAM_AUTHORITY", named: "uma", holds: 1 },
    ]);
  });

  test("a closed packet waits for nobody", () => {
    const desk = new Desk();
    withdraw(desk);
    expect(waitingFor(desk.state)).toEqual([]);
    const held = new Desk();
    place(held);
    withdraw(held);
    expect(waitingFor(held.state)).toEqual([]);
  });
});
