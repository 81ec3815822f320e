import { mkdtemp, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { type Passport, bearer, ownFolder, passport, textOf } from "../identity/passports.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";
import { RawSocket } from "../streams/rawSocket.ts";
import { WebSocket } from "ws";

const fresh = freshDatabase();
const folder = ownFolder();

const OLGA = passport("olga", ["APPROVAL_OWNER"]);
const ALAN = passport("alan", ["AUDITOR"]);
const PETE = passport("pete", ["READER"]);
const MALLORY = passport("mallory", ["APPROVAL_OWNER"]);
const USUAL = [OLGA, ALAN, PETE, MALLORY];

const FLOOD = 10_000;
const AT_ONCE = 50;
const REQUESTS_PER_MINUTE = 1_000;
const SOCKETS_PER_ADDRESS = 20;
/** As the product has them where nobody says otherwise. */
const FAILED_PER_MINUTE = 60;
const DECISIONS_PER_MINUTE = 600;
/** More windows than any machine needs for one flood. */
const WINDOWS = 4;

let principals = "";
let main: MainProcess;
beforeAll(async () => {
  const data = await mkdtemp(path.join(folder.path, "data-"));
  principals = path.join(data, "principals.json");
  await writeFile(principals, textOf(...USUAL));
  main = startMain({
    DATABASE_URL: asApplication(fresh.url),
    HOLDFAST_DATA: data,
    HOLDFAST_MIGRATION_URL: fresh.url,
    // Each of the decisions below is a document of its own, and what is counted of them is another thing.
    HOLDFAST_NEW_DOCUMENTS_PER_MINUTE: "1000000",
    HOLDFAST_PORT: "0",
    HOLDFAST_REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE),
    HOLDFAST_SOCKETS_PER_ADDRESS: String(SOCKETS_PER_ADDRESS),
    // The tests themselves are the proxy, and so come from wherever they say.
    HOLDFAST_TRUSTED_PROXIES: "127.0.0.1",
  });
  await main.says("Holdfast serves");
});
afterAll(async () => {
  main.signal("SIGTERM");
  await main.exited;
});

interface Asked {
  readonly from: string;
  readonly authorization?: string;
  readonly query?: string;
}

interface Seen {
  readonly status: number;
  readonly retryAfter: number | null;
  readonly text: string;
}

