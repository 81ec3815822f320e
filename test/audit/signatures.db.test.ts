import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyBundle } from "#audit/bundleFile.ts";
import { type Finding, findingText } from "#audit/finding.ts";
import { verifyLineage } from "#audit/verifyLineage.ts";
import { connect } from "#database/connect.ts";
import { arranged } from "#ledger/arranged.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Moment } from "#ledger/moment.ts";
import type { Actor } from "#packet/actor.ts";
import { type Entry, saidIn } from "#packet/entry.ts";
import type { DecisionSignature } from "#packet/signature.ts";
import { AllowedSigners, parseAllowedSigners } from "#proof/allowedSigners.ts";
import { APPROVAL_NAMESPACE, approvalStatementBytes } from "#proof/approvalStatement.ts";
import { ENTRY_NAMESPACE, entryStatementBytes } from "#proof/entryStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import { exported, inChunks, newSigning, sourcesOn } from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { type MadeSigner, armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import {
  OWNER,
  REPORTER,
  asking,
  availability,
  enclave,
  entriesOf,
  granted,
  ledgerOn,
  readyPacket,
  reporting,
} from "../ledger/trainWorld.ts";
import { disarm } from "./disarm.ts";
import { copyOf } from "./realLineage.ts";

const ED25519 = { type: "ssh-ed25519" };
const olga = makeSigner(ED25519);
const rita = makeSigner(ED25519);
const mallory = makeSigner(ED25519);

/** Who may have signed what: the owner decisions and the reporter entries. */
const listed = parseAllowedSigners(
  [
    lineOf(OWNER.actor, olga, `${APPROVAL_NAMESPACE},sign-in@holdfast`),
    lineOf(REPORTER.actor, rita, ENTRY_NAMESPACE),
  ].join(""),
);
if (!(listed instanceof AllowedSigners)) throw new Error(listed.join());
const signers: AllowedSigners = listed;

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
const signing = newSigning();
let ledger: Ledger;

/** How a signature is made; what is left out is as it should be. */
interface Making {
  readonly by?: MadeSigner;
  readonly namespace?: string;
  /** Something else in what is signed. */
  readonly digest?: string;
  readonly reshaped?: (armored: string) => string;
  /** Later than it is recorded. */
  readonly later?: bigint;
}

function signatureOf(
  message: Uint8Array,
  own: MadeSigner,
  making: Making,
  namespace: string,
): string {
  const { by = own, reshaped = (armored: string) => armored } = making;
  return reshaped(armor(blobOf(partsOf(by, message, making.namespace ?? namespace))));
}

/** One byte of the signature itself is another. */
function flipped(armored: string): string {
  const blob = Buffer.from(armored.split("\n").slice(1, -2).join(""), "base64");
  blob[blob.length - 1] = (blob.at(-1) ?? 0) ^ 1;
  return armor(blob);
}

/** The lines of another width, which say the same. */
function widened(armored: string): string {
  const [first = "", ...rest] = armored.trimEnd().split("\n");
  const last = rest.pop() ?? "";
  return [first, rest.join(""), last, ""].join("\n");
}

/** Writes an approval as no verb would: whatever is under it. */
async function approve(
  packet: string,
  making: Making | null,
  more: object = {},
  by: Actor = OWNER,
): Promise<void> {
  const seen = await ledger.state(packet);
  if (seen === null) throw new Error("there is no such packet");
  const { revision, facts } = seen.state;
  const { exercise } = facts;
  const { deployment } = ledger;
  const signed = (moment: Moment): DecisionSignature | null => {
    if (making === null) return null;
    const epoch = moment.epoch + (making.later ?? 0n);
    const digest = making.digest ?? seen.digest;
    const said = {
      decision: "APPROVE",
      deployment,
      digest,
      epoch,
      exercise,
      packet,
      revision,
    } as const;
    const bytes = approvalStatementBytes(said);
    return { epoch, armored: signatureOf(bytes, olga, making, APPROVAL_NAMESPACE), ...more };
  };
  granted(
    await ledger.append({
      packet,
      asker: asking(by, "packetApprove"),
      decide(_head, moment) {
        const signature = signed(moment);
        const { digest } = seen;
        const fact = { kind: "PACKET_APPROVED", revision, digest } as const;
        return signature === null ? fact : { ...fact, signature };
      },
    }),
  );
}

