import { expect, test } from "vitest";
import { gateRead } from "#workflow/gateRead.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { accepted, approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { lineageOf, lineageStage } from "./lineageStage.ts";

const stage = lineageStage();

test("a gate does not open again because the revision that closed it was taken away", async () => {
  const { server, options } = await stage.start();
  const reopened = await openReady(options.desk, "reopened");
  accepted(await packetApprove(options.desk, OLGA, approvalOf(reopened)));
  const hold = { idempotencyKey: newKey(), packet: reopened.packet, reason: "odd noise" };
  const { revision } = accepted(await operatorHoldPlace(options.desk, IVAN, hold));
  await options.notary.checkpoint();
  await stage.setBack({ ...reopened, revision }, false);
  const gate = await gateRead(options.desk, IVAN, reopened.packet);
  expect(gate).toMatchObject({ status: "CLOSED", reasons: ["LINEAGE_IN_DOUBT"], rests: null });
  expect(await lineageOf(server)).toEqual(["READY", expect.stringMatching(/^H/)]);
  await server.close();
  const again = await stage.start();
  expect(await lineageOf(again.server)).toEqual(["READY", "HEAD_WENT_BACK"]);
  await again.server.close();
});