async function ask({ from, authorization, query = "{ viewer { name } }" }: Asked): Promise<Seen> {
  const response = await fetch(`${urlOf(main)}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      "x-forwarded-for": from,
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify({ query }),
  });
  const retryAfter = response.headers.get("retry-after");
  return {
    status: response.status,
    retryAfter: retryAfter === null ? null : Number(retryAfter),
    text: await response.text(),
  };
}

/** Asks so often, some at once, and answers what came of each. */
async function flood(count: number, asking: (index: number) => Asked): Promise<Seen[]> {
  const seen: Seen[] = [];
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < count) seen.push(await ask(asking((begun += 1))));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return seen;
}

function countOf(seen: readonly Seen[], status: number): number {
  return seen.filter((one) => one.status === status).length;
}

function expectTooOften(seen: Seen | undefined): void {
  expect(seen?.status).toBe(429);
  expect(seen?.retryAfter).toBeGreaterThanOrEqual(1);
  expect(seen?.retryAfter).toBeLessThanOrEqual(60);
  const { errors, ...others } = JSON.parse(seen?.text ?? "") as { errors: object[] };
  expect([errors.length, others]).toEqual([1, {}]);
  expect(errors[0]).toMatchObject({ extensions: { code: "RATE_LIMITED" } });
}

interface Told {
  readonly code: string;
  readonly actor: string | null;
  readonly address: string | null;
  readonly subject: string | null;
  readonly before: readonly string[] | null;
  readonly after: readonly string[] | null;
  readonly count: number;
}

async function records(filter: string): Promise<Told[]> {
  const query = `{ accessRecords(where: { ${filter} }, last: 500) {
    nodes { code actor address subject before after count } } }`;
  const { text } = await ask({ from: "192.0.2.200", authorization: bearer(ALAN), query });
  return (JSON.parse(text) as { data: { accessRecords: { nodes: Told[] } } }).data.accessRecords
    .nodes;
}

describe("A20 a flood", () => {
  test("A20 of 10,000 failing sign-ins from one address is answered 429, leaves a handful of records, and locks nobody out", async () => {
    const attacker = "203.0.113.66";
    const seen = await flood(FLOOD, (index) => ({
      from: attacker,
      authorization: `Bearer hf_guess${index}`,
    }));
    expect(countOf(seen, 401)).toBeGreaterThanOrEqual(1);
    expect(countOf(seen, 401)).toBeLessThanOrEqual(FAILED_PER_MINUTE * WINDOWS);
    expect(countOf(seen, 401) + countOf(seen, 429)).toBe(FLOOD);
    expectTooOften(seen.find(({ status }) => status === 429));

    const elsewhere = { from: "198.51.100.7", authorization: bearer(OLGA) };
    expect((await ask(elsewhere)).status).toBe(200);
    // Nor is an owner who happens to share the address.
    expect((await ask({ ...elsewhere, from: attacker })).status).toBe(200);
    expect((await ask({ from: "198.51.100.8" })).status).toBe(401);

    const kept = await records("code: SIGN_IN_REFUSED");
    const ofAttacker = kept.filter(({ address }) => address === attacker);
    expect(ofAttacker.length).toBeGreaterThanOrEqual(1);
    expect(ofAttacker.length).toBeLessThanOrEqual(2 * WINDOWS);
    expect(JSON.stringify(kept)).not.toContain("guess");
  });

  test("A20 of 10,000 failing approvals by one owner is answered 429 and counted, and another owner decides", async () => {
    const packet = "0190a000-0000-7000-8000-000000000000";
    const input = (key: string): string =>
      `{ idempotencyKey: "${key}", packet: "${packet}", revision: 1, digest: "${"0".repeat(64)}" }`;
    const approve = (alias: string, key: string): string =>
      `${alias}: packetApprove(input: ${input(key)}) { ... on Error { code } }`;
    const ten = (index: number): string =>
      `mutation { ${Array.from({ length: 10 }, (_, at) => approve(`a${at}`, `flood-key-${index}-${at}`)).join(" ")} }`;
    const from = "203.0.113.67";
    const seen = await flood(FLOOD / 10, (index) => ({
      from,
      authorization: bearer(MALLORY),
      query: ten(index),
    }));
    expect(countOf(seen, 200)).toBeGreaterThanOrEqual(1);
    expect(countOf(seen, 200)).toBeLessThanOrEqual((DECISIONS_PER_MINUTE / 10) * WINDOWS);
    expect(countOf(seen, 200) + countOf(seen, 429)).toBe(FLOOD / 10);
    expectTooOften(seen.find(({ status }) => status === 429));

    // The address is the same, and the principal is not.
    const query = `mutation { ${approve("one", "key-of-olga")} }`;
    const decided = await ask({ from, authorization: bearer(OLGA), query });
    expect([decided.status, decided.text]).toEqual([
      200,
      expect.stringContaining("UNKNOWN_PACKET"),
    ]);
    const kept = await records(`code: REFUSED, actor: "mallory"`);
    expect(new Set(kept.map(({ subject }) => subject))).toEqual(
      new Set(["packetApprove UNKNOWN_PACKET", "decisions RATE_LIMITED"]),
    );
    expect(kept.length).toBeLessThanOrEqual(4 * WINDOWS);
  });

  test("A20 of requests by one principal is answered 429, and others are answered", async () => {
    const seen = await flood(REQUESTS_PER_MINUTE * 2, () => ({
      from: "203.0.113.68",
      authorization: bearer(PETE),
    }));
    expect(countOf(seen, 200) + countOf(seen, 429)).toBe(REQUESTS_PER_MINUTE * 2);
    expectTooOften(seen.find(({ status }) => status === 429));
    expect((await ask({ from: "203.0.113.68", authorization: bearer(OLGA) })).status).toBe(200);
    const kept = await records(`code: REFUSED, actor: "pete"`);
    expect(new Set(kept.map(({ subject }) => subject))).toEqual(new Set(["requests RATE_LIMITED"]));
  });

  test("A20 of tokens against the metrics is counted with the rest", async () => {
    const headers = { "x-forwarded-for": "203.0.113.69", authorization: "Bearer hf_guess" };
    const statuses: number[] = [];
    while (statuses.length < FAILED_PER_MINUTE * WINDOWS && !statuses.includes(429)) {
      const response = await fetch(`${urlOf(main)}/metrics`, { headers });
      await response.text();
      statuses.push(response.status);
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });
});

describe("W17 sockets", () => {
  const url = (): string => `${urlOf(main).replace("http", "ws")}/graphql`;
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });

  test("W17 from one address are so many, and the next upgrade is answered 429", async () => {
    const sockets = Array.from(
      { length: SOCKETS_PER_ADDRESS },
      () => new RawSocket(url(), from("203.0.113.70")),
    );
    await Promise.all(sockets.map((socket) => socket.introduce(ALAN)));
    const refused = await upgradeOf(url(), "203.0.113.70");
    expect([refused.status, Number(refused.retryAfter)]).toEqual([429, expect.any(Number)]);
    const other = await new RawSocket(url(), from("198.51.100.9")).introduce(OLGA);
    // A place that was given back is another's.
    const [first] = sockets;
    first?.socket.close();
    await first?.closed;
    await vi.waitFor(async () => {
      const next = await new RawSocket(url(), from("203.0.113.70")).introduce(OLGA);
      next.socket.close();
    });
    for (const socket of [...sockets, other]) socket.socket.terminate();
  });

  test("W17 that introduce nobody known are counted as failed sign-ins: 4403, and 4429 once there are too many", async () => {
    const codes: number[] = [];
    while (codes.length < FAILED_PER_MINUTE * WINDOWS && !codes.includes(4429)) {
      const socket = await new RawSocket(url(), from("203.0.113.71")).opened();
      socket.send({ type: "connection_init", payload: { authorization: "Bearer hf_guess" } });
      codes.push(await socket.closed);
    }
    expect(new Set(codes)).toEqual(new Set([4403, 4429]));
    const owner = await new RawSocket(url(), from("203.0.113.71")).introduce(OLGA);
    owner.socket.terminate();
  });
});

/** What an upgrade that is refused is answered. */
function upgradeOf(url: string, address: string) {
  return new Promise<{ readonly status: number; readonly retryAfter: string | undefined }>(
    (resolve) => {
      const socket = new WebSocket(url, ["graphql-transport-ws"], {
        headers: { "x-forwarded-for": address },
      });
      socket.on("error", () => undefined);
      socket.on("unexpected-response", (_request, { statusCode = 0, headers }) => {
        resolve({ status: statusCode, retryAfter: headers["retry-after"] });
        socket.terminate();
      });
    },
  );
}

describe("changes of roles", () => {
  async function admit(...passports: readonly Passport[]): Promise<void> {
    await writeFile(`${principals}.draft`, textOf(...passports));
    await rename(`${principals}.draft`, principals);
  }

  test("are recorded when a node reads them, with the roles before and after, and no token", async () => {
    expect(await records(`code: ROLES_CHANGED, actor: "pete"`)).toMatchObject([
      { before: [], after: ["PERSON", "READER"], address: null },
    ]);
    const promoted = passport("pete", ["READER", "OPERATOR"]);
    await admit(...USUAL.filter((one) => one !== PETE), promoted);
    await vi.waitFor(
      async () => {
        expect(await records(`code: ROLES_CHANGED, actor: "pete"`)).toHaveLength(2);
      },
      { timeout: 20_000, interval: 200 },
    );
    await admit(...USUAL.filter((one) => one !== PETE));
    await vi.waitFor(
      async () => {
        const told = (await records(`code: ROLES_CHANGED, actor: "pete"`)).slice(1);
        expect(told).toMatchObject([
          { before: ["PERSON", "READER"], after: ["PERSON", "READER", "OPERATOR"] },
          { before: ["PERSON", "READER", "OPERATOR"], after: [] },
        ]);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(JSON.stringify(await records("code: ROLES_CHANGED"))).not.toMatch(/hf_|[0-9a-f]{64}/);
  });
});
