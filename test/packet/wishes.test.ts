import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { EntryKind, PacketReport, SharedReport, entrySubject } from "#packet/entry.ts";
import { ARTIFACTS_MAX, SHARED_REPORTS_MAX } from "#packet/limits.ts";
import { EmergencyExercise } from "#packet/emergencyReport.ts";
import { ApprovalRefused, Held, InvalidInput, NotTheOwner } from "#packet/refusal.ts";
import {
  EpochAdvance,
  LaneConfirm,
  OperatorHoldPlace,
  OperatorHoldRelease,
  PacketApprove,
  PacketBind,
  PacketOpen,
  ReadinessRecord,
  SharedRecord,
} from "#packet/wish.ts";
import { emergencyPlan } from "../gate/reports.ts";
import { onWire } from "../workflow/trains.ts";
import { faultsOf, many, sha256, wordsAbout } from "./faults.ts";

const packet = "019a0000-0000-7000-8000-000000000001";
const onPacket = { idempotencyKey: "key-0001", packet };
const bindings = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 };

const confirmation = {
  kind: "DIGEST_CONFIRMATION",
  artifact: "app",
  digest: sha256("a"),
  observed: sha256("a"),
};
const report = {
  kind: "ENCLAVE_REPORT",
  enclave: "north",
  availability: "AVAILABLE",
  sealing: "SEALED",
  seal: "seal-1",
  measurement: sha256("b"),
};

/** A good report of every kind, with the subject that it is about. */
const REPORTS: Readonly<Record<EntryKind, readonly [object, string]>> = {
  DIGEST_CONFIRMATION: [confirmation, "DIGEST_CONFIRMATION app"],
  REPRODUCIBILITY_CHECK: [
    { ...confirmation, kind: "REPRODUCIBILITY_CHECK" },
    "REPRODUCIBILITY_CHECK app",
  ],
  AVAILABILITY: [
    { kind: "AVAILABILITY", person: "ana", shift: "late", status: "COMMITTED" },
    "AVAILABILITY late ana",
  ],
  CUSTODY: [
    {
      kind: "CUSTODY",
      package: "back",
      custodian: "ben",
      status: "HELD",
      digest: sha256("a"),
      observed: null,
      seal: null,
    },
    "CUSTODY back ben",
  ],
  SAFEGUARD: [
    { kind: "SAFEGUARD", target: "registry", safeguard: "REGISTRY_RELEASE", status: "ENGAGED" },
    "SAFEGUARD registry REGISTRY_RELEASE",
  ],
  OBSERVATION: [
    {
      kind: "OBSERVATION",
      artifact: "app",
      digest: sha256("c"),
      location: "mirror",
      status: "SEEN",
    },
    `OBSERVATION app ${sha256("c")} mirror`,
  ],
  QUARANTINE: [
    { kind: "QUARANTINE", selector: { by: "MANIFEST", version: 3 }, status: "IN_FORCE" },
    "QUARANTINE MANIFEST 3",
  ],
  ENCLAVE_REPORT: [report, "ENCLAVE_REPORT north"],
  CREDENTIAL_REVOCATION: [
    { kind: "CREDENTIAL_REVOCATION", person: "ana" },
    "CREDENTIAL_REVOCATION ana",
  ],
  COMPONENT_STATE: [
    { kind: "COMPONENT_STATE", component: "core", floor: 0, denied: [], trustedKeys: [] },
    "COMPONENT_STATE core",
  ],
  COMPONENT_DECLARATION: [
    {
      kind: "COMPONENT_DECLARATION",
      component: "core",
      componentKind: "SYSTEM",
      intended: {
        release: "r2",
        digest: sha256("c"),
        floor: 0,
        denied: [],
        trustedKeys: [],
      },
    },
    "COMPONENT_DECLARATION core",
  ],
  RELEASE_INITIALISATION: [
    {
      kind: "RELEASE_INITIALISATION",
      component: "core",
      release: {
        release: "r2",
        digest: sha256("c"),
        svn: 5,
        masvn: 4,
        denied: [],
        trustedKeys: [`SHA256:${"k".repeat(43)}`],
        signedBy: [],
      },
    },
    `RELEASE_INITIALISATION core ${sha256("c")}`,
  ],
  KEY_ROTATION: [
    {
      kind: "KEY_ROTATION",
      component: "core",
      mode: "OVERLAP",
      outgoing: "key-1",
      incoming: `SHA256:${"k".repeat(43)}`,
    },
    `KEY_ROTATION core key-1 SHA256:${"k".repeat(43)}`,
  ],
  EMERGENCY_PLAN: [onWire(emergencyPlan(["ana"])), "EMERGENCY_PLAN DEPLOYMENT"],
  EMERGENCY_EXERCISE: [
    { kind: "EMERGENCY_EXERCISE", person: "ana", how: "OFFLINE_SIGN_IN" },
    "EMERGENCY_EXERCISE DEPLOYMENT",
  ],
};

