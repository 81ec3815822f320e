import { afterAll, expect, inject, test } from "vitest";
import { connect } from "#database/connect.ts";
import { OLGA } from "../workflow/cast.ts";
import { approvalOf, openReady } from "../workflow/trains.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "../graphql/served.ts";
import { json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
const server = served(fresh);
const keeper = connect(inject("serverUrl"), {
  applicationName: "holdfast tests",
  connectionsMax: 1,
});
afterAll(() => keeper.close());

/** What Postgres, its driver and our own files would be known by. */
const OURS =
  /postgres|ECONN|57P0|08006|database "|SELECT|INSERT|\bat \/|node_modules|\.ts\b|127\.0\.0\.1/;

test("H22: with the database gone, an answer has a masked error and the id under which the log has it whole", async () => {
  const opened = await openReady(server.desk, "outage");
  const name = new URL(fresh.url).pathname.slice(1);
  await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await keeper.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
  const approve = `mutation ($input: PacketApproveInput!) {
    packetApprove(input: $input) { __typename } }`;
  const asked = [
    { query: `{ packet(packet: "${opened.packet}") { status } }` },
    { query: "{ packets(first: 5) { totalCount } }" },
    { query: approve, variables: { input: approvalOf(opened) } },
  ];
  for (const body of asked) {
    const { status, headers, text } = await sendTo(server.url, OLGA, json(JSON.stringify(body)));
    expect([200, 500, 503]).toContain(status);
    const { errors = [] } = JSON.parse(text) as {
      errors?: { extensions: { requestId: string } }[];
    };
    expect(errors).toMatchObject([
      { extensions: { code: expect.stringMatching(/^UNAVAILABLE|^OUTCOME/) as string } },
    ]);
    expect(text).not.toMatch(OURS);
    const requestId = errors[0]?.extensions.requestId;
    expect(requestId).toBe(headers.get("x-request-id"));
    const lines = server.heard.lines.filter(
      ({ level, fields }) =>
        level === "error" && "requestId" in fields && fields.requestId === requestId,
    );
    expect(lines).toMatchObject([{ fields: { err: expect.any(Error) as Error } }]);
  }
  await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
});
