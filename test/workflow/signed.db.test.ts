import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { readBody } from "#ledger/document.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { type Report, saidIn } from "#packet/entry.ts";
import { Refusal } from "#packet/refusal.ts";
import { type ApprovalStatement, approvalStatementBytes } from "#proof/approvalStatement.ts";
import { type EntryStatement, entryStatementBytes } from "#proof/entryStatement.ts";
import { openHolds } from "#gate/view.ts";
import { approvalPrepare } from "#workflow/approvalPrepare.ts";
import { changePreview } from "#workflow/changePreview.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { packetReject } from "#workflow/packetReject.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { confirmation, enclave, unsealed } from "../gate/reports.ts";
import { CONTENTS, digestOf } from "../gate/train.ts";
import { TYPES } from "../proof/sshMaker.ts";
import { IVAN, OLGA, PAUL, PIA, PROBE, RITA } from "./cast.ts";
import { ALL_USES, type Keys, openKeys } from "./keyRing.ts";
import { openDesk } from "./openDesk.ts";
import {
  BINDINGS,
  type Opened,
  REPORTERS,
  type Wire,
  accept,
  accepted,
  approvalOf,
  newKey,
  onWire,
  openReady,
  settle,
  settleLane,
  tell,
} from "./trains.ts";
import { gained, written } from "./written.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let keys: Keys;
let ready: Opened;
let drill: Opened;
const ED25519 = "ssh-ed25519";
beforeAll(async () => {
  keys = await openKeys({
    olga: [ED25519, `${ALL_USES},exercise@holdfast`],
    "olga/exercise": [ED25519, "exercise@holdfast"],
    mallory: [ED25519, null],
    rex: [ED25519, ALL_USES],
    paul: [ED25519, "entry@holdfast"],
    probe: [ED25519, "entry@holdfast"],
    ivan: [ED25519, "approval@holdfast"],
    ...Object.fromEntries(TYPES.map((type, at) => [`signer-${at}`, [type, ALL_USES] as const])),
  });
  desk = { ...(await openDesk(database)), signers: keys.signers };
  ready = await openReady(desk, "ready");
  drill = await openReady(desk, "ready", { exercise: true });
});
afterAll(async () => {
  await database.close();
  await keys.close();
});

const UNSIGNED = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n";

/** What a signature under a decision says, and by whom it is; what is left out is as it should be. */
interface Signing {
  readonly said?: { [Member in keyof ApprovalStatement]?: ApprovalStatement[Member] | undefined };
  readonly by?: string;
  readonly namespace?: string;
}

async function statementOf(on: Opened, { said = {} }: Signing = {}): Promise<ApprovalStatement> {
  const { packet, revision, digest, exercise } = on;
  const { clock } = await desk.ledger.moment();
  const { deployment } = desk.ledger;
  const { epoch } = clock;
  const usual = { decision: "APPROVE", deployment, digest, epoch, exercise, packet, revision };
  return { ...usual, ...said } as ApprovalStatement;
}

/** Signs as it is said, and tells the epoch that is stated. */
async function signatureOf(on: Opened, signing: Signing = {}): Promise<Wire> {
  const { by = OLGA.actor, namespace = "approval@holdfast" } = signing;
  const statement = await statementOf(on, signing);
  const armored = keys.sign(by, approvalStatementBytes(statement), namespace);
  return { epoch: statement.epoch.toString(), armored };
}

async function approving(on: Opened, signature: Wire | null, by: Actor = OLGA) {
  const signed = signature === null ? {} : { signature };
  return packetApprove(desk, by, { ...approvalOf(on), ...signed });
}

async function factOf({ packet, revision }: Appended) {
  const recorded = await desk.ledger.revision(packet, revision);
  if (recorded === null) throw new Error("the revision is missing");
  return readBody(recorded.body).fact;
}

