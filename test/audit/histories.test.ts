import fc from "fast-check";
import { expect, test } from "vitest";
import { entitlementFault } from "#audit/entitlement.ts";
import { EntryCheck } from "#audit/entryCheck.ts";
import type { MemberFault } from "#audit/finding.ts";
import type { Entry } from "#packet/entry.ts";
import type { Occurrence } from "#packet/fact.ts";
import type { Revised } from "#gate/revise.ts";
import type { Facts, PacketState } from "#gate/state.ts";
import { play, script } from "../gate/histories.ts";

/** Histories are played by systems that number nothing: here they are people, who sign nothing. */
function byPeople(occurrence: Occurrence): Occurrence {
  const { fact, actor } = occurrence;
  const byPerson = { ...occurrence, actor: { ...actor, kind: "PERSON" as const } };
  if (fact.kind !== "ENTRIES_RECORDED") return byPerson;
  const entries = fact.entries.map((entry): Entry => ({
    ...entry,
    reporterKind: "PERSON",
    signature: undefined,
  }));
  return { ...byPerson, fact: { ...fact, entries } };
}

/** What is found of a revision, each of which stands in a lineage under the digest that is named. */
function faultOf(check: EntryCheck, before: PacketState, told: Occurrence): MemberFault | null {
  const { fact } = told;
  const entries = check.next(before.facts, told);
  // Who accepts sources is nobody in particular there.
  if (fact.kind === "SOURCE_ACCEPTED" || fact.kind === "EPOCH_REACHED") return entries;
  const digestOf = (): string | null => (fact.kind === "PACKET_APPROVED" ? fact.digest : null);
  return entries ?? entitlementFault(before, told, { digestOf, epochOf: () => before.epoch });
}

/** The same with something in it that no verb would have let happen; null where nothing can be changed. */
function forged(facts: Facts, occurrence: Occurrence): Occurrence | null {
  const { fact, epoch } = occurrence;
  if (fact.kind === "PACKET_RESUBMITTED") {
    const { owner } = facts.sources.APPROVAL_LANE.content;
    return { ...occurrence, actor: { ...occurrence.actor, actor: owner } };
  }
  if (fact.kind !== "ENTRIES_RECORDED") return null;
  const entries = fact.entries.map((entry): Entry => ({ ...entry, observedEpoch: epoch + 1n }));
  return { ...occurrence, fact: { ...fact, entries } };
}

test("whatever the gate lets happen is right, and what it does not is found", () => {
  let right = 0;
  let found = 0;
  const property = fc.property(script, (history) => {
    const { revisions } = play(history);
    const check = new EntryCheck();
    const spoilt: (MemberFault | null)[] = [];
    let before: Revised | null = null;
    for (const revised of revisions) {
      const told = byPeople(revised.occurrence);
      if (before !== null) {
        expect(faultOf(check, before.state, told), told.fact.kind).toBeNull();
        const other = forged(before.state.facts, told);
        if (other !== null) spoilt.push(faultOf(new EntryCheck(), before.state, other));
        right += 1;
      }
      before = revised;
    }
    expect(spoilt).not.toContain(null);
    found += spoilt.length;
  });
  fc.assert(property, { numRuns: 100 });
  expect(right).toBeGreaterThan(500);
  expect(found).toBeGreaterThan(100);
}, 120_000);
