import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import { type Finding, findingText } from "#audit/finding.ts";
import type { AuditResult } from "#audit/verifyLineage.ts";
import { checkpointText } from "#proof/checkpoint.ts";
import { newNoteKey, noteSigner, noteVerifier, signNote } from "#proof/signedNote.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { OWNER, asking, availability, granted, ledgerOn, record } from "../ledger/trainWorld.ts";
import { disarm } from "./disarm.ts";
import { type RealLineage, copyOf, makeRealLineage, verified } from "./realLineage.ts";

const fresh = freshDatabase();
let packets: RealLineage;
let sound: AuditResult;
beforeAll(async () => {
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  packets = await makeRealLineage(database);
  await database.close();
  sound = await verified(fresh.url);
});

const signer = noteSigner(newNoteKey("log.example", new Uint8Array(32).fill(7)));
const keys = { log: noteVerifier(signer.verifierKey), witnesses: [] };

/** The checkpoint of a log as it was checked, signed outside the database. */
function checkpointOf({ log }: AuditResult): { name: string; note: string } {
  if (log === null) throw new Error("the log was not read");
  const text = checkpointText({ origin: "log.example", ...log, extensions: [] });
  return { name: "kept", note: signNote(text, [signer]) };
}

/** What is found in a copy after somebody changed it, who may do anything there. */
async function foundAfter(
  change: (database: Database) => Promise<unknown>,
  options: Parameters<typeof verified>[1] = {},
): Promise<AuditResult> {
  const copy = await copyOf(fresh.url);
  try {
    const database = connect(copy.url, { applicationName: "holdfast tests", connectionsMax: 2 });
    await change(database);
    await database.close();
    return await verified(copy.url, options);
  } finally {
    await copy.drop();
  }
}

const told = (findings: readonly Finding[]): string[] =>
  findings.filter(({ place }) => place.table !== "schema").map(findingText);

const RESTED_ON = new Set(["source", "shared_report"]);

const at = (packet: string, number: number): string =>
  `WHERE packet = '${packet}' AND number = ${number}`;

test("before anybody changes it, nothing is found", () => {
  expect(told(sound.findings)).toEqual([]);
});

