import { describe, expect, test } from "vitest";
import {
  advisoriesAt,
  approvalRefusals,
  forecast,
  gateAt,
  judge,
  shiftArithmetic,
} from "./judge.ts";
import type { Occurrence } from "./shapes.ts";
import {
  OLGA,
  RUTH,
  accepts,
  approves,
  availability,
  binds,
  calendar,
  check,
  componentDeclaration,
  componentState,
  confirmation,
  contentOf,
  custody,
  digestOf,
  enclaveReport,
  happens,
  observation,
  quarantine,
  records,
  revocation,
  safeguard,
  shipmentWindow,
  smallWorld,
  withEntries,
  withSource,
} from "./world.ts";

type Refs = readonly { code: string; subject: string }[];

function texts(refs: Refs): string[] {
  return refs.map((ref) => `${ref.code} ${ref.subject}`);
}

/** What the last revision says at the epoch, of what had happened by then. */
function at(history: readonly Occurrence[], epoch: bigint) {
  const happened = history.filter((occurrence) => occurrence.epoch <= epoch);
  const last = judge(happened, epoch).at(-1);
  if (last === undefined) throw new Error("no revision");
  return { ...last, open: texts(last.openHolds) };
}

function timeline(history: readonly Occurrence[], upTo: bigint): string[] {
  return judge(history, upTo).map((one) => `${one.epoch} ${one.cause} ${one.status}`);
}

const APP = `app ${digestOf("app")}`;
const BOOT = `boot ${digestOf("boot")}`;
const PACKAGE = `boot-back ${digestOf("boot-5")}`;

function ageLimits(changes: Record<string, bigint>) {
  return { ...contentOf("FRESHNESS_POLICY"), ...changes };
}

describe("the packet", () => {
  test("3.1, 5.4: the small world opens READY_FOR_APPROVAL with the least seating and the first fit enclave", () => {
    const first = at([smallWorld()], 1n);
    const seats = [
      { role: "SIGNER", person: "ana" },
      { role: "SIGNER", person: "ben" },
      { role: "CUSTODIAN", person: "cara" },
    ];
    expect(first).toMatchObject({
      number: 1,
      cause: "PACKET_OPENED",
      epoch: 1n,
      status: "READY_FOR_APPROVAL",
      opened: [],
      advisories: [],
      approval: null,
      materialChanged: true,
    });
    expect(first.seating).toEqual([
      { shift: "early", seats },
      { shift: "late", seats },
    ]);
    expect(first.enclaves).toEqual([
      { enclave: "vault-1", measurement: digestOf("measured"), seal: "vault-1-seal" },
    ]);
  });

  test("reading 18: a shift that ends is no revision, the end of the window is; reading 22: nothing follows", () => {
    const late = records(16n, confirmation("app", 16n));
    expect(timeline([smallWorld(), late], 20n)).toEqual([
      "1 PACKET_OPENED READY_FOR_APPROVAL",
      "15 EPOCH_REACHED CLOSED",
    ]);
  });

  test("reading 22: the revision that closes ends no hold, opens none and lapses the approval", () => {
    const history = [
      smallWorld(),
      approves(1, 2n),
      happens({ kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "odd" }, 3n),
      happens({ kind: "PACKET_WITHDRAWN", reason: "over" }, 4n),
    ];
    expect(at(history, 20n)).toMatchObject({
      number: 4,
      status: "CLOSED",
      opened: [],
      cleared: [],
      outOfScope: [],
      openHolds: [{ code: "OPERATOR_HOLD", subject: "1", sinceRevision: 3, sinceEpoch: 3n }],
      approval: { revision: 1, standing: "LAPSED" },
    });
  });

  test("3.1: a window that a new source ends earlier closes the packet with that source", () => {
    const history = [smallWorld(), accepts(shipmentWindow(1n, 4n), 2, 6n)];
    expect(timeline(history, 9n)).toEqual([
      "1 PACKET_OPENED READY_FOR_APPROVAL",
      "6 SOURCE_ACCEPTED CLOSED",
    ]);
  });

  test("3.5, 4.2.2: a placed hold is its own, keeps its since, and is released; a rejection is answered", () => {
    const history = [
      smallWorld(),
      happens({ kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "odd" }, 2n),
      happens({ kind: "OPERATOR_HOLD_PLACED", placement: 2, reason: "odder" }, 3n),
      happens({ kind: "OPERATOR_HOLD_RELEASED", placement: 1, reason: "fine" }, 4n),
      happens({ kind: "PACKET_REJECTED", reason: "no" }, 5n, OLGA),
      happens({ kind: "PACKET_RESUBMITTED", answer: "look" }, 6n),
    ];
    expect(at(history, 5n).open).toEqual(["APPROVAL_REJECTED PACKET", "OPERATOR_HOLD 2"]);
    expect(at(history, 6n)).toMatchObject({
      status: "ON_HOLD",
      cleared: [{ code: "APPROVAL_REJECTED", subject: "PACKET" }],
      openHolds: [{ code: "OPERATOR_HOLD", subject: "2", sinceRevision: 3, sinceEpoch: 3n }],
    });
  });

  test("4.1.1: an outage that has ended or does not cover the train escalates; acknowledging clears nothing", () => {
    const declaration = contentOf("OUTAGE_DECLARATION");
    const elsewhere = { ...declaration, fallbackTrains: ["train-2"] };
    expect(at([withSource(smallWorld(), elsewhere)], 1n).status).toBe("ESCALATED");
    const history = [
      smallWorld(),
      accepts({ ...declaration, status: "ENDED" }, 2, 2n),
      happens({ kind: "ESCALATION_ACKNOWLEDGED", note: "seen" }, 3n),
    ];
    expect(at(history, 3n)).toMatchObject({
      number: 3,
      status: "ESCALATED",
      open: ["OUTAGE_NOT_STANDING outage-1"],
    });
  });

  test("4.1.12, 6.5: a broken clock holds until window and calendar are both accepted again", () => {
    const mapping = { ...contentOf("SHIPMENT_WINDOW").mapping, generation: 1 };
    const clock = { frozen: true, generation: 1 };
    const history = [
      smallWorld(),
      happens({ kind: "CLOCK_CHANGED", change: "FROZEN", clock }, 2n),
      accepts({ ...contentOf("SHIPMENT_WINDOW"), mapping }, 2, 3n),
      accepts({ ...contentOf("SHIFT_CALENDAR"), mapping }, 2, 4n),
    ];
    expect(at(history, 2n).open).toEqual(["TIME_MAPPING_STALE TIME"]);
    expect(at(history, 3n).open).toEqual(["TIME_MAPPING_STALE TIME"]);
    expect(at(history, 4n).status).toBe("READY_FOR_APPROVAL");
  });
});

