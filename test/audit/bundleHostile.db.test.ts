import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyBundle, verifyBundleFile } from "#audit/bundleFile.ts";
import { fileLines } from "#audit/bundleFileLines.ts";
import { BUNDLE_FINDINGS_MAX } from "#audit/bundleReport.ts";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { BUNDLE_LINE_BYTES_MAX } from "#proof/bundle.ts";
import {
  approveBy,
  exported,
  inChunks,
  newSigning,
  seasonedPacket,
  sourcesOn,
  verified,
} from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { REPORTER, ROBOT, ledgerOn, readyPacket } from "../ledger/trainWorld.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast hostile", connectionsMax: 4 });
const signing = newSigning();
const stranger = newSigning();
const key = signing.signer.verifierKey;
let ledger: Ledger;
let full: string[] = [];
let shared: string[] = [];
beforeAll(async () => {
  ledger = await ledgerOn(database);
  const sources = sourcesOn(ledger, signing);
  const packet = await seasonedPacket(ledger, "orion-7");
  [full, shared] = [
    await exported(sources, packet, "FULL"),
    await exported(sources, packet, "SHARED"),
  ];
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

describe("a bundle proves nothing", () => {
  test.each([
    ["without any key", [], [], "SIGNATURE"],
    ["with another deployment's key", [stranger.signer.verifierKey], [], "SIGNATURE"],
    ["with a key of the same name", [key.replace(/.$/, "A")], [], "SIGNATURE"],
    ["with what is no key", ["hello"], [], "SIGNATURE"],
    ["with a witness that did not cosign", [key], [stranger.witness.verifierKey], "SIGNATURE"],
    ["with the witness's key for the deployment's", [signing.witness.verifierKey], [], "SIGNATURE"],
  ])("%s", async (_how, keys, witnesses, kind) => {
    for (const lines of [full, shared]) {
      const report = await verifyBundle(inChunks(lines), { keys, witnesses, epoch: 0n });
      expect(report.findings.map((each) => each.kind)).toContain(kind);
      expect(report.gate).toBe("CLOSED");
      expect(report.told[0]).toContain("Do not rely on this bundle");
    }
  });

  test("and says whose signatures nobody checked", async () => {
    const report = await verifyBundle(inChunks(shared), { keys: [key], witnesses: [] });
    expect(report.findings).toEqual([]);
    expect(report.checkpoint?.unchecked).toEqual([signing.witness.name]);
    expect(report.told.join("\n")).toContain("Not checked");
  });
});

describe("an approval that the database took from the wrong hands is found", () => {
  // What guards the table would have refused most of them.
  beforeAll(async () => {
    await database.sql`ALTER TABLE revision DISABLE TRIGGER USER`;
  });

  test.each([
    ["FULL", REPORTER],
    ["FULL", ROBOT],
    ["SHARED", ROBOT],
  ] as const)("in the %s form", async (form, by) => {
    const opened = await readyPacket(ledger, `wrong-${form}-${by.actor}`);
    await approveBy(ledger, opened.packet, by);
    const lines = await exported(sourcesOn(ledger, signing), opened.packet, form);
    const { findings } = await verified(lines, signing);
    expect(findings.map(({ kind }) => kind)).toEqual(["ENTITLEMENT"]);
  });
});

describe("whatever the file holds, there is a report", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}\n`;
  test.each([
    ["nothing", []],
    ["a line feed", ["\n"]],
    ["noise", [randomBytes(100_000).toString("latin1")]],
    ["deep nesting", [deep, deep]],
    ["an unknown kind", ['{"kind":"constructor"}\n', '{"kind":"__proto__"}\n', '{"kind":7}\n']],
    ["values that are no objects", ["null\n", "7\n", '"x"\n', "[]\n"]],
    ["a line that never ends", ["x".repeat(BUNDLE_LINE_BYTES_MAX + 1)]],
    ["a great many faults", Array.from({ length: 5000 }, () => '{"kind":"END","note":""}\n')],
  ])("%s", async (_what, parts) => {
    const keys = { keys: [key], witnesses: [], epoch: 0n };
    const report = await verifyBundle(inChunks(parts), keys);
    expect(report.findings.length).toBeGreaterThan(0);
    expect(report.findings.length).toBeLessThanOrEqual(BUNDLE_FINDINGS_MAX);
    expect(report).toMatchObject({ gate: "CLOSED", packet: null, revision: 0 });
  });

  test("lines in a random order, with others between them", async () => {
    for (let round = 0; round < 30; round += 1) {
      const lines = [...full, ...shared].toSorted(() => randomBytes(1).readInt8());
      expect((await verified(lines, signing)).findings.length).toBeGreaterThan(0);
    }
  });

  test("a bundle in pieces of one byte is the same bundle", async () => {
    const pieces = (async function* () {
      for (const byte of Buffer.from(shared.join(""))) yield Uint8Array.of(byte);
    })();
    expect((await verifyBundle(pieces, { keys: [key], witnesses: [] })).findings).toEqual([]);
  });

  test("a file that is not there", async () => {
    const report = await verifyBundleFile("/nowhere/at.all", { keys: [key], witnesses: [] });
    expect(report.findings.map(({ kind, line }) => [kind, line])).toContainEqual(["UNREADABLE", 0]);
  });
});

test("a file is read no further than its limits", async () => {
  const lines = async (limits: { lineBytesMax: number; linesMax: number }) => {
    const numbers: number[] = [];
    for await (const { number } of fileLines(inChunks(["ab\nabc\n", "a\nx"]), limits)) {
      numbers.push(number);
    }
    return numbers;
  };
  expect(await lines({ lineBytesMax: 4, linesMax: 4 })).toEqual([1, 2, 3, 4]);
  await expect(lines({ lineBytesMax: 3, linesMax: 4 })).rejects.toThrow("line 2");
  await expect(lines({ lineBytesMax: 4, linesMax: 2 })).rejects.toThrow("line 3");
});
