import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { RAISED } from "#ledger/fault.ts";
import type { Ledger, Revision } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { passEpochs } from "./passEpochs.ts";
import {
  OWNER,
  asking,
  availability,
  granted,
  ledgerOn,
  readyPacket,
  record,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
const { sql } = database;
let ledger: Ledger;
beforeAll(async () => {
  ledger = await ledgerOn(database);
});
afterAll(() => database.close());

let trains = 0;
let packet = "";
let last: Revision;
beforeEach(async () => {
  trains += 1;
  ({ packet } = await readyPacket(ledger, `train-${trains}`));
  last = await lastRevision();
});

async function lastRevision(): Promise<Revision> {
  const revision = (await ledger.revisions(packet, 0, 100)).at(-1);
  if (revision === undefined) throw new Error("the packet has no revision");
  return revision;
}

type Row = Record<string, string | number | bigint | Uint8Array | Date | null>;

/** Writes a revision by SQL alone, as somebody would who holds the database's password. */
async function insert(changed: Row): Promise<void> {
  const header = Buffer.from(`forged ${Object.keys(changed).join(" ")} ${packet}`);
  const [digest] = await sql<{ digest: Uint8Array }[]>`SELECT sha256(${header}) AS digest`;
  const row: Row = {
    packet,
    number: last.number + 1,
    predecessor: Buffer.from(last.digest, "hex"),
    digest: digest?.digest ?? null,
    header,
    body: Buffer.from("{}"),
    cause: "ENTRIES_RECORDED",
    actor: OWNER.actor,
    actor_kind: "PERSON",
    epoch: last.epoch,
    at: last.at,
    status: "READY_FOR_APPROVAL",
    open_holds: 0,
    steady_since: 1,
    material_digest: Buffer.from(last.materialDigest, "hex"),
    approves_number: null,
    approves_digest: null,
    ...changed,
  };
  await sql`INSERT INTO revision ${sql(row)}`;
}

const approving = (): Row => ({
  cause: "PACKET_APPROVED",
  status: "APPROVED",
  approves_number: last.number,
  approves_digest: Buffer.from(last.digest, "hex"),
});

describe("a fork is impossible: the database refuses a revision", () => {
  test("with a number that is taken", async () => {
    const { packet: other } = await readyPacket(ledger, `train-${(trains += 1)}`);
    await expect(
      insert({ packet: other, number: 1, predecessor: null, cause: "PACKET_OPENED" }),
    ).rejects.toMatchObject({ code: "23505" });
  });

  test("with a predecessor that has a successor", async () => {
    await record(ledger, packet, [availability("sam", "COMMITTED")]);
    await expect(insert({})).rejects.toMatchObject({ code: "23505" });
    await expect(insert({ number: 3 })).rejects.toMatchObject({ code: "23505" });
  });

  test("that leaves a gap", async () => {
    await expect(insert({ number: 3 })).rejects.toMatchObject({ code: RAISED.lineage });
  });

  test("whose predecessor has another digest", async () => {
    const predecessor = Buffer.alloc(32, 1);
    await expect(insert({ predecessor })).rejects.toMatchObject({ code: RAISED.lineage });
  });

  test("whose digest is not that of its header", async () => {
    await expect(insert({ digest: Buffer.alloc(32, 1) })).rejects.toMatchObject({ code: "23514" });
  });

  test("of an earlier epoch than its predecessor", async () => {
    await passEpochs(sql, 2);
    await record(ledger, packet, [availability("sam", "COMMITTED")]);
    last = await lastRevision();
    await expect(insert({ epoch: last.epoch - 1n })).rejects.toMatchObject({
      code: RAISED.lineage,
    });
  });

  test("after the one that closed the packet", async () => {
    const asker = asking(OWNER, "packetWithdraw");
    const decide = () => ({ kind: "PACKET_WITHDRAWN", reason: "over" }) as const;
    granted(await ledger.append({ packet, asker, decide }));
    last = await lastRevision();
    expect(last.status).toBe("CLOSED");
    await expect(insert({})).rejects.toMatchObject({ code: RAISED.lineage });
  });
});

describe("rule 5.1 in the database: an approval is refused", () => {
  test("over an open hold", async () => {
    await record(ledger, packet, [availability("sam", "WITHDRAWN")]);
    last = await lastRevision();
    await expect(insert({ ...approving(), steady_since: 2 })).rejects.toMatchObject({
      code: RAISED.approval,
      message: expect.stringContaining("open holds") as string,
    });
  });

  test("of a digest that no revision has", async () => {
    const approval = { ...approving(), approves_digest: Buffer.alloc(32, 7) };
    await expect(insert(approval)).rejects.toMatchObject({
      code: RAISED.approval,
      message: expect.stringContaining("number and digest") as string,
    });
  });

  test("of a revision after which a hold opened, though it is cleared since", async () => {
    const named = approving();
    await record(ledger, packet, [availability("sam", "WITHDRAWN")]);
    await record(ledger, packet, [availability("sam", "COMMITTED")]);
    last = await lastRevision();
    expect(last.status).toBe("READY_FOR_APPROVAL");
    await expect(insert({ ...named, steady_since: 2 })).rejects.toMatchObject({
      code: RAISED.lineage,
    });
    await expect(insert({ ...named, steady_since: 3 })).rejects.toMatchObject({
      code: RAISED.approval,
      message: expect.stringContaining("later revision") as string,
    });
  });

  test("of a packet that is approved already", async () => {
    const approve = {
      kind: "PACKET_APPROVED",
      revision: last.number,
      digest: last.digest,
    } as const;
    const asker = asking(OWNER, "packetApprove");
    granted(await ledger.append({ packet, asker, decide: () => approve }));
    last = await lastRevision();
    expect(last.status).toBe("APPROVED");
    await expect(insert(approving())).rejects.toMatchObject({ code: RAISED.approval });
  });

  test.each([
    ["by a system", { actor_kind: "SYSTEM" }],
    ["that says its packet is not approved", { status: "READY_FOR_APPROVAL" }],
    ["with open holds of its own", { open_holds: 1 }],
  ])("%s", async (_what, changed) => {
    await expect(insert({ ...approving(), ...changed })).rejects.toMatchObject({
      code: RAISED.approval,
    });
  });

  test("at an epoch that is over, as a race that is looked at again", async () => {
    await passEpochs(sql, 1);
    await expect(insert(approving())).rejects.toMatchObject({ code: "40001" });
  });

  test("without the revision that it names", async () => {
    const approval = { ...approving(), approves_number: null, approves_digest: null };
    await expect(insert(approval)).rejects.toMatchObject({ code: "23514" });
  });
});

test("what the triggers refuse to others they grant to the ledger: an approval is a revision", async () => {
  const approve = { kind: "PACKET_APPROVED", revision: last.number, digest: last.digest } as const;
  const asker = asking(OWNER, "packetApprove");
  const appended = granted(await ledger.append({ packet, asker, decide: () => approve }));
  expect(await ledger.revision(packet, appended.revision)).toMatchObject({
    cause: "PACKET_APPROVED",
    status: "APPROVED",
    predecessor: last.digest,
  });
});