describe("evidence", () => {
  test("4.3.4, 4.2.5: at exactly its age a confirmation counts, one epoch later not; from 80 % on a refresh is due", () => {
    const world = withSource(smallWorld(), ageLimits({ digestMaxAge: 5n }));
    expect(texts(advisoriesAt([world], 4n))).toEqual([]);
    expect(texts(advisoriesAt([world], 5n))).toEqual([
      "REFRESH_DUE DIGEST_CONFIRMATION app desk",
      "REFRESH_DUE DIGEST_CONFIRMATION boot desk",
    ]);
    expect(at([world], 6n)).toMatchObject({ number: 1, status: "READY_FOR_APPROVAL" });
    expect(at([world], 7n)).toMatchObject({
      number: 2,
      cause: "EPOCH_REACHED",
      status: "ON_HOLD",
      open: [`DIGEST_CONFIRMATION_STALE ${APP}`, `DIGEST_CONFIRMATION_STALE ${BOOT}`],
    });
    expect(texts(advisoriesAt([world], 7n))).toEqual([]);
  });

  test("4.1.3, reading 8: a rebuilder that disagrees mismatches, whatever its age, and no longer counts among the enough", () => {
    const disagrees = { observed: digestOf("other") };
    const world = withSource(smallWorld(), ageLimits({ reproducibilityMaxAge: 3n }));
    const history = [world, records(2n, check("app", "forge-b", 2n, disagrees))];
    expect(at(history, 2n).open).toEqual([
      `REPRODUCIBILITY_MISMATCH ${APP}`,
      `REPRODUCIBILITY_REFERENCE_MISSING ${APP}`,
    ]);
    expect(at(history, 14n).open).toEqual([
      `REPRODUCIBILITY_MISMATCH ${APP}`,
      `REPRODUCIBILITY_REFERENCE_MISSING ${APP}`,
      `REPRODUCIBILITY_REFERENCE_STALE ${BOOT}`,
    ]);
    const third = [...history, records(3n, check("app", "forge-c", 3n))];
    expect(at(third, 3n)).toMatchObject({
      status: "ESCALATED",
      open: [`REPRODUCIBILITY_MISMATCH ${APP}`],
    });
  });

  test("4.3.1, 4.3.3: the newest entry on a subject counts; one about another digest is absent and not mismatched", () => {
    const other = { digest: digestOf("older"), observed: digestOf("app") };
    const history = [smallWorld(), records(2n, confirmation("app", 2n, other))];
    expect(at(history, 2n).open).toEqual([`DIGEST_CONFIRMATION_MISSING ${APP}`]);
  });

  test("2.2, readings 2 and 14: who is not accepted, or owns the approval, is shown and moves nothing", () => {
    const wrong = { observed: digestOf("other") };
    const reporters = contentOf("ACCEPTED_REPORTERS");
    const accepted = reporters.accepted.map((item) =>
      item.kind === "DIGEST_CONFIRMATION" ? { ...item, reporters: ["desk", "olga"] } : item,
    );
    const history = [
      withSource(smallWorld(), { ...reporters, accepted }),
      records(
        2n,
        confirmation("app", 2n, { ...wrong, reporter: "olga" }),
        confirmation("app", 2n, { ...wrong, reporter: "eve" }),
        confirmation("else", 2n, { ...wrong, reporter: "eve" }),
        check("app", "forge-x", 2n, wrong),
        availability("ben", "late", 2n, { status: "WITHDRAWN", reporter: "ana" }),
      ),
    ];
    expect(at(history, 2n)).toMatchObject({
      status: "READY_FOR_APPROVAL",
      advisories: [
        { code: "UNACCEPTED_REPORT", subject: "AVAILABILITY late ben ana" },
        { code: "UNACCEPTED_REPORT", subject: "DIGEST_CONFIRMATION app eve" },
        { code: "UNACCEPTED_REPORT", subject: "DIGEST_CONFIRMATION app olga" },
        { code: "UNACCEPTED_REPORT", subject: "REPRODUCIBILITY_CHECK app forge-x" },
      ],
    });
  });

  test("reading 26: where signatures are asked for, what is unsigned is shown and takes no place", () => {
    const reporters = contentOf("ACCEPTED_REPORTERS");
    const asked = {
      ...reporters,
      accepted: reporters.accepted.map((item) =>
        item.kind === "SAFEGUARD" ? { ...item, signed: true as const } : item,
      ),
    };
    const signature = "signed";
    const history = [
      withSource(smallWorld(), asked),
      records(2n, safeguard(2n, { signature })),
      records(3n, safeguard(3n, { status: "DISENGAGED" })),
      records(4n, safeguard(4n, { signature, status: "DISENGAGED" })),
      records(5n, safeguard(5n)),
      accepts(reporters, 2, 6n),
    ];
    const held = "PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE";
    expect(at(history, 1n).open).toEqual([held]);
    expect(at(history, 2n).open).toEqual([]);
    expect(at(history, 3n)).toMatchObject({
      open: [],
      advisories: [{ subject: "SAFEGUARD registry REGISTRY_RELEASE desk" }],
    });
    expect(at(history, 4n).open).toEqual([held]);
    expect(at(history, 5n).open).toEqual([held]);
    expect(at(history, 6n)).toMatchObject({
      open: [],
      advisories: [{ code: "POLICY_LOOSENED", subject: "ACCEPTED_REPORTERS signed.SAFEGUARD" }],
    });
  });

  test("reading 27: a reporter accepted for some subjects is a stranger to the others", () => {
    const reporters = contentOf("ACCEPTED_REPORTERS");
    const limited = {
      ...reporters,
      accepted: reporters.accepted.map((item) =>
        item.kind === "DIGEST_CONFIRMATION"
          ? { ...item, subjects: [{ reporter: "desk-2", subjects: ["app"] }] }
          : item,
      ),
    };
    const observed = digestOf("other");
    const denied = (name: string, epoch: bigint) =>
      records(epoch, confirmation(name, epoch, { observed, reporter: "desk-2" }));
    const history = [withSource(smallWorld(), limited), denied("boot", 2n), denied("app", 3n)];
    expect(at(history, 2n)).toMatchObject({
      open: [],
      advisories: [{ subject: "DIGEST_CONFIRMATION boot desk-2" }],
    });
    expect(at(history, 3n).open).toEqual([`DIGEST_MISMATCH ${APP}`]);
  });

  test("4.1.9, 4.1.10: targets outside the scope are ambiguous, every safeguard of the scope is wanted", () => {
    const targets = [
      { target: "mirror", safeguards: ["MIRROR_PROMOTION" as const] },
      { target: "registry", safeguards: ["REGISTRY_RELEASE" as const] },
    ];
    const world = withSource(smallWorld(), { kind: "PUBLICATION_SCOPE", targets });
    const manifest = contentOf("MANIFEST");
    const artifacts = manifest.artifacts.map((item) => ({
      ...item,
      targets: item.name === "app" ? [] : ["registry", "shop"],
    }));
    const history = [
      withSource(world, { ...manifest, artifacts }),
      records(2n, safeguard(2n, { status: "DISENGAGED" })),
    ];
    expect(at(history, 2n).open).toEqual([
      "PUBLICATION_SAFEGUARD_MISSING mirror MIRROR_PROMOTION",
      "PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE",
      `PUBLICATION_SCOPE_AMBIGUOUS ${APP}`,
      `PUBLICATION_SCOPE_AMBIGUOUS ${BOOT}`,
    ]);
  });

  test("4.2.6, reading 15: numbers loosened since the last decision are told until the next", () => {
    const policy = { ...contentOf("QUORUM_POLICY"), minCustodyGroups: 1, handoverEpochs: 1n };
    const history = [
      smallWorld(),
      accepts(policy, 2, 2n),
      accepts(ageLimits({ digestMaxAge: 101n, custodyMaxAge: 99n }), 2, 3n),
      approves(3, 4n),
    ];
    expect(texts(advisoriesAt(history, 3n))).toEqual([
      "POLICY_LOOSENED FRESHNESS_POLICY digestMaxAge",
      "POLICY_LOOSENED QUORUM_POLICY handoverEpochs",
      "POLICY_LOOSENED QUORUM_POLICY minCustodyGroups",
    ]);
    expect(texts(advisoriesAt(history, 4n))).toEqual([]);
  });
});

