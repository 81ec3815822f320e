import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Change, ChangeKind, ChangeToken } from "#packet/change.ts";
import { secretIn } from "#packet/secrets.ts";
import { canonical } from "#proof/canonical.ts";
import {
  changeDigest,
  changeText,
  describeChange,
  epochChanges,
  readChange,
} from "#recovery/change.ts";
import { changeTokenFaults, openChangeToken, readChangeKeys } from "#recovery/changeToken.ts";
import { claimsFor, tokenMaker } from "./tokenMaker.ts";

const DEPLOYMENT = "0198f5a0-0000-7000-8000-000000000001";
const OTHER = "0198f5a0-0000-7000-8000-000000000002";
const freeze = describeChange(DEPLOYMENT, epochChanges.freeze);
const maker = tokenMaker();
const HEADER = { alg: "EdDSA", typ: "change+jwt", kid: "key-1" };
const payload = canonical({ ...claimsFor(freeze) });

const anyChange: fc.Arbitrary<Change> = fc.record({
  content: fc.stringMatching(/^[0-9a-f]{64}$/),
  deployment: fc.constantFrom(DEPLOYMENT, OTHER),
  format: fc.constant("holdfast/change/1" as const),
  kind: fc.constantFrom(...ChangeKind.options),
  subject: fc.constantFrom("epoch", "signers/17", "firmware-a"),
});
const anyEpoch = fc.bigInt({ min: 0n, max: 200n });

describe("a description of a change", () => {
  test("has one form and one digest, and is read back as it was written", () => {
    fc.assert(
      fc.property(anyChange, (change) => {
        expect(readChange(changeText(change))).toEqual(change);
        expect(readChange(`${changeText(change)}\n`)).toEqual(change);
        expect(readChange(changeText(change).replace(":", ": "))).toBeNull();
      }),
    );
  });

  test("differs in its digest wherever it differs at all", () => {
    fc.assert(
      fc.property(anyChange, anyChange, (one, other) => {
        const isSame = changeText(one) === changeText(other);
        expect(changeDigest(one) === changeDigest(other)).toBe(isSame);
      }),
    );
  });

  test("of every change of the clock is another", () => {
    const { rate, thaw, advance } = epochChanges;
    const wishes = [rate(2_000), rate(3_000), epochChanges.freeze, thaw, advance];
    const digests = wishes.map((wish) => changeDigest(describeChange(DEPLOYMENT, wish)));
    expect(new Set(digests).size).toBe(wishes.length);
  });
});

