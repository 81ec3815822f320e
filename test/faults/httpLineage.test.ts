import { describe, expect, test } from "vitest";
import { sha256Hex } from "#proof/digest.ts";
import { type ToldRevision, toldFaults } from "./httpLineage.ts";

type Change = Partial<Omit<ToldRevision, "digest">>;

/** A lineage whose chain holds, of revisions that are ready but for what is said of each. */
function lineage(...changes: readonly Change[]): ToldRevision[] {
  const told: ToldRevision[] = [];
  for (const [index, change] of changes.entries()) {
    const document = `document ${index + 1}`;
    told.push({
      packet: "p",
      number: index + 1,
      cause: "ENTRIES_RECORDED",
      status: "READY_FOR_APPROVAL",
      openHolds: 0,
      predecessor: told.at(-1)?.digest ?? null,
      materialDigest: "m1",
      document,
      holdChanges: [],
      ...change,
      digest: sha256Hex(document),
    });
  }
  return told;
}

const refreshed: Change = {};
const opened: Change = { holdChanges: [{ code: "OPERATOR_HOLD", transition: "OPENED" }] };
const held: Change = { ...opened, openHolds: 1, status: "ON_HOLD" };
const changed: Change = { materialDigest: "m2" };
const approved: Change = { cause: "PACKET_APPROVED", status: "APPROVED" };

function faultsOf(told: readonly ToldRevision[], recordedIn = told.length): string[] {
  const approval = { packet: "p", revision: 1, digest: told[0]?.digest ?? "", recordedIn };
  return toldFaults(told, [approval]);
}

describe("rules 5.1 and 5.2: by the lineage that the API tells, an approval", () => {
  test("follows what it names, or refreshed evidence", () => {
    expect(faultsOf(lineage({}, approved))).toEqual([]);
    expect(faultsOf(lineage({}, refreshed, refreshed, approved))).toEqual([]);
  });

  test.each([
    ["an open hold", [held]],
    ["a hold that was cleared since", [held, refreshed]],
    ["a hold that opened and cleared at once", [opened]],
    ["changed material", [changed]],
    ["material that was changed back", [changed, refreshed]],
  ])("never follows %s", (_what, between) => {
    const told = lineage({}, ...between, approved);
    expect(faultsOf(told)).toContain(`p ${told.length} follows 2, which overtook 1`);
  });

  test("names a digest that is the revision's own, and is told to whoever asked", () => {
    const told = lineage({}, approved);
    const other = { packet: "p", revision: 1, digest: "another", recordedIn: 2 };
    expect(toldFaults(told, [other])).toEqual(["p 2 approves another digest"]);
    expect(toldFaults(told, [])).toEqual(["p 2 is an approval that nobody was told of"]);
  });

  test("that was acknowledged is there", () => {
    expect(faultsOf(lineage({}, refreshed), 2)).toEqual(["approval 2 is not there"]);
  });
});

test("a chain that does not hold is told", () => {
  const [first, second, third] = lineage({}, refreshed, refreshed);
  if (first === undefined || second === undefined || third === undefined) throw new Error("three");
  const follows = "p 3 does not follow the one before it";
  expect(toldFaults([first, third], [])).toEqual([follows]);
  expect(toldFaults([first, second, { ...third, predecessor: first.digest }], [])).toEqual([
    follows,
  ]);
  expect(toldFaults([first, { ...second, document: "altered" }], [])).toEqual([
    "p 2 has another document's digest",
  ]);
});