const WHY = "why two bags?";

/** Writes a rejection as no verb would, with a signature over this reason, or over none as it once was. */
async function reject(packet: string, reason: string | null): Promise<void> {
  const seen = await ledger.state(packet);
  if (seen === null) throw new Error("there is no such packet");
  const { digest, state } = seen;
  const { revision, facts } = state;
  const { deployment } = ledger;
  granted(
    await ledger.append({
      packet,
      asker: asking(OWNER, "packetReject"),
      decide(_head, { epoch }) {
        const named = { deployment, digest, epoch, exercise: facts.exercise, packet, revision };
        const said = { ...named, decision: "REJECT", ...(reason !== null && { reason }) } as const;
        const armored = signatureOf(approvalStatementBytes(said), olga, {}, APPROVAL_NAMESPACE);
        const signature = { revision, digest, epoch, armored };
        return { kind: "PACKET_REJECTED", reason: WHY, signature };
      },
    }),
  );
}

function withSignature<E extends Entry>(entry: E, packet: string | null, making: Making): E {
  const { reporter, reportNumber } = entry;
  const { deployment } = ledger;
  const report = arranged(saidIn(entry));
  const stated = { deployment, exercise: false, packet, report, reporter, reportNumber };
  const signature = signatureOf(entryStatementBytes(stated), rita, making, ENTRY_NAMESPACE);
  return { ...entry, signature };
}

/** Records an entry as no verb would. */
async function record(packet: string, making: Making): Promise<void> {
  granted(
    await ledger.append({
      packet,
      asker: asking(REPORTER, "readinessRecord"),
      decide(_head, { epoch }) {
        const told = entriesOf([availability("sam", "COMMITTED")], { actor: REPORTER, epoch });
        return {
          kind: "ENTRIES_RECORDED",
          entries: told.map((entry) => withSignature(entry, packet, making)),
        };
      },
    }),
  );
}

type Deed = (packet: string) => Promise<void>;

/** What is written, what is found of it by itself, and what only with a list of signers. */
const DEEDS: Readonly<Record<string, readonly [Deed, string | null, string | null]>> = {
  "a decision and an entry by whom they should be": [
    async (packet) => {
      await approve(packet, {});
      await record(packet, {});
    },
    null,
    null,
  ],
  "a decision without a signature": [(packet) => approve(packet, null), null, null],
  "one byte of the signature": [
    (packet) => approve(packet, { reshaped: flipped }),
    "SIGNATURE body.fact.signature",
    null,
  ],
  "the signature of another digest": [
    (packet) => approve(packet, { digest: "ab".repeat(32) }),
    "SIGNATURE body.fact.signature",
    null,
  ],
  "the signature of another use": [
    (packet) => approve(packet, { namespace: ENTRY_NAMESPACE }),
    "SIGNATURE body.fact.signature",
    null,
  ],
  "no signature at all": [
    (packet) => approve(packet, { reshaped: () => "mine" }),
    "SIGNATURE body.fact.signature",
    null,
  ],
  "another spelling": [
    (packet) => approve(packet, { reshaped: widened }),
    "FORM body.fact.signature",
    null,
  ],
  "a member more": [
    (packet) => approve(packet, {}, { note: "by hand" }),
    "FORM body.fact.signature",
    null,
  ],
  "a rejection and its reason": [(packet) => reject(packet, WHY), null, null],
  "a rejection as it was signed before its reason was covered": [
    (packet) => reject(packet, null),
    null,
    null,
  ],
  "a rejection for another reason than was signed": [
    (packet) => reject(packet, "no reason of mine"),
    "SIGNATURE body.fact.signature",
    null,
  ],
  "an epoch after it was recorded": [
    (packet) => approve(packet, { later: 1n }),
    "ENTITLEMENT body.fact",
    null,
  ],
  "another's key": [
    (packet) => approve(packet, { by: mallory }),
    null,
    "SIGNER body.fact.signature",
  ],
  "the reporter's key under a decision": [
    (packet) => approve(packet, { by: rita }),
    null,
    "SIGNER body.fact.signature",
  ],
  "an entry's signature changed": [
    (packet) => record(packet, { reshaped: flipped }),
    "SIGNATURE body.fact.entries.0.signature",
    null,
  ],
  "an entry by another's key": [
    (packet) => record(packet, { by: mallory }),
    null,
    "SIGNER body.fact.entries.0.signature",
  ],
  "an offline sign-in with what is no key": [
    (packet) => approve(packet, {}, {}, { ...OWNER, offlineKey: "SHA256:short" }),
    "FORM body.actor.offlineKey",
    null,
  ],
  "an offline sign-in with a key that is not listed": [
    (packet) => approve(packet, {}, {}, { ...OWNER, offlineKey: fingerprintOf(mallory) }),
    null,
    "SIGNER body.actor.offlineKey",
  ],
  "an offline sign-in with their own key": [
    (packet) => approve(packet, {}, {}, { ...OWNER, offlineKey: fingerprintOf(olga) }),
    null,
    null,
  ],
};

