import { describe, expect, test } from "vitest";
import type { Fact } from "#packet/fact.ts";
import { preview } from "#gate/preview.ts";
import { approve, named, open, owner, place, shown, standing, tell, withdraw } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  ages,
  byDigest,
  confirmation,
  quarantine,
  revocation,
  sighting,
  unsealed,
} from "./reports.ts";
import { CONTENTS, OWNER, accepted, digestOf, person, system } from "./train.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Report } from "#packet/entry.ts";
import { digestOfRevision } from "./named.ts";

function recorded(desk: Desk, reports: readonly Report[]): Fact {
  const entries = desk.decideReports(reports, system("probe"));
  if (entries instanceof Refusal) throw new Error(entries.message);
  return { kind: "ENTRIES_RECORDED", entries };
}

/** Every kind of change that can be evaluated before it is made. */
const CHANGES: readonly [string, (desk: Desk) => Fact][] = [
  [
    "a source",
    () => ({
      kind: "SOURCE_ACCEPTED",
      source: accepted(
        { ...CONTENTS.MANIFEST, artifacts: CONTENTS.MANIFEST.artifacts.slice(1) },
        2,
        8n,
      ),
      entries: [],
    }),
  ],
  [
    "a binding",
    (desk) => ({ kind: "PACKET_BOUND", bindings: { ...desk.state.facts.bindings, MANIFEST: 1 } }),
  ],
  ["an entry", (desk) => recorded(desk, [confirmation("app", { observed: digestOf("other") })])],
  ["a quarantine", (desk) => recorded(desk, [quarantine(byDigest("app"))])],
  ["an observation", (desk) => recorded(desk, [sighting("app", "rogue", "mirror")])],
  ["a shared report", (desk) => recorded(desk, [unsealed("north")])],
  ["a revocation", (desk) => recorded(desk, [revocation(OWNER)])],
  ["an approval", () => ({ kind: "PACKET_APPROVED", revision: 1, digest: digestOfRevision(1) })],
  ["a rejection", () => ({ kind: "PACKET_REJECTED", reason: "not yet" })],
  ["an operator hold", () => ({ kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "worried" })],
  ["withdrawal", () => ({ kind: "PACKET_WITHDRAWN", reason: "over" })],
];

describe("rule 4.2.7: any change can be evaluated without being recorded", () => {
  test.each(CHANGES)("%s: nothing is recorded, and it tells what then happens", (_, change) => {
    const desk = new Desk([ages()]);
    approve(desk);
    const { state } = desk;
    const advisoriesBefore = shown(desk);
    const fact = change(desk);
    const actor = owner;
    const told = preview(state, { fact, actor, epoch: desk.epoch });
    expect(desk.state).toBe(state);
    expect([open(desk), shown(desk), standing(desk)]).toEqual([[], advisoriesBefore, "STANDING"]);

    const happened = desk.append(fact, actor);
    expect(told).toEqual({
      status: desk.state.status,
      opened: happened?.opened,
      cleared: happened?.cleared,
      outOfScope: happened?.outOfScope,
      materialChanged: happened?.materialChanged,
      standingBefore: "STANDING",
      standingAfter: standing(desk),
    });
  });

  test("it tells what it would open, clear, suspend or make lapse", () => {
    const desk = new Desk([ages()]);
    approve(desk);
    const fact: Fact = { kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "worried" };
    const told = preview(desk.state, { fact, actor: person("rex"), epoch: desk.epoch });
    expect(named(told?.opened ?? [])).toEqual(["OPERATOR_HOLD 1"]);
    expect(told).toMatchObject({
      status: "ON_HOLD",
      standingBefore: "STANDING",
      standingAfter: "LAPSED",
    });
  });

  test("lapses that are due come first, so that it speaks of the present epoch", () => {
    const desk = new Desk([ages({ digestMaxAge: 2n })]);
    approve(desk);
    const { state } = desk;
    const fact = recorded(desk, [confirmation("app")]);
    const told = preview(state, { fact, actor: system("probe"), epoch: 12n });
    expect(told).toMatchObject({
      status: "ON_HOLD",
      standingBefore: "SUSPENDED",
      standingAfter: "SUSPENDED",
    });
    expect(told?.opened).toEqual([]);
    expect(desk.state).toBe(state);
  });

  test("of a closed packet there is nothing to tell, nor of one that will be closed by then", () => {
    const desk = new Desk();
    const fact: Fact = { kind: "PACKET_REJECTED", reason: "not yet" };
    expect(preview(desk.state, { fact, actor: owner, epoch: 25n })).toBeNull();
    place(desk);
    withdraw(desk);
    expect(preview(desk.state, { fact, actor: owner, epoch: 8n })).toBeNull();
  });

  test("a preview is no promise: what is reported between counts", () => {
    const desk = new Desk([ages()]);
    const fact: Fact = { kind: "PACKET_APPROVED", revision: 1, digest: digestOfRevision(1) };
    const before = desk.state;
    tell(desk, [unsealed("north")]);
    expect(preview(before, { fact, actor: owner, epoch: 8n })?.status).toBe("APPROVED");
    expect(preview(desk.state, { fact, actor: owner, epoch: 8n })?.status).toBe("ON_HOLD");
  });
});
