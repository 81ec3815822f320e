import { describe, expect, test } from "vitest";
import type { Report } from "#packet/entry.ts";
import { AcceptedReporters } from "#packet/policy.ts";
import { Refusal } from "#packet/refusal.ts";
import type { ContentOf } from "#packet/source.ts";
import { decideApprove, decideReject } from "#gate/decide/approval.ts";
import { loosened } from "#gate/loosened.ts";
import { preview } from "#gate/preview.ts";
import {
  approve,
  asking,
  named,
  open,
  owner,
  record,
  resubmit,
  shown,
  standing,
  tell,
} from "./acts.ts";
import { differences } from "./comparison.ts";
import { Desk, signed } from "./desk.ts";
import { digestOfRevision } from "./named.ts";
import {
  ages,
  commitment,
  confirmation,
  enclave,
  held,
  quarantine,
  rebuild,
  safeguard,
  sighting,
  unsealed,
  withdrawal,
} from "./reports.ts";
import {
  CONTENTS,
  type REPORTER_KINDS,
  digestOf,
  goodNews,
  person,
  sourcesWith,
  system,
} from "./train.ts";

type Accepted = ContentOf<"ACCEPTED_REPORTERS">;
type Kind = (typeof REPORTER_KINDS)[number];

/** The usual reporters, with more said of one kind. */
function accepting(kind: Kind, more: Partial<Accepted["accepted"][number]>): Accepted {
  const { accepted } = CONTENTS.ACCEPTED_REPORTERS;
  return {
    kind: "ACCEPTED_REPORTERS",
    accepted: accepted.map((item) => (item.kind === kind ? { ...item, ...more } : item)),
  };
}

const asksToSign = (kind: Kind): Accepted => accepting(kind, { signed: true });
const other = digestOf("other");

/** Bad news and the same subject's good news, of every kind that is reported. */
const NEWS: readonly [Kind, Report, Report][] = [
  ["DIGEST_CONFIRMATION", confirmation("app", { observed: other }), confirmation("app")],
  ["REPRODUCIBILITY_CHECK", rebuild("app", { observed: other }), rebuild("app")],
  ["AVAILABILITY", withdrawal("ana", "early"), commitment("ana", "early")],
  ["CUSTODY", held("ben", { observed: other }), held("ben")],
  [
    "SAFEGUARD",
    safeguard("REGISTRY_RELEASE", "DISENGAGED"),
    safeguard("REGISTRY_RELEASE", "ENGAGED"),
  ],
  ["OBSERVATION", sighting("app", "rogue", "mirror"), sighting("app", "rogue", "mirror", "GONE")],
  ["ENCLAVE_REPORT", unsealed("north"), enclave("north")],
];

/** Everything as it should be, whoever asks for signatures: all that was told is signed. */
function allSigned(contents: Accepted): Desk {
  const desk = new Desk([ages(), contents], []);
  const news = goodNews().map((report) => signed(report, desk.epoch));
  const isShared = ({ kind }: Report): boolean => kind === "ENCLAVE_REPORT";
  tell(
    desk,
    news.filter((report) => !isShared(report)),
  );
  tell(desk, news.filter(isShared));
  return desk;
}

