import { expect, test } from "vitest";
import { castOf, everybody } from "#rehearsal/cast.ts";
import { packetReportInput } from "#rehearsal/inputs.ts";
import { lineageFaults } from "#rehearsal/lineage.ts";
import { EPOCH_MS, planOf } from "#rehearsal/plan.ts";
import { sha256Hex } from "#proof/digest.ts";
import { digestWords } from "#proof/words.ts";

const occasion = { mark: null, reportsBefore: 0n, epochMs: EPOCH_MS, readingMs: 500 };

test("a machine that reads slowly gets longer ages, in the same proportions", () => {
  const plan = planOf(occasion);
  const slow = planOf({ ...occasion, readingMs: 4 * EPOCH_MS });
  expect(planOf({ ...occasion, readingMs: EPOCH_MS })).toEqual(plan);
  expect(slow.digestMaxAge).toBe(4n * plan.digestMaxAge);
  expect(slow.attestationMaxAge).toBe(4n * plan.attestationMaxAge);
  expect(slow.readingDelayEpochs).toBe(4n * plan.readingDelayEpochs);
});

test("two performances on one server share neither train, enclaves nor keys", () => {
  const plans = ["1a2b", "3c4d"].map((mark) => planOf({ ...occasion, mark }));
  const names = plans.flatMap(({ train, enclaves, keyPrefix }) => [
    train,
    keyPrefix,
    ...Object.values(enclaves),
  ]);
  expect(new Set(names).size).toBe(names.length);
});

test("everybody of the cast is let in once, whatever parts they have", () => {
  const people = ["ann", "bob", "cid", "dee", "eve"];
  const cast = castOf({ repository: "r", version: 1, people, threshold: 3 }, null);
  const names = everybody(cast).map(({ actor }) => actor);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining([...people, cast.reader.actor, "build.greta"]));
});

test("an entry becomes one field of the API's input, named after its kind", () => {
  const selector = { by: "MANIFEST", version: 1 } as const;
  expect(packetReportInput({ kind: "QUARANTINE", selector, status: "IN_FORCE" })).toEqual({
    quarantine: { selector: { manifest: 1 }, status: "IN_FORCE" },
  });
  const seen = { artifact: "a", digest: `sha256:${"0".repeat(64)}`, location: "north" };

  expect(packetReportInput({ kind: "OBSERVATION", ...seen, status: "SEEN" })).toEqual({
    observation: { ...seen, status: "SEEN" },
  });
});

/** A revision whose document has what it tells. */
function revisionOf(number: number, predecessor: string | null) {
  const told = {
    packet: "p",
    number,
    predecessor,
    cause: "ENTRIES_RECORDED",
    status: "ON_HOLD" as const,
    materialDigest: "ab".repeat(32),
  };
  const document = JSON.stringify({ ...told, epoch: "7" });
  const digest = sha256Hex(document);
  const words = digestWords(Buffer.from(digest, "hex"));
  return {
    ...told,
    epoch: 7n,
    document,
    digest,
    digestWords: words,
    actor: "ann",
    holdChanges: [],
  };
}

test("a revision's document has its digest, names its predecessor and says what else is told", () => {
  const first = revisionOf(1, null);
  const second = revisionOf(2, first.digest);
  expect(lineageFaults(first, null)).toEqual([]);
  expect(lineageFaults(second, first)).toEqual([]);
  expect(lineageFaults(second, second)).toEqual(["its predecessor is another"]);
  expect(lineageFaults({ ...second, status: "APPROVED" }, first)).toEqual([
    "its document has another status",
  ]);
  expect(lineageFaults({ ...second, epoch: 8n }, first)).toEqual([
    "its document has another epoch",
  ]);
  expect(lineageFaults({ ...second, document: `${second.document} ` }, first)).toEqual([
    "its document has another digest",
  ]);
  expect(lineageFaults({ ...second, digestWords: first.digestWords }, first)).toEqual([
    "its words are of another",
  ]);
});