function schemaOf(kind: EntryKind): z.ZodType {
  if (kind === "EMERGENCY_EXERCISE") return EmergencyExercise;
  return SharedReport.options.some((option) => option.shape.kind.value === kind)
    ? SharedReport
    : PacketReport;
}

describe("rule 4.3.1: every kind of report", () => {
  test.each(EntryKind.options)("%s is read, and is about one subject", (kind) => {
    const [sent, subject] = REPORTS[kind];
    const read = schemaOf(kind).safeParse(sent);
    expect(read.success).toBe(true);
    expect(entrySubject(read.data as Parameters<typeof entrySubject>[0])).toBe(subject);
  });

  test.each(EntryKind.options)(
    "rule 4.3.2: %s may say when it was so, as a decimal string",
    (kind) => {
      const [sent] = REPORTS[kind];
      expect(faultsOf(schemaOf(kind), { ...sent, observedEpoch: "12" })).toEqual([]);
      for (const observedEpoch of [12, "-1", "", null]) {
        expect(faultsOf(schemaOf(kind), { ...sent, observedEpoch })).toEqual(["observedEpoch"]);
      }
    },
  );

  test.each(EntryKind.options)(
    "%s with a member nobody knows is refused: nothing else can be smuggled in",
    (kind) => {
      const [sent] = REPORTS[kind];
      for (const member of ["reporter", "recordedEpoch", "entry", "accepted"]) {
        expect(faultsOf(schemaOf(kind), { ...sent, [member]: "1" })).toEqual([""]);
      }
    },
  );

  test("the three selectors of a quarantine are told apart", () => {
    const quarantine = (selector: unknown) => ({
      kind: "QUARANTINE",
      selector,
      status: "IN_FORCE",
    });
    const subjects = [
      { by: "DIGEST", digest: sha256("a") },
      { by: "LOCATION", location: "mirror" },
    ].map((selector) => entrySubject(PacketReport.parse(quarantine(selector))));
    expect(subjects).toEqual([`QUARANTINE DIGEST ${sha256("a")}`, "QUARANTINE LOCATION mirror"]);
    expect(faultsOf(PacketReport, quarantine({ by: "MANIFEST", version: 0 }))).toEqual([
      "selector.version",
    ]);
    expect(faultsOf(PacketReport, quarantine({ by: "HOPE" }))).toEqual(["selector.by"]);
  });

  test("a sealed enclave has the number of its seal, an unsealed one has none", () => {
    expect(faultsOf(SharedReport, { ...report, seal: null })).toEqual(["seal"]);
    expect(faultsOf(SharedReport, { ...report, sealing: "UNSEALED" })).toEqual(["seal"]);
    expect(faultsOf(SharedReport, { ...report, sealing: "UNSEALED", seal: null })).toEqual([]);
  });

  test("rule 3.6: what packets share is not reported to one packet, nor the other way round", () => {
    expect(faultsOf(PacketReport, report)).toEqual(["kind"]);
    expect(faultsOf(SharedReport, confirmation)).toEqual(["kind"]);
  });
});