describe("reading 26: a kind may ask for its reporter's own signature", () => {
  test.each(NEWS)("%s: what is unsigned opens nothing, and is shown", (kind, bad) => {
    const desk = allSigned(asksToSign(kind));
    expect(open(desk)).toEqual([]);
    expect(tell(desk, [bad]).opened).toEqual([]);
    expect(shown(desk).filter((item) => item.startsWith("UNACCEPTED_REPORT"))).toHaveLength(1);
    expect(differences(desk)).toEqual([]);
  });

  test.each(NEWS)(
    "%s: what is signed opens, and unsigned good news clears nothing",
    (kind, bad, good) => {
      const desk = allSigned(asksToSign(kind));
      tell(desk, [signed(bad, desk.epoch)]);
      const held = open(desk);
      // One signer who stays away leaves enough others.
      expect(held.length > 0).toBe(kind !== "AVAILABILITY");
      tell(desk, [good]);
      expect(open(desk)).toEqual(held);
      tell(desk, [signed(good, desk.epoch)]);
      expect(open(desk)).toEqual([]);
      expect(differences(desk)).toEqual([]);
    },
  );

  test("a person's own word is asked for a signature as well", () => {
    const desk = allSigned(asksToSign("AVAILABILITY"));
    for (const who of ["ana", "ben", "cleo", "eve"])
      tell(desk, [signed(withdrawal(who, "late"), desk.epoch)]);
    expect(open(desk)).toContain("SIGNER_QUORUM_MISSING late");
    for (const who of ["ana", "ben", "cleo", "eve"]) tell(desk, [commitment(who, "late")], who);
    expect(open(desk)).toContain("SIGNER_QUORUM_MISSING late");
    for (const who of ["ana", "ben", "cleo", "eve"])
      tell(desk, [signed(commitment(who, "late"), desk.epoch)], who);
    expect(open(desk)).toEqual([]);
    expect(differences(desk)).toEqual([]);
  });

  test("an unsigned word takes the place of no signed one, neither of good news nor of bad", () => {
    const desk = allSigned(asksToSign("DIGEST_CONFIRMATION"));
    tell(desk, [signed(confirmation("app", { observed: other }), desk.epoch)], "scout");
    expect(open(desk)).toEqual([`DIGEST_MISMATCH app ${digestOf("app")}`]);
    tell(desk, [confirmation("app")], "scout");
    expect(open(desk)).toEqual([`DIGEST_MISMATCH app ${digestOf("app")}`]);
    tell(desk, [confirmation("lib", { observed: other })], "probe");
    expect(open(desk)).toEqual([`DIGEST_MISMATCH app ${digestOf("app")}`]);
    expect(differences(desk)).toEqual([]);
  });

  test("where no signature is asked for, the newest word counts, signed or not", () => {
    const desk = new Desk([ages()]);
    tell(desk, [signed(confirmation("app", { observed: other }), desk.epoch)], "scout");
    tell(desk, [confirmation("app")], "scout");
    expect(open(desk)).toEqual([]);
    tell(desk, [signed(rebuild("app"), desk.epoch)], "scout");
    tell(desk, [rebuild("app", { observed: other })], "scout");
    expect(open(desk)).toEqual([`REPRODUCIBILITY_MISMATCH app ${digestOf("app")}`]);
    expect(differences(desk)).toEqual([]);
  });

  test("what was signed counts again once signatures are asked for, what was not no longer", () => {
    const desk = new Desk([ages()]);
    tell(desk, [signed(confirmation("app"), desk.epoch)]);
    tell(desk, [confirmation("app", { observed: other })]);
    const denied = open(desk);
    expect(denied).toContain(`DIGEST_MISMATCH app ${digestOf("app")}`);
    desk.accept(asksToSign("DIGEST_CONFIRMATION"));
    expect(open(desk)).toEqual([
      `DIGEST_CONFIRMATION_MISSING lib ${digestOf("lib")}`,
      `DIGEST_CONFIRMATION_MISSING tool ${digestOf("tool")}`,
    ]);
    desk.accept(CONTENTS.ACCEPTED_REPORTERS);
    expect(open(desk)).toEqual(denied);
    expect(differences(desk)).toEqual([]);
  });

  test("a signed report must say when it was so", () => {
    const desk = new Desk();
    const refused = desk.decideReports(
      [{ ...confirmation("app"), signature: "signed" }],
      system("probe"),
    );
    const path = ["entries", 0, "observedEpoch"];
    expect(refused).toMatchObject({ code: "INVALID_INPUT", faults: [{ path }] });
  });

  test("one that is older than the reporter's newest is refused, signed or not", () => {
    const desk = new Desk();
    desk.pass(2n);
    tell(desk, [signed(confirmation("app"), desk.epoch)]);
    tell(desk, [confirmation("app")]);
    const older = { ...signed(confirmation("app"), desk.epoch), observedEpoch: desk.epoch - 1n };
    expect(desk.decideReports([older], system("probe"))).toBeInstanceOf(Refusal);
  });

  test("good news that a person signed counts once: whoever reads it cannot send it again", () => {
    const desk = new Desk();
    const word = (status: "ENGAGED" | "DISENGAGED") =>
      signed(safeguard("REGISTRY_RELEASE", status), desk.epoch);
    const again = (report: Report) => desk.decideReports([report], person("probe"));
    const [good, bad] = [word("ENGAGED"), word("DISENGAGED")];
    const refused = { code: "INVALID_INPUT", faults: [{ path: ["entries", 0, "observedEpoch"] }] };
    expect(again(good)).not.toBeInstanceOf(Refusal);
    tell(desk, [good]);
    expect(again(good)).toMatchObject(refused);
    expect(again(bad)).not.toBeInstanceOf(Refusal);
    tell(desk, [bad]);
    expect(again(good)).toMatchObject(refused);
    expect(again(bad)).not.toBeInstanceOf(Refusal);
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")]);
    expect(again(good)).toMatchObject(refused);
    // A system's is refused by its number.
    expect(desk.decideReports([good], system("probe"))).not.toBeInstanceOf(Refusal);
    desk.pass(1n);
    expect(again(good)).toMatchObject(refused);
    expect(again(word("ENGAGED"))).not.toBeInstanceOf(Refusal);
  });

  test("a preview tells what a signature would change", () => {
    const desk = allSigned(asksToSign("SAFEGUARD"));
    const bad = safeguard("REGISTRY_RELEASE", "DISENGAGED");
    const opened = (report: Report): string[] => {
      const entries = desk.decideReports([report], system("probe"));
      if (entries instanceof Refusal) throw new Error(entries.message);
      const fact = { kind: "ENTRIES_RECORDED" as const, entries };
      const actor = { actor: "probe", kind: "SYSTEM" as const };
      return named(preview(desk.state, { fact, actor, epoch: desk.epoch })?.opened ?? []);
    };
    expect(opened(bad)).toEqual([]);
    expect(opened(signed(bad, desk.epoch))).toEqual([
      "PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE",
    ]);
  });
});

