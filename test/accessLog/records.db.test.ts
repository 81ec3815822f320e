import { v7 } from "uuid";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type OpenAccessLog, openAccessLog } from "#accessLog/openAccessLog.ts";
import { type RecordFilter, RecordReader } from "#accessLog/readRecords.ts";
import { type Lines, type Sql, connect } from "#database/connect.ts";
import { type AccessEvent, AccessUnrecorded } from "#packet/accessEvent.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { heardLog } from "../identity/heardLog.ts";

const HOUR_MS = 60 * 60_000;
const NODE = v7();

const fresh = freshDatabase();
const options = { applicationName: "holdfast tests", connectionsMax: 2 };
const opened = {
  get app() {
    return (this.kept ??= connect(fresh.appUrl, options));
  },
  kept: undefined as ReturnType<typeof connect> | undefined,
};
afterAll(() => opened.kept?.close());

let nowMs = 0;
let train = 0;
/** Whoever a test is about: nobody of another one. */
let who = "";
beforeEach(() => {
  nowMs = 0;
  who = `person-${(train += 1)}`;
});

/** Lines of a client that stays: none is ever gone. */
function linesOf(sql: Sql): Pick<Lines, "openLine"> {
  const stays = { heardBytes: 0, isGone: false, giveUp: () => undefined };
  return { openLine: () => ({ sql, ...stays, close: async () => undefined }) };
}

function open(sql = opened.app.sql): OpenAccessLog {
  return openAccessLog({ lines: linesOf(sql), node: NODE, now: () => nowMs, log: heardLog().log });
}

function kept(wanted: Partial<RecordFilter> = { actor: who }) {
  const reader = new RecordReader(opened.app.sql);
  const all = { after: null, before: null, size: 500, from: "FIRST" } as const;
  return reader.stretch({ code: null, actor: null, packet: null, ...wanted }, all);
}

function read(packet?: string): AccessEvent {
  const event = { code: "GOVERNED_READ", actor: who, address: "192.0.2.1" } as const;
  return packet === undefined ? { ...event, subject: "Query.source" } : { ...event, packet };
}

