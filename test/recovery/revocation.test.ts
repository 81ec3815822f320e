import { describe, expect, test } from "vitest";
import type { RevocationList } from "#proof/revocationList.ts";
import { shardOf } from "#proof/revocationList.ts";
import { isHeld, type ListGround, listFaults, VERSION_LEAP_MAX } from "#recovery/revocation.ts";
import { DEPLOYMENT, idIn, listOf } from "../revocation/lists.ts";

const ANN = "principal:ann";
const SHARD = shardOf(ANN);
const BEN = idIn(SHARD, "principal:ben");
const NODE = idIn(SHARD, "node:north");

const ground = (more: Partial<ListGround> = {}): ListGround => ({
  deployment: DEPLOYMENT,
  shard: SHARD,
  own: [NODE],
  held: { version: 3n, digest: "d3", revoked: new Set([ANN]) },
  sinceMs: null,
  ...more,
});

const codes = (list: RevocationList, on = ground(), digest = "d"): string =>
  listFaults({ list, digest }, on)
    .map(({ code }) => code)
    .join(" ");

const next = (more: Partial<RevocationList> = {}): RevocationList =>
  listOf([ANN, BEN], { version: 4n, ...more });

describe("a list is", () => {
  test("applied when it is newer and has all that the one before it had", () => {
    expect(codes(next())).toBe("");
    expect(codes(next({ version: 9n }))).toBe("");
    expect(codes(next({ version: 1n }), ground({ held: null }))).toBe("");
  });

  const other = "principal:somebody-of-another-shard";
  test.each([
    ["ANOTHER_DEPLOYMENT", next({ deployment: "other.example" }), ground()],
    ["ANOTHER_SHARD", next(), ground({ shard: (SHARD + 1) % 256 })],
    ["ANOTHER_SHARD", listOf([ANN, other].toSorted(), { version: 4n, shard: SHARD }), ground()],
    ["NOT_NEWER", next({ version: 3n }), ground()],
    ["NOT_NEWER TAKES_BACK", listOf([BEN], { version: 2n }), ground()],
    ["VERSION_LEAPS", next({ version: 4n + VERSION_LEAP_MAX }), ground()],
    ["TOO_SOON", next(), ground({ sinceMs: 999 })],
    ["TAKES_BACK", listOf([BEN], { version: 4n }), ground()],
    ["SELF_REVOKING", listOf([ANN, NODE], { version: 4n }), ground()],
  ])("refused for %s", (code, list, on) => {
    expect(codes(list, on)).toBe(code);
  });

  test("refused with every reason there is", () => {
    const list = listOf([BEN, NODE], { deployment: "other.example", version: 3n });
    expect(codes(list)).toBe("ANOTHER_DEPLOYMENT NOT_NEWER TAKES_BACK SELF_REVOKING");
  });

  test("that was lost taken back as it was or newer, and as nothing else", () => {
    const lost = ground({ held: { version: 3n, digest: "d3", revoked: null } });
    expect(codes(next({ version: 3n }), lost, "d3")).toBe("");
    expect(codes(next({ version: 3n }), lost, "other")).toBe("NOT_NEWER");
    expect(codes(next({ version: 2n }), lost, "d3")).toBe("NOT_NEWER");
    expect(codes(next({ version: 4n }), lost)).toBe("");
  });

  test("known when it is the very one that is held", () => {
    expect(isHeld("d3", ground().held)).toBe(true);
    expect(isHeld("d4", ground().held)).toBe(false);
    expect(isHeld("d3", null)).toBe(false);
    expect(isHeld("d3", { version: 3n, digest: "d3", revoked: null })).toBe(false);
  });
});

test("whoever jumps as far as they can, once a second, needs more than a century to use the versions up", () => {
  const leaps = (2n ** 63n - 1n) / VERSION_LEAP_MAX;
  // In seconds: a leap for each.
  expect(leaps > 60n * 365n * 86_400n).toBe(true);
});
