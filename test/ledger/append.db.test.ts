import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Fact } from "#packet/fact.ts";
import {
  IdempotencyConflict,
  PacketClosed,
  Refusal,
  ReportReplayed,
  RevisionConflict,
  UnknownPacket,
  WrongStatus,
} from "#packet/refusal.ts";
import { chainOf } from "./chain.ts";
import { OutcomeUnknown } from "#ledger/fault.ts";
import type { AppendRequest, Appended, Ledger } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { passEpochs } from "./passEpochs.ts";
import {
  OWNER,
  REPORTER,
  ROBOT,
  accept,
  acceptAll,
  asking,
  availability,
  contents,
  enclave,
  goodNews,
  granted,
  ledgerOn,
  open,
  readyPacket,
  record,
  recording,
  report,
  reporting,
  stateOf,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const here = connect(fresh.appUrl, { applicationName: "holdfast here", connectionsMax: 8 });
const there = connect(fresh.appUrl, { applicationName: "holdfast there", connectionsMax: 8 });
const owner = connect(fresh.url, { applicationName: "holdfast owner", connectionsMax: 1 });
const moved: { packet: string; revision: number }[] = [];
let ledger: Ledger;
/** Another process's ledger on the same database. */
let other: Ledger;
beforeAll(async () => {
  [ledger, other] = await Promise.all([
    ledgerOn(here, (revisions) => moved.push(...revisions)),
    ledgerOn(there),
  ]);
});
afterAll(async () => {
  await Promise.all([ledger.close(), other.close()]);
  await Promise.all([here.close(), there.close(), owner.close()]);
});

let trains = 0;
let packet = "";
beforeEach(async () => {
  trains += 1;
  ({ packet } = await readyPacket(ledger, `train-${trains}`));
});

const withdrawn = recording([availability("sam", "WITHDRAWN")]);
const committed = recording([availability("sam", "COMMITTED")]);
const placing: AppendRequest["decide"] = ({ facts }) => ({
  kind: "OPERATOR_HOLD_PLACED",
  placement: facts.placements.size + 1,
  reason: "look again",
});
const approving =
  (named: Appended): AppendRequest["decide"] =>
  () => ({ kind: "PACKET_APPROVED", revision: named.revision, digest: named.digest });

test("a change is one revision, told of after its commit", async () => {
  const appended = await record(ledger, packet, [availability("sam", "WITHDRAWN")]);
  expect(appended).toMatchObject({ packet, revision: 2, repeated: false });
  expect(await stateOf(ledger, packet)).toMatchObject({ revision: 2, status: "ON_HOLD" });
  expect(moved.filter((each) => each.packet === packet)).toEqual([
    { packet, revision: 1 },
    { packet, revision: 2 },
  ]);
});

test("nothing is written for a refusal, an unknown packet or a decision that throws", async () => {
  const asker = asking(REPORTER, "readinessRecord");
  const refusal = new WrongStatus("READY_FOR_APPROVAL", "no");
  expect(await ledger.append({ packet, asker, decide: () => refusal })).toBe(refusal);
  const nowhere = "019a0000-0000-7000-8000-000000000000";
  expect(await ledger.append({ packet: nowhere, asker, decide: committed })).toBeInstanceOf(
    UnknownPacket,
  );
  const broken = ledger.append({
    packet,
    asker,
    decide: () => {
      throw new Error("the gate crashed");
    },
  });
  await expect(broken).rejects.toThrow("the gate crashed");
  expect((await stateOf(ledger, packet)).revision).toBe(1);
  // The key was not used up.
  expect(granted(await ledger.append({ packet, asker, decide: committed })).revision).toBe(2);
});

test("an expected revision that is no longer the head is a conflict", async () => {
  const asker = asking(REPORTER, "readinessRecord");
  await record(ledger, packet, [availability("sam", "WITHDRAWN")]);
  const answer = await ledger.append({ packet, asker, expectedRevision: 1, decide: committed });
  expect(answer).toMatchObject(new RevisionConflict(1, 2));
  const again = ledger.append({ packet, asker, expectedRevision: 2, decide: committed });
  expect(granted(await again).revision).toBe(3);
});

test("nothing follows the revision that closes a packet", async () => {
  const decide = (): Fact => ({ kind: "PACKET_WITHDRAWN", reason: "over" });
  granted(await ledger.append({ packet, asker: asking(OWNER, "packetWithdraw"), decide }));
  const late = { packet, asker: asking(REPORTER, "readinessRecord"), decide: committed };
  expect(await ledger.append(late)).toBeInstanceOf(PacketClosed);
});

test("a closed packet is closed to whatever is asked, before anybody decides, and repeats its earlier answers", async () => {
  const key = asking(REPORTER, "readinessRecord");
  const early = granted(await ledger.append({ packet, asker: key, decide: withdrawn }));
  const decide = (): Fact => ({ kind: "PACKET_WITHDRAWN", reason: "over" });
  const closing = asking(OWNER, "packetWithdraw");
  const closed = granted(await ledger.append({ packet, asker: closing, decide }));
  const asked: string[] = [];
  const late = (more: Partial<AppendRequest>) =>
    other.append({
      packet,
      asker: asking(REPORTER, "readinessRecord"),
      decide() {
        asked.push("late");
        return new WrongStatus("CLOSED", "no");
      },
      ...more,
    });
  expect(await late({})).toBeInstanceOf(PacketClosed);
  expect(await late({ expectedRevision: 1 })).toBeInstanceOf(PacketClosed);
  expect(await late({ asker: asking(ROBOT, "readinessRecord"), reportNumber: 1n })).toBeInstanceOf(
    PacketClosed,
  );
  expect(await late({ asker: key })).toEqual({ ...early, repeated: true });
  expect(await late({ asker: closing })).toEqual({ ...closed, repeated: true });
  expect(await late({ asker: { ...key, input: "another" } })).toBeInstanceOf(IdempotencyConflict);
  expect(asked).toEqual([]);
});

test("of what is asked together with the closing of a packet, nothing follows it", async () => {
  const decide = (): Fact => ({ kind: "PACKET_WITHDRAWN", reason: "over" });
  const requests = [withdrawn, decide, committed].map((decided) => ({
    packet,
    asker: asking(OWNER, "anything"),
    decide: decided,
  }));
  const answers = await Promise.all(requests.map((request) => ledger.append(request)));
  expect(
    answers.map((answer) => (answer instanceof Refusal ? answer.code : answer.revision)),
  ).toEqual([2, 3, "PACKET_CLOSED"]);
});

describe("rule 6.6: what is due lapses first", () => {
  const aging = {
    FRESHNESS_POLICY: {
      ...contents("").FRESHNESS_POLICY,
      digestMaxAge: 10n,
      attestationMaxAge: 20n,
    },
  };

  async function agingPacket(): Promise<Appended> {
    const key = { exercise: false, train: `train-${(trains += 1)}` };
    await acceptAll(ledger, key, aging);
    await report(ledger, false, [enclave("vault")]);
    return open(ledger, key, goodNews());
  }

  test("one revision for each due epoch, in order, before the fact, even if that is refused", async () => {
    const { packet } = await agingPacket();
    const { epoch: opened } = await stateOf(ledger, packet);
    await passEpochs(owner.sql, 30);
    const refusal = new WrongStatus("ON_HOLD", "no");
    const asker = asking(REPORTER, "readinessRecord");
    await ledger.append({ packet, asker, decide: () => refusal });
    const revisions = await ledger.revisions(packet, 0, 100);
    expect(
      revisions.map(({ cause, epoch, openHolds }) => [cause, epoch - opened, openHolds]),
    ).toEqual([
      ["PACKET_OPENED", 0n, 0],
      ["EPOCH_REACHED", 11n, 1],
      ["EPOCH_REACHED", 21n, 2],
    ]);
    expect(revisions.map((each) => each.actor)).toEqual(["rita", "holdfast", "holdfast"]);
  });

  test("the decision sees them, and its own revision comes after", async () => {
    const { packet } = await agingPacket();
    await passEpochs(owner.sql, 15);
    let seen: string | null = null;
    const asker = asking(REPORTER, "readinessRecord");
    const answer = await ledger.append({
      packet,
      asker,
      decide: (head, moment) => {
        seen = head.status;
        return committed(head, moment);
      },
    });
    expect(seen).toBe("ON_HOLD");
    expect(granted(answer).revision).toBe(3);
  });

  test("a view has them before they are recorded", async () => {
    const { packet } = await agingPacket();
    await passEpochs(owner.sql, 15);
    expect((await ledger.view(packet))?.state.status).toBe("ON_HOLD");
    expect(await stateOf(ledger, packet)).toMatchObject({ revision: 1 });
  });

  test("a tick writes them for every packet that has something due", async () => {
    const packets = [await agingPacket(), await agingPacket()];
    await passEpochs(owner.sql, 10);
    const heads = await Promise.all(packets.map(({ packet }) => stateOf(ledger, packet)));
    const step = await ledger.stepClock({
      asker: null,
      decide: (clock, at) => ({
        clock: { ...clock, epoch: clock.epoch + 1n, steppedAt: at },
        change: null,
      }),
    });
    expect(step).toMatchObject({ appended: [], unreadable: [] });
    for (const { facts, revision, status } of heads) {
      expect(status).toBe("READY_FOR_APPROVAL");
      const now = await stateOf(ledger, facts.packet);
      expect(now).toMatchObject({ revision: revision + 1, status: "ON_HOLD" });
    }
  });

  test("where only an advisory came due, no revision is written and no tick asks again", async () => {
    const { packet } = await agingPacket();
    await passEpochs(owner.sql, 9);
    const refusal = new WrongStatus("ON_HOLD", "no");
    const asker = asking(REPORTER, "readinessRecord");
    await ledger.append({ packet, asker, decide: () => refusal });
    const { epoch } = await ledger.moment();
    const [head] = await here.sql<{ nextDue: bigint }[]>`
      SELECT next_due AS "nextDue" FROM packet_head WHERE packet = ${packet}`;
    expect(await stateOf(ledger, packet)).toMatchObject({ revision: 1 });
    expect(head?.nextDue).toBeGreaterThan(epoch);
  });
});

describe("F14: an idempotency key", () => {
  test("gives the first answer again, also from another process and after more revisions", async () => {
    const request = { packet, asker: asking(REPORTER, "readinessRecord"), decide: withdrawn };
    const first = granted(await ledger.append(request));
    await record(ledger, packet, [availability("sam", "COMMITTED")]);
    const repeat = { ...first, repeated: true };
    expect(await ledger.append(request)).toEqual(repeat);
    expect(await other.append(request)).toEqual(repeat);
    expect((await stateOf(ledger, packet)).revision).toBe(3);
  });

  test("with another input, or for another verb, is a conflict", async () => {
    const asker = asking(REPORTER, "readinessRecord");
    granted(await ledger.append({ packet, asker, decide: withdrawn }));
    for (const changed of [{ input: "another" }, { verb: "operatorHoldPlace" }]) {
      const answer = ledger.append({ packet, asker: { ...asker, ...changed }, decide: committed });
      expect(await answer).toBeInstanceOf(IdempotencyConflict);
    }
    expect((await stateOf(ledger, packet)).revision).toBe(2);
  });

  test("of another actor is another key", async () => {
    const key = randomUUID();
    const request = { packet, decide: placing };
    granted(await ledger.append({ ...request, asker: asking(REPORTER, "operatorHoldPlace", key) }));
    granted(await ledger.append({ ...request, asker: asking(OWNER, "operatorHoldPlace", key) }));
    expect((await stateOf(ledger, packet)).revision).toBe(3);
  });

  test("used fifty times at once in two processes has one effect and one answer", async () => {
    const request = { packet, asker: asking(REPORTER, "operatorHoldPlace"), decide: placing };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? ledger : other).append(request)),
    );
    expect(new Set(answers.map((answer) => granted(answer).digest)).size).toBe(1);
    expect(answers.filter((answer) => !granted(answer).repeated)).toHaveLength(1);
    expect((await stateOf(ledger, packet)).facts.placements.size).toBe(1);
  });
});