describe("enclaves", () => {
  const unsealed = { sealing: "UNSEALED" as const, seal: null };
  const unavailable = { availability: "UNAVAILABLE" as const };

  test("4.1.5: an unsealed spare holds until it is fit again", () => {
    const history = [
      smallWorld(),
      records(2n, enclaveReport("vault-2", 2n, unsealed)),
      records(3n, enclaveReport("vault-2", 3n, unavailable)),
      records(4n, enclaveReport("vault-2", 4n)),
    ];
    expect(at(history, 2n).open).toEqual(["ENCLAVE_UNSEALED vault-2"]);
    expect(at(history, 3n).open).toEqual(["ENCLAVE_UNSEALED vault-2"]);
    expect(texts(at(history, 3n).advisories)).toEqual(["ENCLAVE_UNAVAILABLE vault-2"]);
    expect(texts(at(history, 4n).cleared)).toEqual(["ENCLAVE_UNSEALED vault-2"]);
  });

  test("4.2.3: a mismatching enclave that is dropped goes OUT_OF_SCOPE", () => {
    const required = contentOf("REQUIRED_ENCLAVES");
    const history = [
      smallWorld(),
      records(2n, enclaveReport("vault-2", 2n, { measurement: digestOf("tampered") })),
      accepts({ ...required, enclaves: required.enclaves.slice(0, 1) }, 2, 3n),
    ];
    expect(at(history, 2n).open).toEqual(["ENCLAVE_MEASUREMENT_MISMATCH vault-2"]);
    expect(at(history, 3n)).toMatchObject({
      status: "READY_FOR_APPROVAL",
      cleared: [],
      outOfScope: [{ code: "ENCLAVE_MEASUREMENT_MISMATCH", subject: "vault-2" }],
    });
  });

  test("4.1.5: what a spare lacks is an advisory, and a hold once too few are fit", () => {
    const world = withEntries(smallWorld(), (entries) =>
      entries.filter((entry) => entry.kind !== "ENCLAVE_REPORT" || entry.enclave !== "vault-2"),
    );
    const history = [world, records(2n, enclaveReport("vault-1", 2n, unavailable))];
    expect(texts(at(history, 1n).advisories)).toEqual(["ENCLAVE_UNREPORTED vault-2"]);
    expect(at(history, 2n)).toMatchObject({
      open: ["ENCLAVE_UNAVAILABLE vault-1", "ENCLAVE_UNREPORTED vault-2"],
      advisories: [],
      enclaves: [],
    });
  });

  test("5.5, reading 17: a lack that becomes a hold because another enclave aged is by age", () => {
    const world = withSource(smallWorld(), ageLimits({ attestationMaxAge: 5n }));
    const history = [
      world,
      records(2n, enclaveReport("vault-2", 2n, unavailable)),
      approves(2, 3n),
      records(8n, enclaveReport("vault-1", 8n)),
    ];
    expect(at(history, 7n)).toMatchObject({
      cause: "EPOCH_REACHED",
      open: ["ENCLAVE_ATTESTATION_STALE vault-1", "ENCLAVE_UNAVAILABLE vault-2"],
      approval: { revision: 2, standing: "SUSPENDED" },
      materialChanged: false,
    });
    expect(at(history, 8n)).toMatchObject({
      status: "APPROVED",
      approval: { revision: 2, standing: "STANDING" },
    });
  });

  test("5.4: a selected enclave stays selected while fit; a change to a spare is material", () => {
    const history = [
      smallWorld(),
      records(2n, enclaveReport("vault-1", 2n, unavailable)),
      records(3n, enclaveReport("vault-1", 3n)),
    ];
    expect(at(history, 2n)).toMatchObject({
      status: "READY_FOR_APPROVAL",
      materialChanged: true,
      enclaves: [{ enclave: "vault-2", seal: "vault-2-seal" }],
    });
    expect(at(history, 3n)).toMatchObject({
      materialChanged: false,
      enclaves: [{ enclave: "vault-2" }],
    });
  });
});

