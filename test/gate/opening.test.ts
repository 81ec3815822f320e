import { describe, expect, test } from "vitest";
import type { PacketReport } from "#packet/entry.ts";
import {
  DutiesNotSeparate,
  InvalidInput,
  SourcesMissing,
  TrainHasPacket,
  UnknownPacket,
} from "#packet/refusal.ts";
import { SourceKind, type Sources } from "#packet/source.ts";
import { type TrainToOpen, decideOpen } from "#gate/decide/packet.ts";
import { confirmationDuties, laneDuties } from "#gate/decide/source.ts";
import { sharedSubjects } from "#gate/dependencies.ts";
import { openPacket } from "#gate/revise.ts";
import { openHolds } from "#gate/view.ts";
import { named, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { component, confirmation, enclave, enclaves, revocation, unsealed } from "./reports.ts";
import { CONTENTS, OWNER, accepted, person, rosterPerson, sourcesWith } from "./train.ts";

const identity = {
  packet: "00000000-0000-7000-8000-00000000000a",
  train: "train-1",
  exercise: false,
  clock: { frozen: false, generation: 0 },
};
const bindings = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 };

function opened(
  changed: Partial<TrainToOpen> = {},
  by = "pia",
  bound = bindings,
  entries: readonly PacketReport[] = [],
) {
  const train = { sources: sourcesWith(), openPacket: null, succeeds: null, ...changed };
  const receiving = {
    actor: person(by, "PREPARER"),
    epoch: 8n,
    doubt: null,
    newId: () => "00000000-0000-7000-8000-00000000000c",
    reportNumber: null,
  };
  return decideOpen(train, identity, { bindings: bound, entries }, receiving);
}

/** A lane that `lars` proposed and `lena` confirmed. */
function laneBy(proposedBy: string, acceptedBy: string): Sources {
  const lane = { ...accepted(CONTENTS.APPROVAL_LANE, 1, 8n), proposedBy, acceptedBy };
  return { ...sourcesWith(), APPROVAL_LANE: lane as Sources["APPROVAL_LANE"] };
}

describe("rule 3.3: a packet opens with scope and bindings together", () => {
  test("when every kind of source is accepted for its train", () => {
    expect(opened()).toMatchObject({
      kind: "PACKET_OPENED",
      train: "train-1",
      bindings,
      succeeds: null,
    });
  });

  test.each(SourceKind.options)("not without %s, which is named", (kind) => {
    const { [kind]: _, ...sources } = sourcesWith();
    const refused = opened({ sources });
    expect(refused).toBeInstanceOf(SourcesMissing);
    expect(refused).toMatchObject({ kinds: [kind] });
  });

  test("not while the train has a packet that is not closed (reading 24)", () => {
    expect(opened({ openPacket: "00000000-0000-7000-8000-00000000000b" })).toBeInstanceOf(
      TrainHasPacket,
    );
  });

  test("not as successor of what is no closed packet of this train", () => {
    expect(opened({ succeeds: undefined })).toBeInstanceOf(UnknownPacket);
  });

  test("not bound to a version that was never accepted; bound to an older one it opens and holds", () => {
    const refused = opened({}, "pia", { ...bindings, MANIFEST: 2 });
    expect(refused instanceof InvalidInput ? refused.faults[0]?.path : []).toEqual([
      "bindings",
      "MANIFEST",
    ]);
    const manifest = accepted(CONTENTS.MANIFEST, 2, 8n) as Sources["MANIFEST"];
    const fact = opened({ sources: { ...sourcesWith(), MANIFEST: manifest } });
    if (!("entries" in fact)) throw new Error("an older version can be bound to");
    const { state } = openPacket({ fact, actor: person("pia"), epoch: 8n });
    expect(named(openHolds(state))).toContain("MANIFEST_BINDING_STALE MANIFEST");
  });

  test("with its first entries in the same revision", () => {
    expect(opened({}, "pia", bindings, [confirmation("app")])).toMatchObject({
      entries: [{ artifact: "app", reporter: "pia", observedEpoch: 8n, recordedEpoch: 8n }],
    });
  });

  test("not with an entry that could not be recorded later either", () => {
    const refused = opened({}, "pia", bindings, [confirmation("app"), confirmation("ghost")]);
    expect(refused instanceof InvalidInput ? refused.faults[0]?.path : []).toEqual([
      "entries",
      1,
      "artifact",
    ]);
  });

  test("rule 5.3: a successor cites the closed packet and inherits no approval", () => {
    const fact = opened({ succeeds: "00000000-0000-7000-8000-00000000000b" });
    if (!("entries" in fact)) throw new Error("a successor opens like any packet");
    const { state } = openPacket({ fact, actor: person("pia"), epoch: 8n });
    expect(state.facts.succeeds).toBe("00000000-0000-7000-8000-00000000000b");
    expect(state.approval).toBeNull();
  });
});

