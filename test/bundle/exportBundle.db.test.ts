import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportBundle } from "#bundle/exportBundle.ts";
import type { BundleSources } from "#bundle/sources.ts";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { LineageInDoubt } from "#packet/lineage.ts";
import { InvalidInput, NotEntitled, UnknownPacket } from "#packet/refusal.ts";
import type { BundleLine } from "#proof/bundle.ts";
import { parseDigestWords } from "#proof/words.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { acceptAll, granted, ledgerOn, open, readyPacket } from "../ledger/trainWorld.ts";
import {
  AUDITOR,
  VIEWER,
  exported,
  linesOf,
  newSigning,
  seasonedPacket,
  sourcesOn,
  verified,
} from "./bundleWorld.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast bundles", connectionsMax: 4 });
const signing = newSigning();
let ledger: Ledger;
let sources: BundleSources;
let packet = "";
beforeAll(async () => {
  ledger = await ledgerOn(database);
  sources = sourcesOn(ledger, signing);
  await readyPacket(ledger, "another-1");
  packet = await seasonedPacket(ledger, "orion-7");
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

const check = (lines: readonly string[], epoch?: bigint) => verified(lines, signing, epoch);

describe.each(["FULL", "SHARED"] as const)("a bundle in the %s form", (form) => {
  test("proves the lineage of an approved packet up to its head", async () => {
    const report = await check(await exported(sources, packet, form), 0n);
    expect(report.findings).toEqual([]);
    const seen = await ledger.state(packet);
    const { revision, digest, recordedIn } = seen?.state.approval ?? {};
    expect(report).toMatchObject({
      form,
      packet,
      deployment: ledger.deployment,
      exercise: false,
      revision: seen?.state.revision,
      digest: seen?.digest,
      approval: { revision, digest, recordedIn, isStanding: true },
      checkpoint: { origin: signing.origin, cosignedBy: [signing.witness.name], unchecked: [] },
      validThroughEpoch: 500_000n,
      gate: "OPEN",
    });
    expect(report.approval?.approvedBy).toBe(form === "FULL" ? "olga" : null);
    expect(Buffer.from(parseDigestWords(report.digestWords) ?? []).toString("hex")).toBe(
      report.digest,
    );
    expect(report.told.join("\n")).toContain(digest);
  });

  test("says CLOSED past the last epoch of the statement, and before the one it was made at", async () => {
    const lines = await exported(sources, packet, form);
    expect(await check(lines, 500_000n)).toMatchObject({ findings: [], gate: "OPEN" });
    expect(await check(lines, 500_001n)).toMatchObject({ findings: [], gate: "CLOSED" });
    expect(await check(lines)).toMatchObject({ findings: [], gate: null });
  });

  test("has no statement where the gate is CLOSED, and verifies from its only revision on", async () => {
    const key = { exercise: true, train: `bare-${form}` };
    await acceptAll(ledger, key);
    const opened = await open(ledger, key);
    const lines = await exported(sources, opened.packet, form);
    expect(linesOf(lines).map(({ kind }) => kind)).not.toContain("STATEMENT");
    const report = await check(lines, 0n);
    expect(report).toMatchObject({
      findings: [],
      exercise: true,
      revision: 1,
      approval: null,
      gate: "CLOSED",
    });
    expect(report.told.join("\n")).toContain("an exercise");
  });
});

describe("the shared form", () => {
  test("has the digests of the full one, and none of what it says to those who may know", async () => {
    const full = linesOf(await exported(sources, packet, "FULL"));
    const shared = linesOf(await exported(sources, packet, "SHARED"));
    const headers = (lines: readonly BundleLine[]) =>
      lines.flatMap((line) => (line.kind === "REVISION" ? [line.header] : []));
    expect(headers(shared)).toEqual(headers(full));

    const secret = new Set(full.flatMap(governedIn).filter((text) => !isVocabulary(text)));
    // Digests and times that the headers have, which everybody sees.
    for (const known of textsIn([headers(full), packet])) secret.delete(known);
    // What the world is made of is in there, so that the crawl looks for something.
    for (const text of ["olga", "rita", "firmware", "release-6", "vault", "orion-7", "seal-7"]) {
      expect(secret).toContain(text);
    }
    expect(secret.size).toBeGreaterThan(60);
    const told = shared.flatMap(textsIn);
    const words = new Set(told.flatMap((text) => text.split(/[^\w.@+-]+/)));
    const isTold = (text: string): boolean =>
      words.has(text) || (text.length > 4 && told.some((known) => known.includes(text)));
    expect([...secret].filter(isTold)).toEqual([]);
  });

  test("tells what every reader may know: the bindings, and how the clock stands", async () => {
    const shared = linesOf(await exported(sources, packet, "SHARED"));
    const subjects = shared.flatMap((line) =>
      line.kind === "DISCLOSED_LEAF" ? [line.subject] : [],
    );
    expect(new Set(subjects)).toEqual(
      new Set([
        "CLOCK",
        "BINDING TRUSTED_BRANCH",
        "BINDING MANIFEST",
        "BINDING REPRODUCIBILITY_POLICY",
        "BINDING ROLLBACK_SCOPE",
      ]),
    );
  });
});

describe("a bundle is refused", () => {
  const wishFor = (form: "FULL" | "SHARED", wanted: unknown = packet) => ({ packet: wanted, form });
  const reader: Actor = { ...VIEWER, roles: ["READER", "OPERATOR"] };

  test("in the full form to who does not see every class of field", async () => {
    for (const actor of [VIEWER, reader]) {
      expect(await exportBundle(sources, actor, wishFor("FULL"))).toBeInstanceOf(NotEntitled);
      granted(await exportBundle(sources, actor, wishFor("SHARED")));
    }
  });

  test("in any form to who may read no packet, whether there is one or not", async () => {
    const nobody = { ...VIEWER, roles: [] };
    const nowhere = "019a0000-0000-7000-8000-000000000000";
    for (const wanted of [packet, nowhere]) {
      const refused = await exportBundle(sources, nobody, wishFor("SHARED", wanted));
      expect(refused).toBeInstanceOf(NotEntitled);
    }
  });

  test("for an unknown packet, and for what is no id", async () => {
    const nowhere = "019a0000-0000-7000-8000-000000000000";
    const answers = [nowhere, "x", null].map((wanted) =>
      exportBundle(sources, AUDITOR, wishFor("FULL", wanted)),
    );
    const [unknown, ...others] = await Promise.all(answers);
    expect(unknown).toBeInstanceOf(UnknownPacket);
    for (const other of others) expect(other).toBeInstanceOf(InvalidInput);
  });

  test("while the database is not believed", async () => {
    const notary = { ...sources.notary, doubt: () => "HEAD_WENT_BACK" as const };
    const answer = await exportBundle({ ...sources, notary }, AUDITOR, wishFor("SHARED"));
    expect(answer).toBeInstanceOf(LineageInDoubt);
  });
});

/** Every text in a line: of a note what was signed, without the signatures. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value.split("\n\n", 1)[0] ?? ""];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** The texts of what a full bundle tells beside headers and notes. */
function governedIn(line: BundleLine): string[] {
  switch (line.kind) {
    case "BUNDLE":
      return line.form === "FULL" ? [line.train, line.salt] : [];
    case "SOURCE":
      return textsIn(line.content);
    case "REVISION":
      return textsIn(line.body);
    case "LEAF":
      return textsIn([line.subject, line.value]);
    default:
      return [];
  }
}

/** Words of our own and numbers, which name nothing. */
function isVocabulary(text: string): boolean {
  return /^[A-Z_ ]+$|^[0-9]+$/.test(text);
}
