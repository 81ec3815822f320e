import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findingText } from "#audit/finding.ts";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { type RevocationImpact, revocationPreview } from "#workflow/revocationPreview.ts";
import { verified } from "../audit/realLineage.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ownFolder } from "../identity/passports.ts";
import { REX } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import {
  EVERYTHING,
  NODE,
  type OwnedPacket,
  type Standing,
  type World,
  ofKind,
  openWorld,
  pushing,
  revocationCase,
} from "./revocationWorld.ts";
import { accepted } from "./trains.ts";

/** What fails says its seed, with which it is played again; to make it smaller takes longer than to look. */
const CASES = 10;

const fresh = freshDatabase();
const folder = ownFolder();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let base: Desk;
beforeAll(async () => {
  base = await openDesk(database);
});
afterAll(() => database.close());

/** What came of all cases together: a property that never met these would show little. */
const met = { lists: 0, opened: 0, quorums: 0, lapsed: 0, approvers: 0, keys: 0, nodes: 0, own: 0 };

/** What was foreseen of one packet is what then happened to it. */
function comparePacket(
  { packet, owner }: OwnedPacket,
  foreseen: RevocationImpact,
  before: Standing,
  after: Standing,
  revoked: readonly string[],
): void {
  const impact = foreseen.packets.find((each) => each.packet === packet);
  const told = (holds: readonly { code: string; subject: string }[] = []): string[] =>
    holds.map(({ code, subject }) => `${code} ${subject}`).toSorted();
  const opens = after.holds.filter((hold) => !before.holds.includes(hold)).toSorted();
  const closes = before.holds.filter((hold) => !after.holds.includes(hold)).toSorted();
  expect(told(impact?.opened)).toEqual(opens);
  expect(told([...(impact?.cleared ?? []), ...(impact?.outOfScope ?? [])])).toEqual(closes);
  expect(impact?.status ?? before.status).toBe(after.status);
  expect(impact?.standingAfter ?? before.approval).toBe(after.approval);
  const lapses = before.approval !== "LAPSED" && after.approval === "LAPSED";
  expect(impact?.approvalLapses ?? false).toBe(lapses);
  const isCutOff = revoked.includes(owner);
  expect(impact?.approverCutOff ?? null).toBe(isCutOff ? owner : null);
  const quorums = opens
    .filter((hold) => /^(?:SIGNER_QUORUM|CUSTODY_GROUPS)_MISSING/.test(hold))
    .map((hold) => hold.split(" ")[1]);
  expect(impact?.shiftsLosingQuorum.toSorted() ?? []).toEqual(quorums);
  met.opened += opens.length;
  met.quorums += quorums.length;
  met.lapsed += Number(lapses);
  met.approvers += Number(isCutOff);
}

/** Foresees a list, pushes it, and compares all that was told with all that is. */
async function happens(
  world: World,
  push: ReturnType<typeof pushing>,
  ids: readonly string[],
): Promise<void> {
  const { desk, packets, copies } = world;
  const { copy } = copies.north;
  const peer = copies.south.copy;
  const before = await Promise.all(packets.map((packet) => world.standing(packet)));
  const [inBefore, keysBefore] = [await world.letIn(), world.counting()];
  const newIn = {
    people: ofKind(ids, "PRINCIPAL").filter((name) => !copy.revokesPrincipal(name)),
    keys: ofKind(ids, "KEY").filter((key) => !copy.revokesKey(key)),
    nodes: ofKind(ids, "NODE").filter((name) => !peer.revokesNode(name)),
  };
  const foreseen = accepted(await revocationPreview(desk, REX, { revoked: ids }));
  const outcomes = await push(ids);
  const after = await Promise.all(packets.map((packet) => world.standing(packet)));
  for (const [at, packet] of packets.entries()) {
    const [was, is] = [before[at], after[at]];
    if (was !== undefined && is !== undefined) {
      comparePacket(packet, foreseen, was, is, newIn.people);
    }
  }
  const known = new Set(packets.map(({ packet }) => packet));
  expect(foreseen.packets.filter(({ packet }) => !known.has(packet))).toEqual([]);
  expect(foreseen.unreadable).toEqual([]);
  // Who cannot sign in any more, though the principals file has them as before.
  const inAfter = new Set(await world.letIn());
  expect(foreseen.principalsCutOff).toEqual(
    newIn.people.filter((name) => copy.revokesPrincipal(name)),
  );
  expect(inBefore.filter((name) => !inAfter.has(name)).toSorted()).toEqual(
    foreseen.principalsCutOff.filter((name) => inBefore.includes(name)).toSorted(),
  );
  const keysAfter = world.counting();
  const told = foreseen.keysCutOff.map(({ fingerprint }) => fingerprint);
  expect(told).toEqual(newIn.keys.filter((key) => copy.revokesKey(key)));
  expect([...keysBefore].filter((key) => !keysAfter.has(key)).toSorted()).toEqual(
    foreseen.keysCutOff
      .filter(({ holder }) => holder !== null)
      .map(({ fingerprint }) => fingerprint)
      .toSorted(),
  );
  // A node that refused a list with its own name cannot know that its peers took it.
  const others = (names: readonly string[]): string[] => names.filter((name) => name !== NODE);
  expect(others(foreseen.nodesCutOff)).toEqual(others(newIn.nodes));
  expect(newIn.nodes.filter((name) => !peer.revokesNode(name))).toEqual([]);
  expect(foreseen.refusedHere).toBe(ids.includes(`node:${NODE}`));
  expect(outcomes.includes("SELF_REVOKING")).toBe(newIn.nodes.includes(NODE));
  expect(copy.revokesNode(NODE)).toBe(false);
  met.lists += outcomes.length;
  met.keys += told.length;
  met.nodes += newIn.nodes.length;
  met.own += Number(foreseen.refusedHere);
}

test("on random deployments, whatever is revoked, what was foreseen is what then happens", async () => {
  let worlds = 0;
  await fc.assert(
    fc.asyncProperty(revocationCase, async (drawn) => {
      worlds += 1;
      const world = await openWorld(base, folder.path, drawn, `-w${worlds}`);
      const push = pushing(world);
      for (const { picks, isApproved } of drawn.rounds) {
        if (isApproved) for (const packet of world.packets) await world.approve(packet);
        // One that is revoked already may be named again.
        const ids = picks.map((pick) => world.ids[pick % world.ids.length] ?? "");
        await happens(world, push, [...new Set(ids)]);
      }
      world.close();
    }),
    { numRuns: CASES, examples: [[EVERYTHING]], endOnFailure: true },
  );
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(0);
});

test("verify derives what lists did as everything else", async () => {
  await base.ledger.sequence();
  const { findings, unchecked } = await verified(fresh.url);
  expect(findings.map(findingText)).toEqual([]);
  expect(unchecked).toBeNull();
});
