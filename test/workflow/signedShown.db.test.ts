import { afterAll, beforeAll, expect, test } from "vitest";
import { arranged } from "#ledger/arranged.ts";
import type { Actor } from "#packet/actor.ts";
import { approvalStatementBytes } from "#proof/approvalStatement.ts";
import { entryStatementBytes } from "#proof/entryStatement.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { commitment } from "../gate/reports.ts";
import { served } from "../graphql/served.ts";
import { OLGA, PAUL, PROBE, RITA } from "./cast.ts";
import { ALL_USES, type Keys, openKeys } from "./keyRing.ts";
import { type Opened, type Wire, accepted, newKey, onWire, openReady, readyAt } from "./trains.ts";

const server = served(freshDatabase());
const VERA: Actor = { actor: "vera", kind: "PERSON", roles: ["VIEWER"] };
const OFFLINE = { ...OLGA, offlineKey: `SHA256:${"A".repeat(43)}` };
let keys: Keys;
let desk: Desk;
let opened: Opened;

/** A word about a shift, signed by whoever gives it or not. */
async function speak(person: string, by: Actor, isSigned: boolean): Promise<void> {
  const { clock } = await desk.ledger.moment();
  const report = { ...commitment(person, "early"), observedEpoch: clock.epoch };
  const { deployment } = desk.ledger;
  const about = { deployment, exercise: false, packet: opened.packet, reportNumber: null };
  const bytes = entryStatementBytes({ ...about, report: arranged(report), reporter: by.actor });
  const signature = isSigned
    ? { signature: keys.sign(by.actor, bytes, "entry@holdfast") }
    : ({} as Wire);
  const number = by.kind === "SYSTEM" ? { reportNumber: "1" } : {};
  const entries = [onWire({ ...report, ...signature })];
  const wish = { idempotencyKey: newKey(), packet: opened.packet, entries, ...number };
  accepted(await readinessRecord(desk, by, wish));
}

beforeAll(async () => {
  keys = await openKeys({
    olga: ["ssh-ed25519", ALL_USES],
    ana: ["ecdsa-sha2-nistp256", "entry@holdfast"],
  });
  desk = { ...server.desk, signers: keys.signers };
  opened = await openReady(desk, "shown");
  await speak("ana", { ...PAUL, actor: "ana" }, true);
  await speak("ben", { ...PAUL, actor: "ben" }, false);
  await speak("cleo", PROBE, false);
  await speak("dan", PAUL, false);
  const { packet, revision, digest } = await readyAt(desk, opened);
  const { clock } = await desk.ledger.moment();
  const named = { decision: "APPROVE", packet, exercise: false, revision, digest } as const;
  const { deployment } = desk.ledger;
  const bytes = approvalStatementBytes({ ...named, deployment, epoch: clock.epoch });
  const armored = keys.sign("olga", bytes, "approval@holdfast");
  const signature = { epoch: clock.epoch.toString(), armored };
  const wish = { idempotencyKey: newKey(), packet, revision, digest, signature };
  accepted(await packetApprove(desk, OFFLINE, wish));
});
afterAll(() => keys.close());

const QUERY = `query Shown($packet: UUID!) { packet(packet: $packet) {
  approval { revision signature { revision digest epoch armored key } }
  currentRevision { signIn offlineKey signature { revision key } }
  lineage(last: 5) { nodes { number signIn entries(first: 1) { nodes {
    isSigned signature signatureKey ... on Availability { how person } } } } } } }`;

interface Shown {
  readonly approval: { readonly revision: number; readonly signature: Wire };
  readonly currentRevision: Wire;
  readonly lineage: {
    readonly nodes: readonly { readonly entries: { readonly nodes: readonly Wire[] } }[];
  };
}

async function shownTo(by: Actor): Promise<Shown> {
  const { data, errors } = await server.ask(by, QUERY, { packet: opened.packet });
  expect(errors).toEqual([]);
  return data?.["packet"] as Shown;
}

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

test("an entry shows whose word it is, and with which key it was given", async () => {
  const { lineage } = await shownTo(RITA);
  const words = lineage.nodes.flatMap(({ entries }) => entries.nodes);
  expect(words.map(({ person, how, isSigned }) => [person, how, isSigned])).toEqual([
    ["ana", "OWN_KEY", true],
    ["ben", "OWN_SIGN_IN", false],
    ["cleo", "ROSTER_SYSTEM", false],
    ["dan", null, false],
  ]);
  const [ana, ben] = words;
  expect(ana?.["signatureKey"]).toMatch(FINGERPRINT);
  expect(ana?.["signature"]).toContain("BEGIN SSH SIGNATURE");
  expect([ben?.["signatureKey"], ben?.["signature"]]).toEqual([null, null]);
});

test("a decision shows its signature, and how whoever made it had signed in", async () => {
  const { approval, currentRevision } = await shownTo(RITA);
  const { revision, signature } = approval;
  expect(signature).toMatchObject({ revision });
  expect(signature["key"]).toMatch(FINGERPRINT);
  expect(currentRevision).toEqual({
    signIn: "OFFLINE",
    offlineKey: OFFLINE.offlineKey,
    signature: { revision, key: signature["key"] },
  });
});

test("whoever sees the shared view alone sees that it is signed, and by nobody (rule 7.1)", async () => {
  const { approval, currentRevision, lineage } = await shownTo(VERA);
  expect(approval.signature).toMatchObject({ armored: null, key: null });
  expect(currentRevision).toMatchObject({ signIn: "OFFLINE", offlineKey: null });
  const [ana] = lineage.nodes.flatMap(({ entries }) => entries.nodes);
  expect(ana).toEqual({
    isSigned: true,
    signature: null,
    signatureKey: null,
    how: "OWN_KEY",
    person: null,
  });
});

test("what is to be signed is given as text, in base64, in words, and with the command", async () => {
  const { packet } = opened;
  const { revision } = (await shownTo(RITA)).approval;
  const recorded = await desk.ledger.revision(packet, revision);
  const ask = (digest: string) =>
    server.ask(
      VERA,
      `query Prepare($input: ApprovalPrepareInput!) {
      approvalStatement(input: $input) { __typename
        ... on ApprovalStatement { text base64 epoch exercise digestWords namespace command }
        ... on Error { code } } }`,
      {
        input: { packet, revision, digest, decision: "REJECT", reason: "why two bags?" },
      },
    );
  const { data } = await ask(recorded?.digest ?? "");
  const told = data?.["approvalStatement"] as Wire;
  expect(Buffer.from(String(told["base64"]), "base64").toString()).toBe(told["text"]);
  expect(JSON.parse(String(told["text"]))).toMatchObject({
    decision: "REJECT",
    packet,
    revision,
    reason: "why two bags?",
  });
  expect(told).toMatchObject({ exercise: false, namespace: "approval@holdfast" });
  expect(told["digestWords"]).toHaveLength(32);
  expect(told["command"]).toBe("ssh-keygen -Y sign -f KEY -n approval@holdfast FILE");
  expect((await ask("ab".repeat(32))).data).toEqual({
    approvalStatement: { __typename: "DigestUnknown", code: "DIGEST_UNKNOWN" },
  });
});