describe("the records of access", () => {
  test("have the first of a kind at once, and those that follow counted when their window ends", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const log = open();
      await log.record(read());
      expect(await kept()).toMatchObject([{ count: 1, overMs: 0n, node: NODE }]);
      for (let more = 0; more < 999; more += 1) await log.record(read());
      expect(await kept()).toHaveLength(1);
      nowMs += HOUR_MS;
      vi.advanceTimersByTime(5_000);
      await log.settled();
      const records = await kept();
      expect(records.map(({ count }) => count)).toEqual([1, 999]);
      expect(records[1]).toMatchObject({ code: "GOVERNED_READ", overMs: BigInt(HOUR_MS) });
      await log.record(read());
      expect(await kept()).toHaveLength(3);
      await log.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test("tell apart who, from where, which packet and what", async () => {
    const log = open();
    const [one, other] = [v7(), v7()];
    for (const packet of [one, other, one, undefined]) await log.record(read(packet));
    await log.record({ ...read(one), address: "192.0.2.2" });
    await log.close();
    const told = (await kept()).map(({ packet, address, count }) => [packet, address, count]);
    expect(told).toEqual([
      [one, "192.0.2.1", 1],
      [other, "192.0.2.1", 1],
      [null, "192.0.2.1", 1],
      [one, "192.0.2.2", 1],
      [one, "192.0.2.1", 1],
    ]);
  });

  test("have each export by itself", async () => {
    const log = open();
    const exported = { code: "EXPORTED", actor: who, packet: v7(), subject: "FULL" } as const;
    for (let more = 0; more < 3; more += 1) await log.record(exported);
    expect((await kept()).map(({ count }) => count)).toEqual([1, 1, 1]);
    await log.close();
  });

  test("say when, at which epoch and of which sign-in by the database's own word", async () => {
    const log = open();
    const roles = ["READER", "OPERATOR"];
    await log.record({ code: "SIGNED_IN_OFFLINE", actor: who, subject: "SHA256:x", after: roles });
    await log.close();
    const [record] = await kept();
    const [clock] = await opened.app.sql<{ epoch: bigint; now: Date }[]>`
      SELECT coalesce(max(epoch), 0) AS epoch, clock_timestamp() AS now FROM clock_step`;
    expect(record).toMatchObject({ epoch: clock?.epoch, after: roles, before: null });
    expect(Math.abs(Number(clock?.now) - Number(record?.at))).toBeLessThan(60_000);
  });

  test("of many at once take few statements", async () => {
    const log = open();
    const packets = Array.from({ length: 400 }, () => v7());
    const statements: unknown[] = [];
    const counting = openAccessLog({
      lines: linesOf(
        new Proxy(opened.app.sql, {
          apply(sql, self, args) {
            statements.push(args[0]);
            return Reflect.apply(sql, self, args) as unknown;
          },
        }),
      ),
      node: NODE,
      now: () => nowMs,
      log: heardLog().log,
    });
    await Promise.all(packets.map((packet) => counting.record(read(packet))));
    expect(await kept()).toHaveLength(400);
    expect(statements.length).toBeLessThanOrEqual(2);
    await log.close();
    await counting.close();
  });
});

describe("a flood", () => {
  test("of nobody known, from however many addresses, leaves as many records as are told apart and one more", async () => {
    const log = open();
    for (let from = 0; from < 20_000; from += 1) {
      const address = `2001:db8:${(from % 5_000).toString(16)}:0::/64`;
      log.note({ code: "SIGN_IN_REFUSED", actor: null, address });
    }
    await log.close();
    const flood = await kept({ code: "SIGN_IN_REFUSED" });
    expect(flood.reduce((sum, { count }) => sum + count, 0)).toBe(20_000);
    expect(new Set(flood.map(({ address }) => address)).size).toBe(101);
    expect(flood.length).toBeLessThanOrEqual(202);
    expect(flood.filter(({ subject }) => subject === "OTHERS").map(({ count }) => count)).toEqual([
      1,
      20_000 - 400 - 1,
    ]);
  });
});

describe("a database that is away", () => {
  const away = connect("postgres://nobody@127.0.0.1:1/none", options);
  afterAll(() => away.close());

  test("lets nothing in that needs a record", async () => {
    const log = open(away.sql);
    await expect(log.record(read())).rejects.toThrow(AccessUnrecorded);
    await expect(log.record(read())).rejects.toThrow(AccessUnrecorded);
    await log.close();
  });

  test("does not hold up what is refused, which is counted until it is back", async () => {
    let isAway = true;
    const log = openAccessLog({
      lines: linesOf(
        new Proxy(opened.app.sql, {
          apply: (sql, self, args) => Reflect.apply(isAway ? away.sql : sql, self, args) as unknown,
        }),
      ),
      node: NODE,
      now: () => nowMs,
      log: heardLog().log,
    });
    const refused: AccessEvent = {
      code: "REFUSED",
      actor: who,
      subject: "packetOpen NOT_ENTITLED",
    };
    for (let more = 0; more < 50; more += 1) log.note(refused);
    await log.settled();
    expect(await kept()).toEqual([]);
    isAway = false;
    await log.close();
    expect((await kept()).map(({ count }) => count)).toEqual([50]);
  });
});

describe("a record", () => {
  const owner = { kept: undefined as ReturnType<typeof connect> | undefined };
  afterAll(() => owner.kept?.close());

  test.each([
    ["changed", "UPDATE access_record SET actor = 'somebody'"],
    ["deleted", "DELETE FROM access_record"],
    ["swept away", "TRUNCATE access_record"],
  ])(
    "cannot be %s, by the service's own role or by the owner of the table",
    async (_how, statement) => {
      const log = open();
      await log.record(read());
      await log.close();
      await expect(opened.app.sql.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
      owner.kept ??= connect(fresh.url, options);
      await expect(owner.kept.sql.unsafe(statement)).rejects.toMatchObject({ code: "HF081" });
    },
  );

  test("cannot say another epoch or another time than the database's", async () => {
    await opened.app.sql`
      INSERT INTO access_record (code, actor, count, over_ms, node, epoch, at)
      VALUES ('EXPORTED', ${who}, 1, 0, ${NODE}::uuid, 99, '2001-01-01')`;
    const [record] = await kept();
    expect(record?.epoch).not.toBe(99n);
    expect(record?.at.getUTCFullYear()).toBeGreaterThan(2001);
  });
});
