import { describe, expect, test } from "vitest";
import type { Report } from "#packet/entry.ts";
import { open, shown, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  ages,
  byDigest,
  commitment,
  confirmation,
  enclave,
  held,
  quarantine,
  rebuild,
  safeguard,
  sighting,
  unsealed,
  withdrawal,
} from "./reports.ts";
import { CONTENTS, OWNER, REPORTER_KINDS, digestOf } from "./train.ts";

const other = digestOf("other");

/** The reporters accepted for one kind changed; the others as ever. */
function accepting(kind: (typeof REPORTER_KINDS)[number], reporters: string[]) {
  const { accepted } = CONTENTS.ACCEPTED_REPORTERS;
  return {
    kind: "ACCEPTED_REPORTERS" as const,
    accepted: accepted.map((item) => (item.kind === kind ? { ...item, reporters } : item)),
  };
}

/** Bad news, and whom a report of it concerns. */
const ALARMS: readonly [string, Report, string][] = [
  ["DIGEST_CONFIRMATION", confirmation("app", { observed: other }), "DIGEST_CONFIRMATION app"],
  ["REPRODUCIBILITY_CHECK", rebuild("app", { observed: other }), "REPRODUCIBILITY_CHECK app"],
  ["AVAILABILITY", withdrawal("ben", "late"), "AVAILABILITY late ben"],
  ["CUSTODY", held("ben", { observed: other }), "CUSTODY back ben"],
  ["SAFEGUARD", safeguard("REGISTRY_RELEASE", "DISENGAGED"), "SAFEGUARD registry REGISTRY_RELEASE"],
  [
    "OBSERVATION",
    sighting("app", "rogue", "mirror"),
    `OBSERVATION app ${digestOf("rogue")} mirror`,
  ],
  ["QUARANTINE", quarantine(byDigest("app")), `QUARANTINE DIGEST ${digestOf("app")}`],
  ["ENCLAVE_REPORT", unsealed("north"), "ENCLAVE_REPORT north"],
];

describe("rule 2.2: entries count only from accepted reporters", () => {
  test.each(ALARMS)("a stranger's %s opens nothing and is shown", (_, report, subject) => {
    const desk = new Desk();
    const revised = tell(desk, [report], "stranger");
    expect(revised.opened).toEqual([]);
    expect(shown(desk)).toEqual([`UNACCEPTED_REPORT ${subject} stranger`]);
  });

  test.each(ALARMS)(
    "the approval owner's %s counts for nothing, though listed",
    (kind, report, subject) => {
      const listed = REPORTER_KINDS.find((item) => item === kind);
      if (listed === undefined) throw new Error(`${kind} is not reported`);
      const rebuilders = ["probe", OWNER];
      const desk = new Desk([
        accepting(listed, ["probe", OWNER]),
        { ...CONTENTS.REPRODUCIBILITY_POLICY, rebuilders },
      ]);
      expect(tell(desk, [report], OWNER).opened).toEqual([]);
      expect(shown(desk)).toEqual([`UNACCEPTED_REPORT ${subject} ${OWNER}`]);
    },
  );

  test("a stranger's good news clears nothing", () => {
    const desk = new Desk();
    tell(desk, [unsealed("north")]);
    tell(desk, [enclave("north")], "stranger");
    expect(open(desk)).toEqual(["ENCLAVE_UNSEALED north"]);
  });

  test("a stranger's later word does not overlay the accepted one", () => {
    const desk = new Desk();
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")], "stranger");
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED")], "stranger");
    expect(open(desk)).toEqual([]);
  });

  test("a reporter accepted later has said what they said: it counts from then on", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { observed: other })], "stranger");
    desk.accept(accepting("DIGEST_CONFIRMATION", ["probe", "stranger"]));
    expect(open(desk)).toEqual([`DIGEST_MISMATCH app ${digestOf("app")}`]);
    expect(shown(desk)).toEqual([]);
  });

  test("a reporter accepted no longer counts no longer, for good news and for bad", () => {
    const desk = new Desk();
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED")], "scout");
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")], "probe");
    expect(open(desk)).toHaveLength(1);
    desk.accept(accepting("SAFEGUARD", ["scout"]));
    expect(open(desk)).toEqual(["PUBLICATION_SAFEGUARD_MISSING registry ADVISORY_TIMING"]);
  });

  test("an owner named anew is a reporter no more, and the former one counts again", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { observed: other })], "scout");
    desk.accept({ ...CONTENTS.APPROVAL_LANE, owner: "scout" });
    expect(open(desk)).toEqual([]);
    desk.accept(CONTENTS.APPROVAL_LANE);
    expect(open(desk)).toEqual([`DIGEST_MISMATCH app ${digestOf("app")}`]);
  });

  test("a kind that is not listed has no accepted reporter", () => {
    const { accepted } = CONTENTS.ACCEPTED_REPORTERS;
    const desk = new Desk([
      { kind: "ACCEPTED_REPORTERS", accepted: accepted.filter(({ kind }) => kind !== "CUSTODY") },
    ]);
    expect(open(desk)).toContain(`ROLLBACK_CUSTODY_GAP back ${digestOf("r1")}`);
  });
});

