import { beforeAll, expect, test } from "vitest";
import { gateRead } from "#workflow/gateRead.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { type Opened, accepted, approvalOf, openReady } from "../workflow/trains.ts";
import { lineageOf, lineageStage } from "./lineageStage.ts";

const stage = lineageStage();

let approved: Opened;
let waiting: Opened;

beforeAll(async () => {
  const { server, options } = await stage.start();
  approved = await openReady(options.desk, "approved");
  accepted(await packetApprove(options.desk, OLGA, approvalOf(approved)));
  waiting = await openReady(options.desk, "waiting");
  await options.notary.checkpoint();
  await server.close();
});

test("a server whose log only grew since its last checkpoint is believed", async () => {
  const { server, options } = await stage.start();
  expect(await lineageOf(server)).toEqual(["READY", "OK"]);
  expect(await gateRead(options.desk, IVAN, approved.packet)).toMatchObject({ status: "OPEN" });
  await server.close();
});

test("a server whose database was set back approves nothing, opens no gate, and says why", async () => {
  // What a backup from before the last revision would bring back: its tail is not there.
  await stage.setBack(waiting, true);
  const { server, options } = await stage.start();
  expect(await lineageOf(server)).toEqual(["READY", "HEAD_WENT_BACK"]);
  const gate = await gateRead(options.desk, IVAN, approved.packet);
  expect(gate).toMatchObject({ status: "CLOSED", reasons: ["LINEAGE_IN_DOUBT"] });
  const { packet } = approved;
  const seen = await options.desk.ledger.state(packet);
  expect(seen?.state.status).toBe("APPROVED");
  const again = await packetApprove(options.desk, OLGA, approvalOf(approved));
  expect(again).toMatchObject({ reasons: [{}, { code: "LINEAGE_IN_DOUBT" }] });
  await server.close();
});