describe("by its own rows", () => {
  test.each<
    readonly [string, keyof RealLineage, number, string, string, (packet: string) => string]
  >([
    [
      "T01 edits a body",
      "lapsed",
      2,
      "COMMITMENT",
      "body",
      (p) => `
      UPDATE revision SET body = convert_to(replace(convert_from(body, 'UTF8'), 'COMMITTED',
        'WITHDRAWN'), 'UTF8') || ' ' ${at(p, 2)}`,
    ],
    [
      "T02 edits who acted",
      "lapsed",
      4,
      "VALUE",
      "actor",
      (p) => `
      UPDATE revision SET actor = 'mallory' ${at(p, 4)}`,
    ],
    [
      "T02 edits when",
      "lapsed",
      4,
      "VALUE",
      "at",
      (p) => `
      UPDATE revision SET at = at + interval '1 ms' ${at(p, 4)}`,
    ],
    [
      "T03 edits a digest with its header",
      "lapsed",
      3,
      "VALUE",
      "header.openHolds",
      (p) => `
      UPDATE revision SET header = h.new, digest = sha256(h.new) FROM (SELECT convert_to(
        regexp_replace(convert_from(header, 'UTF8'), '"openHolds":\\d+', '"openHolds":99'), 'UTF8')
        AS new FROM revision ${at(p, 3)}) AS h ${at(p, 3)}`,
    ],
    [
      "T04 deletes a middle row",
      "lapsed",
      3,
      "MISSING",
      "",
      (p) => `
      DELETE FROM revision ${at(p, 3)}`,
    ],
    [
      "T06 inserts a row",
      "exercise",
      6,
      "IDENTITY",
      "header.number",
      (p) => `
      INSERT INTO revision SELECT packet, 6, digest, digest, header, body, cause, actor, actor_kind,
        epoch, at, status, open_holds, steady_since, material_digest, approves_number,
        approves_digest FROM revision ${at(p, 5)}`,
    ],
    [
      "T07 swaps two rows",
      "lapsed",
      4,
      "IDENTITY",
      "header.number",
      (p) => `
      UPDATE revision SET number = 9 - number WHERE packet = '${p}' AND number IN (4, 5)`,
    ],
    [
      "T08 has a row twice",
      "lapsed",
      4,
      "GAP",
      "number",
      (p) => `
      INSERT INTO revision SELECT * FROM revision ${at(p, 4)}`,
    ],
    [
      "T09 moves a row here from another packet",
      "exercise",
      2,
      "IDENTITY",
      "header.packet",
      (p) => `
      UPDATE revision AS r SET digest = o.digest, header = o.header, body = o.body
        FROM revision AS o WHERE r.packet = '${p}' AND r.number = 2
        AND o.packet <> r.packet AND o.number = 2`,
    ],
    [
      "T16 spells a header otherwise",
      "lapsed",
      5,
      "FORM",
      "header",
      (p) => `
      UPDATE revision SET header = header || ' ', digest = sha256(header || ' ') ${at(p, 5)}`,
    ],
    [
      "T18 splices a field into its neighbour",
      "lapsed",
      5,
      "FORM",
      "header",
      (p) => `
      UPDATE revision SET header = h.new, digest = sha256(h.new) FROM (SELECT convert_to(
        replace(convert_from(header, 'UTF8'), '"number":5,"openHolds":', '"number":5,"x":1,"openHolds":'),
        'UTF8') AS new FROM revision ${at(p, 5)}) AS h ${at(p, 5)}`,
    ],
  ])("%s", async (_what, who, revision, kind, column, change) => {
    const packet = packets[who];
    const { findings, unchecked } = await foundAfter(async (database) => {
      await disarm(database);
      await database.sql.unsafe(change(packet));
    });
    expect(unchecked).toBeNull();
    const found = findings.find(({ place }) => place.packet === packet);
    expect(found && findingText(found)).toContain(`revision ${revision}`);
    expect(found).toMatchObject({
      kind,
      place: { table: "revision", packet, revision, ...(column === "" ? {} : { column }) },
    });
    expect(found?.expected).not.toBe(found?.found);
    // Nothing is held against the packets that nobody touched.
    const others = findings.filter((each) => each.place.packet !== undefined);
    expect(others.map(({ place }) => place.packet)).toEqual([packet]);
  });

  test("T10 edits the head alone", async () => {
    const packet = packets.approved;
    const { findings } = await foundAfter(async (database) => {
      await disarm(database);
      await database.sql`UPDATE packet_head SET status = 'APPROVED' WHERE packet = ${packet}`;
    });
    const place = { table: "packet_head", packet, column: "status" };
    expect(findings.find((each) => each.place.packet === packet)).toMatchObject({ place });
  });

  test("T11 inserts an approval over an open hold, right in every digest", async () => {
    const packet = packets.approved;
    const { findings } = await foundAfter(async (database) => {
      await disarm(database);
      const ledger = await ledgerOn(database);
      const seen = await ledger.state(packet);
      const digest = seen?.digest ?? "";
      const revision = seen?.state.revision ?? 0;
      const decide = () => ({ kind: "PACKET_APPROVED", revision, digest }) as const;
      granted(await ledger.append({ packet, asker: asking(OWNER, "packetApprove"), decide }));
    });
    const found = findings.find((each) => each.place.packet === packet);
    expect(found).toMatchObject({ kind: "ENTITLEMENT", place: { column: "body.fact" } });
    expect(found?.found).toContain("HELD");
  });

  test("T12 deletes the event that opened a hold", async () => {
    const packet = packets.lapsed;
    let revision = 0;
    const { findings } = await foundAfter(async (database) => {
      await disarm(database);
      const [row] = await database.sql<{ number: number }[]>`
        DELETE FROM revision WHERE packet = ${packet} AND number = (
          SELECT min(number) FROM revision WHERE packet = ${packet} AND number > 1
            AND convert_from(body, 'UTF8') NOT LIKE '%"opened":[]%')
        RETURNING number`;
      revision = row?.number ?? 0;
    });
    expect(revision).toBeGreaterThan(1);
    expect(findings.find((each) => each.place.packet === packet)).toMatchObject({
      kind: "MISSING",
      place: { table: "revision", revision },
    });
  });

  test.each([
    ["packet_dependency", "DELETE FROM packet_dependency WHERE name = 'cid'", "MISSING"],
    ["idempotency", "DELETE FROM idempotency WHERE verb = 'decide'", "MISSING"],
    ["shared_subject", "INSERT INTO shared_subject VALUES (false, 'ENCLAVE_REPORT', 'x')", "EXTRA"],
    ["shared_report", "DELETE FROM shared_report WHERE name = 'spare'", "VALUE"],
    ["log_position", "UPDATE log_position SET position = position + 1 WHERE position > 9", "GAP"],
    ["clock_step", "DELETE FROM clock_step WHERE seq = 3", "GAP"],
    ["train", "INSERT INTO train VALUES (false, 'other')", "EXTRA"],
    ["source", "DELETE FROM source WHERE kind = 'ROSTER' AND train = 'lapsed'", "MISSING"],
    ["report_number", "DELETE FROM report_number WHERE number = 4", "LINK"],
    ["log_subtree", "INSERT INTO log_subtree VALUES (8, 0, sha256('x'))", "EXTRA"],
  ])("T13 edits %s alone", async (table, change, kind) => {
    const { findings } = await foundAfter(async (database) => {
      await disarm(database);
      await database.sql.unsafe(change);
    });
    const found = findings.filter(({ place }) => place.table !== "schema");
    expect(found.length).toBeGreaterThan(0);
    // What a packet rests on is missed where the packet names it.
    const isOf = ({ place }: Finding): boolean =>
      place.table === table || (place.table === "revision" && RESTED_ON.has(table));
    expect(found.filter(isOf).map((each) => each.kind)).toContain(kind);
  });

  test.each([
    [
      "disables a trigger",
      "ALTER TABLE revision DISABLE TRIGGER append_only",
      "trigger append_only of revision",
    ],
    [
      "lets a trigger sleep in replicas",
      "ALTER TABLE revision ENABLE TRIGGER follows",
      "trigger follows of revision",
    ],
    [
      "drops a constraint",
      "ALTER TABLE revision DROP CONSTRAINT revision_header",
      "constraint revision_header of revision",
    ],
    [
      "changes a column's type",
      "ALTER TABLE idempotency ALTER input TYPE varchar",
      "columns of idempotency",
    ],
    [
      "hollows a trigger's function out",
      `CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger
      LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
      "function refuse_change()",
    ],
    [
      "adds a rule",
      "CREATE RULE quiet AS ON INSERT TO source DO INSTEAD NOTHING",
      "rule quiet of source",
    ],
    [
      "adds a trigger",
      `CREATE TRIGGER mine BEFORE INSERT ON revision FOR EACH ROW
      EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      "trigger mine of revision",
    ],
    ["hides rows", "ALTER TABLE source ENABLE ROW LEVEL SECURITY", "table source"],
    [
      "switches foreign keys off",
      "ALTER TABLE source DISABLE TRIGGER ALL",
      "checks of source_proposal_lane_proposal_id_fk on source",
    ],
  ])("T14 %s", async (_what, change, row) => {
    const { findings } = await foundAfter((database) => database.sql.unsafe(change));
    expect(findings).toContainEqual(
      expect.objectContaining({ kind: "SCHEMA", place: { table: "schema", row } }),
    );
  });

  test("what the database itself cannot read is found at its place, and others are judged", async () => {
    const packet = packets.withdrawn;
    let revision = 0;
    const { findings, unchecked } = await foundAfter(async (database) => {
      await disarm(database);
      const [row] = await database.sql<{ number: number }[]>`
        SELECT number FROM packet_head WHERE packet = ${packet}`;
      revision = row?.number ?? 0;
      await database.sql`DELETE FROM pg_enum WHERE enumlabel = 'PACKET_WITHDRAWN'`;
      await database.sql`
        UPDATE packet_head SET status = 'APPROVED' WHERE packet = ${packets.approved}`;
    });
    expect(unchecked).toBeNull();
    const found = findings.filter(({ place }) => place.packet !== undefined);
    expect(found.toSorted((left, right) => left.kind.localeCompare(right.kind))).toMatchObject([
      { kind: "UNREADABLE", place: { table: "revision", packet, revision } },
      { kind: "VALUE", place: { table: "packet_head", packet: packets.approved } },
    ]);
    expect(found.find(({ kind }) => kind === "UNREADABLE")?.found).toContain("SQLSTATE");
  });

  test("T19 replays another deployment's chain", async () => {
    const other = "019a0000-0000-7000-8000-00000000000d";
    const pinned = await verified(fresh.url, { deployment: other });
    expect(pinned.findings.map(({ kind }) => kind)).toContain("IDENTITY");
    expect(pinned.findings).toContainEqual(
      expect.objectContaining({ place: { table: "deployment", column: "id" }, expected: other }),
    );
    const renamed = await foundAfter(async (database) => {
      await disarm(database);
      await database.sql`UPDATE deployment SET id = ${other}`;
    });
    const found = renamed.findings.filter(({ place }) => place.packet !== undefined);
    expect(found.length).toBe(Object.keys(packets).length);
    for (const each of found) {
      const place = { revision: 1, column: "header.deployment" };
      expect(each).toMatchObject({ kind: "IDENTITY", place });
    }
  });
});