describe("an automated reporter's number", () => {
  const numbered = (number: bigint, on = packet): AppendRequest => ({
    packet: on,
    asker: asking(ROBOT, "readinessRecord"),
    reportNumber: number,
    decide: recording([availability("sam", "COMMITTED")], ROBOT, number),
  });

  test("must increase over all packets, and may leave gaps", async () => {
    const { packet: second } = await readyPacket(ledger, `train-${(trains += 1)}`);
    granted(await ledger.append(numbered(5n)));
    granted(await ledger.append(numbered(9n, second)));
    for (const number of [5n, 8n, 9n]) {
      const answer = await ledger.append(numbered(number));
      expect(answer).toMatchObject(new ReportReplayed(9n));
    }
    granted(await ledger.append(numbered(2n ** 63n - 1n)));
  });

  test("is counted apart in exercises", async () => {
    const { packet: practice } = await readyPacket(ledger, `train-${(trains += 1)}`, true);
    granted(await ledger.append(numbered(1n, practice)));
    expect(await ledger.append(numbered(1n, practice))).toBeInstanceOf(ReportReplayed);
  });

  test("used at once on two packets from two processes is accepted once", async () => {
    const { packet: second } = await readyPacket(ledger, `train-${(trains += 1)}`, true);
    const { packet: third } = await readyPacket(ledger, `train-${(trains += 1)}`, true);
    for (let number = 10n; number < 30n; number += 1n) {
      const answers = await Promise.all([
        ledger.append(numbered(number, second)),
        other.append(numbered(number, third)),
      ]);
      expect(answers.filter((answer) => answer instanceof ReportReplayed)).toHaveLength(1);
    }
  });
});