function fingerprintOf(signer: MadeSigner): string {
  const armored = armor(blobOf(partsOf(signer, Buffer.from("x"), ENTRY_NAMESPACE)));
  const read = readSshSignature(armored);
  if (read instanceof SshFault) throw new Error(read.why);
  return read.publicKey.fingerprint;
}

const packets = new Map<string, string>();
let findings: readonly Finding[];
let compared: readonly Finding[];
beforeAll(async () => {
  ledger = await ledgerOn(database);
  for (const [name, [deed]] of Object.entries(DEEDS)) {
    const { packet } = await readyPacket(ledger, `train-${packets.size}`);
    packets.set(name, packet);
    await deed(packet);
  }
  await ledger.sequence();
  findings = (await verifyLineage({ url: fresh.url })).findings;
  compared = (await verifyLineage({ url: fresh.url, signers })).findings;
});
afterAll(closeAll);

let isOpen = true;

async function closeAll(): Promise<void> {
  if (!isOpen) return;
  isOpen = false;
  await ledger.close();
  await database.close();
}

function packetOf(name: string): string {
  const packet = packets.get(name);
  if (packet === undefined) throw new Error(`nobody did ${name}`);
  return packet;
}

function foundOf(packet: string, all: readonly Finding[]): string | null {
  const found = all.find(({ place }) => place.packet === packet);
  return found === undefined ? null : `${found.kind} ${found.place.column}`;
}

function checked(lines: readonly string[], list?: AllowedSigners) {
  const { signer, witness } = signing;
  const keys = { keys: [signer.verifierKey], witnesses: [witness.verifierKey] };
  return verifyBundle(inChunks([lines.join("")]), { ...keys, signers: list });
}

describe.each(Object.entries(DEEDS))("in a lineage that is otherwise right: %s", (name, deed) => {
  const [, alone, withSigners] = deed;

  test("the rows of the database tell", () => {
    const packet = packetOf(name);
    expect(foundOf(packet, findings)).toBe(alone);
    expect(foundOf(packet, compared)).toBe(alone ?? withSigners);
  });

  test("its bundle tells", async () => {
    const lines = await exported(sourcesOn(ledger, signing), packetOf(name), "FULL");
    const kindOf = (all: readonly Finding[]): string | null => {
      const [first] = all;
      return first === undefined ? null : `${first.kind} ${first.place.column ?? "alone"}`;
    };
    expect(kindOf((await checked(lines)).findings)).toBe(alone);
    // Whoever has a key and relies on an approval without its signature is told so.
    const unsigned = name === "a decision without a signature" ? "MISSING alone" : null;
    expect(kindOf((await checked(lines, signers)).findings)).toBe(alone ?? withSigners ?? unsigned);
  });
});

