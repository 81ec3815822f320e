import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { CopyKeeper } from "#lastKnown/keepCopies.ts";
import { LastKnownFiles } from "#lastKnown/lastKnownFiles.ts";
import type { Desk } from "#workflow/desk.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { heardLog } from "../identity/heardLog.ts";
import { IVAN, REX } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, accepted, newKey, openReady } from "../workflow/trains.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let folder: string;
let files: LastKnownFiles;
let ready: Opened;
let drill: Opened;

beforeAll(async () => {
  desk = await openDesk(database);
  folder = path.join(await mkdtemp(path.join(tmpdir(), "holdfast-copies-")), "last-known");
  files = new LastKnownFiles(folder, desk.ledger.deployment);
  ready = await openReady(desk, "copied");
  drill = await openReady(desk, "copied", { exercise: true });
});
afterAll(async () => {
  await database.close();
  await rm(path.dirname(folder), { recursive: true });
});

function keeper(): CopyKeeper {
  return new CopyKeeper({ ledger: desk.ledger, files, log: heardLog().log });
}

describe("a node's own copies", () => {
  test("are of every open packet as it stands, with what tells practice from what is real", async () => {
    expect(await files.all()).toEqual([]);
    expect(await keeper().look()).toBe(2);
    const known = await files.all();
    expect(new Map(known.map((one) => [one.packet, one.exercise]))).toEqual(
      new Map([
        [ready.packet, false],
        [drill.packet, true],
      ]),
    );
    expect(known.find((one) => one.packet === ready.packet)).toMatchObject({
      train: "copied",
      owner: "olga",
      revision: ready.revision,
      digest: ready.digest,
      status: "READY_FOR_APPROVAL",
      holds: [],
      approval: null,
      document: { sources: { MANIFEST: { content: { kind: "MANIFEST" } } } },
    });
  });

  test("are written again when a packet moved, and only then", async () => {
    const keeping = keeper();
    await keeping.look();
    expect(await keeping.look()).toBeNull();
    const wish = { idempotencyKey: newKey(), packet: ready.packet, reason: "odd noise" };
    accepted(await operatorHoldPlace(desk, IVAN, wish));
    expect(await keeping.look()).toBe(1);
    expect(await files.read(ready.packet)).toMatchObject({
      revision: ready.revision + 1,
      status: "ON_HOLD",
      holds: [{ code: "OPERATOR_HOLD", subject: "1", why: "odd noise" }],
    });
    expect(await keeping.look()).toBeNull();
  });

  test("are as they were where the ledger does not answer", async () => {
    const before = await files.all();
    const gone = { ...desk.ledger, packets: () => Promise.reject(new Error("away")) };
    const keeping = new CopyKeeper({ ledger: gone, files, log: heardLog().log });
    await expect(keeping.look()).rejects.toThrow("away");
    expect(await files.all()).toEqual(before);
  });

  const file = (): string => path.join(folder, `${drill.packet}.json`);
  const broken: readonly [string, (text: string) => string][] = [
    ["that is cut off", (text) => text.slice(0, -100)],
    ["that is empty", () => ""],
    ["with another status", (text) => text.replaceAll("READY_FOR_APPROVAL", "APPROVED")],
    ["taken for real", (text) => text.replace('"exercise":true', '"exercise":false')],
    ["with a hold left out of it", (text) => text.replace('"holds":[', '"holds":[{},')],
    ["of another packet", (text) => text.replaceAll(drill.packet, ready.packet)],
  ];
  test.each(broken)("do not count with a file %s", async (_what, change) => {
    const sound = await readFile(file(), "utf8");
    expect(change(sound)).not.toBe(sound);
    await writeFile(file(), change(sound));
    expect(await files.read(drill.packet)).toBeNull();
    expect((await files.all()).map((one) => one.packet)).toEqual([ready.packet]);
    await writeFile(file(), sound);
    expect(await files.read(drill.packet)).not.toBeNull();
  });

  test("of another deployment do not count", async () => {
    const others = new LastKnownFiles(folder, "019a0000-0000-7000-8000-000000000001");
    expect(await others.all()).toEqual([]);
  });

  test("go when their packet is closed", async () => {
    const wish = { idempotencyKey: newKey(), packet: ready.packet, reason: "over" };
    accepted(await packetWithdraw(desk, REX, wish));
    await keeper().look();
    expect(await readdir(folder)).toEqual([`${drill.packet}.json`]);
  });
});
