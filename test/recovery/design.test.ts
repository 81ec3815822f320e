import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recoveryDesign } from "#recovery/design.ts";
import type { DesignFacts } from "#recovery/designFacts.ts";
import { coded } from "#recovery/markdown.ts";
import { sha256Hex } from "#proof/digest.ts";

/** Everything there can be, with this text wherever a name or another value may stand. */
function whole(text: string): DesignFacts {
  return {
    deployment: text,
    exercise: true,
    epoch: 41n,
    components: [
      {
        component: text,
        declared: {
          kind: "FIRMWARE",
          release: text,
          digest: text,
          floor: 4,
          denied: [text],
          trustedKeys: [text, text],
          keySlots: 3,
          spareParts: [text],
        },
        recorded: {
          floor: 5,
          denied: [text],
          trustedKeys: [text],
          retiredKeys: [text],
          rotations: [text],
          redundant: [text],
          keySlotsUsed: 2,
        },
        waysDown: [[text, text]],
        isSearchWhole: false,
        deviations: [
          { code: "FLOOR_TOO_HIGH", about: [text], expected: text, found: text, repair: text },
        ],
      },
      {
        component: text,
        declared: null,
        recorded: null,
        waysDown: [],
        isSearchWhole: true,
        deviations: [],
      },
    ],
    packages: [
      {
        packet: text,
        train: text,
        package: text,
        component: text,
        release: text,
        svn: 4,
        masvn: 5,
        holds: ["ROLLBACK_INADMISSIBLE"],
      },
    ],
    revokedKeys: [{ component: text, key: text, isTrusted: true, releases: [text] }],
    clock: {
      epochMs: 60_000,
      tickGapMaxMs: 300_000,
      generation: 2,
      doubt: "EPOCH_FROZEN",
      control: "NOT_CONTROLLED",
    },
    revocation: {
      people: [text],
      lists: [{ shard: "a7", version: 3n }],
      count: 12,
      node: { name: text, shard: "a7" },
      faults: [text],
    },
    emergency: {
      plan: ["- the longest outage is 100 epochs"],
      findings: [{ code: "FAILS_TOGETHER", why: text, chain: [text, text] }],
      responders: [
        { person: text, lastExercise: 7n, isLetIn: true, unready: null, planned: null },
        {
          person: text,
          lastExercise: null,
          isLetIn: false,
          unready: "NEVER_EXERCISED",
          planned: "immediate access",
        },
      ],
      owners: [{ train: text, owner: text, policy: null }],
    },
    unreadable: [text],
  };
}

/** What there is before anybody has done anything. */
const NOTHING: DesignFacts = {
  ...whole("x"),
  exercise: false,
  components: [],
  packages: [],
  revokedKeys: [],
  clock: {
    epochMs: 60_000,
    tickGapMaxMs: 300_000,
    generation: 0,
    doubt: null,
    control: "CONTROLLED",
  },
  revocation: { people: [], lists: [], count: 0, node: null, faults: [] },
  emergency: { plan: null, findings: [], responders: [], owners: [] },
  unreadable: [],
};

/** The document with every code span (CommonMark 6.1) left out, read as a parser reads it: by its fences. */
function withoutValues(markdown: string): string {
  return markdown.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "¤");
}

function headings(markdown: string): string[] {
  return markdown.split("\n").filter((line) => line.startsWith("#"));
}