describe("appends that wait for one packet", () => {
  test("are written together in order of arrival, each with its own revision and answer", async () => {
    const refusal = new WrongStatus("ON_HOLD", "no");
    const decisions: AppendRequest["decide"][] = [
      placing,
      () => refusal,
      placing,
      () => {
        throw new Error("crashed");
      },
      placing,
    ];
    const before = moved.length;
    const settled = await Promise.allSettled(
      decisions.map((decide) =>
        ledger.append({ packet, asker: asking(REPORTER, "operatorHoldPlace"), decide }),
      ),
    );
    expect(settled).toMatchObject([
      { status: "fulfilled", value: { revision: 2 } },
      { status: "fulfilled", value: refusal },
      { status: "fulfilled", value: { revision: 3 } },
      { status: "rejected", reason: new Error("crashed") },
      { status: "fulfilled", value: { revision: 4 } },
    ]);
    expect(moved.slice(before).map((each) => each.revision)).toEqual([2, 3, 4]);
    const ats = (await ledger.revisions(packet, 1, 10)).map((each) => each.at.getTime());
    expect(new Set(ats).size).toBe(1);
  });

  test("are judged behind those that are being written, in order of arrival, each key once", async () => {
    granted(await ledger.append({ packet, asker: asking(REPORTER, "x"), decide: placing }));
    const first = asking(REPORTER, "operatorHoldPlace");
    const askers = [first, ...Array.from({ length: 38 }, () => asking(REPORTER, "x")), first];
    const answers = await Promise.all(
      askers.map((asker) => ledger.append({ packet, asker, decide: placing })),
    );
    expect(answers.map((answer) => granted(answer).revision)).toEqual([
      ...Array.from({ length: 39 }, (_, index) => index + 3),
      3,
    ]);
    expect(answers.map((answer) => granted(answer).repeated).filter(Boolean)).toHaveLength(1);
    const [{ commits } = { commits: 0 }] = await here.sql<{ commits: number }[]>`
      SELECT count(DISTINCT xmin::text)::int4 AS commits FROM revision
      WHERE packet = ${packet} AND number > 2`;
    expect(commits).toBeGreaterThan(1);
    await expect(chainOf(other, packet)).resolves.toHaveLength(41);
  });

  test("are judged anew when another process comes between them and those before them", async () => {
    let turn = 0;
    const answers: (Appended | Refusal)[] = [];
    const caller = async (through: Ledger): Promise<void> => {
      while ((turn += 1) <= 120) {
        const asker = asking(REPORTER, "operatorHoldPlace");
        answers.push(await through.append({ packet, asker, decide: placing }));
      }
    };
    await Promise.all(
      Array.from({ length: 24 }, (_, index) => caller(index < 16 ? ledger : other)),
    );
    const revisions = answers.map((answer) => granted(answer).revision);
    expect(new Set(revisions).size).toBe(120);
    expect((await stateOf(ledger, packet)).facts.placements.size).toBe(120);
  });

  test("do not fail with a neighbour that the database refuses", async () => {
    const { digest } = await record(ledger, packet, [availability("sam", "COMMITTED")]);
    const wrong = approving({ packet, revision: 1, digest, repeated: false });
    const settled = await Promise.allSettled([
      ledger.append({ packet, asker: asking(REPORTER, "readinessRecord"), decide: committed }),
      ledger.append({ packet, asker: asking(OWNER, "packetApprove"), decide: wrong }),
      ledger.append({ packet, asker: asking(REPORTER, "readinessRecord"), decide: committed }),
    ]);
    expect(settled.map((each) => each.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await stateOf(ledger, packet)).revision).toBe(4);
  });
});