describe("a token", () => {
  test("says what the service signed, at every epoch of its span and for its change alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyChange,
        anyChange,
        anyEpoch,
        anyEpoch,
        anyEpoch,
        async (change, asked, first, length, epoch) => {
          const span = { firstEpoch: first, lastEpoch: first + length };
          const token = await openChangeToken(maker.token(change, span), maker.keys);
          if (typeof token === "string") throw new Error(token);
          const faults = changeTokenFaults(token, asked, epoch);
          expect(faults.includes("TOO_EARLY")).toBe(epoch < first);
          expect(faults.includes("TOO_LATE")).toBe(epoch > first + length);
          expect(faults.includes("OTHER_KIND")).toBe(asked.kind !== change.kind);
          expect(faults.includes("OTHER_DEPLOYMENT")).toBe(asked.deployment !== change.deployment);
          const isSame = changeText(asked) === changeText(change);
          expect(faults.includes("OTHER_CHANGE")).toBe(!isSame);
          expect(faults.length === 0).toBe(isSame && epoch >= first && epoch <= first + length);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("of another key is none, whatever it calls itself", async () => {
    const stranger = tokenMaker("key-1");
    expect(await openChangeToken(stranger.token(freeze), maker.keys)).toBe("NOT_SIGNED");
    const unknown = tokenMaker("key-2");
    expect(await openChangeToken(unknown.token(freeze), maker.keys)).toBe("NOT_SIGNED");
  });

  test("counts as EdDSA alone, of its own type, with nothing more asked of whoever reads it", async () => {
    const headers = [
      { ...HEADER, alg: "none" },
      { ...HEADER, alg: "HS256" },
      { ...HEADER, alg: "Ed25519" },
      { ...HEADER, typ: "JWT" },
      { ...HEADER, typ: undefined },
      { ...HEADER, kid: undefined },
      { ...HEADER, crit: ["exp"], exp: 1 },
      { ...HEADER, jwk: maker.keySet },
      { typ: "change+jwt", alg: "EdDSA", kid: "key-1" },
    ];
    for (const header of headers) {
      expect(await openChangeToken(maker.raw(header, payload), maker.keys)).toMatch(
        /^NOT_(?:A_TOKEN|SIGNED)$/,
      );
    }
    const good = await openChangeToken(maker.raw(HEADER, payload), maker.keys);
    expect(ChangeToken.safeParse(JSON.parse(payload)).data).toEqual(good);
  });

  test("with claims in another form, or others than these, is none", async () => {
    const claims = JSON.parse(payload) as object;
    const payloads = [
      "",
      "null",
      "[]",
      JSON.stringify(claims, null, 1),
      canonical({ ...claims, more: true }),
      canonical({ ...claims, format: "holdfast/other/1" }),
      canonical({ ...claims, firstEpoch: 1 }),
      canonical({ ...claims, firstEpoch: "9", lastEpoch: "8" }),
      canonical({ ...claims, id: "../../etc" }),
    ];
    for (const each of payloads) {
      expect(await openChangeToken(maker.raw(HEADER, each), maker.keys)).toBe("NOT_A_TOKEN");
    }
  });

  test("changed in any one character, or cut, is refused without a crash", async () => {
    const token = maker.token(freeze);
    const spot = fc.integer({ min: 0, max: token.length - 1 });
    const change = fc.oneof(
      fc.string({ minLength: 1, maxLength: 1 }),
      fc.constantFrom("", ".", "=", "A", "_", "-", "\n", "\u0000"),
    );
    await fc.assert(
      fc.asyncProperty(spot, change, async (at, put) => {
        const mutated = token.slice(0, at) + put + token.slice(at + 1);
        const opened = await openChangeToken(mutated, maker.keys);
        expect(typeof opened === "string").toBe(mutated !== token);
      }),
      { numRuns: 1_000 },
    );
    // The last character has bits that no byte needs: only one of its spellings counts.
    for (const last of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
      const mutated = `${token.slice(0, -1)}${last}`;
      if (mutated !== token) {
        expect(typeof (await openChangeToken(mutated, maker.keys))).toBe("string");
      }
    }
  });

  test("of any text at all is refused without a crash", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 3_000 }), async (text) => {
        expect(await openChangeToken(text, maker.keys)).toBe("NOT_A_TOKEN");
      }),
    );
  });

  test("is no secret, as one that lets somebody in is (rule 7.3)", () => {
    expect(secretIn(maker.token(freeze))).toBeNull();
    const bearer = maker.raw({ alg: "EdDSA", typ: "JWT", kid: "key-1" }, payload);
    expect(secretIn(bearer)).toBe("a token");
  });
});

describe("a key set", () => {
  const [key] = (maker.keySet as { keys: object[] }).keys;
  test.each([
    ["that is none", null],
    ["without a key", { keys: [] }],
    ["that gives a private key away", { keys: [{ ...key, d: "A".repeat(43) }] }],
    ["of another curve", { keys: [{ ...key, crv: "X25519" }] }],
    ["of another algorithm", { keys: [{ ...key, alg: "HS256" }] }],
    ["with a short key", { keys: [{ ...key, x: "AAAA" }] }],
    ["with one kid twice", { keys: [key, key] }],
    ["of something else", { ...maker.keySet, more: 1 }],
  ])("%s is not used", (_why, keySet) => {
    const read = readChangeKeys(keySet);
    expect("keyFor" in read).toBe(false);
    expect(JSON.stringify(read)).not.toContain("AAAA");
  });

  test("with an old and a new key takes tokens of both", async () => {
    const next = tokenMaker("key-2");
    const both = readChangeKeys({
      keys: [maker.keySet, next.keySet].flatMap((set) => (set as { keys: object[] }).keys),
    });
    if (!("keyFor" in both)) throw new Error(both.join("; "));
    for (const each of [maker, next]) {
      expect(await openChangeToken(each.token(freeze), both)).toMatchObject({
        kind: "EPOCH_FREEZE",
      });
    }
  });
});