test("the report says what was verified, and whether the signers were compared", async () => {
  const lines = await exported(
    sourcesOn(ledger, signing),
    packetOf("a decision and an entry by whom they should be"),
    "FULL",
  );
  const key = fingerprintOf(olga);
  const counts = { decisions: 1, entries: 1 };
  const without = await checked(lines);
  expect(without.signatures).toEqual({ ...counts, areSignersCompared: false });
  expect(without.approval?.signature).toMatchObject({ key, isListed: null });
  expect(without.told.join(" ")).toContain("Signers were not compared");
  const report = await checked(lines, signers);
  expect(report.signatures).toEqual({ ...counts, areSignersCompared: true });
  expect(report.approval?.signature).toMatchObject({ key, isListed: true });
  expect(report.told.join(" ")).toContain(`${key}, which is listed for ${OWNER.actor}`);
  expect(report.told.join(" ")).not.toContain("not compared");
});

test("the shared form tells of no signature, and nobody's name or key", async () => {
  const packet = packetOf("a decision and an entry by whom they should be");
  const lines = await exported(sourcesOn(ledger, signing), packet, "SHARED");
  const report = await checked(lines, signers);
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ signatures: null, approval: { signature: null } });
  expect(lines.join("")).not.toContain("SSH SIGNATURE");
  expect(lines.join("")).not.toContain(OWNER.actor);
});

test("the database says how many signatures there are", async () => {
  const { signatures } = await verifyLineage({ url: fresh.url, signers });
  expect(signatures.areSignersCompared).toBe(true);
  expect(signatures.decisions).toBeGreaterThanOrEqual(2);
  expect(signatures.entries).toBeGreaterThanOrEqual(1);
});

test("a report on a shared subject is verified in its own table, and in every packet that was told", async () => {
  const packet = packetOf("a decision without a signature");
  const forged = reporting(false, [enclave("vault")]);
  granted(
    await ledger.report({
      ...forged,
      decide: (_shared, { epoch }) =>
        entriesOf([enclave("vault")], { actor: REPORTER, epoch }).map((entry) =>
          withSignature(entry, packet, {}),
        ),
    }),
  );
  const { findings: found } = await verifyLineage({ url: fresh.url });
  const tables = found.filter(({ kind }) => kind === "SIGNATURE").map(({ place }) => place);
  expect(tables.some(({ table }) => table === "shared_report")).toBe(true);
  expect(tables.find((place) => place.packet === packet)?.column).toBe(
    "body.fact.entries.0.signature",
  );
});

describe("by whoever may change rows, but not make them right again", () => {
  const good = "a decision and an entry by whom they should be";
  // What is connected to a database keeps it from being copied.
  beforeAll(closeAll);

  test.each<readonly [string, (text: string) => string]>([
    ["takes the signature away", (text) => text.replace(/,"signature":\{.*?\}/, "")],
    ["puts another signature in", (text) => text.replace(/(SIGNATURE-----\\n.{90})./, "$1_")],
    ["names another epoch", (text) => text.replace(/"epoch":"\d+"\}/, '"epoch":"9"}')],
  ])("who %s is found by the commitment to the body", async (_, change) => {
    const copy = await copyOf(fresh.url);
    try {
      const other = connect(copy.url, { applicationName: "holdfast tests", connectionsMax: 2 });
      const packet = packetOf(good);
      await disarm(other);
      const [row] = await other.sql<{ body: Uint8Array }[]>`
        SELECT body FROM revision WHERE packet = ${packet} AND cause = 'PACKET_APPROVED'`;
      const text = Buffer.from(row?.body ?? []).toString("utf8");
      expect(change(text)).not.toBe(text);
      await other.sql`
        UPDATE revision SET body = ${Buffer.from(change(text))}
        WHERE packet = ${packet} AND cause = 'PACKET_APPROVED'`;
      await other.close();
      const { findings: found } = await verifyLineage({ url: copy.url });
      const kinds = found.filter(({ place }) => place.packet === packet).map(({ kind }) => kind);
      expect(kinds, found.map(findingText).join("\n")).toEqual(["COMMITMENT"]);
    } finally {
      await copy.drop();
    }
  });
});