describe("the recovery design document", () => {
  test("lists the gaps first, then the seven sections in order", () => {
    const titles = headings(recoveryDesign(whole("gateway")).markdown);
    expect(titles).toEqual([
      "# Recovery design (EXERCISE)",
      expect.stringMatching(/^## Gaps: \d+$/),
      "## Components and intended state",
      "## Rollback control",
      "## Rate of change and backstop",
      "## Clock inventory",
      "## Revocation",
      "## Emergency access",
      "## Open deviations",
    ]);
  });

  test("says that it knows nothing where it does, and calls that a gap", () => {
    const { markdown } = recoveryDesign(NOTHING);
    const gaps = markdown.slice(markdown.indexOf("## Gaps"), markdown.indexOf("## Components"));
    expect(gaps.trim().split("\n").slice(2)).toEqual([
      "- Components and intended state: no component is known",
      "- Revocation: the node that answers has no credential: no list can name it, and none spares it",
      "- Emergency access: there is no plan",
      "- Emergency access: nobody can sign in when single sign-on is down",
    ]);
    expect(gaps).toMatch(/^## Gaps: 4\n/);
  });

  test.each([
    ["an undeclared component", "nobody has declared what `gateway` is meant to be"],
    ["a component that admits everything", "`gateway` has none of the three mechanisms"],
    ["a way down", "`gateway` leaves a way down to a vulnerable release: `gateway` -> `gateway`"],
    ["a search that was cut short", "the ways down that `gateway` leaves open are too many"],
    ["a revoked key that is trusted", "`gateway` trusts `gateway`, which is revoked: rotate it"],
    [
      "a release of a revoked key",
      "release `gateway` for `gateway` is signed with `gateway`, which",
    ],
    ["a package that is held", "package `gateway` of train `gateway` is held"],
    ["changes at anybody's speed", "no change-rate service"],
    ["a frozen epoch", "the epoch is in doubt (EPOCH_FROZEN)"],
    ["a refused list", "the node's copy of the lists: `gateway`"],
    ["a finding of the audit", "FAILS_TOGETHER: `gateway`"],
    [
      "a responder without exercise",
      "`gateway` is not ready for the emergency path: NEVER_EXERCISED",
    ],
    ["a deviation", "`gateway` deviates: FLOOR_TOO_HIGH"],
    ["a packet that cannot be read", "packet `gateway` cannot be read"],
  ])("has among the gaps %s", (_what, gap) => {
    const { markdown } = recoveryDesign(whole("gateway"));
    expect(markdown.slice(0, markdown.indexOf("## Components"))).toContain(gap);
  });

  test("calls an owner who is no responder a gap", () => {
    const facts = whole("x");
    const owners = [{ train: "t-1", owner: "ruth", policy: null }];
    const { markdown } = recoveryDesign({ ...facts, emergency: { ...facts.emergency, owners } });
    expect(markdown).toContain("`ruth`, who approves for train `t-1`, cannot sign in offline");
  });

  test("is the same bytes for the same facts, and its digest is theirs", () => {
    const { markdown, digest } = recoveryDesign(whole("gateway"));
    expect(recoveryDesign(whole("gateway")).markdown).toBe(markdown);
    expect(digest).toBe(sha256Hex(Buffer.from(markdown, "utf8")));
    expect(recoveryDesign({ ...whole("gateway"), exercise: false }).digest).not.toBe(digest);
  });

  test("says of an exercise that nothing in it is for real", () => {
    expect(recoveryDesign(whole("x")).markdown).toContain("ever to be taken for real");
    expect(recoveryDesign(NOTHING).markdown).not.toContain("ever to be taken for real");
  });
});

describe("no name can inject markup", () => {
  const nasty = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("`", "\n", "\r", "#", "<", "|", " ", "\u2028", "a", "\\") }),
    fc.constantFrom("x\n# Heading", "`` ` ``", "a` b `c", "<script>alert(1)</script>", "` `", ""),
  );

  test("whatever the values are, all that is outside their code spans stays as it was", () => {
    const plain = withoutValues(recoveryDesign(whole("x")).markdown);
    fc.assert(
      fc.property(nasty, (text) => {
        expect(withoutValues(recoveryDesign(whole(text)).markdown)).toBe(plain);
      }),
    );
  });

  test("a span tells what it holds, and nothing that is not seen goes in unseen", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", " ", "a", "*", "<") }), (text) => {
        const span = coded(text);
        const fence = /^`+/.exec(span)?.[0] ?? "";
        const inner = span.slice(fence.length, -fence.length);
        // CommonMark takes one space off both ends, where there is anything but spaces.
        const isRoomy = inner.startsWith(" ") && inner.endsWith(" ") && inner.trim() !== "";
        const read = isRoomy ? inner.slice(1, -1) : inner;
        expect(text.trim() === "" ? read.trim() : read).toBe(text.trim() === "" ? "" : text);
      }),
    );
    expect(coded("a\u202Eb\u0000")).toBe("`aU+202EbU+0000`");
  });
});
