import { describe, expect, test } from "vitest";
import { BoundKind } from "#packet/source.ts";
import { InvalidInput } from "#packet/refusal.ts";
import { decideBind } from "#gate/decide/packet.ts";
import { escalations, prerequisiteStatus } from "#gate/view.ts";
import { bind, open } from "./acts.ts";
import { Desk } from "./desk.ts";
import { CONTENTS } from "./train.ts";

const HOLDS = {
  MANIFEST: "MANIFEST_BINDING_STALE",
  TRUSTED_BRANCH: "BRANCH_BINDING_STALE",
  REPRODUCIBILITY_POLICY: "REPRODUCIBILITY_POLICY_STALE",
  ROLLBACK_SCOPE: "ROLLBACK_SCOPE_STALE",
} as const;

describe("rules 4.1.2, 4.1.3 and 4.1.4: the packet is bound to the newest accepted version", () => {
  test.each(BoundKind.options)("a new %s holds until the packet is bound to it", (kind) => {
    const desk = new Desk();
    desk.accept(CONTENTS[kind]);
    expect(open(desk)).toEqual([`${HOLDS[kind]} ${kind}`]);
    expect(desk.state.status).toBe("ESCALATED");
    bind(desk);
    expect(open(desk)).toEqual([]);
  });

  test.each(BoundKind.options)("binding to an older %s is possible, and holds", (kind) => {
    const desk = new Desk();
    desk.accept(CONTENTS[kind]);
    desk.accept(CONTENTS[kind]);
    bind(desk, { [kind]: 2 });
    expect(open(desk)).toEqual([`${HOLDS[kind]} ${kind}`]);
  });

  test("a new manifest says nothing about the branch, nor the other way round", () => {
    const desk = new Desk();
    desk.accept(CONTENTS.MANIFEST);
    bind(desk, { MANIFEST: 1 });
    desk.accept(CONTENTS.TRUSTED_BRANCH);
    expect(open(desk)).toEqual([
      "BRANCH_BINDING_STALE TRUSTED_BRANCH",
      "MANIFEST_BINDING_STALE MANIFEST",
    ]);
    bind(desk, { MANIFEST: 1 });
    expect(open(desk)).toEqual(["MANIFEST_BINDING_STALE MANIFEST"]);
    expect(prerequisiteStatus(desk.state, "MANIFEST_BINDING")).toBe("ESCALATED");
  });

  test("rule 4.3.4: a stale binding changes nothing about what evidence is judged against", () => {
    const desk = new Desk();
    desk.accept({ ...CONTENTS.REPRODUCIBILITY_POLICY, minRebuilders: 2 });
    const missing = open(desk).filter((hold) => hold.includes("REFERENCE_MISSING"));
    expect(missing).toHaveLength(3);
    bind(desk, { REPRODUCIBILITY_POLICY: 1 });
    expect(open(desk).filter((hold) => hold.includes("REFERENCE_MISSING"))).toEqual(missing);
  });
});

describe("rule 3.8: a stale binding is a bounded mismatch", () => {
  test.each(BoundKind.options)("of %s it tells the version bound and the one accepted", (kind) => {
    const authorities = CONTENTS.APPROVAL_LANE.authorities.map((item) =>
      item.kind === kind ? { ...item, authority: "vera" } : item,
    );
    const desk = new Desk([{ ...CONTENTS.APPROVAL_LANE, authorities }]);
    desk.accept(CONTENTS[kind]);
    desk.accept(CONTENTS[kind]);
    bind(desk, { [kind]: 2 });
    expect(escalations(desk.state)).toMatchObject([
      { hold: { code: HOLDS[kind] }, source: kind, bound: 2, accepted: 3, authority: "vera" },
    ]);
  });
});

describe("rule 3.4: a binding that cannot be", () => {
  test.each(BoundKind.options)("to a version of %s never accepted is refused by path", (kind) => {
    const { facts } = new Desk().state;
    const refused = decideBind(new Desk().state, { ...facts.bindings, [kind]: 2 });
    expect(refused).toBeInstanceOf(InvalidInput);
    if (!(refused instanceof InvalidInput)) return;
    expect(refused.faults.map((fault) => fault.path)).toEqual([["bindings", kind]]);
  });

  test("names every fault at once", () => {
    const bindings = {
      MANIFEST: 9,
      TRUSTED_BRANCH: 9,
      REPRODUCIBILITY_POLICY: 9,
      ROLLBACK_SCOPE: 1,
    };
    const refused = decideBind(new Desk().state, bindings);
    expect(refused instanceof InvalidInput ? refused.faults : []).toHaveLength(3);
  });
});
