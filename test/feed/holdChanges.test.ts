import { expect, test } from "vitest";
import type { Hold, HoldCode } from "#packet/hold.ts";
import { holdChangesOf } from "#feed/holdChanges.ts";
import type { RevisionBody } from "#ledger/document.ts";

let ordinal = 0;
const named = (code: HoldCode, subject: string) => ({ code, subject, ordinal: (ordinal += 1) });

/** A hold as a body has it. */
function whole(code: HoldCode, subject: string): RevisionBody["opened"][number] {
  return {
    ...named(code, subject),
    prerequisite: "DIGEST_CONFIRMATION",
    status: "OPEN" satisfies Hold["status"],
    why: "because",
    evidence: [],
    sinceRevision: 2,
    sinceEpoch: "7",
    endedRevision: null,
    endedEpoch: null,
  };
}

function body(changed: Partial<RevisionBody>): RevisionBody {
  return {
    actor: { actor: "olga", kind: "PERSON" },
    fact: { kind: "EPOCH_REACHED" },
    opened: [],
    cleared: [],
    outOfScope: [],
    amended: [],
    ...changed,
  };
}

test("a revision that moves no hold tells of none, other grounds included", () => {
  expect(holdChangesOf(body({ amended: [whole("DIGEST_MISMATCH", "app")] }))).toEqual([]);
});

test("rule 4.2.5: ten thousand subjects of one code are one change", () => {
  const opened = Array.from({ length: 10_000 }, (_none, n) =>
    whole("DIGEST_CONFIRMATION_MISSING", `a${n}`),
  );
  const changes = holdChangesOf(body({ opened }));
  expect(changes).toHaveLength(1);
  expect(changes[0]).toMatchObject({
    transition: "OPENED",
    code: "DIGEST_CONFIRMATION_MISSING",
    count: 10_000,
  });
  expect(changes[0]?.subjects[9_999]).toEqual({
    code: "DIGEST_CONFIRMATION_MISSING",
    subject: "a9999",
    ordinal: opened[9_999]?.ordinal,
  });
});

test("rule 4.2.3: what left the scope is told apart from what was cleared, in one order", () => {
  const changes = holdChangesOf(
    body({
      opened: [whole("DIGEST_MISMATCH", "app"), whole("ENCLAVE_UNSEALED", "vault")],
      cleared: [named("DIGEST_MISMATCH", "lib"), named("DIGEST_MISMATCH", "tool")],
      outOfScope: [named("DIGEST_MISMATCH", "old"), named("SIGNER_QUORUM_MISSING", "day")],
    }),
  );
  expect(
    changes.map(({ transition, code, count, subjects }) => [
      transition,
      code,
      count,
      subjects.map(({ subject }) => subject).join(" "),
    ]),
  ).toEqual([
    ["OPENED", "DIGEST_MISMATCH", 1, "app"],
    ["OPENED", "ENCLAVE_UNSEALED", 1, "vault"],
    ["CLEARED", "DIGEST_MISMATCH", 2, "lib tool"],
    ["OUT_OF_SCOPE", "DIGEST_MISMATCH", 1, "old"],
    ["OUT_OF_SCOPE", "SIGNER_QUORUM_MISSING", 1, "day"],
  ]);
});