describe("shifts and people", () => {
  const withdrawn = { status: "WITHDRAWN" as const };

  test("4.1.6: too few groups and too few people are told apart; 4.2.3: a shift that is over takes its holds out of scope", () => {
    const history = [
      smallWorld(),
      records(2n, availability("ben", "early", 2n, withdrawn)),
      records(3n, availability("ana", "early", 3n, withdrawn)),
    ];
    expect(at(history, 2n).open).toEqual(["CUSTODY_GROUPS_MISSING early"]);
    expect(at(history, 2n).seating[0]).toEqual({ shift: "early", seats: null });
    expect(at(history, 3n)).toMatchObject({
      open: ["SIGNER_QUORUM_MISSING early"],
      cleared: [{ code: "CUSTODY_GROUPS_MISSING", subject: "early" }],
    });
    expect(at(history, 8n)).toMatchObject({
      cause: "EPOCH_REACHED",
      epoch: 8n,
      status: "READY_FOR_APPROVAL",
      outOfScope: [{ code: "SIGNER_QUORUM_MISSING", subject: "early" }],
    });
  });

  test("4.1.6, reading 11: a person counts in the first of two shifts that overlap by more than the handover", () => {
    const world = withSource(smallWorld(), calendar({ late: [8n, 14n], early: [1n, 8n] }));
    expect(at([world], 1n).open).toEqual(["SIGNER_QUORUM_MISSING late"]);
    expect(at([world], 9n)).toMatchObject({
      number: 2,
      epoch: 9n,
      status: "READY_FOR_APPROVAL",
      cleared: [{ code: "SIGNER_QUORUM_MISSING", subject: "late" }],
    });
    const handover = { ...contentOf("QUORUM_POLICY"), handoverEpochs: 1n };
    expect(at([withSource(world, handover)], 1n).status).toBe("READY_FOR_APPROVAL");
  });

  test("4.2.1: each unbroken run outside shifts and NO_SIGNING is one gap named by its last epoch", () => {
    const shifts = { early: [1n, 5n], late: [9n, 11n] } as const;
    const world = withSource(smallWorld(), calendar(shifts, [[6n, 7n]]));
    expect(at([world], 1n).open).toEqual(["SHIFT_COVERAGE_GAP 14", "SHIFT_COVERAGE_GAP 8"]);
    expect(at([world], 14n)).toMatchObject({
      number: 2,
      epoch: 9n,
      open: ["SHIFT_COVERAGE_GAP 14"],
      outOfScope: [{ code: "SHIFT_COVERAGE_GAP", subject: "8" }],
    });
  });

  test("4.2.1, reading 16: with no shift left one gap named by the window's end speaks for all", () => {
    const shifts = { early: [1n, 5n], late: [6n, 10n] } as const;
    const world = withSource(smallWorld(), calendar(shifts, [[13n, 14n]]));
    expect(at([world], 10n).open).toEqual(["SHIFT_COVERAGE_GAP 12"]);
    expect(at([world], 11n)).toMatchObject({
      open: ["SHIFT_COVERAGE_GAP 14"],
      cleared: [],
      outOfScope: [{ code: "SHIFT_COVERAGE_GAP", subject: "12" }],
    });
  });

  test("5.4: who sits stays seated while the seating is valid; a later volunteer changes nothing", () => {
    const world = withEntries(smallWorld(), (entries) =>
      entries.filter((entry) => entry.kind !== "AVAILABILITY" || entry.person !== "ana"),
    );
    const history = [
      world,
      records(2n, availability("ana", "early", 2n), availability("ana", "late", 2n)),
      records(3n, availability("cara", "late", 3n, withdrawn)),
    ];
    const names = (epoch: bigint) =>
      at(history, epoch).seating.map(({ seats }) => seats?.map((seat) => seat.person));
    expect(names(1n)[0]).toEqual(["ben", "cara", "dan"]);
    expect(names(2n)).toEqual(names(1n));
    expect(at(history, 2n).materialChanged).toBe(false);
    expect(names(3n)).toEqual([
      ["ben", "cara", "dan"],
      ["ana", "ben", "dan"],
    ]);
    expect(at(history, 3n).materialChanged).toBe(true);
  });

  test("5.5, reading 20: commitments that aged hold, keep their seats, and stand again once renewed", () => {
    const world = withSource(smallWorld(), ageLimits({ availabilityMaxAge: 7n }));
    const renewed = ["ana", "ben", "cara", "dan"].map((one) => availability(one, "late", 9n));
    const history = [world, approves(1, 2n), records(9n, ...renewed)];
    expect(at(history, 8n).status).toBe("APPROVED");
    const aged = [world, approves(1, 2n)];
    expect(at(aged, 9n)).toMatchObject({
      number: 3,
      open: [`CUSTODY_COVERAGE_GAP ${PACKAGE} late`, "SIGNER_QUORUM_MISSING late"],
      materialChanged: false,
      approval: { standing: "SUSPENDED" },
    });
    expect(at(history, 9n)).toMatchObject({ number: 4, status: "APPROVED" });
  });

  test("shift arithmetic: how many absences the seats survive, and whose absence breaks them", () => {
    const anyGroup = { ...contentOf("QUORUM_POLICY"), minCustodyGroups: 1 };
    const benLeaves = records(2n, availability("ben", "early", 2n, withdrawn));
    expect(shiftArithmetic([smallWorld()], 1n, "early")).toEqual({
      survives: 0,
      breaking: ["ben"],
    });
    expect(shiftArithmetic([withSource(smallWorld(), anyGroup)], 1n, "early")).toEqual({
      survives: 1,
      breaking: [],
    });
    expect(shiftArithmetic([smallWorld(), benLeaves], 2n, "early")).toEqual({
      survives: -1,
      breaking: [],
    });
  });
});

