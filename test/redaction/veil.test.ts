import { describe, expect, test } from "vitest";
import { Veil, veilOf } from "#graphql/packet/veil.ts";
import { labelOf } from "#graphql/packet/labels.ts";
import { v7 } from "uuid";

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);
const PACKET = v7();
const veil = new Veil(KEY, PACKET);
const ORDINALS = Array.from({ length: 200 }, (_, at) => at + 1);

describe("the public name of an opening", () => {
  test("leads back to it, and only with the key and in the packet", () => {
    const names = ORDINALS.map((ordinal) => veil.nameOf(ordinal));
    expect(new Set(names).size).toBe(ORDINALS.length);
    expect(names.map((name) => veil.ordinalOf(name))).toEqual(ORDINALS);
    for (const stranger of [new Veil(OTHER_KEY, PACKET), new Veil(KEY, v7())]) {
      expect(names.filter((name) => stranger.ordinalOf(name) !== null)).toEqual([]);
    }
  });

  test.each(["", "7", "0".repeat(32), "f".repeat(32), `${"0".repeat(31)}g`, "A".repeat(32)])(
    "is not %j",
    (name) => {
      expect(veil.ordinalOf(name)).toBeNull();
    },
  );
});

test("the order of openings follows neither their numbers nor another packet's order", () => {
  const orderOf = (one: Veil): number[] => {
    const places = one.placesOf(ORDINALS);
    return ORDINALS.toSorted((left, right) =>
      (places[left - 1] ?? 0n) < (places[right - 1] ?? 0n) ? -1 : 1,
    );
  };
  expect(orderOf(veil)).not.toEqual(ORDINALS);
  expect(orderOf(veil)).not.toEqual(orderOf(new Veil(KEY, v7())));
  expect(orderOf(veil)).toEqual(orderOf(new Veil(KEY, PACKET)));
});

describe("a label", () => {
  const ledger = { keyFor: () => KEY };
  const missing = { code: "DIGEST_CONFIRMATION_MISSING", subject: "app sha256:00" } as const;
  const stale = { ...missing, code: "DIGEST_CONFIRMATION_STALE" } as const;

  test("is the same for one subject under every code, and says what it is", () => {
    expect(labelOf(ledger, PACKET, missing)).toMatch(/^artifact-[0-9a-f]{10}$/);
    expect(labelOf(ledger, PACKET, stale)).toBe(labelOf(ledger, PACKET, missing));
  });

  test("is another for another subject, and for things of one name that are not alike", () => {
    const labels = [
      missing,
      { ...missing, subject: "lib sha256:00" },
      { code: "ENCLAVE_UNSEALED", subject: "app sha256:00" },
    ] as const;
    const hashes = labels.map((one) => labelOf(ledger, PACKET, one).split("-").at(-1));
    expect(new Set(hashes).size).toBe(labels.length);
  });

  test("is another in another packet and in another deployment, so that nobody can try known names", () => {
    const told = [
      labelOf(ledger, PACKET, missing),
      labelOf(ledger, v7(), missing),
      labelOf({ keyFor: () => OTHER_KEY }, PACKET, missing),
    ];
    expect(new Set(told).size).toBe(3);
  });

  test("is kept by nobody for another ledger", () => {
    expect(veilOf(ledger, PACKET)).toBe(veilOf(ledger, PACKET));
    expect(veilOf({ keyFor: () => KEY }, PACKET)).not.toBe(veilOf(ledger, PACKET));
  });
});