describe("rule 4.2.6: dropping the demand for signatures", () => {
  const marked = (from: Accepted, to: Accepted): string[] =>
    loosened(sourcesWith([from]), sourcesWith([to])).map(
      ({ source, field, from: was, to: is }) => `${source} ${field} ${was} ${is}`,
    );
  const asked = asksToSign("CUSTODY");

  test("is a loosened policy, and asking for them is none", () => {
    expect(marked(asked, CONTENTS.ACCEPTED_REPORTERS)).toEqual([
      "ACCEPTED_REPORTERS signed.CUSTODY 1 0",
    ]);
    expect(marked(CONTENTS.ACCEPTED_REPORTERS, asked)).toEqual([]);
    expect(marked(asked, asked)).toEqual([]);
    const without = asked.accepted.filter(({ kind }) => kind !== "CUSTODY");
    expect(marked(asked, { ...asked, accepted: without })).toEqual([
      "ACCEPTED_REPORTERS signed.CUSTODY 1 0",
    ]);
  });

  test("is shown to the owner until they decide, and the other judge sees it too", () => {
    const desk = allSigned(asked);
    desk.accept(CONTENTS.ACCEPTED_REPORTERS);
    expect(shown(desk)).toEqual(["POLICY_LOOSENED ACCEPTED_REPORTERS signed.CUSTODY"]);
    expect(differences(desk)).toEqual([]);
    approve(desk);
    expect(shown(desk)).toEqual([]);
  });
});

describe("reading 27: a reporter may be accepted for some subjects only", () => {
  const ABOUT: readonly [Kind, Report, string][] = [
    ["DIGEST_CONFIRMATION", confirmation("app", { observed: other }), "app"],
    ["REPRODUCIBILITY_CHECK", rebuild("app", { observed: other }), "app"],
    ["AVAILABILITY", withdrawal("ana", "early"), "ana"],
    ["CUSTODY", held("ben", { observed: other }), "back"],
    ["SAFEGUARD", safeguard("REGISTRY_RELEASE", "DISENGAGED"), "registry"],
    ["OBSERVATION", sighting("app", "rogue", "mirror"), "mirror"],
    ["QUARANTINE", quarantine({ by: "LOCATION", location: "cache" }, "LIFTED"), "cache"],
    ["ENCLAVE_REPORT", unsealed("north"), "north"],
  ];

  test.each(ABOUT)("%s: by the name that says whose the subject is", (kind, report, name) => {
    for (const [subject, counts] of [
      [name, true],
      ["elsewhere", false],
    ] as const) {
      const subjects = [{ reporter: "scout", subjects: [subject] }];
      const desk = new Desk([ages(), accepting(kind, { subjects })]);
      tell(desk, [report], "scout");
      const unaccepted = shown(desk).filter((item) => item.startsWith("UNACCEPTED_REPORT"));
      expect(unaccepted).toHaveLength(counts ? 0 : 1);
      expect(differences(desk)).toEqual([]);
    }
  });

  test("the others of the kind are accepted for every subject", () => {
    const subjects = [{ reporter: "scout", subjects: ["lib"] }];
    const desk = new Desk([ages(), accepting("DIGEST_CONFIRMATION", { subjects })]);
    tell(desk, [confirmation("app", { observed: other })], "scout");
    expect(open(desk)).toEqual([]);
    tell(desk, [confirmation("app", { observed: other })], "probe");
    expect(open(desk)).toContain(`DIGEST_MISMATCH app ${digestOf("app")}`);
  });

  test("a quarantine that is of no location is nobody's who is accepted for some", () => {
    const subjects = [{ reporter: "scout", subjects: ["cache", digestOf("app").slice(0, 6)] }];
    const desk = new Desk([ages(), accepting("QUARANTINE", { subjects })]);
    tell(desk, [quarantine({ by: "DIGEST", digest: digestOf("app") })], "scout");
    expect(open(desk)).toEqual([]);
    expect(differences(desk)).toEqual([]);
  });

  test("a person's own word about their shifts needs no listing", () => {
    const subjects = [{ reporter: "scout", subjects: ["eve"] }];
    const desk = new Desk([ages(), accepting("AVAILABILITY", { subjects, reporters: ["scout"] })]);
    for (const who of ["ana", "ben", "cleo", "dan"])
      for (const shift of ["early", "late", "night"]) tell(desk, [commitment(who, shift)], who);
    expect(open(desk)).toEqual([]);
  });
});

