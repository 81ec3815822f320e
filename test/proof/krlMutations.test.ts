import fc from "fast-check";
import { expect, test } from "vitest";
import { Krl, readKrl } from "#proof/krl.ts";
import { KrlFault } from "#proof/krlReader.ts";
import {
  bitmap,
  certificates,
  extension,
  keyIds,
  krlOf,
  range,
  section,
  serials,
} from "./krlByHand.ts";
import { mutated } from "./krlMutation.ts";
import { certificate, sampleKeys, sampleKrl } from "./krlSample.ts";

const CASES = 10_000;

const files = [
  sampleKrl,
  krlOf(
    [
      extension(255, "bloom-explicit-key", false),
      certificates(
        sampleKeys.second.wire,
        range(1n, 9n),
        bitmap(70n, "0102030405"),
        extension(0x39, "cert-bloom-key-id", false),
        keyIds("rob", "sam"),
        serials(2n ** 64n - 1n, 12n),
      ),
      section(4, sampleKeys.first.wire),
      Buffer.from("00000000", "hex"),
    ],
    { comment: "ours", reserved: "any" },
  ),
];

const subjects = [
  ...Object.values(sampleKeys),
  certificate(7n, "kim"),
  certificate(2n ** 64n - 1n, "rob", { authority: sampleKeys.second }),
];

test(`of ${CASES} changed lists each is read or refused with a place in it`, () => {
  let read = 0;
  let refused = 0;
  const draws = fc.tuple(fc.constantFrom(...files), fc.infiniteStream(fc.nat()));
  fc.assert(
    fc.property(draws, ([file, numbers]) => {
      const bytes = mutated(file, (limit) => (numbers.next().value ?? 0) % limit);
      const answer = readKrl(bytes);
      if (answer instanceof KrlFault) {
        refused += 1;
        expect(answer.why).not.toBe("");
        expect(answer.at).toBeGreaterThanOrEqual(0);
        expect(answer.at).toBeLessThanOrEqual(bytes.length);
      } else {
        read += 1;
        expect(answer).toBeInstanceOf(Krl);
        for (const subject of subjects) expect(answer.revokes(subject)).toBeTypeOf("boolean");
      }
    }),
    { numRuns: CASES },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(CASES / 20);
});