describe("rollback", () => {
  test("4.1.4, reading 6: a package is judged against the component once the train's release is there", () => {
    const scope = contentOf("ROLLBACK_SCOPE");
    const trainReleases = (changes: object) =>
      scope.trainReleases.map((item) => ({ ...item, release: { ...item.release, ...changes } }));
    const status = (changes: object) =>
      at([withSource(smallWorld(), { ...scope, trainReleases: trainReleases(changes) })], 1n).open;
    const inadmissible = [`ROLLBACK_INADMISSIBLE ${PACKAGE}`];
    expect(status({ masvn: 5 })).toEqual([]);
    expect(status({ masvn: 6 })).toEqual(inadmissible);
    expect(status({ denied: [digestOf("boot-5")] })).toEqual(inadmissible);
    expect(status({ trustedKeys: ["key-2"] })).toEqual(inadmissible);
    expect(status({ trustedKeys: ["key-2", "key-1"] })).toEqual([]);
  });

  test("reading 6: a component's floor is the greatest ever reported, its keys are the newest", () => {
    const history = [
      smallWorld(),
      records(2n, componentState("ops-a", 2n, { floor: 5, trustedKeys: ["key-2"] })),
      records(3n, componentState("ops-b", 3n, { floor: 0, trustedKeys: ["key-1"] })),
      records(4n, componentState("ops-a", 4n, { floor: 6, trustedKeys: ["key-1"] })),
      records(5n, componentState("ops-a", 5n, { floor: 5, trustedKeys: ["key-1"] })),
    ];
    const inadmissible = [`ROLLBACK_INADMISSIBLE ${PACKAGE}`];
    expect(at(history, 2n)).toMatchObject({ status: "ESCALATED", open: inadmissible });
    expect(at(history, 3n).status).toBe("READY_FOR_APPROVAL");
    for (const epoch of [4n, 5n]) expect(at(history, epoch).open).toEqual(inadmissible);
  });

  test("reading 28: a declared component holds until it is seen from outside to run what is meant", () => {
    const running = digestOf("boot-6");
    const outside = { running, standpoint: "OUTSIDE" } as const;
    const history = [
      smallWorld(),
      records(2n, componentDeclaration(2n)),
      records(3n, componentState("ops-a", 3n, { running })),
      records(4n, componentState("bootloader", 4n, outside)),
      records(5n, componentState("ops-b", 5n, outside)),
      records(6n, componentState("ops-a", 6n, { running: digestOf("boot-5") })),
      records(7n, componentState("ops-c", 7n, outside)),
    ];
    const astray = [`ROLLBACK_COMPONENT_DEVIATION ${PACKAGE}`];
    for (const epoch of [2n, 3n, 4n, 6n]) expect(at(history, epoch).open).toEqual(astray);
    for (const epoch of [5n, 7n]) expect(at(history, epoch).open).toEqual([]);
  });

  test("reading 28: an application tells for itself, and what is told grows old", () => {
    const running = digestOf("boot-6");
    const history = [
      withSource(smallWorld(), { ...contentOf("FRESHNESS_POLICY"), attestationMaxAge: 4n }),
      records(2n, componentDeclaration(2n, { componentKind: "APPLICATION" })),
      records(3n, componentState("ops-a", 3n, { running })),
    ];
    const isAstray = (epoch: bigint): boolean =>
      at(history, epoch).open.includes(`ROLLBACK_COMPONENT_DEVIATION ${PACKAGE}`);
    expect([2n, 3n, 7n, 8n].map(isAstray)).toEqual([true, false, false, true]);
  });

  test("reading 28: whatever it refuses more or less than declared is astray", () => {
    const seen = (changes: object) =>
      componentState("ops-a", 3n, {
        running: digestOf("boot-6"),
        standpoint: "OUTSIDE",
        ...changes,
      });
    const after = (changes: object) =>
      at([smallWorld(), records(2n, componentDeclaration(2n)), records(3n, seen(changes))], 3n)
        .open;
    const astray = `ROLLBACK_COMPONENT_DEVIATION ${PACKAGE}`;
    expect(after({})).toEqual([]);
    for (const changes of [{ floor: 1 }, { denied: [digestOf("x")] }, { trustedKeys: ["key-1"] }])
      expect(after(changes)).toContain(astray);
  });

  test("4.1.7: a custodian whose credential is revoked holds nothing until another does", () => {
    const history = [
      smallWorld(),
      records(2n, revocation("dan", 2n)),
      records(3n, custody("cara", 3n)),
    ];
    expect(at(history, 2n).open).toEqual([
      `CUSTODY_COVERAGE_GAP ${PACKAGE} early`,
      `CUSTODY_COVERAGE_GAP ${PACKAGE} late`,
      `ROLLBACK_CUSTODY_GAP ${PACKAGE}`,
    ]);
    expect(at(history, 3n)).toMatchObject({
      status: "READY_FOR_APPROVAL",
      material: { custody: [{ package: "boot-back", custodian: "cara", seal: "seal-cara" }] },
    });
  });

  test("4.1.7, reading 4: a disagreeing digest mismatches only while HELD, one never verified is but a gap", () => {
    const history = [
      smallWorld(),
      records(2n, custody("cara", 2n, { observed: digestOf("other") })),
      records(3n, custody("cara", 3n, { status: "RELEASED", observed: digestOf("other") })),
      records(4n, custody("dan", 4n, { observed: null })),
    ];
    expect(at(history, 2n).open).toEqual([`ROLLBACK_DIGEST_MISMATCH ${PACKAGE}`]);
    expect(at(history, 3n).status).toBe("READY_FOR_APPROVAL");
    expect(at(history, 4n).open).toEqual([
      `CUSTODY_COVERAGE_GAP ${PACKAGE} early`,
      `CUSTODY_COVERAGE_GAP ${PACKAGE} late`,
      `ROLLBACK_CUSTODY_GAP ${PACKAGE}`,
    ]);
  });
});