describe("two processes that append to one packet", () => {
  test("make one chain without a gap, and fold to the same bytes warm and cold", async () => {
    const askers = [REPORTER, OWNER];
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const actor = askers[index % 2] ?? REPORTER;
        const asker = asking(actor, "operatorHoldPlace");
        const on = index % 2 === 0 ? ledger : other;
        return granted(await on.append({ packet, asker, decide: placing }));
      }),
    );
    expect(new Set(answers.map((each) => each.revision)).size).toBe(60);
    expect(await chainOf(ledger, packet)).toEqual(Array.from({ length: 61 }, (_, n) => n + 1));
    const warm = await ledger.state(packet);
    const cold = await (await ledgerOn(there)).state(packet);
    expect(cold?.digest).toBe(warm?.digest);
    expect(cold?.state.register.toArray()).toEqual(warm?.state.register.toArray());
    expect(await other.state(packet)).toMatchObject({ digest: warm?.digest });
  });

  test("rule 5.2: no approval follows what opened a hold, and both orders occur", async () => {
    const orders = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const seen = await ledger.state(packet);
      if (seen === null) throw new Error("gone");
      const named = { packet, revision: seen.state.revision, digest: seen.digest, repeated: false };
      const decide: AppendRequest["decide"] = (head, moment) =>
        head.openHolds > 0 ? new WrongStatus(head.status, "held") : approving(named)(head, moment);
      const [approval, drift] = await Promise.all([
        (round % 2 === 0 ? other : ledger).append({
          packet,
          asker: asking(OWNER, "packetApprove"),
          decide,
        }),
        ledger.append({ packet, asker: asking(REPORTER, "readinessRecord"), decide: withdrawn }),
      ]);
      orders.add(approval instanceof Refusal ? "refused" : "approved");
      if (!(approval instanceof Refusal)) {
        expect(approval.revision).toBeLessThan(granted(drift).revision);
      }
      await record(ledger, packet, [availability("sam", "COMMITTED")]);
    }
    expect([...orders].toSorted()).toEqual(["approved", "refused"]);
  });
});