interface Row {
  readonly number: number;
  readonly header: Uint8Array;
  readonly at: Date;
}

const sha256 = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest();

/** Moves a revision in time, and rewrites it, all after it, and whatever names them. */
async function rewrite({ sql }: Database, packet: string, from: number): Promise<void> {
  const rows = await sql<Row[]>`
    SELECT number, header, at FROM revision WHERE packet = ${packet} AND number >= ${from}
    ORDER BY number`;
  let before: Buffer | null = null;
  for (const { number, header, at: was } of rows) {
    const document = Buffer.from(header).toString("utf8");
    const now = new Date(was.getTime() + (number === from ? 1 : 0));
    const linked: string =
      before === null
        ? document
        : document.replace(
            /"predecessor":"[0-9a-f]{64}"/,
            `"predecessor":"${before.toString("hex")}"`,
          );
    const text = linked.replace(was.toISOString(), now.toISOString());
    const digest = sha256(text);
    const old = sha256(header).toString("hex");
    await sql`
      UPDATE revision SET header = ${Buffer.from(text)}, digest = ${digest}, at = ${now},
        predecessor = coalesce(${before}, predecessor)
      WHERE packet = ${packet} AND number = ${number}`;
    await sql`UPDATE packet_head SET digest = ${digest} WHERE digest = ${Buffer.from(old, "hex")}`;
    await sql`
      UPDATE idempotency SET answer = replace(answer, ${old}, ${digest.toString("hex")}),
        at = CASE WHEN at = ${was} AND answer LIKE ${`%"revision":${number}}`} THEN ${now} ELSE at END
      WHERE answer LIKE ${`%${old}%`}`;
    before = digest;
  }
}

