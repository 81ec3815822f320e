import { beforeEach, describe, expect, test } from "vitest";
import { HeaderCheck, readHeaderStrictly } from "#audit/bundleHeaders.ts";
import type { FindingKind } from "#audit/finding.ts";
import { type RevisionHeader, REVISION_FORMAT, headerBytes } from "#ledger/document.ts";

const identity = { deployment: "d", packet: "p", exercise: false };
const root = "0".repeat(64);

function headerWith(change: Partial<RevisionHeader>): RevisionHeader {
  return {
    format: REVISION_FORMAT,
    ...identity,
    number: 1,
    predecessor: null,
    cause: "PACKET_OPENED",
    actorKind: "PERSON",
    epoch: 5n,
    at: "2026-11-22T00:00:00.000Z",
    status: "READY_FOR_APPROVAL",
    openHolds: 0,
    materialDigest: root,
    approves: null,
    body: root,
    sections: { decisions: root, entries: root, holds: root, sources: root },
    ...change,
  };
}

let check: HeaderCheck;
let last: string;
let number: number;
beforeEach(() => {
  check = new HeaderCheck(identity);
  [last, number] = ["", 0];
});

/** Takes the next header, right but for the change; what is found. */
function next(change: Partial<RevisionHeader> = {}): FindingKind | null {
  number += 1;
  const follows = { number, predecessor: number === 1 ? null : last };
  const read = readHeaderStrictly(headerBytes(headerWith({ ...follows, ...change })));
  last = read.digest;
  return check.next(read)?.kind ?? null;
}

const recorded = { cause: "ENTRIES_RECORDED" } as const;
const approving = (revision: number, digest: string): Partial<RevisionHeader> => ({
  cause: "PACKET_APPROVED",
  status: "APPROVED",
  approves: { revision, digest },
});

describe("without a body, headers show", () => {
  test("an approval, what refreshes it and the end", () => {
    next({ status: "ESCALATED", openHolds: 1 });
    next(recorded);
    const approved = approving(2, last);
    expect(next(approved)).toBeNull();
    expect(next({ ...recorded, status: "APPROVED" })).toBeNull();
    expect(next({ cause: "PACKET_WITHDRAWN", status: "CLOSED", openHolds: 3 })).toBeNull();
    expect(next(recorded)).toBe("ORDER");
  });

  test.each<readonly [string, Partial<RevisionHeader>, FindingKind]>([
    ["another deployment", { deployment: "x" }, "IDENTITY"],
    ["another packet", { packet: "x" }, "IDENTITY"],
    ["an exercise", { exercise: true }, "IDENTITY"],
    ["a number left out", { number: 3 }, "GAP"],
    ["another predecessor", { predecessor: root }, "LINK"],
    ["none", { predecessor: null }, "LINK"],
    ["an earlier epoch", { epoch: 4n }, "ORDER"],
    ["a status that its holds disprove", { openHolds: 1 }, "VALUE"],
    ["a hold that there is none of", { status: "ON_HOLD" }, "VALUE"],
    ["APPROVED by nobody", { status: "APPROVED" }, "VALUE"],
    ["an approval of nothing", { cause: "PACKET_APPROVED" }, "VALUE"],
    ["an approval by something else", { approves: { revision: 1, digest: root } }, "VALUE"],
    ["an approval of another digest", approving(1, root), "ENTITLEMENT"],
    ["an approval of what is yet to come", approving(2, root), "ENTITLEMENT"],
  ])("%s", (_what, change, kind) => {
    expect(next()).toBeNull();
    expect(next({ ...recorded, ...change })).toBe(kind);
  });

  test("an approval by a system, or that leaves it unapproved", () => {
    next();
    expect(next({ ...approving(1, last), actorKind: "SYSTEM" })).toBe("ENTITLEMENT");
    [check, number] = [new HeaderCheck(identity), 0];
    next();
    expect(next({ ...approving(1, last), status: "READY_FOR_APPROVAL" })).toBe("VALUE");
  });

  test("an approval over an open hold, or of a revision since which one opened", () => {
    next({ status: "ON_HOLD", openHolds: 1 });
    expect(next(approving(1, last))).toBe("ENTITLEMENT");
    [check, number] = [new HeaderCheck(identity), 0];
    next();
    const first = last;
    next({ ...recorded, status: "ON_HOLD", openHolds: 1 });
    next(recorded);
    expect(next(approving(1, first))).toBe("ENTITLEMENT");
  });
});

test.each<readonly [string, Uint8Array | string, string]>([
  ["no JSON", Buffer.from("{"), "JSON"],
  [
    "another format",
    headerBytes({ ...headerWith({}), format: "x" as typeof REVISION_FORMAT }),
    "no revision",
  ],
  [
    "a status that there is not",
    headerBytes(headerWith({ status: "FINE" as "CLOSED" })),
    "Invalid",
  ],
  [
    "a member more",
    Buffer.from(headerBytes(headerWith({})))
      .toString()
      .replace("{", '{"a":1,'),
    "other members",
  ],
])("%s is no header", (_what, bytes, why) => {
  expect(() => readHeaderStrictly(Buffer.from(bytes))).toThrow(why);
});
