import { describe, expect, test } from "vitest";
import { NotTheAuthority, PolicyUnmeetable, Refusal, SourcesMissing } from "#packet/refusal.ts";
import { QuorumPolicy } from "#packet/quorum.ts";
import { ReproducibilityPolicy, RequiredEnclaves } from "#packet/policy.ts";
import { AuthorityKind, type SourceProposal } from "#packet/source.ts";
import { decideSource } from "#gate/decide/source.ts";
import { asking, named, open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, enclaves, revocation, rollbackScope } from "./reports.ts";
import { CONTENTS, SHIFTS, digestOf, person, rosterPerson, sourcesWith } from "./train.ts";

const mapping = CONTENTS.SHIPMENT_WINDOW.mapping;
const quorum = CONTENTS.QUORUM_POLICY;
const times = { startsAt: "2026-01-01T00:00:10.000Z", endsAt: "2026-01-01T00:00:30.000Z" };

function proposed(
  proposal: SourceProposal,
  by = "uma",
  sources: Parameters<typeof decideSource>[0] = sourcesWith(),
) {
  return decideSource(
    sources,
    proposal,
    mapping,
    asking(new Desk(), person(by, "SOURCE_AUTHORITY")),
  );
}

/** The content of a kind as somebody would propose it. */
function proposalOf(kind: AuthorityKind): SourceProposal {
  if (kind === "SHIPMENT_WINDOW") return { kind, ...times };
  if (kind === "SHIFT_CALENDAR")
    return { kind, shifts: [{ shift: "only", ...times }], noSigning: [] };
  return CONTENTS[kind];
}

function unmeetable(proposal: SourceProposal): string | null {
  const decided = proposed(proposal);
  return decided instanceof PolicyUnmeetable ? decided.path.join(".") : null;
}

describe("rule 2.1: the lane names who may accept each kind of source", () => {
  test.each(AuthorityKind.options)("%s is accepted from its authority and nobody else", (kind) => {
    const authorities = CONTENTS.APPROVAL_LANE.authorities.map((item) =>
      item.kind === kind ? { kind, authority: "vera" } : item,
    );
    const sources = sourcesWith([{ ...CONTENTS.APPROVAL_LANE, authorities }]);
    expect(proposed(proposalOf(kind), "vera", sources)).toMatchObject({ kind });
    const refused = proposed(proposalOf(kind), "uma", sources);
    expect(refused).toBeInstanceOf(NotTheAuthority);
    expect(refused).toMatchObject({ source: kind });
  });

  test("nothing is accepted before there is a lane", () => {
    const refused = proposed(proposalOf("MANIFEST"), "uma", {});
    expect(refused).toBeInstanceOf(SourcesMissing);
    expect(refused).toMatchObject({ kinds: ["APPROVAL_LANE"] });
  });
});

describe("rule 6.3: times become epochs once, when they are accepted", () => {
  test("a window's and a calendar's, by the mapping then in force", () => {
    expect(proposed(proposalOf("SHIPMENT_WINDOW"))).toMatchObject({
      first: 10n,
      last: 29n,
      mapping,
    });
    expect(proposed(proposalOf("SHIFT_CALENDAR"))).toMatchObject({
      shifts: [{ shift: "only", first: 10n, last: 29n }],
      mapping,
    });
  });
});

describe("rule 4.2.6: a policy that its own roster can never meet is refused when it is proposed", () => {
  test.each([
    ["more signers than there are", [{ role: "SIGNER", count: 5 }], 1, "source.seats"],
    [
      "a role that nobody has",
      [
        { role: "SIGNER", count: 1 },
        { role: "WITNESS", count: 1 },
      ],
      1,
      "source.seats",
    ],
    [
      "more seats than people, though each role has enough",
      [
        { role: "SIGNER", count: 3 },
        { role: "CUSTODIAN", count: 3 },
      ],
      1,
      "source.seats",
    ],
    [
      "more custody groups than signers come from",
      [{ role: "SIGNER", count: 4 }],
      4,
      "source.minCustodyGroups",
    ],
    [
      "exactly what there is",
      [
        { role: "SIGNER", count: 3 },
        { role: "CUSTODIAN", count: 2 },
      ],
      3,
      null,
    ],
  ] as const)("%s", (_, seats, minCustodyGroups, path) => {
    expect(unmeetable({ ...quorum, seats: [...seats], minCustodyGroups })).toBe(path);
  });

  test("more custodians of a package than the roster has", () => {
    expect(unmeetable(rollbackScope({}, { minCustodians: 4 }))).toBe("source.minCustodians");
    expect(unmeetable(rollbackScope({}, { minCustodians: 3 }))).toBeNull();
  });

  test("more enclaves than are accepted, more rebuilders than are named, more groups than signer seats", () => {
    const few = RequiredEnclaves.safeParse(enclaves(["north"], 2));
    expect(few.error?.issues.map((issue) => issue.path)).toEqual([["requiredEnclaves"]]);
    const alone = { ...CONTENTS.REPRODUCIBILITY_POLICY, rebuilders: ["probe"], minRebuilders: 2 };
    expect(ReproducibilityPolicy.safeParse(alone).error?.issues.map((issue) => issue.path)).toEqual(
      [["minRebuilders"]],
    );
    const wide = { ...quorum, handoverEpochs: "1", minCustodyGroups: 3 };
    expect(QuorumPolicy.safeParse(wide).error?.issues.map((issue) => issue.path)).toEqual([
      ["minCustodyGroups"],
    ]);
  });

  test("the reason says what is short", () => {
    const decided = proposed(rollbackScope({}, { minCustodians: 4 }));
    expect(decided instanceof Refusal ? decided.message : "").toContain(
      "3 custodians of the roster",
    );
  });

  test("before there is a roster nothing can be said against a policy", () => {
    const { ROSTER: _, ...sources } = sourcesWith();
    expect(
      proposed({ ...quorum, seats: [{ role: "SIGNER", count: 90 }] }, "uma", sources),
    ).toMatchObject({
      kind: "QUORUM_POLICY",
    });
  });
});

describe("rule 4.2.6: a removal or revocation is never refused on these grounds: it holds", () => {
  const left = { kind: "ROSTER" as const, people: [rosterPerson("ana", ["SIGNER"], "red")] };

  test("a roster that can fill nothing is accepted, and every shift is held", () => {
    expect(proposed(left)).toEqual(left);
    const desk = new Desk([ages()]);
    desk.accept(left);
    expect(open(desk).filter((hold) => hold.startsWith("SIGNER_QUORUM"))).toEqual(
      SHIFTS.map((name) => `SIGNER_QUORUM_MISSING ${name}`),
    );
    expect(open(desk)).toContain(`ROLLBACK_CUSTODY_GAP back ${digestOf("r1")}`);
  });

  test("revoking the last signers is recorded, and every shift is held", () => {
    const desk = new Desk([ages()]);
    const revised = tell(
      desk,
      ["ana", "ben", "cleo", "eve"].map((name) => revocation(name)),
    );
    expect(named(revised.opened).filter((hold) => hold.startsWith("SIGNER_QUORUM"))).toHaveLength(
      3,
    );
  });
});