describe("by a checkpoint that was kept elsewhere", () => {
  test("a log that goes on from it is right", async () => {
    const anchors = [checkpointOf(sound)];
    const { findings } = await foundAfter(
      async (database) => {
        const ledger = await ledgerOn(database);
        await record(ledger, packets.successor, [availability("cid", "COMMITTED")]);
        await ledger.sequence();
      },
      { anchors, keys },
    );
    expect(findings.map(findingText)).toEqual([]);
  });

  test("T03 rewrites the newest revisions of a packet and everything that names them", async () => {
    const change = async (database: Database): Promise<void> => {
      await disarm(database);
      const [last] = await database.sql<{ number: number }[]>`
        SELECT number FROM packet_head WHERE packet = ${packets.confirmed}`;
      await rewrite(database, packets.confirmed, last?.number ?? 0);
    };
    // Nothing in the database itself can tell.
    expect(told((await foundAfter(change)).findings)).toEqual([]);
    const { findings } = await foundAfter(change, { anchors: [checkpointOf(sound)], keys });
    expect(findings.filter(({ place }) => place.table !== "schema")).toMatchObject([
      { kind: "CHECKPOINT", place: { table: "checkpoint", row: "kept" } },
    ]);
  });

  test("T05 cuts the tail off", async () => {
    const change = async (database: Database): Promise<void> => {
      await disarm(database);
      await database.sql.unsafe(`
        WITH gone AS (DELETE FROM log_position WHERE position = (SELECT max(position) FROM log_position)
          RETURNING packet, number), cut AS (DELETE FROM revision AS r USING gone AS g
          WHERE r.packet = g.packet AND r.number = g.number RETURNING r.*),
        unsaid AS (DELETE FROM idempotency AS i USING cut AS c
          WHERE i.answer LIKE '%' || encode(c.digest, 'hex') || '%')
        UPDATE packet_head AS h SET number = r.number, digest = r.digest, status = r.status
          FROM cut AS c JOIN revision AS r ON r.packet = c.packet AND r.number = c.number - 1
          WHERE h.packet = c.packet`);
    };
    expect(told((await foundAfter(change)).findings)).toEqual([]);
    const { findings } = await foundAfter(change, { anchors: [checkpointOf(sound)], keys });
    const found = findings.find(({ place }) => place.table === "checkpoint");
    expect(found).toMatchObject({ kind: "CHECKPOINT" });
    expect(found?.found).toContain("only");
  });

  test("T15 restores a backup and goes on from it", async () => {
    const goOn = (status: "COMMITTED" | "WITHDRAWN") => async (database: Database) => {
      const ledger = await ledgerOn(database);
      await record(ledger, packets.confirmed, [availability("cid", status)]);
      await ledger.sequence();
    };
    const lost = await foundAfter(goOn("WITHDRAWN"));
    const anchors = [checkpointOf(lost)];
    expect((await foundAfter(goOn("COMMITTED"))).findings).toEqual([]);
    const restored = await foundAfter(goOn("COMMITTED"), { anchors, keys });
    expect(restored.findings).toMatchObject([{ kind: "CHECKPOINT" }]);
    expect(restored.log?.size).toBe(lost.log?.size);
  });

  test("a checkpoint that somebody else signed is found", async () => {
    const stranger = noteSigner(newNoteKey("log.example", new Uint8Array(32).fill(8)));
    const { findings } = await verified(fresh.url, {
      anchors: [checkpointOf(sound)],
      keys: { log: noteVerifier(stranger.verifierKey), witnesses: [] },
    });
    expect(findings).toMatchObject([{ kind: "SIGNATURE", place: { row: "kept" } }]);
  });

  test("a checkpoint that no key is given for is found", async () => {
    const { findings } = await verified(fresh.url, { anchors: [checkpointOf(sound)] });
    expect(findings).toMatchObject([{ kind: "SIGNATURE", place: { row: "kept" } }]);
  });
});
