import { describe, expect, test } from "vitest";
import { escalations, openHolds } from "#gate/view.ts";
import { bind, named, open, shown, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, manifest, rebuild } from "./reports.ts";
import { ARTIFACTS, CONTENTS, REPORTER_KINDS, digestOf, goodNews } from "./train.ts";

const app = `app ${digestOf("app")}`;
const other = digestOf("other");
const policy = CONTENTS.REPRODUCIBILITY_POLICY;
const MISSING = `REPRODUCIBILITY_REFERENCE_MISSING ${app}`;
const STALE = `REPRODUCIBILITY_REFERENCE_STALE ${app}`;
const MISMATCH = `REPRODUCIBILITY_MISMATCH ${app}`;

function aboutApp(desk: Desk): string[] {
  return open(desk).filter((hold) => hold.includes(app));
}

/** Two rebuilders must agree; so far only one has. */
function twoNeeded(): Desk {
  return new Desk([ages({ reproducibilityMaxAge: 5n }), { ...policy, minRebuilders: 2 }]);
}

describe("rule 4.1.3: reproducibility references", () => {
  test("are met when enough distinct accepted rebuilders agree on every artifact", () => {
    const desk = twoNeeded();
    expect(named(openHolds(desk.state))).toEqual(
      ARTIFACTS.map((name) => `REPRODUCIBILITY_REFERENCE_MISSING ${name} ${digestOf(name)}`),
    );
    tell(
      desk,
      ARTIFACTS.map((name) => rebuild(name)),
      "scout",
    );
    expect(open(desk)).toEqual([]);
  });

  test("the same rebuilder twice is one rebuilder", () => {
    const desk = twoNeeded();
    tell(desk, [rebuild("app")]);
    tell(desk, [rebuild("app")]);
    expect(aboutApp(desk)).toEqual([MISSING]);
  });

  test("a rebuilder whom the policy does not name is none, though accepted for the kind", () => {
    const desk = new Desk([{ ...policy, rebuilders: ["scout"] }]);
    expect(aboutApp(desk)).toEqual([MISSING]);
    expect(shown(desk)).toContain("UNACCEPTED_REPORT REPRODUCIBILITY_CHECK app probe");
    tell(desk, [rebuild("app")], "scout");
    expect(aboutApp(desk)).toEqual([]);
  });

  test("a rebuilder whom the policy names is none unless accepted for the kind", () => {
    const accepted = REPORTER_KINDS.map((kind) => ({
      kind,
      reporters: kind === "REPRODUCIBILITY_CHECK" ? ["scout"] : ["probe"],
    }));
    const desk = new Desk([{ kind: "ACCEPTED_REPORTERS", accepted }]);
    expect(aboutApp(desk)).toEqual([MISSING]);
  });

  test("a code in _STALE: the checks would do were they not too old", () => {
    const desk = twoNeeded();
    tell(desk, [rebuild("app")], "scout");
    desk.pass(5n);
    expect(aboutApp(desk)).toEqual([]);
    desk.pass(1n);
    expect(aboutApp(desk)).toEqual([STALE]);
  });

  test("a code in _MISSING: even unaged they would not do", () => {
    const desk = twoNeeded();
    desk.pass(6n);
    expect(aboutApp(desk)).toEqual([MISSING]);
  });

  test("one fresh and one aged check of two needed are stale, not missing", () => {
    const desk = twoNeeded();
    tell(desk, [rebuild("app")], "scout");
    desk.pass(3n);
    tell(desk, [rebuild("app")], "scout");
    desk.pass(3n);
    expect(aboutApp(desk)).toEqual([STALE]);
    tell(desk, [rebuild("app")]);
    expect(aboutApp(desk)).toEqual([]);
  });

  test("one disagreeing accepted rebuilder is a mismatch beside any number that agree", () => {
    const desk = new Desk();
    tell(desk, [rebuild("app", { observed: other })], "scout");
    expect(aboutApp(desk)).toEqual([MISMATCH]);
    expect(desk.state.status).toBe("ESCALATED");
  });

  test("a rebuilder who disagrees does not count among those who agree", () => {
    const desk = new Desk();
    tell(desk, [rebuild("app", { observed: other })]);
    expect(aboutApp(desk)).toEqual([MISMATCH, MISSING]);
  });

  test("a mismatch may stand beside stale references", () => {
    const desk = new Desk([ages({ reproducibilityMaxAge: 1n })]);
    tell(desk, [rebuild("app", { observed: other })], "scout");
    desk.pass(2n);
    expect(aboutApp(desk)).toEqual([MISMATCH, STALE]);
  });

  test("rule 4.3.4: a disagreement never ages away", () => {
    const desk = new Desk([ages({ reproducibilityMaxAge: 1n })]);
    tell(desk, [rebuild("app", { observed: other })], "scout");
    desk.pass(10n);
    tell(desk, [rebuild("app")]);
    expect(aboutApp(desk)).toEqual([MISMATCH]);
    tell(desk, [rebuild("app")], "scout");
    expect(aboutApp(desk)).toEqual([]);
  });

  test("rule 3.8: a missing reference escalates to the authority over the policy", () => {
    const desk = new Desk(
      [],
      goodNews().filter((report) => report.kind !== "REPRODUCIBILITY_CHECK"),
    );
    expect(escalations(desk.state).map((item) => item.source)).toEqual(
      ARTIFACTS.map(() => "REPRODUCIBILITY_POLICY"),
    );
  });

  test("a re-frozen artifact needs checks of its new digest", () => {
    const desk = new Desk();
    desk.accept(manifest(ARTIFACTS, { app: "app-2" }));
    bind(desk);
    const reborn = `app ${digestOf("app-2")}`;
    expect(open(desk)).toContain(`REPRODUCIBILITY_REFERENCE_MISSING ${reborn}`);
    const digest = digestOf("app-2");
    tell(desk, [rebuild("app", { digest, observed: digest })]);
    expect(open(desk)).not.toContain(`REPRODUCIBILITY_REFERENCE_MISSING ${reborn}`);
  });

  test("a policy that drops the rebuilder who disagrees ends the mismatch", () => {
    const desk = new Desk();
    tell(desk, [rebuild("app", { observed: other })], "scout");
    desk.accept({ ...policy, rebuilders: ["probe"] });
    expect(aboutApp(desk)).toEqual([]);
    expect(desk.head.cleared.map((hold) => hold.code)).toEqual(["REPRODUCIBILITY_MISMATCH"]);
  });
});