describe("an approval by signature (rule 5.1)", () => {
  test("of somebody who has a key needs one: nothing is written without", async () => {
    const before = await written(database.sql);
    expect(await approving(ready, null)).toMatchObject({
      code: "APPROVAL_REFUSED",
      reasons: [{ code: "SIGNATURE_REQUIRED" }],
    });
    expect(gained(before, await written(database.sql))).toEqual({});
  });

  const wrong: readonly [string, Signing][] = [
    ["another packet", { said: { packet: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8" } }],
    ["another revision", { said: { revision: 1 } }],
    ["another digest", { said: { digest: "ab".repeat(32) } }],
    ["another decision", { said: { decision: "REJECT" } }],
    ["another deployment", { said: { deployment: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8" } }],
    ["an exercise", { said: { exercise: true } }],
    ["another use of the key", { namespace: "entry@holdfast" }],
    ["a key that is listed for nobody", { by: "mallory" }],
    ["somebody else's key", { by: "rex" }],
  ];
  test.each(wrong)("over %s does not count, and nothing is written", async (_, signing) => {
    const before = await written(database.sql);
    const signature = await signatureOf(ready, signing);
    const answer = await approving(ready, signature);
    expect(answer).toMatchObject({
      code: "APPROVAL_REFUSED",
      reasons: [{ code: "SIGNATURE_INVALID" }],
    });
    // Rule 7.3: nothing of what was given is repeated.
    const told = JSON.stringify(answer);
    for (const line of String(signature["armored"]).split("\n").slice(1, -2)) {
      expect(told).not.toContain(line);
    }
    expect(gained(before, await written(database.sql))).toEqual({});
  });

  test("must be of the epoch that is told with it", async () => {
    const signature = await signatureOf(ready);
    const later = { ...signature, epoch: String(BigInt(String(signature["epoch"])) + 1n) };
    expect(await approving(ready, later)).toMatchObject({
      reasons: [{ code: "SIGNATURE_INVALID" }, { code: "SIGNATURE_INVALID" }],
    });
    const future = await signatureOf(ready, { said: { epoch: 9_000_000_000n } });
    expect(await approving(ready, future)).toMatchObject({
      reasons: [{ code: "SIGNATURE_INVALID" }],
    });
  });

  test("is none where it cannot be read, and every other reason is told with it", async () => {
    const other = { ...OLGA, actor: "omar" };
    const answer = await approving(ready, { epoch: "0", armored: UNSIGNED }, other);
    expect(answer).toMatchObject({ code: "APPROVAL_REFUSED" });
    const reasons = answer instanceof Refusal && "reasons" in answer ? answer.reasons : [];
    const codes = (reasons as readonly Refusal[]).map(({ code }) => code);
    expect(codes.slice(0, 1)).toEqual(["NOT_THE_OWNER"]);
    expect(codes.slice(1)).toContain("SIGNATURE_INVALID");
  });

  test("counts, in whatever lines it came, and is kept as ssh-keygen writes it", async () => {
    const opened = await openReady(desk, "signed");
    const { epoch, armored } = await signatureOf(opened);
    const [first = "", ...rest] = String(armored)
      .split("\n")
      .slice(1, -2)
      .join("")
      .split(/(?<=^.{11})/);
    const narrow = ["-----BEGIN SSH SIGNATURE-----", first, ...rest, "-----END SSH SIGNATURE-----"];
    const appended = accepted(await approving(opened, { epoch, armored: narrow.join("\n") }));
    expect(await factOf(appended)).toMatchObject({
      kind: "PACKET_APPROVED",
      signature: { epoch, armored },
    });
    const { state } = accepted(await packetRead(desk, RITA, opened.packet));
    expect(state).toMatchObject({
      status: "APPROVED",
      approval: { signature: { epoch: BigInt(String(epoch)), armored } },
    });
  });

  test("of an exercise counts for the exercise alone (rule 2.3)", async () => {
    const own = { by: "olga/exercise", namespace: "exercise@holdfast" };
    const wrong: readonly Signing[] = [
      { ...own, said: { exercise: false } },
      { ...own, namespace: "approval@holdfast" },
      // With the real key, also where it is listed for exercises.
      { namespace: "approval@holdfast" },
      { namespace: "exercise@holdfast" },
    ];
    for (const signing of wrong) {
      expect(await approving(drill, await signatureOf(drill, signing))).toMatchObject({
        reasons: [{ code: "SIGNATURE_INVALID" }],
      });
    }
    const before = await written(database.sql);
    expect(await approving(ready, await signatureOf(ready, own))).toMatchObject({
      reasons: [{ code: "SIGNATURE_INVALID" }],
    });
    expect(await written(database.sql)).toEqual(before);
    accepted(await approving(drill, await signatureOf(drill, own)));
  });

  test("of an exercise is an exercise of the owner's emergency path, for real packets too (ADR 0085)", async () => {
    const subjects = [{ kind: "EMERGENCY_EXERCISE", name: "DEPLOYMENT" }] as const;
    for (const exercise of [false, true]) {
      expect(await desk.ledger.shared(exercise, subjects)).toMatchObject({
        entries: [{ person: OLGA.actor, reporter: OLGA.actor, how: "APPROVAL_SIGNATURE" }],
      });
    }
  });

  test.each<readonly [string, Wire, readonly string[]]>([
    ["a number for an epoch", { epoch: 1 }, ["epoch"]],
    ["no epoch", { epoch: undefined }, ["epoch"]],
    ["no signature", { armored: undefined }, ["armored"]],
    ["nothing signed", { armored: "" }, ["armored"]],
    ["a signature without end", { armored: "A".repeat(16_385) }, ["armored"]],
    ["a list", { armored: ["A"] }, ["armored"]],
    ["a member more", { force: true }, []],
  ])("is refused by its path for %s", async (_, change, path) => {
    const signature = { ...(await signatureOf(ready)), ...change };
    expect(await approving(ready, signature)).toMatchObject({
      code: "INVALID_INPUT",
      faults: [{ path: ["signature", ...path] }],
    });
  });

  test("of somebody without a key needs none", async () => {
    const owner = { ...CONTENTS.APPROVAL_LANE, owner: "odile" };
    const opened = await openReady(desk, "keyless");
    const authorities = owner.authorities.map(({ kind }) => ({ kind, authority: "uma" }));
    await settleLane(desk, opened, { ...owner, authorities });
    const { state, digest } = accepted(await packetRead(desk, PIA, opened.packet));
    const { revision } = state;
    const odile: Actor = { ...OLGA, actor: "odile" };
    const wish = approvalOf({ ...opened, revision, digest });
    const appended = accepted(await packetApprove(desk, odile, wish));
    expect(Object.keys(await factOf(appended))).not.toContain("signature");
  });
});

describe("what is to be signed", () => {
  test("is given byte for byte, as the approval then needs it", async () => {
    const opened = await openReady(desk, "prepared");
    const { packet, revision, digest } = opened;
    const wish = { packet, revision, digest, decision: "APPROVE" };
    const { bytes, epoch } = accepted(await approvalPrepare(desk, RITA, wish));
    const { deployment } = desk.ledger;
    expect(new TextDecoder().decode(bytes)).toBe(
      `{"decision":"APPROVE","deployment":"${deployment}","digest":"${digest}","epoch":"${epoch}","exercise":false,"format":"holdfast/approval/1","packet":"${packet}","revision":${revision}}`,
    );
    const armored = keys.sign("olga", bytes, "approval@holdfast");
    accepted(await approving(opened, { epoch: epoch.toString(), armored }));
  });

  test.each([
    ["UNKNOWN_PACKET", { packet: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8" }, RITA],
    ["DIGEST_UNKNOWN", { digest: "ab".repeat(32) }, RITA],
    ["DIGEST_UNKNOWN", { revision: 1000 }, RITA],
    ["INVALID_INPUT", { decision: "WAIVE" }, RITA],
    ["INVALID_INPUT", { reason: undefined }, RITA],
    ["INVALID_INPUT", { decision: "APPROVE" }, RITA],
    ["NOT_ENTITLED", {}, { ...RITA, roles: [] }],
  ] as const)("is refused by %s", async (code, change, by) => {
    const { packet, revision, digest } = ready;
    const rejection = { decision: "REJECT", reason: "why two bags?" };
    const wish = { packet, revision, digest, ...rejection, ...change };
    expect(await approvalPrepare(desk, by, wish)).toMatchObject({ code });
  });
});

/** A rejection as it was signed before its reason was covered: no service takes one any more. */
const WITHOUT_REASON: Signing = { said: { reason: undefined } };

describe("a rejection (rule 5.3)", () => {
  async function rejecting(on: Opened, signing: Signing | null): Promise<Appended | Refusal> {
    const { packet, revision, digest } = on;
    const wish = { idempotencyKey: newKey(), packet, reason: "why two bags?" };
    if (signing === null) return packetReject(desk, OLGA, wish);
    const said = { decision: "REJECT" as const, reason: wish.reason, ...signing.said };
    const signature = await signatureOf(on, { ...signing, said });
    return packetReject(desk, OLGA, { ...wish, signature: { ...signature, revision, digest } });
  }

  test("needs no signature, so that nothing keeps a packet from being held", async () => {
    const fact = await factOf(accepted(await rejecting(await openReady(desk, "unsigned"), null)));
    expect(Object.keys(fact).toSorted()).toEqual(["kind", "reason"]);
  });

  test("is given to be signed byte for byte, with its reason", async () => {
    const opened = await openReady(desk, "rejection-prepared");
    const { packet, revision, digest } = opened;
    const reason = "why two bags?";
    const prepared = { packet, revision, digest, decision: "REJECT", reason };
    const { bytes, epoch } = accepted(await approvalPrepare(desk, RITA, prepared));
    const { deployment } = desk.ledger;
    expect(new TextDecoder().decode(bytes)).toBe(
      `{"decision":"REJECT","deployment":"${deployment}","digest":"${digest}","epoch":"${epoch}","exercise":false,"format":"holdfast/approval/2","packet":"${packet}","reason":"${reason}","revision":${revision}}`,
    );
    const armored = keys.sign("olga", bytes, "approval@holdfast");
    const signature = { revision, digest, epoch: epoch.toString(), armored };
    const wish = { idempotencyKey: newKey(), packet, reason, signature };
    accepted(await packetReject(desk, OLGA, wish));
  });

  test("may have one, which is verified and kept", async () => {
    const opened = await openReady(desk, "rejected");
    for (const signing of [
      { said: { decision: "APPROVE" } },
      { by: "rex" },
      { said: { revision: 1 } },
      { said: { reason: "why not?" } },
      WITHOUT_REASON,
    ] as const) {
      expect(await rejecting(opened, signing)).toMatchObject({ code: "SIGNATURE_INVALID" });
    }
    const { revision, digest } = opened;
    expect(await rejecting({ ...opened, digest: "ab".repeat(32) }, {})).toMatchObject({
      code: "DIGEST_UNKNOWN",
    });
    const fact = await factOf(accepted(await rejecting(opened, {})));
    expect(fact).toMatchObject({ kind: "PACKET_REJECTED", signature: { revision, digest } });
  });
});

/** How a signature under a report is made; what is left out is as it should be. */
interface ReportSigning {
  readonly said?: Partial<EntryStatement>;
  readonly by?: string;
  readonly namespace?: string;
}

/** A report with a signature over the statement about it. */
async function signedReport(
  report: Report,
  reporter: Actor,
  about: Pick<EntryStatement, "exercise" | "packet" | "reportNumber">,
  { said = {}, by = reporter.actor, namespace = "entry@holdfast" }: ReportSigning = {},
): Promise<Wire> {
  const { clock } = await desk.ledger.moment();
  const timed = { ...report, observedEpoch: clock.epoch };
  const { deployment } = desk.ledger;
  const whole = onWire(saidIn(timed)) as EntryStatement["report"];
  const statement = { ...about, deployment, report: whole, reporter: reporter.actor, ...said };
  const signature = keys.sign(by, entryStatementBytes(statement), namespace);
  return onWire({ ...timed, signature });
}

describe("evidence with a name under it (rule 2.2)", () => {
  const about = (on: Opened) => ({ exercise: on.exercise, packet: on.packet, reportNumber: null });

  async function recording(
    on: Opened,
    entries: readonly Wire[],
    by: Actor = PAUL,
    more: Wire = {},
  ) {
    const wish = { idempotencyKey: newKey(), packet: on.packet, entries, ...more };
    return readinessRecord(desk, by, wish);
  }

  const other = { ...confirmation("app"), note: "another" };
  const wrong: readonly [string, ReportSigning][] = [
    ["another report", { said: { report: onWire(other) as EntryStatement["report"] } }],
    ["another packet", { said: { packet: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8" } }],
    ["no packet", { said: { packet: null } }],
    ["an exercise", { said: { exercise: true } }],
    ["another deployment", { said: { deployment: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8" } }],
    ["another reporter", { said: { reporter: "rex" } }],
    ["a numbered report", { said: { reportNumber: 1n } }],
    ["another use of the key", { namespace: "approval@holdfast" }],
    ["somebody else's key", { by: "rex" }],
    ["a key that is listed for nobody", { by: "mallory" }],
  ];
  test.each(wrong)(
    "a signature over %s is refused, though none is asked for: all or none",
    async (_, signing) => {
      const before = await written(database.sql);
      const good = await signedReport(confirmation("lib"), PAUL, about(ready));
      const bad = await signedReport(confirmation("app"), PAUL, about(ready), signing);
      expect(await recording(ready, [good, bad])).toMatchObject({
        code: "INVALID_INPUT",
        faults: [{ path: ["entries", 1, "signature"] }],
      });
      expect(gained(before, await written(database.sql))).toEqual({});
    },
  );

  test("what cannot be read, or says no epoch, is refused by its path", async () => {
    const signed = await signedReport(confirmation("app"), PAUL, about(ready));
    const { observedEpoch: _, ...timeless } = signed;
    expect(await recording(ready, [timeless])).toMatchObject({
      faults: [{ path: ["entries", 0, "observedEpoch"] }],
    });
    expect(await recording(ready, [{ ...signed, signature: "mine" }])).toMatchObject({
      faults: [{ path: ["entries", 0, "signature"] }],
    });
    expect(await recording(ready, [{ ...signed, signature: "" }])).toMatchObject({
      faults: [{ path: ["entries", 0, "signature"] }],
    });
  });

  test("a signature is kept with its entry, by a key of whatever type", async () => {
    const opened = await openReady(desk, "evident");
    for (const [at, type] of TYPES.entries()) {
      const by: Actor = { ...PAUL, actor: `signer-${at}` };
      const entry = await signedReport(confirmation("app"), by, about(opened));
      const fact = await factOf(accepted(await recording(opened, [entry], by)));
      expect(fact, type).toMatchObject({ entries: [{ signature: entry["signature"] }] });
    }
  });

  test("a system signs its number too, and a preview's has none", async () => {
    const opened = await openReady(desk, "numbered");
    const numbered = { ...about(opened), reportNumber: 7n };
    const entry = await signedReport(confirmation("app"), PROBE, numbered);
    const more = { reportNumber: "8" };
    expect(await recording(opened, [entry], PROBE, more)).toMatchObject({ code: "INVALID_INPUT" });
    const change = { kind: "ENTRIES", entries: [entry] };
    const wish = { packet: opened.packet, change, as: PROBE.actor };
    expect(await changePreview(desk, RITA, wish)).toMatchObject({
      faults: [{ path: ["change", "entries", 0, "signature"] }],
    });
    accepted(await recording(opened, [entry], PROBE, { reportNumber: "7" }));
  });

  test("reports on shared subjects are signed without a packet, and told with their signature", async () => {
    const opened = await openReady(desk, "sharing");
    const [north] = opened.enclaves;
    const shared = { exercise: false, packet: null, reportNumber: null };
    const wish = { idempotencyKey: newKey(), exercise: false };
    const misled = await signedReport(unsealed(north), PAUL, about(opened));
    expect(await sharedRecord(desk, PAUL, { ...wish, entries: [misled] })).toMatchObject({
      faults: [{ path: ["entries", 0, "signature"] }],
    });
    const entry = await signedReport(unsealed(north), PAUL, shared);
    const { appended } = accepted(await sharedRecord(desk, PAUL, { ...wish, entries: [entry] }));
    const [first] = appended;
    if (first === undefined) throw new Error("nobody was told");
    expect(await factOf(first)).toMatchObject({ entries: [{ signature: entry["signature"] }] });
    // The same words are no evidence of an exercise.
    const drilled = { ...wish, idempotencyKey: newKey(), exercise: true, entries: [entry] };
    expect(await sharedRecord(desk, PAUL, drilled)).toMatchObject({ code: "INVALID_INPUT" });
  });

  test("nothing is signed about a packet that has no id yet", async () => {
    const settled = await settle(desk, "unopened");
    const entry = await signedReport(confirmation("app"), PIA, about(ready), { by: "paul" });
    const { train, exercise } = settled;
    const wish = { idempotencyKey: newKey(), train, exercise, bindings: BINDINGS };
    expect(await packetOpen(desk, PIA, { ...wish, entries: [entry] })).toMatchObject({
      code: "INVALID_INPUT",
      faults: [{ path: ["entries", 0, "signature"] }],
    });
  });

  describe("where its kind asks for it", () => {
    const accepting = (signed: boolean): Wire => ({
      kind: "ACCEPTED_REPORTERS",
      accepted: CONTENTS.ACCEPTED_REPORTERS.accepted.map(({ kind }) => ({
        kind,
        reporters: REPORTERS,
        ...(signed && (kind === "DIGEST_CONFIRMATION" || kind === "ENCLAVE_REPORT")
          ? { signed: true }
          : {}),
      })),
    });

    async function holds(on: Opened): Promise<string[]> {
      const { state } = accepted(await packetRead(desk, RITA, on.packet));
      return openHolds(state).map(({ code, subject }) => `${code} ${subject}`);
    }

    test("an unsigned entry is kept and opens and clears nothing, a signed one does; the preview says so", async () => {
      const opened = await openReady(desk, "asking");
      await accept(desk, opened, accepting(true));
      const missing = ["app", "lib", "tool"].map(
        (name) => `DIGEST_CONFIRMATION_MISSING ${name} ${digestOf(name)}`,
      );
      expect((await holds(opened)).filter((hold) => !hold.startsWith("ENCLAVE"))).toEqual(missing);
      await tell(desk, opened.packet, [confirmation("app")]);
      expect(await holds(opened)).toEqual(expect.arrayContaining(missing));
      const entry = await signedReport(confirmation("app"), PAUL, about(opened));
      const preview = await changePreview(desk, RITA, {
        packet: opened.packet,
        change: { kind: "ENTRIES", entries: [entry] },
        as: PAUL.actor,
      });
      expect(preview).toMatchObject({ cleared: [{ code: "DIGEST_CONFIRMATION_MISSING" }] });
      accepted(await recording(opened, [entry]));
      expect(await holds(opened)).not.toContain(missing[0]);
      // An unsigned word later takes its place no more than before.
      await tell(desk, opened.packet, [confirmation("app", { observed: digestOf("other") })]);
      expect((await holds(opened)).filter((hold) => hold.includes(" app "))).toEqual([]);
    });

    test("a packet that opens later is told the newest signed report on a shared subject as well", async () => {
      const settled = await settle(desk, "later", { sources: [accepting(true)] });
      const [north, south] = settled.enclaves;
      const shared = { exercise: false, packet: null, reportNumber: null };
      const record = async (entries: readonly Wire[]): Promise<void> => {
        const wish = { idempotencyKey: newKey(), exercise: false, entries };
        accepted(await sharedRecord(desk, PAUL, wish));
      };
      await record([
        await signedReport(unsealed(north), PAUL, shared),
        await signedReport(enclave(south), PAUL, shared),
      ]);
      // Whoever has only the token cannot hide what was signed.
      await record([onWire(enclave(north))]);
      const wish = { idempotencyKey: newKey(), train: "later", exercise: false };
      const opened = await packetOpen(desk, PIA, { ...wish, bindings: BINDINGS, entries: [] });
      const { packet } = accepted(opened);
      const { state } = accepted(await packetRead(desk, RITA, packet));
      const about = openHolds(state).filter(({ code }) => code.startsWith("ENCLAVE"));
      expect(about.map(({ code }) => code)).toEqual(["ENCLAVE_UNSEALED"]);
    });
  });
});

test("the owner who is asked for a preview of their approval is not asked to have signed already", async () => {
  const { packet, revision, digest } = ready;
  const looking = (signature: Wire | null, as = OLGA.actor) => {
    const change = { kind: "APPROVAL", revision, digest, ...(signature && { signature }) };
    return changePreview(desk, { ...IVAN, roles: ["READER"] }, { packet, change, as });
  };
  expect(await looking(null)).toMatchObject({ status: "APPROVED" });
  expect(await looking(await signatureOf(ready))).toMatchObject({ status: "APPROVED" });
  expect(await looking(await signatureOf(ready, { by: "rex" }))).toMatchObject({
    code: "APPROVAL_REFUSED",
    reasons: [{ code: "SIGNATURE_INVALID" }],
  });
  expect(await desk.ledger.state(packet)).toMatchObject({
    state: { status: "READY_FOR_APPROVAL" },
  });
});
