import { beforeAll, describe, expect, test } from "vitest";
import { verifyBundle } from "#audit/bundleFile.ts";
import type { Actor } from "#packet/actor.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { bearerOf, served } from "../graphql/served.ts";
import { OLGA, RITA } from "../workflow/cast.ts";
import { type Opened, accepted, newKey, openReady } from "../workflow/trains.ts";
import { AUDITOR, VIEWER, inChunks } from "./bundleWorld.ts";

const fresh = freshDatabase();
const server = served(fresh);
let ready: Opened;
let key = "";
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
  const { packet, revision, digest } = ready;
  const wish = { idempotencyKey: newKey(), packet, revision, digest };
  accepted(await packetApprove(server.desk, OLGA, wish));
  const { data } = await server.ask(VIEWER, "{ log { verifierKey } }");
  const told = data as { readonly log: { readonly verifierKey: string } };
  key = told.log.verifierKey;
});

async function ask(by: Actor | null, path: string, method = "GET") {
  const authorization: Record<string, string> = by === null ? {} : { authorization: bearerOf(by) };
  const response = await fetch(`${server.url}/bundle/${path}`, { method, headers: authorization });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("a bundle over HTTP", () => {
  test.each([
    ["full", AUDITOR],
    ["full", OLGA],
    ["shared", VIEWER],
    ["shared", RITA],
  ])("in the %s form verifies with the deployment's public key alone", async (form, by) => {
    const { status, headers, text } = await ask(by, `${ready.packet}?form=${form}`);
    expect([status, headers.get("content-type")]).toEqual([
      200,
      "application/jsonl; charset=utf-8",
    ]);
    expect(headers.get("content-disposition")).toContain(`${ready.packet}-`);
    const { epoch } = await server.desk.ledger.moment();
    const report = await verifyBundle(inChunks([text]), { keys: [key], witnesses: [], epoch });
    expect(report).toMatchObject({
      findings: [],
      form: form.toUpperCase(),
      approval: { revision: ready.revision, digest: ready.digest, isStanding: true },
      gate: "OPEN",
    });
  });

  test.each([
    ["by nobody", null, "?form=shared", 401, "UNAUTHENTICATED"],
    ["in full by who does not see everything", RITA, "?form=full", 403, "NOT_ENTITLED"],
    ["in no form", AUDITOR, "", 400, "BAD_REQUEST"],
    ["in a form that there is not", AUDITOR, "?form=constructor", 400, "BAD_REQUEST"],
  ])("asked for %s is refused as the API refuses", async (_how, by, query, status, code) => {
    const answer = await ask(by, `${ready.packet}${query}`);
    const { errors } = JSON.parse(answer.text) as { errors: { extensions: { code: string } }[] };
    expect([answer.status, errors[0]?.extensions.code]).toEqual([status, code]);
  });

  test.each([
    ["an unknown packet", "019a0000-0000-7000-8000-000000000000", 404],
    ["no id", "..%2f..", 400],
    ["nothing", "", 400],
  ])("of %s is refused", async (_what, packet, status) => {
    expect((await ask(AUDITOR, `${packet}?form=shared`)).status).toBe(status);
  });

  test("is asked for with GET", async () => {
    const { status, headers } = await ask(AUDITOR, `${ready.packet}?form=full`, "POST");
    expect([status, headers.get("allow")]).toEqual([405, "GET"]);
  });
});
