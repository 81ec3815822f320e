import { expect } from "vitest";
import type { Claim } from "./conformance.ts";
import { type Stage, current, endOf, numberOf, told } from "./stage.ts";
import { WHO } from "./streamWorld.ts";
import { ALL, ALL_HOLD_CHANGES, GATE, HOLD_CHANGES, REGISTER, REVISIONS } from "./subscriptions.ts";

/** Every way to spoil a cursor: a turned bit, a lost or added character, another alphabet. */
function spoiled(cursor: string): string[] {
  const turned = Buffer.from(cursor, "base64url");
  turned[20] = (turned[20] ?? 0) ^ 1;
  return [
    turned.toString("base64url"),
    cursor.slice(0, -1),
    `${cursor}A`,
    `${cursor}=`,
    cursor.replace(/.$/, "/"),
    "0",
    "",
  ];
}

async function forged(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  const neighbour = stage.follow(REVISIONS, { packet });
  const cursor = await current(neighbour, 3);
  for (const after of spoiled(cursor)) {
    expect(await refusalOf(stage, REVISIONS, { packet, after })).toBe("CURSOR_FORGED");
  }
  await stage.server.place(packet);
  expect(numberOf(await told(neighbour))).toBe(4);
}

async function foreign(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  const { packet: other } = await stage.world.packet();
  const own = new Map<string, string>();
  for (const query of Object.values(ALL)) {
    const stream = stage.follow(query, { packet });
    own.set(query, (await stream.next()).cursor);
    stream.leave();
  }
  for (const [query, after] of own) {
    for (const another of own.keys()) {
      if (scopeOf(another) === scopeOf(query)) continue;
      expect(await refusalOf(stage, another, { packet, after })).toBe("CURSOR_FOREIGN");
    }
    if (query === ALL_HOLD_CHANGES) continue;
    expect(await refusalOf(stage, query, { packet: other, after })).toBe("CURSOR_FOREIGN");
  }
}

/** A register and the hold changes of its packet go on from each other's cursors. */
function scopeOf(query: string): string {
  return query === REGISTER ? HOLD_CHANGES : query;
}

async function future(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  const { cursors, desk } = stage.server;
  const head = await desk.ledger.sequence();
  const change = 65_536n;
  const beyond: readonly (readonly [string, string, bigint])[] = [
    [REVISIONS, `revisions ${packet}`, 4n],
    [HOLD_CHANGES, `holds of ${packet}`, 4n * change],
    [REGISTER, `holds of ${packet}`, 4n * change + 1n],
    [GATE, `gate of ${packet}`, 4n],
    [ALL_HOLD_CHANGES, "holds of all", (head + 1n) * change],
  ];
  for (const [query, scope, position] of beyond) {
    const after = cursors.write(scope, position);
    expect(await refusalOf(stage, query, { packet, after })).toBe("CURSOR_FUTURE");
  }
}

/** The code with which a stream is refused. */
async function refusalOf(
  stage: Stage,
  query: string,
  { packet, after }: { packet: string; after: string },
): Promise<string | undefined> {
  const variables = query === ALL_HOLD_CHANGES ? { after } : { packet, after };
  return (await endOf(stage.follow(query, variables, { by: WHO.rita }))).at(-1);
}

/** Of where a reader may go on. */
export const CURSOR_CLAIMS: readonly Claim[] = [
  { claim: "W28 a forged cursor is refused, and the neighbour goes on", show: forged },
  { claim: "W28 a cursor of another packet or stream is refused", show: foreign },
  { claim: "W28 a cursor beyond the head is refused", show: future },
];
