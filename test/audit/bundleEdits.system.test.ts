import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FindingKind } from "#audit/finding.ts";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import {
  type BundleForm,
  type BundleLine,
  type BundleRevision,
  BundleWriter,
} from "#proof/bundle.ts";
import { type NoteSigner, signNote } from "#proof/signedNote.ts";
import {
  type Signing,
  exported,
  linesOf,
  newSigning,
  seasonedPacket,
  sourcesOn,
  verified,
} from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ledgerOn } from "../ledger/trainWorld.ts";
import { changedValues } from "./changedValues.ts";

const FORMS = ["FULL", "SHARED"] as const;

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast edits", connectionsMax: 4 });
const signing = newSigning();
const stranger = newSigning("stranger.example/log");
const bundles: Record<string, readonly BundleLine[]> = {};
let ledger: Ledger;
beforeAll(async () => {
  ledger = await ledgerOn(database);
  const own = sourcesOn(ledger, signing);
  const foreign = sourcesOn(ledger, stranger);
  const packet = await seasonedPacket(ledger, "orion-7");
  const other = await seasonedPacket(ledger, "vega-2");
  for (const form of FORMS) {
    bundles[form] = linesOf(await exported(own, packet, form));
    bundles[`OTHER ${form}`] = linesOf(await exported(own, other, form));
    bundles[`STRANGER ${form}`] = linesOf(await exported(foreign, packet, form));
  }
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

function bundleOf(name: string): readonly BundleLine[] {
  const lines = bundles[name];
  if (lines === undefined) throw new Error(`no bundle ${name}`);
  return lines;
}

/** The lines as whoever holds this key would give them away: with an END that is right. */
function sealed(lines: readonly BundleLine[], signer: NoteSigner = signing.signer): string[] {
  const writer = new BundleWriter();
  const written = lines.filter(({ kind }) => kind !== "END").map((line) => writer.line(line));
  return [...written, writer.end((text) => signNote(text, [signer]))];
}

async function kindsFound(
  lines: readonly string[],
  by: Signing = signing,
): Promise<readonly FindingKind[]> {
  const { findings, gate } = await verified(lines, by, 0n);
  if (findings.length > 0) expect(gate).toBe("CLOSED");
  return findings.map(({ kind }) => kind);
}

/** Where the lines of a kind are. */
function placesOf(lines: readonly BundleLine[], kind: BundleLine["kind"]): number[] {
  return lines.flatMap((line, at) => (line.kind === kind ? [at] : []));
}

function place(lines: readonly BundleLine[], kind: BundleLine["kind"], nth: number): number {
  return placesOf(lines, kind).at(nth) ?? -1;
}

describe.each(FORMS)("in the %s form, whoever holds the deployment's key for the END", (form) => {
  test("cannot change any value anywhere", async () => {
    const lines = bundleOf(form).slice(0, -1);
    const missed: string[] = [];
    // Checking takes its time: each run takes some of the values, from another one on.
    const every = form === "FULL" ? 40 : 5;
    let changes = randomInt(every);
    for (const [at, line] of lines.entries()) {
      for (const { path, changed } of changedValues(line)) {
        changes += 1;
        if (changes % every !== 0) continue;
        const found = await kindsFound(sealed(lines.with(at, changed)));
        if (found.length === 0) missed.push(`line ${at + 1} ${line.kind} ${path}`);
      }
    }
    expect(changes).toBeGreaterThan(form === "FULL" ? 1000 : 300);
    expect(missed).toEqual([]);
  });

  test("cannot leave out a line, repeat one or swap two", async () => {
    const lines = bundleOf(form).slice(0, -1);
    const missed: string[] = [];
    for (const [at, line] of lines.entries()) {
      const next = lines[at + 1];
      const edits: Record<string, readonly BundleLine[]> = {
        repeated: lines.toSpliced(at, 0, line),
        "left out": lines.toSpliced(at, 1),
        ...(next === undefined ? {} : { swapped: lines.with(at, next).with(at + 1, line) }),
      };
      for (const [edit, edited] of Object.entries(edits)) {
        const found = await kindsFound(sealed(edited));
        if (found.length === 0) missed.push(`${line.kind} ${edit}`);
      }
    }
    // A gate without a statement is CLOSED: nothing is gained by hiding that it was OPEN.
    expect(missed).toEqual(["STATEMENT left out"]);
  });

  test("cannot put in lines of another packet or of another deployment's log", async () => {
    const lines = bundleOf(form).slice(0, -1);
    for (const name of [`OTHER ${form}`, `STRANGER ${form}`]) {
      const others = bundleOf(name);
      const missed = [...lines.entries()].filter(
        ([at, line]) => JSON.stringify(line) !== JSON.stringify(others[at]),
      );
      for (const [at, line] of missed) {
        const strange = others[at];
        if (strange === undefined || strange.kind !== line.kind) continue;
        const found = await kindsFound(sealed(lines.with(at, strange)));
        expect([at, line.kind, found.length > 0]).toEqual([at, line.kind, true]);
      }
    }
  });
});

/** An edit of a bundle, and the first thing to be found wrong. */
type Edit = readonly [
  what: string,
  edit: (lines: readonly BundleLine[], form: BundleForm) => readonly BundleLine[],
  kind: FindingKind,
];

const changed =
  (kind: BundleLine["kind"], nth: number, change: object): Edit[1] =>
  (lines) => {
    const at = place(lines, kind, nth);
    return lines.with(at, { ...lines[at], ...change } as BundleLine);
  };
const headerOf = (line: BundleLine | undefined): object =>
  (line as BundleRevision | undefined)?.header as object;

const EDITS: readonly Edit[] = [
  ["another packet on the first line", changed("BUNDLE", 0, { packet: "x" }), "IDENTITY"],
  ["an exercise on the first line", changed("BUNDLE", 0, { exercise: true }), "IDENTITY"],
  [
    "another time in a header",
    (lines) => {
      const at = place(lines, "REVISION", 3);
      const header = { ...headerOf(lines[at]), at: "2026-01-01T00:00:00.000Z" };
      return changed("REVISION", 3, { header })(lines, "FULL");
    },
    "CHECKPOINT",
  ],
  [
    "an approval that nobody recorded",
    (lines) => {
      const at = place(lines, "REVISION", -1);
      const approves = { revision: 8, digest: "0".repeat(64) };
      const header = { ...headerOf(lines[at]), approves, cause: "PACKET_APPROVED", number: 11 };
      return lines.toSpliced(at + 1, 0, { ...lines[at], header } as BundleLine);
    },
    "CHECKPOINT",
  ],
  ["another place in the log", changed("REVISION", 2, { position: "2" }), "CHECKPOINT"],
  ["a revision left out", (lines) => lines.toSpliced(place(lines, "REVISION", 3), 1), "GAP"],
  ["the document of another revision", changed("DOCUMENT", 0, { digest: "0".repeat(64) }), "VALUE"],
  [
    "a leaf left out",
    (lines, form) => lines.toSpliced(place(lines, form === "FULL" ? "LEAF" : "HIDDEN_LEAF", 4), 1),
    "COMMITMENT",
  ],
  [
    "the last document left out",
    (lines) =>
      lines.toSpliced(
        place(lines, "DOCUMENT", 1),
        place(lines, "STATEMENT", 0) - place(lines, "DOCUMENT", 1),
      ),
    "MISSING",
  ],
  [
    "nothing after the approved document",
    (lines) => lines.slice(0, placesOf(lines, "REVISION").at(-2)),
    "SIGNATURE",
  ],
  [
    "the checkpoint of another log",
    (lines) => withLineOf(lines, "STRANGER", "CHECKPOINT"),
    "SIGNATURE",
  ],
  ["another log's statement", (lines) => withLineOf(lines, "STRANGER", "STATEMENT"), "SIGNATURE"],
  ["another packet's statement", (lines) => withLineOf(lines, "OTHER", "STATEMENT"), "VALUE"],
  [
    "another checkpoint that covers it too",
    (lines) => withLineOf(lines, "OTHER", "CHECKPOINT"),
    "SIGNATURE",
  ],
];

/** What only who has the deployment's key could say, and then it would be so. */
const TOLD_BY_END: ReadonlySet<string> = new Set([
  "nothing after the approved document",
  "another checkpoint that covers it too",
]);

/** The line of this kind from another bundle of the same form. */
function withLineOf(lines: readonly BundleLine[], name: string, kind: BundleLine["kind"]) {
  const [start] = lines;
  const form = start?.kind === "BUNDLE" ? start.form : "FULL";
  const line = bundleOf(`${name} ${form}`).find((each) => each.kind === kind);
  return line === undefined ? lines : lines.with(place(lines, kind, 0), line);
}

describe.each(FORMS)("in the %s form is found by its kind:", (form) => {
  test.each(EDITS)("%s", async (what, edit, kind) => {
    const edited = edit(bundleOf(form).slice(0, -1), form);
    const signer = TOLD_BY_END.has(what) ? stranger.signer : signing.signer;
    const [first] = await kindsFound(sealed(edited, signer));
    expect(first).toBe(kind);
  });

  test("a tail that was cut off, at every line", async () => {
    const lines = sealed(bundleOf(form));
    for (let kept = 0; kept < lines.length; kept += 1) {
      expect(await kindsFound(lines.slice(0, kept))).toContain("MISSING");
    }
    const text = lines.join("");
    expect(await kindsFound([text.slice(0, -1)])).toContain("FORM");
    expect(await kindsFound([`${text}\n`])).toContain("EXTRA");
  });

  test("the END of another bundle", async () => {
    const lines = bundleOf(form);
    const end = bundleOf(`OTHER ${form}`).at(-1);
    const writer = new BundleWriter();
    const written = [...lines.slice(0, -1), end ?? { kind: "END" as const, note: "" }];
    expect(await kindsFound(written.map((line) => writer.line(line)))).toEqual(["DIGEST"]);
  });
});