describe("rule 4.3.1: the newest entry on a subject, in ledger order, counts", () => {
  test("of two accepted reporters the later, also if it observed earlier", () => {
    const desk = new Desk([ages()]);
    desk.pass(3n);
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")], "probe");
    tell(desk, [{ ...safeguard("REGISTRY_RELEASE", "ENGAGED"), observedEpoch: 9n }], "scout");
    expect(open(desk)).toEqual([]);
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")], "probe");
    expect(open(desk)).toHaveLength(1);
  });

  test("confirmations and rebuilds are subjects of each confirmer and rebuilder", () => {
    const desk = new Desk();
    tell(
      desk,
      [confirmation("app", { observed: other }), rebuild("app", { observed: other })],
      "scout",
    );
    tell(desk, [confirmation("app"), rebuild("app")], "probe");
    expect(open(desk)).toEqual([
      `DIGEST_MISMATCH app ${digestOf("app")}`,
      `REPRODUCIBILITY_MISMATCH app ${digestOf("app")}`,
    ]);
  });

  test("within one report the reporter's new word takes the place of the old", () => {
    const desk = new Desk();
    tell(desk, [held("ben", { seal: "bag-2" })]);
    tell(desk, [held("ben", { seal: "bag-3" })]);
    const seals = desk.state.material.custody.map((item) => `${item.custodian} ${item.seal}`);
    expect(seals).toEqual(["ben bag-3", "dan bag-dan"]);
  });
});

describe("rule 4.3.2: age counts from when a thing was observed, never from receipt", () => {
  test("an old observation, newly received, ages from then", () => {
    const desk = new Desk([ages({ safeguardMaxAge: 5n })]);
    desk.pass(4n);
    tell(desk, [
      { ...safeguard("REGISTRY_RELEASE", "ENGAGED"), observedEpoch: 9n },
      safeguard("ADVISORY_TIMING", "ENGAGED"),
    ]);
    desk.pass(2n);
    expect(open(desk)).toEqual([]);
    desk.pass(1n);
    expect(open(desk)).toEqual(["PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE"]);
  });

  test("what is too old when it arrives clears nothing", () => {
    const desk = new Desk([ages({ safeguardMaxAge: 2n })]);
    desk.pass(5n);
    const late = { ...safeguard("REGISTRY_RELEASE", "ENGAGED"), observedEpoch: 10n };
    expect(tell(desk, [late]).cleared).toEqual([]);
  });
});

describe("rule 4.2.5: REFRESH_DUE", () => {
  const about = "REFRESH_DUE DIGEST_CONFIRMATION app probe";

  test("is shown once 80 % of the age is used, and through its last epoch", () => {
    const desk = new Desk([ages({ digestMaxAge: 10n })]);
    desk.pass(7n);
    expect(shown(desk)).toEqual([]);
    desk.pass(1n);
    expect(shown(desk)).toContain(about);
    desk.pass(2n);
    expect(shown(desk)).toContain(about);
    desk.pass(1n);
    expect(shown(desk)).not.toContain(about);
    expect(open(desk)).toContain(`DIGEST_CONFIRMATION_STALE app ${digestOf("app")}`);
  });

  test("of an age that 80 % does not divide, at the first whole epoch", () => {
    const desk = new Desk([ages({ digestMaxAge: 7n })]);
    desk.pass(5n);
    expect(shown(desk)).toEqual([]);
    desk.pass(1n);
    expect(shown(desk)).toContain(about);
  });

  test.each([
    ["digestMaxAge", "REFRESH_DUE DIGEST_CONFIRMATION lib probe"],
    ["reproducibilityMaxAge", "REFRESH_DUE REPRODUCIBILITY_CHECK lib probe"],
    ["attestationMaxAge", "REFRESH_DUE ENCLAVE_REPORT south"],
    ["availabilityMaxAge", "REFRESH_DUE AVAILABILITY late ana"],
    ["custodyMaxAge", "REFRESH_DUE CUSTODY back dan"],
    ["safeguardMaxAge", "REFRESH_DUE SAFEGUARD registry ADVISORY_TIMING"],
    ["quarantineMaxAge", `REFRESH_DUE QUARANTINE DIGEST ${digestOf("rogue")}`],
    ["absenceMaxAge", `REFRESH_DUE OBSERVATION app ${digestOf("rogue")} mirror`],
  ])("of %s speaks of every counting good news it limits", (field, advisory) => {
    const desk = new Desk([ages({ [field]: 5n })]);
    tell(desk, [sighting("app", "rogue", "mirror", "GONE"), quarantine(byDigest("rogue"))]);
    desk.pass(3n);
    expect(shown(desk)).not.toContain(advisory);
    desk.pass(1n);
    expect(shown(desk)).toContain(advisory);
  });

  test("says nothing about bad news, which does not age", () => {
    const desk = new Desk([ages({ safeguardMaxAge: 5n, availabilityMaxAge: 5n })]);
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED"), withdrawal("ana", "late")]);
    desk.pass(4n);
    expect(shown(desk)).toContain("REFRESH_DUE SAFEGUARD registry ADVISORY_TIMING");
    expect(shown(desk)).not.toContain("REFRESH_DUE SAFEGUARD registry REGISTRY_RELEASE");
    expect(shown(desk)).not.toContain("REFRESH_DUE AVAILABILITY late ana");
  });

  test("ends with the refresh", () => {
    const desk = new Desk([ages({ availabilityMaxAge: 5n })]);
    desk.pass(4n);
    tell(desk, [commitment("ana", "late")]);
    expect(shown(desk)).not.toContain("REFRESH_DUE AVAILABILITY late ana");
  });
});
