import { describe, expect, test } from "vitest";
import type { Report } from "#packet/entry.ts";
import type { ContentOf } from "#packet/source.ts";
import {
  approve,
  askApproval,
  open,
  place,
  reject,
  release,
  resubmit,
  standing,
  tell,
  withdraw,
} from "./acts.ts";
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
  revocation,
  safeguard,
  sighting,
  unsealed,
} from "./reports.ts";
import {
  ARTIFACTS,
  CONTENTS,
  OWNER,
  PEOPLE,
  SHIFTS,
  calendar,
  digestOf,
  goodNews,
  shift,
} from "./train.ts";

type Limit = keyof Omit<ContentOf<"FRESHNESS_POLICY">, "kind">;

const other = digestOf("other");

/** Approved at once; only what is named ages, after two epochs. */
function aging(limit: Limit, reports: readonly Report[] = []): Desk {
  const desk = new Desk([ages({ [limit]: 2n })], [...goodNews(), ...reports]);
  expect(open(desk)).toEqual([]);
  approve(desk);
  return desk;
}

const gone = [sighting("app", "rogue", "mirror", "GONE")];
const kept = [sighting("app", "rogue", "mirror"), quarantine(byDigest("rogue"))];

/** Each limit of the freshness policy: what ages, and what refreshes all of it. */
const AGEING: readonly [Limit, readonly Report[], readonly Report[]][] = [
  ["digestMaxAge", [], ARTIFACTS.map((name) => confirmation(name))],
  ["reproducibilityMaxAge", [], ARTIFACTS.map((name) => rebuild(name))],
  ["attestationMaxAge", [], [enclave("north")]],
  ["availabilityMaxAge", [], SHIFTS.flatMap((name) => PEOPLE.map((who) => commitment(who, name)))],
  ["custodyMaxAge", [], [held("ben"), held("dan")]],
  [
    "safeguardMaxAge",
    [],
    [safeguard("REGISTRY_RELEASE", "ENGAGED"), safeguard("ADVISORY_TIMING", "ENGAGED")],
  ],
  ["quarantineMaxAge", kept, [quarantine(byDigest("rogue"))]],
  ["absenceMaxAge", gone, gone],
];

describe("rule 5.5: a hold that opened by age alone suspends the approval", () => {
  test.each(AGEING)(
    "%s: suspended when it is over, standing again when refreshed",
    (limit, reports, refresh) => {
      const desk = aging(limit, reports);
      const approved = desk.state.materialDigest;
      desk.pass(2n);
      expect([desk.state.status, standing(desk)]).toEqual(["APPROVED", "STANDING"]);
      desk.pass(1n);
      expect(open(desk).length).toBeGreaterThan(0);
      expect(standing(desk)).toBe("SUSPENDED");
      expect(["ON_HOLD", "ESCALATED"]).toContain(desk.state.status);
      tell(desk, refresh);
      expect([desk.state.status, standing(desk)]).toEqual(["APPROVED", "STANDING"]);
      expect(desk.state.materialDigest).toBe(approved);
    },
  );

  test("it stays suspended until the last of them is refreshed", () => {
    const desk = aging("digestMaxAge");
    desk.pass(3n);
    tell(desk, [confirmation("app"), confirmation("lib")]);
    expect(standing(desk)).toBe("SUSPENDED");
    tell(desk, [confirmation("tool")]);
    expect(standing(desk)).toBe("STANDING");
  });

  test("further holds by age keep it suspended", () => {
    const desk = new Desk([ages({ digestMaxAge: 2n, safeguardMaxAge: 4n })]);
    approve(desk);
    desk.pass(3n);
    desk.pass(2n);
    expect(standing(desk)).toBe("SUSPENDED");
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED"), safeguard("ADVISORY_TIMING", "ENGAGED")]);
    tell(
      desk,
      ARTIFACTS.map((name) => confirmation(name)),
    );
    expect(standing(desk)).toBe("STANDING");
  });

  test("a suspended approval is not given anew: the refreshed one stands by itself", () => {
    const desk = aging("digestMaxAge");
    desk.pass(3n);
    expect(askApproval(desk)).toMatchObject({ reasons: [{ code: "HELD" }] });
  });
});

