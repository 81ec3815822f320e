import { describe, expect, test } from "vitest";
import type { SourceContent } from "#packet/source.ts";
import { loosened } from "#gate/loosened.ts";
import { approve, bind, open, reject, resubmit, shown } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, enclaves, rollbackScope } from "./reports.ts";
import { CONTENTS, sourcesWith } from "./train.ts";

const quorum = CONTENTS.QUORUM_POLICY;
const rebuilds = CONTENTS.REPRODUCIBILITY_POLICY;
const fresh = CONTENTS.FRESHNESS_POLICY;

function seats(signers: number, custodians: number): SourceContent {
  return {
    ...quorum,
    seats: [
      { role: "SIGNER", count: signers },
      { role: "CUSTODIAN", count: custodians },
    ],
  };
}

/** One number at a time: the field, its stricter and its looser value, each in a content. */
const NUMBERS: readonly [string, SourceContent, SourceContent][] = [
  ["QUORUM_POLICY seats.SIGNER", seats(3, 1), seats(2, 1)],
  ["QUORUM_POLICY seats.CUSTODIAN", seats(2, 2), seats(2, 1)],
  [
    "QUORUM_POLICY minCustodyGroups",
    { ...quorum, minCustodyGroups: 2 },
    { ...quorum, minCustodyGroups: 1 },
  ],
  [
    "QUORUM_POLICY handoverEpochs",
    { ...quorum, handoverEpochs: 0n },
    { ...quorum, handoverEpochs: 1n },
  ],
  [
    "REPRODUCIBILITY_POLICY minRebuilders",
    { ...rebuilds, minRebuilders: 2 },
    { ...rebuilds, minRebuilders: 1 },
  ],
  [
    "REQUIRED_ENCLAVES requiredEnclaves",
    enclaves(["north", "south"], 2),
    enclaves(["north", "south"], 1),
  ],
  [
    "ROLLBACK_SCOPE minCustodians",
    rollbackScope({}, { minCustodians: 2 }),
    rollbackScope({}, { minCustodians: 1 }),
  ],
  ...Object.entries(fresh).flatMap(([field, age]): [string, SourceContent, SourceContent][] =>
    typeof age === "bigint"
      ? [[`FRESHNESS_POLICY ${field}`, { ...fresh, [field]: age }, { ...fresh, [field]: age + 1n }]]
      : [],
  ),
];

function between(from: SourceContent, to: SourceContent): string[] {
  return loosened(sourcesWith([from]), sourcesWith([to])).map(
    ({ source, field }) => `${source} ${field}`,
  );
}

describe("rule 4.2.6: every number that a policy loosens is marked to the owner", () => {
  test("there are fifteen of them, the eight ages among them", () => {
    expect(NUMBERS).toHaveLength(15);
  });

  test.each(NUMBERS)(
    "%s, when it becomes looser and not when it becomes stricter",
    (field, strict, loose) => {
      expect(between(strict, loose)).toEqual([field]);
      expect(between(loose, strict)).toEqual([]);
      expect(between(loose, loose)).toEqual([]);
    },
  );

  test("a role whose seats are gone is the loosest, a new one is none", () => {
    const without = { ...quorum, seats: quorum.seats.filter(({ role }) => role === "SIGNER") };
    expect(loosened(sourcesWith(), sourcesWith([without]))).toEqual([
      { source: "QUORUM_POLICY", field: "seats.CUSTODIAN", from: 1, to: 0 },
    ]);
    expect(between(without, quorum)).toEqual([]);
  });

  test("several at once, each by itself", () => {
    const looser = { ...quorum, minCustodyGroups: 1, handoverEpochs: 5n };
    expect(between(quorum, looser)).toEqual([
      "QUORUM_POLICY minCustodyGroups",
      "QUORUM_POLICY handoverEpochs",
    ]);
  });
});

describe("rule 4.2.6: against what the owner has seen", () => {
  const marked = (desk: Desk): string[] =>
    shown(desk).filter((item) => item.startsWith("POLICY_LOOSENED"));

  test("is shown as an advisory from the new source until the owner decides", () => {
    const desk = new Desk([ages()]);
    desk.accept({ ...quorum, minCustodyGroups: 1 });
    expect(open(desk)).toEqual([]);
    expect(marked(desk)).toEqual(["POLICY_LOOSENED QUORUM_POLICY minCustodyGroups"]);
    approve(desk);
    expect(marked(desk)).toEqual([]);
  });

  test("is shown until a rejection as well", () => {
    const desk = new Desk([ages()]);
    desk.accept({ ...quorum, minCustodyGroups: 1 });
    reject(desk);
    resubmit(desk);
    expect(marked(desk)).toEqual([]);
  });

  test("two small steps are one loosening of the whole", () => {
    const desk = new Desk([ages({ digestMaxAge: 100n })]);
    approve(desk);
    desk.accept(ages({ digestMaxAge: 150n }));
    desk.accept(ages({ digestMaxAge: 200n }));
    expect(marked(desk)).toEqual(["POLICY_LOOSENED FRESHNESS_POLICY digestMaxAge"]);
    desk.accept(ages({ digestMaxAge: 90n }));
    expect(marked(desk)).toEqual([]);
  });

  test("an approval that lapsed was still a decision", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    desk.accept(rollbackScope({}, { minCustodians: 2 }));
    bind(desk);
    approve(desk);
    desk.accept(CONTENTS.ROLLBACK_SCOPE);
    expect(marked(desk)).toEqual(["POLICY_LOOSENED ROLLBACK_SCOPE minCustodians"]);
  });
});
