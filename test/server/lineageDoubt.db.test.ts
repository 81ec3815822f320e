import { randomBytes } from "node:crypto";
import { v7 } from "uuid";
import { beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { ApiOptions } from "#graphql/api.ts";
import { openApi } from "#graphql/api.ts";
import { type RunningServer, startServer } from "#server.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { heardLog } from "../identity/heardLog.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { type Opened, accepted, approvalOf, openReady } from "../workflow/trains.ts";
import { configFor, principalsFile } from "./startTest.ts";

const fresh = freshDatabase();
const principals = principalsFile();

/** A server of the product with its desk; whoever starts one closes it. */
async function start(): Promise<{ server: RunningServer; options: ApiOptions }> {
  const got: { options?: ApiOptions } = {};
  const server = await startServer(configFor(fresh.url, principals.path), {
    log: heardLog().log,
    tell: () => undefined,
    newId: () => v7(),
    newSalt: () => randomBytes(32),
    now: () => performance.now(),
    wallNow: () => Date.now(),
    openApi(options) {
      got.options = options;
      return openApi(options);
    },
  });
  if (got.options === undefined) throw new Error("the server has no API");
  return { server, options: got.options };
}

async function lineageOf(server: RunningServer): Promise<unknown> {
  const response = await fetch(`${server.url}/ready`);
  const { status, checks } = (await response.json()) as {
    readonly status: string;
    readonly checks: { readonly lineage: string };
  };
  return [status, checks.lineage];
}

let approved: Opened;
let waiting: Opened;

beforeAll(async () => {
  const { server, options } = await start();
  approved = await openReady(options.desk, "approved");
  accepted(await packetApprove(options.desk, OLGA, approvalOf(approved)));
  waiting = await openReady(options.desk, "waiting");
  await options.notary.checkpoint();
  await server.close();
});

test("a server whose log only grew since its last checkpoint is believed", async () => {
  const { server, options } = await start();
  expect(await lineageOf(server)).toEqual(["READY", "OK"]);
  expect(await gateRead(options.desk, IVAN, approved.packet)).toMatchObject({ status: "OPEN" });
  await server.close();
});

test("a server whose database was set back approves nothing, opens no gate, and says why", async () => {
  const keeper = connect(fresh.url, { applicationName: "a restored backup", connectionsMax: 1 });
  // What a backup from before the last revision would bring back: its tail is not there.
  await keeper.sql.begin(async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await tx`ALTER TABLE log_position DISABLE TRIGGER ALL`;
    await tx`DELETE FROM log_position WHERE position = (SELECT max(position) FROM log_position)`;
    await tx`ALTER TABLE log_position ENABLE TRIGGER ALL`;
    await tx`ALTER TABLE revision DISABLE TRIGGER ALL`;
    await tx`ALTER TABLE packet_head DISABLE TRIGGER ALL`;
    await tx`DELETE FROM revision WHERE packet = ${waiting.packet} AND number = ${waiting.revision}`;
    await tx`
      UPDATE packet_head AS h SET number = r.number, digest = r.digest, status = r.status
      FROM revision AS r WHERE r.packet = h.packet AND h.packet = ${waiting.packet}
        AND r.number = ${waiting.revision - 1}`;
    await tx`ALTER TABLE revision ENABLE TRIGGER ALL`;
    await tx`ALTER TABLE packet_head ENABLE TRIGGER ALL`;
  });
  await keeper.close();
  const { server, options } = await start();
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
