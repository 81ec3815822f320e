import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DateTime, EPOCH_MAX, Epoch, Epochs, EpochsOrNone, ReportNumber } from "#packet/epoch.ts";
import {
  ArtifactName,
  Digest,
  Id,
  Name,
  RevisionDigest,
  Text,
  compareNames,
  distinctList,
} from "#packet/name.ts";
import { faultsOf, wordsAbout } from "./faults.ts";

const hex = (length: number): string => "0f".repeat(length / 2);

describe("rule 3.4: a name is ASCII, so that no two look like one", () => {
  test.each(["a", "A9", "ana.b@example.org", "x_1+2-3", "n".repeat(128)])("%s is one", (name) => {
    expect(Name.safeParse(name).data).toBe(name);
  });

  test.each([
    ["nothing", ""],
    ["a space", "ana b"],
    ["a Cyrillic letter", "\u0430na"],
    ["a full-width letter", "\uff41na"],
    ["an accent", "an\u00e1"],
    ["a bidirectional override", "ana\u202e"],
    ["a zero-width space", "an\u200ba"],
    ["a newline at its end", "ana\n"],
    ["a NUL", "ana\u0000"],
    ["a path", "../ana"],
    ["a dash in front", "-ana"],
    ["a dot behind", "ana."],
    ["two underscores in front", "__proto__"],
    ["129 characters", "n".repeat(129)],
  ])("%s is none", (_, name) => {
    expect(faultsOf(Name, name)).toEqual([""]);
    expect(wordsAbout(Name, name)).toContain("ASCII");
  });

  test("an artifact's may be a path, but only one that goes down", () => {
    for (const name of ["app", "@scope/pkg-1.0.tgz", "a/b/c", ".hidden", "a..b", "~x"]) {
      expect(ArtifactName.safeParse(name).success, name).toBe(true);
    }
    const tricks = [
      "/a",
      "a/",
      "a//b",
      ".",
      "..",
      "a/../b",
      "./a",
      "a/.",
      "a\\b",
      "C:/a",
      "a%2e",
      "a\u0000",
      "a\n",
      "\u0430pp",
      "",
      "n".repeat(257),
    ];
    for (const name of tricks) expect(faultsOf(ArtifactName, name), name).toEqual([""]);
  });

  test("the order of names is that of their code units, which for ASCII is every order", () => {
    const names = ["b", "a", "B", "a-", "a1", "@"];
    expect(names.toSorted(compareNames)).toEqual(["@", "B", "a", "a-", "a1", "b"]);
    expect(compareNames("a", "a")).toBe(0);
  });
});

describe("rule 3.4: digests and ids are whole, lower-case and of a known kind", () => {
  test.each([`sha256:${hex(64)}`, `sha512:${hex(128)}`])("%s", (digest) => {
    expect(Digest.safeParse(digest).success).toBe(true);
  });

  test.each([
    hex(64),
    `sha256:${hex(62)}`,
    `sha256:${hex(66)}`,
    `sha512:${hex(64)}`,
    `sha256:${hex(128)}`,
    `md5:${hex(32)}`,
    `sha256:${hex(64).toUpperCase()}`,
    `sha256:${"g".repeat(64)}`,
    ` sha256:${hex(64)}`,
    `sha256:${hex(64)}\n`,
    "",
  ])("not %s", (digest) => {
    expect(wordsAbout(Digest, digest)).toContain("lower-case hexadecimal");
  });

  test("a revision's digest is named in full", () => {
    expect(RevisionDigest.safeParse(hex(64)).success).toBe(true);
    for (const digest of [hex(62), hex(66), hex(64).toUpperCase(), `sha256:${hex(64)}`, ""]) {
      expect(faultsOf(RevisionDigest, digest), digest).toEqual([""]);
    }
  });

  test("an id is a UUIDv7", () => {
    expect(Id.safeParse("019a0000-0000-7000-8000-000000000001").success).toBe(true);
    for (const id of [
      "019a0000-0000-4000-8000-000000000001",
      "019a0000",
      "",
      "019a000000007000800000000000000001",
    ]) {
      expect(faultsOf(Id, id), id).toEqual([""]);
    }
  });
});

describe("rule 6.1: an epoch is a 64-bit counter, in JSON a decimal string", () => {
  test("every one of them is read exactly", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: EPOCH_MAX }), (epoch) => {
        expect(Epoch.parse(epoch.toString())).toBe(epoch);
      }),
    );
    expect(Epoch.parse("9007199254740993")).toBe(9_007_199_254_740_993n);
  });

  test("a JSON number is refused: it cannot carry 64 bits", () => {
    expect(wordsAbout(Epoch, 8)).toContain("a JSON number cannot carry 64 bits");
  });

  test.each([
    "-1",
    "+1",
    "01",
    "1.0",
    "1e3",
    "0x8",
    "",
    " 1",
    "\u0661",
    "9223372036854775808",
    "9".repeat(30),
  ])("%j is no epoch", (text) => {
    expect(faultsOf(Epoch, text)).toEqual([""]);
  });

  test("rule 2.4: an age limit is at least 1; a handover may be nothing", () => {
    expect(Epochs.safeParse("1").data).toBe(1n);
    expect(faultsOf(Epochs, "0")).toEqual([""]);
    expect(faultsOf(ReportNumber, "0")).toEqual([""]);
    expect(EpochsOrNone.safeParse("0").data).toBe(0n);
  });
});

describe("rule 6.4: times are for people, in UTC", () => {
  test("with at most milliseconds", () => {
    for (const time of [
      "2026-11-21T18:30:00Z",
      "2026-11-21T18:30:00.5Z",
      "2026-11-21T18:30:00.123Z",
    ]) {
      expect(DateTime.safeParse(time).success, time).toBe(true);
    }
  });

  test.each([
    "2026-11-21",
    "2026-11-21T18:30:00",
    "2026-11-21T18:30:00+01:00",
    "2026-02-30T00:00:00Z",
    "2026-11-21T24:00:01Z",
    "2026-11-21T18:30:00.1234Z",
    "yesterday",
    "",
  ])("%j is none", (time) => {
    expect(faultsOf(DateTime, time)).toEqual([""]);
  });
});

describe("rule 3.5: a reason says something", () => {
  test("in 1 to 2,000 characters that are not blank, kept as they are", () => {
    expect(Text.parse("  the bag looked opened \n")).toBe("  the bag looked opened \n");
    expect(Text.safeParse("x".repeat(2000)).success).toBe(true);
    for (const text of ["", " \n\t", "x".repeat(2001), "half \ud800"]) {
      expect(faultsOf(Text, text)).toEqual([""]);
    }
  });
});

describe("rule 2.4: a list of distinct things", () => {
  const names = distinctList(Name, 3, (name) => name);

  test("is neither empty nor longer than its limit", () => {
    expect(wordsAbout(names, [])).toContain("empty is unknown");
    expect(wordsAbout(names, ["a", "b", "c", "d"])).toContain("at most 3");
    expect(faultsOf(names, ["a", "b", "c"])).toEqual([]);
  });

  test("names the element that repeats another, or differs from it only in case", () => {
    expect(faultsOf(names, ["ana", "ben", "ana"])).toEqual(["2"]);
    expect(faultsOf(names, ["ana", "ANA"])).toEqual(["1"]);
  });

  test("of elements that cannot be read says so, and nothing worse happens", () => {
    for (const list of [[null], [{}], [1, 1], [["ana"], ["ana"]], null, "ana", { length: 1 }]) {
      expect(faultsOf(names, list).length).toBeGreaterThan(0);
    }
  });
});