describe("a connection that is lost while the change commits", () => {
  const cut = () => there.sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'holdfast here' AND datname = current_database()`;

  test("is settled by the key: the change is there once, and everybody hears of it", async () => {
    for (let round = 0; round < 10; round += 1) {
      const appending = ledger.append({
        packet,
        asker: asking(REPORTER, "operatorHoldPlace"),
        decide: placing,
      });
      await cut();
      expect(granted(await appending).revision).toBe(round + 2);
    }
    expect((await stateOf(other, packet)).facts.placements.size).toBe(10);
    const told = new Set(
      moved.filter((each) => each.packet === packet).map((each) => each.revision),
    );
    expect(told).toEqual(new Set(Array.from({ length: 11 }, (_, n) => n + 1)));
  });

  test("is not settled by a refusal while what was lost may still be committed", async () => {
    // Holds the head, as a first attempt does that the server has not ended.
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let hold = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    const holding = owner.sql.begin(async (tx) => {
      await tx`SELECT FROM packet_head WHERE packet = ${packet} FOR UPDATE`;
      hold();
      await released;
    });
    await held;
    let asked = 0;
    const appending = ledger.append({
      packet,
      asker: asking(REPORTER, "operatorHoldPlace"),
      decide(head, moment) {
        asked += 1;
        return asked === 1 ? placing(head, moment) : new PacketClosed();
      },
    });
    const first = await waitingBackend(0);
    await cut();
    const answered = appending.then(() => "answered");
    expect(await Promise.race([answered, waitingBackend(first)])).not.toBe("answered");
    release();
    await holding;
    expect(await appending).toBeInstanceOf(PacketClosed);
  });

  /** Resolves to another process of the server than that one, when it waits for a lock for us. */
  async function waitingBackend(but: number): Promise<number> {
    for (;;) {
      const [row] = await there.sql<{ pid: number }[]>`
        SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast here'
          AND datname = current_database() AND wait_event_type = 'Lock' AND pid <> ${but}`;
      if (row !== undefined) return row.pid;
    }
  }

  test("is settled so for a change of many packets as well", async () => {
    for (let round = 0; round < 5; round += 1) {
      const before = (await stateOf(other, packet)).revision;
      const reporting = report(ledger, false, [enclave("vault")]);
      await cut();
      const { appended } = await reporting;
      expect(appended.find((each) => each.packet === packet)?.revision).toBe(before + 1);
      expect((await stateOf(other, packet)).revision).toBe(before + 1);
    }
  });
});

/** Asks again under the same key for as long as the outcome is unknown. */
async function known<T>(ask: () => Promise<T | Refusal>): Promise<T> {
  for (;;) {
    try {
      return granted(await ask());
    } catch (fault) {
      if (!(fault instanceof OutcomeUnknown)) throw fault;
    }
  }
}

test("under load, with every connection cut again and again, each change is there exactly once", async () => {
  const acknowledged: Appended[] = [];
  const placements = async (): Promise<void> => {
    for (let n = 0; n < 30; n += 1) {
      const asker = asking(REPORTER, "operatorHoldPlace");
      const request = { packet, asker, decide: placing };
      acknowledged.push(await known(() => ledger.append(request)));
    }
  };
  const reports = async (): Promise<void> => {
    for (let n = 0; n < 15; n += 1) {
      const request = reporting(false, [enclave("vault")]);
      const { appended } = await known(() => ledger.report(request));
      acknowledged.push(...appended.filter((each) => each.packet === packet));
    }
  };
  const cutting = async (): Promise<void> => {
    for (let n = 0; n < 12; n += 1) {
      await there.sql`
        SELECT pg_terminate_backend(pid), pg_sleep(random() * 0.2) FROM pg_stat_activity
        WHERE application_name = 'holdfast here' AND datname = current_database()`;
    }
  };
  await Promise.all([cutting(), placements(), placements(), placements(), reports()]);
  const numbers = acknowledged.map((each) => each.revision);
  expect(new Set(numbers).size).toBe(105);
  expect(await chainOf(other, packet)).toEqual(Array.from({ length: 106 }, (_, n) => n + 1));
  expect((await stateOf(other, packet)).facts.placements.size).toBe(90);
}, 120_000);

test("a new source reaches the open packet of its train in the same change", async () => {
  const key = { exercise: false, train: `train-${trains}` };
  const content = { ...contents(key.train).QUORUM_POLICY, handoverEpochs: 3n };
  const answer = await accept(ledger, key, content);
  expect(answer).toMatchObject({ source: { version: 2 }, appended: { packet, revision: 2 } });
  expect(await chainOf(ledger, packet)).toEqual([1, 2]);
  expect(await ledger.source(key, "QUORUM_POLICY", 2)).toMatchObject({ content });
});

test("a closed ledger lets what is under way end and takes nothing more", async () => {
  const closing = await ledgerOn(here);
  const asker = asking(REPORTER, "readinessRecord");
  const appending = closing.append({ packet, asker, decide: committed });
  await closing.close();
  expect(granted(await appending).revision).toBe(2);
  await expect(closing.append({ packet, asker, decide: committed })).rejects.toThrow("closed");
});
