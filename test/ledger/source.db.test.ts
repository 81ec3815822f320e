import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import {
  DutiesNotSeparate,
  IdempotencyConflict,
  SourcesMissing,
  TrainHasPacket,
  UnknownProposal,
} from "#packet/refusal.ts";
import { SourceKind } from "#packet/source.ts";
import type { LaneConfirmRequest, Ledger, TrainKey, TrainState } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { chainOf } from "./chain.ts";
import {
  OWNER,
  REPORTER,
  RUTH,
  UPSTREAM,
  accept,
  acceptAll,
  asking,
  contents,
  granted,
  goodNews,
  ledgerOn,
  manifestOf,
  open,
  opening,
  readyPacket,
  stateOf,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const here = connect(fresh.appUrl, { applicationName: "holdfast here", connectionsMax: 8 });
const there = connect(fresh.appUrl, { applicationName: "holdfast there", connectionsMax: 8 });
let ledger: Ledger;
let other: Ledger;
beforeAll(async () => {
  [ledger, other] = await Promise.all([ledgerOn(here), ledgerOn(there)]);
});
afterAll(() => Promise.all([here.close(), there.close()]));

let trains = 0;
const newTrain = (exercise = false): TrainKey => ({ exercise, train: `train-${(trains += 1)}` });

describe("an accepted source", () => {
  test("has versions from 1 without gaps, though two processes accept at once", async () => {
    const key = newTrain();
    const accepting = Array.from({ length: 12 }, (_, n) =>
      accept(n % 2 === 0 ? ledger : other, key, manifestOf([`app-${n}`])),
    );
    const versions = (await Promise.all(accepting)).map((answer) => answer.source.version);
    expect(versions.toSorted((left, right) => left - right)).toEqual(
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  });

  test("is read back as it was accepted, by version or the newest", async () => {
    const key = newTrain();
    const first = await accept(ledger, key, manifestOf(["one"]));
    await accept(ledger, key, manifestOf(["two"]));
    const read = await other.source(key, "MANIFEST", 1);
    expect(read).toEqual({ ...first.source, content: manifestOf(["one"]) });
    expect((await other.source(key, "MANIFEST", null))?.version).toBe(2);
    expect(await other.source(key, "MANIFEST", 3)).toBeNull();
    expect(await other.source({ ...key, exercise: true }, "MANIFEST", null)).toBeNull();
    const { source } = await accept(ledger, key, contents(key.train).FRESHNESS_POLICY);
    expect(await other.source(key, "FRESHNESS_POLICY", 1)).toEqual({
      ...source,
      content: contents(key.train).FRESHNESS_POLICY,
    });
  });

  test("is accepted once for a key, and its repeat gets the same receipt and revision", async () => {
    const { packet } = await readyPacket(ledger, `train-${(trains += 1)}`);
    const key = { exercise: false, train: `train-${trains}` };
    const request = {
      ...key,
      asker: asking(UPSTREAM, "sourceAccept"),
      decide: () => ({ content: manifestOf(["app", "lib"]), proposedBy: null }),
    };
    const answers = await Promise.all([
      ledger.acceptSource(request),
      other.acceptSource(request),
      ledger.acceptSource(request),
    ]);
    const receipts = answers.map((answer) => granted(answer).source);
    expect(new Set(receipts.map((receipt) => receipt.version))).toEqual(new Set([2]));
    const appended = answers.map((answer) => granted(answer).appended);
    expect(appended.map((each) => each?.revision)).toEqual([2, 2, 2]);
    expect(appended.filter((each) => each?.repeated === false)).toHaveLength(1);
    expect(await chainOf(ledger, packet)).toEqual([1, 2]);
    const changed = { ...request, asker: { ...request.asker, input: "another" } };
    expect(await ledger.acceptSource(changed)).toBeInstanceOf(IdempotencyConflict);
  });

  test("tells whoever decides what the train has, and whose packet is open", async () => {
    const { packet } = await readyPacket(ledger, `train-${(trains += 1)}`);
    const key = { exercise: false, train: `train-${trains}` };
    let seen: TrainState | null = null;
    const refusal = new SourcesMissing([]);
    const answer = await other.acceptSource({
      ...key,
      asker: asking(UPSTREAM, "sourceAccept"),
      decide(train) {
        seen = train;
        return refusal;
      },
    });
    expect(answer).toBe(refusal);
    expect(seen).toMatchObject({ openPacket: packet, preparer: REPORTER.actor });
    expect((await ledger.source(key, "MANIFEST", null))?.version).toBe(1);
  });
});

describe("rule 2.1: a lane", () => {
  async function propose(key: TrainKey) {
    return granted(
      await ledger.propose({
        ...key,
        asker: asking(RUTH, "lanePropose"),
        decide: () => contents(key.train).APPROVAL_LANE,
      }),
    );
  }

  const confirming = (
    key: TrainKey,
    { proposal, digest }: { readonly proposal: string; readonly digest: string },
  ): LaneConfirmRequest => ({
    ...key,
    asker: asking(UPSTREAM, "laneConfirm"),
    proposal,
    digest,
    decide: () => null,
  });

  test("is accepted when another confirms it, with both names, and once", async () => {
    const key = newTrain();
    const proposed = await propose(key);
    const request = confirming(key, proposed);
    const { source, appended } = granted(await ledger.confirm(request));
    expect(source).toMatchObject({
      kind: "APPROVAL_LANE",
      version: 1,
      digest: proposed.digest,
      proposedBy: RUTH.actor,
      acceptedBy: UPSTREAM.actor,
    });
    expect(appended).toBeNull();
    expect(granted(await other.confirm(request)).source).toEqual(source);
    expect(await other.confirm(confirming(key, proposed))).toBeInstanceOf(UnknownProposal);
  });

  test("is shown to who decides, and a refusal accepts nothing", async () => {
    const key = newTrain();
    const proposed = await propose(key);
    const refusal = new DutiesNotSeparate("who proposed a lane cannot confirm it");
    const answer = await ledger.confirm({
      ...confirming(key, proposed),
      decide(_train, { lane, proposedBy, digest }) {
        expect({ lane, proposedBy, digest }).toEqual({
          lane: contents(key.train).APPROVAL_LANE,
          proposedBy: RUTH.actor,
          digest: proposed.digest,
        });
        return refusal;
      },
    });
    expect(answer).toBe(refusal);
    expect(await ledger.source(key, "APPROVAL_LANE", null)).toBeNull();
  });

  test("waits under its own id, digest and train only", async () => {
    const key = newTrain();
    const proposed = await propose(key);
    const elsewhere = newTrain();
    for (const request of [
      confirming(key, { ...proposed, digest: `sha256:${"0".repeat(64)}` }),
      confirming(key, { ...proposed, proposal: "019a0000-0000-7000-8000-000000000000" }),
      confirming(elsewhere, proposed),
      confirming({ ...key, exercise: true }, proposed),
    ]) {
      expect(await ledger.confirm(request)).toBeInstanceOf(UnknownProposal);
    }
  });

  test("that was proposed before the one accepted now waits no longer", async () => {
    const key = newTrain();
    const older = await propose(key);
    const newer = await propose(key);
    granted(await ledger.confirm(confirming(key, newer)));
    expect(await ledger.confirm(confirming(key, older))).toBeInstanceOf(UnknownProposal);
  });

  test("is refused by the database itself when one person would do both", async () => {
    const key = newTrain();
    const accepting = ledger.acceptSource({
      ...key,
      asker: asking(RUTH, "sourceAccept"),
      decide: () => ({
        content: contents(key.train).APPROVAL_LANE,
        proposedBy: RUTH.actor,
      }),
    });
    await expect(accepting).rejects.toMatchObject({ code: "23514" });
  });
});

describe("a train", () => {
  test("without every kind of source opens no packet", async () => {
    const key = newTrain();
    await accept(ledger, key, manifestOf(["app"]));
    const answer = await ledger.open(opening(key));
    const missing = SourceKind.options.filter((kind) => kind !== "MANIFEST");
    expect(answer).toMatchObject(new SourcesMissing(missing));
  });

  test("opens one packet though two processes try, and one of exercise beside it", async () => {
    const key = newTrain();
    await acceptAll(ledger, key);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? ledger : other).open(opening(key))),
    );
    expect(answers.filter((answer) => answer instanceof TrainHasPacket)).toHaveLength(9);
    const practice = { ...key, exercise: true };
    await acceptAll(ledger, practice);
    await open(ledger, practice, goodNews());
  });

  test("opens its packet once for a key, however often it is asked for", async () => {
    const key = newTrain();
    await acceptAll(ledger, key);
    const request = opening(key);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? ledger : other).open(request)),
    );
    expect(new Set(answers.map((answer) => granted(answer).packet)).size).toBe(1);
    expect(answers.filter((answer) => !granted(answer).repeated)).toHaveLength(1);
  });

  test("rule 5.3: opens a successor that cites the closed packet and inherits nothing", async () => {
    const key = newTrain();
    await acceptAll(ledger, key);
    const { packet: closed } = await open(ledger, key, goodNews());
    const decide = () => ({ kind: "PACKET_WITHDRAWN", reason: "over" }) as const;
    const withdrawing = { packet: closed, asker: asking(OWNER, "packetWithdraw"), decide };
    granted(await ledger.append(withdrawing));
    let known: TrainState | null = null;
    const request = opening(key, [], closed);
    const { packet } = granted(
      await ledger.open({
        ...request,
        decide(train, moment) {
          known = train;
          return request.decide(train, moment);
        },
      }),
    );
    expect(known).toMatchObject({ openPacket: null, closedPackets: new Set([closed]) });
    const { facts, approval } = await stateOf(other, packet);
    expect({ succeeds: facts.succeeds, approval }).toEqual({ succeeds: closed, approval: null });
    const heads = await other.packets({}, null, 1000);
    const its = heads.filter((head) => head.train === key.train);
    expect(its.map(({ packet, status }) => [packet, status === "CLOSED"])).toEqual([
      [closed, true],
      [packet, false],
    ]);
  });
});

test("lists are paged by id and number", async () => {
  const heads = await ledger.packets({}, null, 1000);
  expect(heads.length).toBeGreaterThan(3);
  expect(await ledger.packets({}, heads[1]?.packet ?? null, 2)).toEqual(heads.slice(2, 4));
  const { packet } = await readyPacket(ledger, `train-${(trains += 1)}`);
  for (const _ of [1, 2, 3]) {
    const key = { exercise: false, train: `train-${trains}` };
    await accept(ledger, key, manifestOf(["app"]));
  }
  expect((await ledger.revisions(packet, 1, 2)).map((each) => each.number)).toEqual([2, 3]);
  expect(await ledger.revision(packet, 9)).toBeNull();
  expect(await ledger.state("019a0000-0000-7000-8000-000000000000")).toBeNull();
});