describe("rule 3.3: a list of entries", () => {
  const record = (entries: unknown): object => ({ ...onPacket, entries });

  test("is neither empty nor longer than 10,000", () => {
    expect(faultsOf(ReadinessRecord, record([]))).toEqual(["entries"]);
    expect(faultsOf(ReadinessRecord, record(many(ARTIFACTS_MAX, () => confirmation)))).toEqual([]);
    expect(faultsOf(ReadinessRecord, record(many(ARTIFACTS_MAX + 1, () => confirmation)))).toEqual([
      "entries",
    ]);
  });

  test("names every element that cannot be read", () => {
    const entries = [
      { ...confirmation, digest: "sha256:short" },
      confirmation,
      { ...confirmation, artifact: "../up" },
    ];
    expect(faultsOf(ReadinessRecord, record(entries))).toEqual([
      "entries.0.digest",
      "entries.2.artifact",
    ]);
  });

  test("may be empty when a packet opens, about which then nothing is known", () => {
    const opening = {
      idempotencyKey: "key-0001",
      train: "train-1",
      exercise: false,
      bindings,
      entries: [],
    };
    expect(faultsOf(PacketOpen, opening)).toEqual([]);
  });

  test("rule 2.3: a shared report says whether it belongs to an exercise", () => {
    const shared = { idempotencyKey: "key-0001", entries: [report] };
    expect(faultsOf(SharedRecord, { ...shared, exercise: true })).toEqual([]);
    expect(faultsOf(SharedRecord, shared)).toEqual(["exercise"]);
    const crowd = many(SHARED_REPORTS_MAX + 1, () => report);
    expect(faultsOf(SharedRecord, { ...shared, exercise: true, entries: crowd })).toEqual([
      "entries",
    ]);
  });
});

describe("rule 5.1: an approval is asked for by number and full digest", () => {
  const wish = { ...onPacket, revision: 3, digest: "0f".repeat(32) };

  test("and nothing less", () => {
    expect(faultsOf(PacketApprove, wish)).toEqual([]);
    expect(faultsOf(PacketApprove, { ...wish, digest: "0f".repeat(8) })).toEqual(["digest"]);
    for (const revision of [0, -1, 1.5, 2 ** 31, "3", null]) {
      expect(faultsOf(PacketApprove, { ...wish, revision })).toEqual(["revision"]);
    }
  });

  test("rule 2.1: a lane is confirmed by its full digest", () => {
    const confirm = {
      idempotencyKey: "key-0001",
      train: "train-1",
      exercise: false,
      proposal: packet,
    };
    expect(faultsOf(LaneConfirm, { ...confirm, digest: sha256("a") })).toEqual([]);
    expect(faultsOf(LaneConfirm, { ...confirm, digest: `sha512:${"a".repeat(128)}` })).toEqual([
      "digest",
    ]);
  });
});

describe("rule 3.5: what people place and release", () => {
  test("has a reason, and names what it is about", () => {
    expect(faultsOf(OperatorHoldPlace, { ...onPacket, reason: " " })).toEqual(["reason"]);
    expect(faultsOf(OperatorHoldRelease, { ...onPacket, reason: "settled", placement: 0 })).toEqual(
      ["placement"],
    );
    expect(faultsOf(EpochAdvance, { idempotencyKey: "key-0001" })).toEqual(["reason"]);
  });

  test("a packet is named by its id, and a key is printable", () => {
    expect(
      faultsOf(PacketBind, {
        idempotencyKey: "a b c d e",
        packet: "1",
        bindings: { ...bindings, MANIFEST: 0 },
      }),
    ).toEqual(["idempotencyKey", "packet", "bindings.MANIFEST"]);
  });

  test("no wish has a member that waives, forces or skips anything", () => {
    for (const member of ["waive", "force", "override", "skip"]) {
      expect(
        faultsOf(OperatorHoldPlace, { ...onPacket, reason: "worried", [member]: true }),
      ).toEqual([""]);
    }
  });
});

describe("rule 3.4: a refusal is data", () => {
  test("invalid input lists every fault with its path", () => {
    const refusal = new InvalidInput([
      { path: ["entries", 0, "digest"], message: "must be whole" },
      { path: [], message: "must be an object" },
    ]);
    expect([refusal.code, refusal.message]).toEqual([
      "INVALID_INPUT",
      "entries.0.digest: must be whole; input: must be an object",
    ]);
  });

  test("a refused approval says all of what its reasons say", () => {
    const held = new Held([{ code: "OPERATOR_HOLD", subject: "1" }]);
    const refusal = new ApprovalRefused([new NotTheOwner(), held]);
    expect(refusal.message).toContain(held.message);
    expect(refusal.message).toContain(new NotTheOwner().message);
    expect(held.message).toContain("1 hold is open");
  });

  test("words about a fault do not repeat the value", () => {
    expect(
      wordsAbout(PacketApprove, { ...onPacket, revision: 1, digest: "hunter2" }),
    ).not.toContain("hunter2");
  });
});