describe("manifest and quarantine", () => {
  test("4.1.2, 4.2.4: a manifest that drops a digest escalates, wants it quarantined, and is bound and confirmed anew", () => {
    const manifest = contentOf("MANIFEST");
    const artifacts = manifest.artifacts.map((item) =>
      item.name === "app" ? { ...item, digest: digestOf("app-2") } : item,
    );
    const digest = digestOf("app-2");
    const history = [
      smallWorld(),
      accepts({ ...manifest, artifacts }, 2, 2n),
      records(3n, quarantine({ by: "MANIFEST", version: 1 }, 3n)),
      binds({ MANIFEST: 2 }, 4n),
      records(
        5n,
        confirmation("app", 5n, { digest }),
        check("app", "forge-a", 5n, { digest }),
        check("app", "forge-c", 5n, { digest }),
      ),
    ];
    const unconfirmed = [
      `DIGEST_CONFIRMATION_MISSING app ${digest}`,
      `REPRODUCIBILITY_REFERENCE_MISSING app ${digest}`,
    ];
    expect(at(history, 2n)).toMatchObject({
      status: "ESCALATED",
      open: [
        `ARTIFACT_NOT_QUARANTINED ${APP}`,
        unconfirmed[0],
        "MANIFEST_BINDING_STALE MANIFEST",
        unconfirmed[1],
      ],
    });
    expect(texts(at(history, 3n).cleared)).toEqual([`ARTIFACT_NOT_QUARANTINED ${APP}`]);
    expect(at(history, 4n).open).toEqual(unconfirmed);
    expect(at(history, 5n)).toMatchObject({
      status: "READY_FOR_APPROVAL",
      advisories: [{ code: "QUARANTINE_IN_FORCE", subject: "MANIFEST 1" }],
    });
  });

  test("4.2.3, reading 16: a dropped artifact's own holds go out of scope, and its re-freezing ends its wanting quarantine", () => {
    const manifest = contentOf("MANIFEST");
    const wrong = { observed: digestOf("other") };
    const history = [
      smallWorld(),
      records(2n, confirmation("boot", 2n, wrong)),
      accepts({ ...manifest, artifacts: manifest.artifacts.slice(0, 1) }, 2, 3n),
      accepts(manifest, 3, 4n),
    ];
    expect(at(history, 3n)).toMatchObject({
      cleared: [],
      outOfScope: [
        { code: "DIGEST_CONFIRMATION_MISSING", subject: BOOT },
        { code: "DIGEST_MISMATCH", subject: BOOT },
      ],
    });
    expect(at(history, 4n)).toMatchObject({
      outOfScope: [{ code: "ARTIFACT_NOT_QUARANTINED", subject: BOOT }],
      open: [
        `DIGEST_CONFIRMATION_MISSING ${BOOT}`,
        `DIGEST_MISMATCH ${BOOT}`,
        "MANIFEST_BINDING_STALE MANIFEST",
      ],
    });
  });

  test("4.1.11: what is seen outside the manifest is kept out at every location, or everywhere by its digest", () => {
    const rogue = digestOf("rogue");
    const history = [
      smallWorld(),
      records(2n, observation("app", rogue, "mirror", 2n)),
      records(3n, quarantine({ by: "LOCATION", location: "mirror" }, 3n)),
      records(4n, observation("app", rogue, "shelf", 4n)),
      records(5n, quarantine({ by: "DIGEST", digest: rogue }, 5n)),
      records(6n, observation("app", digestOf("app"), "mirror", 6n)),
    ];
    const holds = [`ARTIFACT_NOT_QUARANTINED app ${rogue}`];
    expect(at(history, 2n).open).toEqual(holds);
    expect(at(history, 3n).open).toEqual([]);
    expect(at(history, 4n).open).toEqual(holds);
    expect(at(history, 5n).open).toEqual([]);
    expect(at(history, 6n).open).toEqual([`MANIFEST_ARTIFACT_QUARANTINED ${APP}`]);
  });

  test("reading 5: an aged GONE is as seen, an aged IN_FORCE keeps nothing out but still holds what it selects", () => {
    const rogue = digestOf("rogue");
    const limits = ageLimits({ absenceMaxAge: 3n, quarantineMaxAge: 6n });
    const history = [
      withSource(smallWorld(), limits),
      records(2n, observation("app", rogue, "mirror", 2n, { status: "GONE" })),
      records(2n, quarantine({ by: "LOCATION", location: "mirror" }, 2n)),
      records(2n, quarantine({ by: "DIGEST", digest: digestOf("boot") }, 2n)),
    ];
    const selected = `MANIFEST_ARTIFACT_QUARANTINED ${BOOT}`;
    expect(at(history, 8n).open).toEqual([selected]);
    expect(at(history, 9n)).toMatchObject({
      epoch: 9n,
      open: [`ARTIFACT_NOT_QUARANTINED app ${rogue}`, selected],
      advisories: [],
    });
  });

  test("5.4: lifting a quarantine is material, placing one is not", () => {
    const selector = { by: "LOCATION", location: "mirror" } as const;
    const history = [
      smallWorld(),
      approves(1, 2n),
      records(3n, quarantine(selector, 3n)),
      records(4n, quarantine(selector, 4n, { status: "LIFTED" })),
    ];
    expect(at(history, 3n)).toMatchObject({ materialChanged: false, status: "APPROVED" });
    expect(at(history, 4n)).toMatchObject({
      materialChanged: true,
      status: "READY_FOR_APPROVAL",
      approval: { revision: 1, standing: "LAPSED" },
    });
  });
});

