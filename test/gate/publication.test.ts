import { describe, expect, test } from "vitest";
import { openHolds } from "#gate/view.ts";
import { bind, open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, safeguard } from "./reports.ts";
import { CONTENTS, artifact, digestOf, goodNews } from "./train.ts";

const app = `app ${digestOf("app")}`;
const scope = CONTENTS.PUBLICATION_SCOPE;

/** A manifest whose first artifact names these targets. */
function targeting(targets: string[]): Desk {
  const artifacts = [artifact("app", "app", targets), artifact("lib"), artifact("tool")];
  return new Desk([{ kind: "MANIFEST", artifacts }]);
}

describe("rule 4.1.9: every artifact names targets of the accepted publication scope", () => {
  test("at least one, and only those", () => {
    expect(open(targeting(["registry"]))).toEqual([]);
  });

  test.each([
    ["none at all", [], "app names no publication target"],
    ["an unknown one", ["bazaar"], "bazaar"],
    ["a known and an unknown one", ["registry", "bazaar"], "bazaar"],
  ])("naming %s is ambiguous", (_, targets, sentence) => {
    const desk = targeting(targets);
    expect(open(desk)).toEqual([`PUBLICATION_SCOPE_AMBIGUOUS ${app}`]);
    expect(openHolds(desk.state)[0]?.why).toContain(sentence);
  });

  test("a scope that takes a target back makes the artifacts that name it ambiguous", () => {
    const desk = targeting(["registry"]);
    desk.accept({ ...scope, targets: [{ target: "mirror", safeguards: ["MIRROR_PROMOTION"] }] });
    expect(open(desk).filter((hold) => hold.startsWith("PUBLICATION_SCOPE"))).toHaveLength(3);
  });

  test("a scope that knows the target clears it, and a manifest that names another does as well", () => {
    const mirror = { target: "mirror", safeguards: ["REGISTRY_RELEASE" as const] };
    const desk = targeting(["mirror"]);
    desk.accept({ ...scope, targets: [...scope.targets, mirror] });
    expect(desk.head.cleared.map((hold) => hold.code)).toEqual(["PUBLICATION_SCOPE_AMBIGUOUS"]);
    const another = targeting(["mirror"]);
    another.accept(CONTENTS.MANIFEST);
    bind(another);
    expect(open(another)).toEqual([]);
  });
});

describe("rule 4.1.10: every safeguard that the scope requires is newly enough reported engaged", () => {
  const HOLD = "PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE";

  test("what nobody reported is missing", () => {
    const desk = new Desk(
      [],
      goodNews().filter((report) => report.kind !== "SAFEGUARD"),
    );
    expect(open(desk)).toEqual([
      "PUBLICATION_SAFEGUARD_MISSING registry ADVISORY_TIMING",
      "PUBLICATION_SAFEGUARD_MISSING registry REGISTRY_RELEASE",
    ]);
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED"), safeguard("ADVISORY_TIMING", "ENGAGED")]);
    expect(open(desk)).toEqual([]);
  });

  test("what is disengaged is missing until it is engaged again", () => {
    const desk = new Desk();
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")]);
    expect(open(desk)).toEqual([HOLD]);
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED")]);
    expect(open(desk)).toEqual([]);
  });

  test("it counts at exactly its greatest age, and not one epoch later", () => {
    const desk = new Desk([ages({ safeguardMaxAge: 4n })]);
    tell(desk, [safeguard("ADVISORY_TIMING", "ENGAGED")]);
    desk.pass(4n);
    expect(open(desk)).toEqual([]);
    tell(desk, [safeguard("ADVISORY_TIMING", "ENGAGED")]);
    desk.pass(1n);
    expect(open(desk)).toEqual([HOLD]);
  });

  test("a target of the scope asks for its safeguards though no artifact names it", () => {
    const desk = new Desk();
    const mirror = { target: "mirror", safeguards: ["MIRROR_PROMOTION" as const] };
    desk.accept({ ...scope, targets: [...scope.targets, mirror] });
    expect(open(desk)).toEqual(["PUBLICATION_SAFEGUARD_MISSING mirror MIRROR_PROMOTION"]);
  });

  test("rule 4.2.3: a safeguard that the scope requires no more is out of scope", () => {
    const desk = new Desk();
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")]);
    desk.accept({ ...scope, targets: [{ target: "registry", safeguards: ["ADVISORY_TIMING"] }] });
    expect(desk.head.outOfScope.map((hold) => hold.subject)).toEqual(["registry REGISTRY_RELEASE"]);
  });
});