describe("rule 2.1: the lane's makers, the owner and the preparer are different people", () => {
  test("neither the owner nor who made the lane prepares the packet", () => {
    expect(opened({}, OWNER)).toBeInstanceOf(DutiesNotSeparate);
    expect(opened({ sources: laneBy("lars", "lena") }, "lars")).toBeInstanceOf(DutiesNotSeparate);
    expect(opened({ sources: laneBy("lars", "lena") }, "lena")).toBeInstanceOf(DutiesNotSeparate);
    expect(opened({ sources: laneBy("lars", "lena") }, "pia")).not.toBeInstanceOf(
      DutiesNotSeparate,
    );
  });

  test("neither the owner whom a lane names nor the packet's preparer proposes or confirms it", () => {
    const by = (actor: string) => ({
      actor: person(actor, "RELEASE_SECURITY"),
      epoch: 8n,
      doubt: null,
    });
    const lane = CONTENTS.APPROVAL_LANE;
    expect(laneDuties(lane, "pia", by(OWNER))).toBeInstanceOf(DutiesNotSeparate);
    expect(laneDuties(lane, "pia", by("pia"))).toBeInstanceOf(DutiesNotSeparate);
    expect(laneDuties(lane, "pia", by("rex"))).toBeNull();
    expect(laneDuties(lane, null, by("pia"))).toBeNull();
    expect(laneDuties({ ...lane, owner: "rex" }, null, by("rex"))).toBeInstanceOf(
      DutiesNotSeparate,
    );
  });

  test("who proposed a lane does not confirm it", () => {
    const by = (actor: string) => ({
      actor: person(actor, "RELEASE_SECURITY"),
      epoch: 8n,
      doubt: null,
    });
    expect(confirmationDuties("rex", by("rex"))).toBeInstanceOf(DutiesNotSeparate);
    expect(confirmationDuties("rex", by("roz"))).toBeNull();
  });
});

describe("rule 3.6: what a packet shares with others", () => {
  const keys = (sources: Sources): string[] =>
    sharedSubjects(sources).map(({ kind, name }) => `${kind} ${name}`);

  test("its enclaves, the credentials of its people and of its owner, and its components", () => {
    expect(keys(sourcesWith())).toEqual([
      "ENCLAVE_REPORT north",
      "ENCLAVE_REPORT south",
      ...["ana", "ben", "cleo", "dan", "eve", OWNER].map((name) => `CREDENTIAL_REVOCATION ${name}`),
      "COMPONENT_STATE core",
      "COMPONENT_DECLARATION core",
      "RELEASE_INITIALISATION core",
      "KEY_ROTATION core",
    ]);
  });

  test("an owner on the roster is one person, and packages of one component share it", () => {
    const [kept] = CONTENTS.ROLLBACK_SCOPE.packages;
    if (kept === undefined) throw new Error("the small train has a rollback package");
    const packages = [kept, { ...kept, package: "further" }];
    const sources = sourcesWith([
      { kind: "ROSTER", people: [rosterPerson(OWNER, ["SIGNER"], "red")] },
      { ...CONTENTS.ROLLBACK_SCOPE, packages },
    ]);
    const found = keys(sources);
    expect(found).toHaveLength(new Set(found).size);
    expect(found).toContain(`CREDENTIAL_REVOCATION ${OWNER}`);
  });

  test("a report on a subject that no source names makes no revision of this packet", () => {
    const desk = new Desk();
    expect(
      desk.report([unsealed("west"), revocation("zoe"), component(9, { component: "other" })]),
    ).toBeNull();
    expect(desk.state.revision).toBe(1);
  });

  test("rule 3.3: a source that takes a subject in folds what was last said of it", () => {
    const desk = new Desk();
    desk.report([unsealed("west")]);
    desk.accept(enclaves(["north", "west"]));
    expect(named(desk.head.opened)).toEqual(["ENCLAVE_UNSEALED west"]);
    tell(desk, [enclave("west")]);
    expect(openHolds(desk.state)).toEqual([]);
  });
});
