import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { freeze, thaw } from "#recovery/clock.ts";
import { LineageBroken } from "#ledger/fault.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import {
  UPSTREAM,
  accept,
  asking,
  availability,
  contents,
  enclave,
  granted,
  ledgerOn,
  readyPacket,
  record,
  recording,
  report,
  stateOf,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
const { sql } = database;
let writer: Ledger;
beforeAll(async () => {
  writer = await ledgerOn(database);
});
afterAll(() => database.close());

let trains = 0;
let packet = "";
let sound = "";
/** A process that has folded nothing yet. */
let reader: Ledger;
beforeEach(async () => {
  ({ packet: sound } = await readyPacket(writer, `train-${(trains += 1)}`));
  ({ packet } = await readyPacket(writer, `train-${(trains += 1)}`));
  for (const each of [packet, sound]) {
    await record(writer, each, [availability("sam", "WITHDRAWN")]);
    await record(writer, each, [availability("sam", "COMMITTED")]);
  }
  reader = await ledgerOn(database);
});

/** Changes a row as only a superuser can who first switches every trigger and check off. */
async function tamper(change: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`ALTER TABLE revision DISABLE TRIGGER ALL`;
    await tx`ALTER TABLE revision DROP CONSTRAINT IF EXISTS revision_header`;
    await tx`ALTER TABLE revision DROP CONSTRAINT IF EXISTS revision_digest`;
    await tx.unsafe(change.replaceAll("$packet", `'${packet}'`));
    await tx`ALTER TABLE revision ENABLE TRIGGER ALL`;
    await tx`ALTER TABLE revision ENABLE ALWAYS TRIGGER append_only`;
    await tx`ALTER TABLE revision ENABLE ALWAYS TRIGGER follows`;
  });
}

async function faultOf(reading: Promise<unknown>): Promise<LineageBroken> {
  const fault: unknown = await reading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(fault instanceof LineageBroken)) throw new Error(`found ${String(fault)}`);
  return fault;
}

const inPlace = "WHERE packet = $packet AND number = 2";

describe("a packet is unreadable, and says where, after somebody", () => {
  test.each([
    ["edits a body", `UPDATE revision SET body = body || ' ' ${inPlace}`, 2],
    [
      "edits a word in a body",
      `UPDATE revision SET body = convert_to(replace(convert_from(body, 'UTF8'), 'WITHDRAWN',
        'COMMITTED'), 'UTF8') ${inPlace}`,
      2,
    ],
    ["edits a header", `UPDATE revision SET header = header || ' ' ${inPlace}`, 2],
    [
      "edits a header with its digest",
      `UPDATE revision SET header = header || ' ', digest = sha256(header || ' ') ${inPlace}`,
      3,
    ],
    ["removes a revision", `DELETE FROM revision ${inPlace}`, 3],
    [
      "swaps two revisions",
      `UPDATE revision AS r SET digest = o.digest, header = o.header, body = o.body
        FROM revision AS o WHERE r.packet = $packet AND o.packet = r.packet
          AND r.number IN (2, 3) AND o.number = 5 - r.number`,
      2,
    ],
    ["writes what nobody can read", `UPDATE revision SET body = '\\x00' ${inPlace}`, 2],
  ])("%s", async (_what, change, revision) => {
    await tamper(change);
    const fault = await faultOf(reader.state(packet));
    expect(fault).toMatchObject({ packet, revision });
    expect(fault.expected).not.toBe(fault.found);
  });

  test("moves a revision here from another packet", async () => {
    await tamper(`UPDATE revision AS r SET digest = o.digest, header = o.header, body = o.body
      FROM revision AS o WHERE o.packet = '${sound}' AND r.packet = $packet
        AND r.number = 2 AND o.number = 2`);
    expect(await faultOf(reader.state(packet))).toMatchObject({ packet, revision: 2 });
  });

  test("changes what a packet's leaves are sealed with", async () => {
    await sql.begin(async (tx) => {
      await tx`ALTER TABLE packet DISABLE TRIGGER append_only`;
      await tx`UPDATE packet SET salt = sha256('x') WHERE id = ${packet}`;
      await tx`ALTER TABLE packet ENABLE ALWAYS TRIGGER append_only`;
    });
    expect(await faultOf(reader.state(packet))).toMatchObject({ packet, revision: 1 });
  });

  test("edits a source that it rests on", async () => {
    const train = `train-${trains}`;
    const policy = { ...contents(train).QUORUM_POLICY, handoverEpochs: 77n };
    await accept(writer, { exercise: false, train }, policy);
    await sql.begin(async (tx) => {
      await tx`ALTER TABLE source DISABLE TRIGGER append_only`;
      await tx`ALTER TABLE source DROP CONSTRAINT IF EXISTS source_digest`;
      await tx`
        UPDATE source SET content = convert_to(replace(convert_from(content, 'UTF8'), '"77"',
          '"78"'), 'UTF8')
        WHERE train = ${train} AND kind = 'QUORUM_POLICY' AND version = 2`;
      await tx`ALTER TABLE source ENABLE ALWAYS TRIGGER append_only`;
    });
    expect(await faultOf(reader.state(packet))).toMatchObject({ packet, revision: 4 });
  });

  test("edits nothing but what another train accepted in the same words, which changes nothing here", async () => {
    await sql.begin(async (tx) => {
      await tx`ALTER TABLE source DISABLE TRIGGER append_only`;
      await tx`ALTER TABLE source DROP CONSTRAINT IF EXISTS source_digest`;
      await tx`
        UPDATE source SET content = '{}'
        WHERE train = ${`train-${trains - 1}`} AND kind = 'QUORUM_POLICY'`;
      await tx`ALTER TABLE source ENABLE ALWAYS TRIGGER append_only`;
    });
    expect((await stateOf(reader, packet)).revision).toBe(3);
  });
});

