import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ownFolder, textOf } from "../identity/passports.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { EPOCH_MS, type HttpNode, PASSPORTS, startHttpNode } from "./httpNode.ts";

const fresh = freshDatabase();
const folder = ownFolder();
const owner = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 2 });
const app = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let warm: HttpNode;
let principals = "";
beforeAll(async () => {
  desk = await openDesk(app, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
  principals = path.join(folder.path, "principals.json");
  await writeFile(principals, textOf(...Object.values(PASSPORTS)));
  warm = await startHttpNode(fresh.url, principals);
});
afterAll(async () => {
  await warm.leave();
  await Promise.all([app.close(), owner.close()]);
});

const GATE = "query ($packet: UUID!) { gate(packet: $packet) { status reasons revision } }";

interface Gated {
  readonly gate: { readonly status: string; readonly reasons: string[]; readonly revision: number };
}

/** Makes a revision what nobody can decode, as only a superuser can who first switches the triggers off. */
async function poison(packet: string, number: number): Promise<void> {
  await owner.sql.begin(async (tx) => {
    await tx`ALTER TABLE revision DISABLE TRIGGER ALL`;
    await tx`UPDATE revision SET body = '\\x00' WHERE packet = ${packet} AND number = ${number}`;
    await tx`ALTER TABLE revision ENABLE TRIGGER ALL`;
    await tx`ALTER TABLE revision ENABLE ALWAYS TRIGGER append_only`;
    await tx`ALTER TABLE revision ENABLE ALWAYS TRIGGER follows`;
  });
}

test("F22: a revision that nobody can decode closes its packet's gate, and no other's", async () => {
  const [bad, good] = [await openReady(desk, "train-bad"), await openReady(desk, "train-good")];
  const approve = (node: HttpNode, packet: typeof bad) =>
    node.ask({ verb: "packetApprove", by: OLGA, input: approvalOf(packet), thinkUs: 0 });
  expect((await approve(warm, bad)).outcome.done).toBe(true);
  expect((await warm.read<Gated>(GATE, bad)).gate.status).toBe("OPEN");

  await poison(bad.packet, 2);
  const cold = await startHttpNode(fresh.url, principals);
  try {
    expect((await cold.read<Gated>(GATE, bad)).gate).toMatchObject({
      status: "CLOSED",
      reasons: ["UNREADABLE"],
      revision: null,
    });
    const placed = await cold.ask({
      verb: "operatorHoldPlace",
      by: IVAN,
      input: { idempotencyKey: newKey(), packet: bad.packet, reason: "what is this" },
      thinkUs: 0,
    });
    expect(placed.outcome).toMatchObject({ done: false });
    expect(JSON.stringify(placed.outcome)).toContain("UNREADABLE");
    expect(cold.faults()).toContain("LineageBroken");

    const told = await approve(cold, good);
    expect(told.outcome.done).toBe(true);
    for (const node of [cold, warm]) {
      const { gate } = await node.read<Gated>(GATE, good);
      expect(gate).toMatchObject({ status: "OPEN", reasons: [] });
    }
    // The log of all packets has room for what it cannot read.
    const [row] = await owner.sql<
      { revisions: bigint }[]
    >`SELECT count(*) AS revisions FROM revision`;
    expect(await desk.ledger.sequence()).toBe(row?.revisions);
  } finally {
    await cold.leave();
  }
});
