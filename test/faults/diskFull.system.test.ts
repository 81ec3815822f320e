import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { migrate } from "#database/migrate.ts";
import { DebianServer } from "../database/debianServer.ts";
import { asOwner } from "../database/otherRoles.ts";
import { ownFolder, textOf } from "../identity/passports.ts";
import { IVAN } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, newKey, openReady } from "../workflow/trains.ts";
import { EPOCH_MS, type HttpNode, PASSPORTS, startHttpNode } from "./httpNode.ts";
import { unlikeAcknowledged } from "./kills.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { type SmallDisk, smallDisk } from "./smallDisk.ts";
import type { Outcome } from "./verbNode.ts";

const KIB = 1024;

/** Far more than there is room for. */
const PLACED_MAX = 5000;

const folder = ownFolder();
const password = randomBytes(8).toString("hex");
const servers: DebianServer[] = [];
let principals = "";
beforeAll(async () => {
  principals = path.join(folder.path, "principals.json");
  await writeFile(principals, textOf(...Object.values(PASSPORTS)));
});
afterAll(() => Promise.all(servers.map((server) => server.remove())));

const GATE = "query ($packet: UUID!) { gate(packet: $packet) { status } }";

/** A service on a database, and what it acknowledged. */
class Service {
  readonly node: HttpNode;
  readonly packet: Opened;
  readonly owner: string;
  readonly acknowledged = new Map<string, unknown>();

  private constructor(node: HttpNode, packet: Opened, owner: string) {
    this.node = node;
    this.packet = packet;
    this.owner = owner;
  }

  static async on(owner: string, name: string): Promise<Service> {
    const url = new URL(owner);
    url.username = "app";
    url.password = password;
    await migrate(owner, { applicationName: "holdfast tests", applicationRole: "app" });
    const own = connect(url.href, { applicationName: "holdfast tests", connectionsMax: 2 });
    const rate = { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS };
    const packet = await openReady(await openDesk(own, rate), "train-1");
    await own.close();
    const data = path.join(folder.path, name);
    const node = await startHttpNode(owner, principals, { appUrl: url.href, data });
    return new Service(node, packet, owner);
  }

  async place(idempotencyKey: string): Promise<Outcome> {
    const reason = randomBytes(500).toString("hex");
    const input = { idempotencyKey, packet: this.packet.packet, reason };
    const asked = { verb: "operatorHoldPlace", by: IVAN, input, thinkUs: 0 } as const;
    const { outcome } = await this.node.ask(asked);
    if (outcome.done) this.acknowledged.set(idempotencyKey, outcome.answer);
    return outcome;
  }

  /** Appends until one is not taken; resolves to what was told. */
  async placeUntilRefused(): Promise<readonly string[]> {
    for (let count = 0; count < PLACED_MAX; count += 1) {
      const outcome = await this.place(newKey());
      if (!outcome.done) return outcome.codes;
    }
    throw new Error(`the disk took ${PLACED_MAX} appends`);
  }

  /** Appends until one is taken. */
  async placeUntilTaken(): Promise<void> {
    let outcome = await this.place(newKey());
    while (!outcome.done) outcome = await this.place(newKey());
  }

  /** What is not as it was acknowledged, or as it must be. */
  async faults(): Promise<string[]> {
    const checker = connect(this.owner, { applicationName: "holdfast check", connectionsMax: 2 });
    const unlike = await unlikeAcknowledged(checker.sql, this);
    const broken = await lineageFaults(checker);
    await checker.close();
    return [...unlike, ...broken];
  }
}

/** Takes the disk's last room, has appends refused, gives the room back, and has them taken. */
async function fillOnce(service: Service, disk: SmallDisk, left: number): Promise<string[]> {
  await disk.fill(left);
  const told = [...(await service.placeUntilRefused())];
  for (let again = 0; again < 2; again += 1) {
    const outcome = await service.place(newKey());
    if (!outcome.done) told.push(...outcome.codes);
  }
  await disk.empty();
  return told;
}

describe("F20: a full disk", () => {
  const tables = smallDisk(64);
  const wal = smallDisk(24);

  test("under the tables refuses changes as such, and serves what is there", async () => {
    const server = await DebianServer.start();
    servers.push(server);
    await asOwner(server.url, async (sql) => {
      await sql.unsafe(`CREATE ROLE app LOGIN PASSWORD '${password}'`);
      await sql.unsafe(`CREATE TABLESPACE small LOCATION '${tables.path}'`);
      await sql.unsafe("CREATE DATABASE kept TABLESPACE small");
    });
    const owner = new URL(server.url);
    owner.pathname = "/kept";
    const service = await Service.on(owner.href, "on-tables");
    const told = await fillOnce(service, tables, 300 * KIB);
    expect(told.join()).toContain("UNAVAILABLE");
    expect(told.join()).not.toContain("INTERNAL");
    const { packet } = service;
    expect(await service.node.read(GATE, packet)).toEqual({ gate: { status: "CLOSED" } });
    expect((await service.place(newKey())).done).toBe(true);
    expect(await service.faults()).toEqual([]);
    await service.node.leave();
  });

  test("under the log of changes ends the database, which loses nothing once there is room", async () => {
    const server = await DebianServer.start(wal.path);
    servers.push(server);
    await asOwner(server.url, async (sql) => {
      await sql.unsafe(`CREATE ROLE app LOGIN PASSWORD '${password}'`);
      await sql`ALTER SYSTEM SET max_wal_size = '4MB'`;
      await sql`ALTER SYSTEM SET min_wal_size = '2MB'`;
      await sql`SELECT pg_reload_conf()`;
      // As for a standby that is away: what it has not read is kept, and takes room.
      await sql`SELECT pg_create_physical_replication_slot('away', true)`;
    });
    const service = await Service.on(server.url, "on-wal");
    const told = await fillOnce(service, wal, 100 * KIB);
    expect(told.join()).toMatch(/UNAVAILABLE|OUTCOME_UNKNOWN/);
    expect(told.join()).not.toContain("INTERNAL");
    expect(await server.said()).toMatch(/PANIC: .*No space left on device/);
    if (!(await server.isRunning())) await server.launch();
    await service.placeUntilTaken();
    expect(await service.faults()).toEqual([]);
    await service.node.leave();
  });
});

test("F20: a disk that loses the log of changes ends the database, which loses nothing once it is mended", async () => {
  const server = await DebianServer.start();
  servers.push(server);
  await asOwner(server.url, (sql) => sql.unsafe(`CREATE ROLE app LOGIN PASSWORD '${password}'`));
  const service = await Service.on(server.url, "on-lost-disk");
  expect((await service.place(newKey())).done).toBe(true);
  const mend = await server.loseDisk();
  await asOwner(
    server.url,
    (sql) => sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`,
  );
  const told = [...(await service.placeUntilRefused())];
  while (!/PANIC: .*could not fdatasync/.test(await server.said())) {
    const outcome = await service.place(newKey());
    if (!outcome.done) told.push(...outcome.codes);
  }
  expect(told.join()).toMatch(/UNAVAILABLE|OUTCOME_UNKNOWN/);
  expect(told.join()).not.toContain("INTERNAL");
  expect((await fetch(`${service.node.url}/ready`)).status).toBe(503);
  await mend();
  await service.placeUntilTaken();
  expect(await service.faults()).toEqual([]);
  await service.node.leave();
});
