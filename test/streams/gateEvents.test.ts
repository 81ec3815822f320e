import { expect, test } from "vitest";
import { gateEvents } from "#graphql/stream/gateEvents.ts";
import type { Gate } from "#workflow/gateRead.ts";

const packet = "01890a5d-ac96-774b-bcce-b302099a8057";

/** The gate of a packet that is on hold at this revision. */
function closedAt(revision: number): Gate {
  const digest = `${revision}`.padStart(64, "0");
  return {
    status: "CLOSED",
    reasons: ["HOLDS_OPEN"],
    packet,
    epoch: 7n,
    validThroughEpoch: null,
    rests: { exercise: false, revision, digest, materialDigest: digest, approval: null },
  };
}

/** What is told where a gate answers this, one after the other. */
async function toldOf(answers: readonly (Gate | null)[]) {
  const left = [...answers];
  let order = 0n;
  const source = {
    read: () => Promise.resolve({ value: left.shift() ?? null, order: (order += 1n) }),
    async *stirs() {
      for (const _ of answers) yield await Promise.resolve(undefined);
    },
    cursorAt: (head: bigint) => `from ${head}`,
  };
  const told = [];
  const events = gateEvents(source, AbortSignal.timeout(60_000));
  for await (const { kind, cursor, head, mark, isUnread } of events) {
    told.push({ kind, cursor, head, mark, isUnread });
  }
  return told;
}

test("a gate that is asked anew and answers the same is a heartbeat, and one that never could be read says nothing", async () => {
  const told = await toldOf([null, closedAt(3), closedAt(3), closedAt(4)]);
  expect(told.map(({ kind, head }) => [kind, head])).toEqual([
    ["GATE", 3n],
    ["HEARTBEAT", 3n],
    ["GATE", 4n],
  ]);
});

test("gates that could not be read after different revisions are told apart, so that no head goes back", async () => {
  const told = await toldOf([closedAt(3), null, null, closedAt(4), null, null]);
  expect(told.map(({ kind, cursor }) => [kind, cursor])).toEqual([
    ["GATE", "from 3"],
    ["GATE", "from 3"],
    ["HEARTBEAT", "from 3"],
    ["GATE", "from 4"],
    ["GATE", "from 4"],
    ["HEARTBEAT", "from 4"],
  ]);
  const marks = told.map(({ mark }) => mark);
  expect(new Set(marks).size).toBe(4);
  expect([marks[1], marks[4]]).toEqual([marks[2], marks[5]]);
  expect(told.map(({ isUnread }) => isUnread)).toEqual([false, true, true, false, true, true]);
});