describe("approval and gate", () => {
  const clock = { frozen: true, generation: 1 };
  const aging = withSource(smallWorld(), ageLimits({ digestMaxAge: 5n }));
  const refreshed = records(8n, confirmation("app", 8n), confirmation("boot", 8n));

  test("5.5: a hold by age suspends and stands again; any other makes the approval lapse for good", () => {
    const place = { kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "odd" } as const;
    const release = { kind: "OPERATOR_HOLD_RELEASED", placement: 1, reason: "fine" } as const;
    const history = [aging, approves(1, 2n), refreshed, happens(place, 9n), happens(release, 10n)];
    const standings = judge(history, 10n).map((one) => `${one.status} ${one.approval?.standing}`);
    expect(standings).toEqual([
      "READY_FOR_APPROVAL undefined",
      "APPROVED STANDING",
      "ON_HOLD SUSPENDED",
      "APPROVED STANDING",
      "ON_HOLD LAPSED",
      "READY_FOR_APPROVAL LAPSED",
    ]);
  });

  test("5.5: the revocation of the owner's credential makes the approval lapse", () => {
    const history = [smallWorld(), approves(1, 2n), records(3n, revocation("olga", 3n))];
    expect(at(history, 3n)).toMatchObject({
      status: "READY_FOR_APPROVAL",
      approval: { revision: 1, standing: "LAPSED" },
    });
    expect(approvalRefusals(history, 3n, 3, OLGA)).toEqual(["REVOKED"]);
  });

  test("5.1: a mere refresh does not send the owner back, a hold cleared since does", () => {
    const history = [
      smallWorld(),
      records(2n, confirmation("app", 2n)),
      records(3n, enclaveReport("vault-2", 3n, { sealing: "UNSEALED", seal: null })),
      records(4n, enclaveReport("vault-2", 4n)),
    ];
    expect(approvalRefusals(history, 2n, 1, OLGA)).toEqual([]);
    expect(approvalRefusals(history, 3n, 3, OLGA)).toEqual(["NOT_READY"]);
    expect(approvalRefusals(history, 4n, 2, OLGA)).toEqual(["STALE_REVISION"]);
    expect(approvalRefusals(history, 4n, 4, OLGA)).toEqual([]);
    expect(approvalRefusals(history, 4n, 5, OLGA)).toEqual(["STALE_REVISION"]);
  });

  test("5.1, 5.3, 6.5: every reason is told", () => {
    const frozen = happens({ kind: "CLOCK_CHANGED", change: "FROZEN", clock }, 2n);
    expect(
      approvalRefusals([smallWorld(), frozen], 2n, 1, { actor: "robot", kind: "SYSTEM" }),
    ).toEqual(["NOT_READY", "STALE_REVISION", "NOT_THE_OWNER", "SYSTEM", "EPOCH_FROZEN"]);
    expect(approvalRefusals([smallWorld(), approves(1, 2n)], 2n, 2, RUTH)).toEqual([
      "ALREADY_APPROVED",
      "NOT_THE_OWNER",
    ]);
  });

  test("5.2: a lapse that is due at the epoch comes before the approval", () => {
    expect(approvalRefusals([aging], 6n, 1, OLGA)).toEqual([]);
    expect(approvalRefusals([aging], 7n, 1, OLGA)).toEqual(["NOT_READY", "STALE_REVISION"]);
  });

  test("5.7: the forecast is what happens by itself, up to the closing", () => {
    const told = forecast([aging, approves(1, 2n), refreshed], 2n);
    expect(told.map((one) => `${one.number} ${one.epoch} ${one.status}`)).toEqual([
      "3 7 ON_HOLD",
      "4 15 CLOSED",
    ]);
  });

  test("5.7, reading 23: an OPEN gate says how long it stays so by itself; NO_SIGNING closes it", () => {
    const shifts = { early: [1n, 5n], late: [8n, 14n] } as const;
    const history = [withSource(smallWorld(), calendar(shifts, [[6n, 7n]])), approves(1, 2n)];
    expect(gateAt(history, 1n)).toEqual({ status: "CLOSED", validThroughEpoch: null });
    expect(gateAt(history, 2n)).toEqual({ status: "OPEN", validThroughEpoch: 5n });
    expect(gateAt(history, 7n)).toEqual({ status: "CLOSED", validThroughEpoch: null });
    expect(gateAt(history, 8n)).toEqual({ status: "OPEN", validThroughEpoch: 14n });
    expect(gateAt(history, 15n)).toEqual({ status: "CLOSED", validThroughEpoch: null });
    expect(gateAt([aging, approves(1, 2n)], 3n).validThroughEpoch).toBe(6n);
  });

  test("reading 23: before the window the gate is CLOSED though the packet is APPROVED", () => {
    const world = withSource(smallWorld(), shipmentWindow(4n, 14n));
    const history = [world, approves(1, 2n)];
    expect(at(history, 3n).status).toBe("APPROVED");
    expect(gateAt(history, 3n).status).toBe("CLOSED");
    expect(gateAt(history, 4n).status).toBe("OPEN");
  });
});