describe("while one packet is unreadable", () => {
  beforeEach(() => tamper(`UPDATE revision SET body = body || ' ' ${inPlace}`));

  test("nothing is appended to it", async () => {
    const asker = asking(UPSTREAM, "readinessRecord");
    const decide = recording([availability("sam", "COMMITTED")]);
    await faultOf(reader.append({ packet, asker, decide }));
    expect((await reader.revisions(packet, 0, 10)).map((each) => each.number)).toEqual([1, 2, 3]);
  });

  test("a process that has it warm finds out no later than its next change", async () => {
    await tamper(`UPDATE revision SET digest = sha256('x') WHERE packet = $packet AND number = 3`);
    expect((await stateOf(writer, packet)).revision).toBe(3);
    const { appended, unreadable } = await report(writer, false, [enclave("vault")]);
    expect(unreadable).toContain(packet);
    expect(appended.map((each) => each.packet)).toContain(sound);
    await faultOf(record(writer, packet, [availability("sam", "COMMITTED")]));
  });

  test("others go on", async () => {
    const appended = await record(reader, sound, [availability("sam", "WITHDRAWN")]);
    expect(appended.revision).toBe(5);
  });

  test("a shared report reaches the others and names it", async () => {
    const { appended, unreadable } = await report(reader, false, [enclave("vault")]);
    expect(unreadable).toContain(packet);
    expect(appended.map((each) => each.packet)).toContain(sound);
  });

  test("the clock can be frozen and thawed, and names it", async () => {
    for (const decide of [freeze, thaw]) {
      const asker = asking(UPSTREAM, "epochFreeze");
      const step = granted(await reader.stepClock({ asker, decide }));
      expect(step?.unreadable).toContain(packet);
      expect(step?.appended.map((each) => each.packet)).toContain(sound);
    }
  });
});

test("a head that somebody set back is folded anew as far as it goes", async () => {
  await stateOf(reader, packet);
  await sql.begin(async (tx) => {
    await tx`ALTER TABLE packet_head DISABLE TRIGGER is_last`;
    await tx`
      UPDATE packet_head AS h SET number = r.number, digest = r.digest, status = r.status
      FROM revision AS r WHERE r.packet = h.packet AND r.packet = ${packet} AND r.number = 2`;
    await tx`ALTER TABLE packet_head ENABLE ALWAYS TRIGGER is_last`;
  });
  expect((await stateOf(reader, packet)).revision).toBe(2);
  // The lineage itself still refuses a second successor of revision 2.
  const decide = recording([availability("sam", "COMMITTED")]);
  const asker = asking(UPSTREAM, "readinessRecord");
  const fault = await faultOf(reader.append({ packet, asker, decide }));
  expect(fault).toMatchObject({ packet, revision: null, cause: { code: "23505" } });
});