describe("rule 5.5: everything else makes it lapse for good", () => {
  test.each([
    ["an operator hold", (desk: Desk) => place(desk)],
    [
      "a disagreeing confirmation",
      (desk: Desk) => tell(desk, [confirmation("app", { observed: other })], "scout"),
    ],
    ["a spare enclave that came unsealed", (desk: Desk) => tell(desk, [unsealed("south")])],
    [
      "an artifact seen outside the manifest",
      (desk: Desk) => tell(desk, [sighting("app", "rogue", "mirror")]),
    ],
    ["the owner's own rejection", (desk: Desk) => reject(desk)],
    ["a clock that was advanced by hand", (desk: Desk) => desk.breakClock("ADVANCED_BY_HAND")],
    ["the owner's credential being revoked", (desk: Desk) => tell(desk, [revocation(OWNER)])],
    [
      "another owner in the lane",
      (desk: Desk) => desk.accept({ ...CONTENTS.APPROVAL_LANE, owner: "otto" }),
    ],
    ["withdrawal of the packet", (desk: Desk) => withdraw(desk)],
  ] as [string, (desk: Desk) => void][])("%s", (_, happens) => {
    const desk = new Desk([ages()]);
    approve(desk);
    happens(desk);
    expect(standing(desk)).toBe("LAPSED");
    expect(desk.state.status).not.toBe("APPROVED");
  });

  test("the owner must approve again once it is cleared", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    place(desk);
    release(desk, 1);
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", "LAPSED"]);
    expect(askApproval(desk, 1)).toMatchObject({ reasons: [{ code: "STALE_REVISION" }] });
    approve(desk);
    expect([desk.state.status, standing(desk)]).toEqual(["APPROVED", "STANDING"]);
    expect(desk.state.approval?.revision).toBe(4);
  });

  test("a suspended one lapses as well", () => {
    const desk = aging("digestMaxAge");
    desk.pass(3n);
    place(desk);
    release(desk, 1);
    tell(
      desk,
      ARTIFACTS.map((name) => confirmation(name)),
    );
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", "LAPSED"]);
  });

  test("a material change while suspended lapses it, though the holds by age are then refreshed", () => {
    const desk = aging("digestMaxAge");
    desk.pass(3n);
    tell(desk, [held("cleo")]);
    expect(standing(desk)).toBe("LAPSED");
    tell(
      desk,
      ARTIFACTS.map((name) => confirmation(name)),
    );
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
  });

  test("a refresh that brings another seal clears the hold and lapses the approval", () => {
    const desk = aging("attestationMaxAge");
    desk.pass(3n);
    tell(desk, [enclave("north", { seal: "seal-2" })]);
    expect(open(desk)).toEqual([]);
    expect(standing(desk)).toBe("LAPSED");
  });

  test("the revocation of an owner who approved no standing approval changes nothing of it", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    reject(desk);
    resubmit(desk);
    tell(desk, [revocation(OWNER)]);
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", "LAPSED"]);
  });

  test("a policy that shortens an age opens its holds otherwise than by time", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    desk.pass(5n);
    desk.accept(ages({ digestMaxAge: 2n }));
    expect(open(desk)).toHaveLength(3);
    expect(standing(desk)).toBe("LAPSED");
  });
});

describe("rule 5.5 and reading 17: what time opens otherwise than by age", () => {
  test("a report that was too old when it came opens its hold by being reported: it lapses", () => {
    const desk = new Desk([ages({ safeguardMaxAge: 4n })]);
    desk.pass(4n);
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED"), safeguard("ADVISORY_TIMING", "ENGAGED")]);
    approve(desk);
    desk.pass(1n);
    const old = { ...safeguard("REGISTRY_RELEASE", "ENGAGED"), observedEpoch: 8n };
    const revised = tell(desk, [old], "scout");
    expect(revised.materialChanged).toBe(false);
    expect(open(desk)).toEqual(["PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE"]);
    expect(standing(desk)).toBe("LAPSED");
  });

  test("a rest of the window without a shift is no ageing: it lapses", () => {
    const noSigning = [{ first: 14n, last: 24n }];
    const desk = new Desk([ages(), calendar([shift("early", 8n, 13n)], noSigning)]);
    approve(desk);
    desk.pass(6n);
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 24"]);
    expect(standing(desk)).toBe("LAPSED");
  });

  test("an unavailable spare that is needed once the other aged out is by age", () => {
    const desk = new Desk([ages({ attestationMaxAge: 2n })]);
    tell(desk, [enclave("south", { availability: "UNAVAILABLE" })]);
    approve(desk);
    desk.pass(3n);
    expect(open(desk)).toEqual(["ENCLAVE_ATTESTATION_STALE north", "ENCLAVE_UNAVAILABLE south"]);
    expect(standing(desk)).toBe("SUSPENDED");
    tell(desk, [enclave("north")]);
    expect([desk.state.status, standing(desk)]).toEqual(["APPROVED", "STANDING"]);
  });

  test("a window that has passed lapses it with the packet", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    desk.pass(17n);
    expect([desk.state.status, standing(desk)]).toEqual(["CLOSED", "LAPSED"]);
  });
});