describe("what the accepted reporters may say", () => {
  const [first] = CONTENTS.ACCEPTED_REPORTERS.accepted;
  const read = (more: object) =>
    AcceptedReporters.safeParse({ kind: "ACCEPTED_REPORTERS", accepted: [{ ...first, ...more }] });

  test("members that say nothing are absent, so that what was accepted before reads as it did", () => {
    expect(read({}).data?.accepted).toEqual([first]);
    expect(Object.keys(read({ signed: false }).data?.accepted[0] ?? {})).not.toContain("subjects");
    expect(read({ signed: false }).data?.accepted[0]?.signed).toBeUndefined();
    expect(read({ signed: true }).data?.accepted[0]?.signed).toBe(true);
  });

  test("subjects are of a reporter of the kind, and not empty", () => {
    expect(read({ subjects: [] }).success).toBe(false);
    expect(read({ subjects: [{ reporter: "probe", subjects: [] }] }).success).toBe(false);
    expect(
      read({ subjects: [{ reporter: "nobody", subjects: ["app"] }] }).error?.issues,
    ).toMatchObject([{ path: ["accepted", 0, "subjects", 0, "reporter"] }]);
    const twice = { reporter: "probe", subjects: ["app"] };
    expect(read({ subjects: [twice, twice] }).success).toBe(false);
  });
});

describe("rule 5.1: the epoch that a signed decision names", () => {
  const armored = "signed";

  function decided(desk: Desk, epoch: bigint, namedEpoch: bigint | null) {
    const { revision } = desk.state;
    const digest = digestOfRevision(revision);
    const named = { revision, digest, recordedDigest: digest };
    const signature = { epoch, armored };
    return decideApprove(desk.state, named, asking(desk, owner), { signature, namedEpoch });
  }

  test("lies neither in the future nor before its revision; every reason is told together", () => {
    const desk = new Desk([ages()]);
    desk.pass(3n);
    const at = desk.epoch;
    expect(decided(desk, at, at - 2n)).toMatchObject({
      kind: "PACKET_APPROVED",
      signature: { epoch: at, armored },
    });
    expect(decided(desk, at - 2n, at - 2n)).toMatchObject({ kind: "PACKET_APPROVED" });
    for (const [epoch, namedEpoch] of [
      [at + 1n, at],
      [at - 3n, at - 2n],
    ] as const) {
      expect(decided(desk, epoch, namedEpoch)).toMatchObject({
        code: "APPROVAL_REFUSED",
        reasons: [{ code: "SIGNATURE_INVALID" }],
      });
    }
    tell(desk, [unsealed("north")]);
    const refused = decided(desk, at + 1n, null);
    expect(refused).toMatchObject({ reasons: [{ code: "HELD" }, { code: "SIGNATURE_INVALID" }] });
  });

  test("a decision without a signature has no such member, so that old lineages read as they did", () => {
    const desk = new Desk([ages()]);
    const { fact } = approve(desk).occurrence;
    expect(Object.keys(fact)).toEqual(["kind", "revision", "digest"]);
    expect(Object.keys(desk.state.approval ?? {})).not.toContain("signature");
  });

  test("a rejection needs no signature; one that is given names what is still there", () => {
    const desk = new Desk([ages()]);
    const { revision } = desk.state;
    const digest = digestOfRevision(revision);
    const signature = { revision, digest, epoch: desk.epoch, armored };
    const given = { signature, namedEpoch: desk.epoch, recordedDigest: digest };
    const reject = (changed: Partial<typeof given>) =>
      decideReject(desk.state, "not yet", asking(desk, owner), { ...given, ...changed });
    expect(reject({})).toEqual({ kind: "PACKET_REJECTED", reason: "not yet", signature });
    expect(reject({ recordedDigest: "0".repeat(64) })).toMatchObject({ code: "DIGEST_UNKNOWN" });
    const late = { ...signature, epoch: desk.epoch + 1n };
    expect(reject({ signature: late })).toMatchObject({ code: "SIGNATURE_INVALID" });
    approve(desk);
    record(desk, decideReject(desk.state, "after all", asking(desk, owner)), owner);
    resubmit(desk);
    expect(standing(desk)).toBe("LAPSED");
    expect(reject({})).toMatchObject({ code: "STALE_REVISION" });
    expect(decideReject(desk.state, "no", asking(desk, owner))).not.toBeInstanceOf(Refusal);
  });
});
