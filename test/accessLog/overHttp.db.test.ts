import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Actor } from "#packet/actor.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { bearerOf, served } from "../graphql/served.ts";
import { AUDITOR } from "../bundle/bundleWorld.ts";
import { OLGA, PIA, RITA, RUTH } from "../workflow/cast.ts";
import { type Opened, newKey, openReady } from "../workflow/trains.ts";

const fresh = freshDatabase();
const server = served(fresh);
const keeper = connect(inject("serverUrl"), {
  applicationName: "holdfast tests",
  connectionsMax: 1,
});
afterAll(() => keeper.close());
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
});

const VIEWER: Actor = { actor: "vic", kind: "PERSON", roles: ["VIEWER"] };

interface Told {
  readonly code: string;
  readonly actor: string | null;
  readonly address: string | null;
  readonly packet: string | null;
  readonly subject: string | null;
  readonly after: readonly string[] | null;
  readonly count: number;
}

/** The records that fit, as an auditor is told them. */
async function records(where: object = {}): Promise<Told[]> {
  const { data, errors } = await server.ask(
    AUDITOR,
    `query ($where: AccessFilter) { accessRecords(where: $where, last: 500) { nodes {
      code actor address packet subject after count epoch at node } } }`,
    { where },
  );
  expect(errors).toEqual([]);
  return (data as { accessRecords: { nodes: Told[] } }).accessRecords.nodes;
}

const GOVERNED = "query ($id: UUID!) { packet(packet: $id) { preparer } }";
const SHARED = "query ($id: UUID!) { packet(packet: $id) { status } }";

describe("what is recorded of access", () => {
  test("that somebody came, with which roles and from where, once for an hour", async () => {
    const ivan: Actor = { actor: "visitor", kind: "PERSON", roles: ["VIEWER"] };
    for (let more = 0; more < 3; more += 1) await server.ask(ivan, "{ viewer { name } }");
    const promoted: Actor = { ...ivan, roles: ["VIEWER", "READER"] };
    await server.ask(promoted, "{ viewer { name } }");
    expect(await records({ actor: "visitor" })).toMatchObject([
      { code: "SIGNED_IN", subject: "TOKEN", address: "127.0.0.1", after: ["VIEWER"], count: 1 },
      { code: "SIGNED_IN", subject: "TOKEN", address: "127.0.0.1", after: ["VIEWER", "READER"] },
    ]);
  });

  test("that somebody came offline, with which key, which is their last exercise", async () => {
    const key = `SHA256:${"k".repeat(43)}`;
    const offline: Actor = { ...OLGA, actor: "olivia", offlineKey: key };
    await server.ask(offline, "{ viewer { name } }");
    expect(await records({ actor: "olivia", code: "SIGNED_IN_OFFLINE" })).toMatchObject([
      { subject: key, after: OLGA.roles },
    ]);
  });

  test("that nobody known came, and not with what", async () => {
    const before = await records({ code: "SIGN_IN_REFUSED" });
    const response = await fetch(server.url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer hf_sentinel" },
      body: "{}",
    });
    expect(response.status).toBe(401);
    const after = await records({ code: "SIGN_IN_REFUSED" });
    expect(after.slice(before.length)).toMatchObject([
      { actor: null, address: "127.0.0.1", subject: null, after: null },
    ]);
    expect(JSON.stringify(await records())).not.toContain("sentinel");
  });

  test("that somebody was shown governed data of a packet, before they were", async () => {
    await server.ask(RITA, GOVERNED, { id: ready.packet });
    await server.ask(RITA, GOVERNED, { id: ready.packet });
    expect(await records({ actor: "rita", code: "GOVERNED_READ" })).toMatchObject([
      { packet: ready.packet, count: 1 },
    ]);
  });

  test("nothing of who was shown what everybody may see, or nothing governed", async () => {
    await server.ask(PIA, SHARED, { id: ready.packet });
    await server.ask(VIEWER, GOVERNED, { id: ready.packet });
    expect(await records({ actor: "pia", code: "GOVERNED_READ" })).toEqual([]);
    expect(await records({ actor: "vic", code: "GOVERNED_READ" })).toEqual([]);
  });

  test("A03 that somebody was refused, with the verb and why: also what is not there", async () => {
    const { packet, revision, digest } = ready;
    const approve = `mutation ($input: PacketApproveInput!) {
      packetApprove(input: $input) { ... on Error { code } } }`;
    const wish = { idempotencyKey: newKey(), packet, revision, digest };
    await server.ask(RITA, approve, { input: wish });
    const absent = "0190a000-0000-7000-8000-000000000000";
    await server.ask(RITA, SHARED, { id: absent });
    const told = (await records({ actor: "rita", code: "REFUSED" })).map((one) => [
      one.subject,
      one.packet,
    ]);
    expect(told).toEqual([
      ["packetApprove NOT_ENTITLED", packet],
      ["packetRead UNKNOWN_PACKET", absent],
    ]);
  });

  test("that a bundle was given out, each time, and that one was refused", async () => {
    const ask = (by: Actor, form: string) =>
      fetch(`${server.url}/bundle/${ready.packet}?form=${form}`, {
        headers: { authorization: bearerOf(by) },
      });
    for (const form of ["full", "shared", "full"]) await (await ask(OLGA, form)).text();
    expect((await ask(VIEWER, "full")).status).toBe(403);
    const given = await records({ actor: "olga", code: "EXPORTED" });
    expect(given.map(({ subject, packet }) => [subject, packet])).toEqual(
      ["FULL", "SHARED", "FULL"].map((form) => [form, ready.packet]),
    );
    expect(await records({ actor: "vic", code: "REFUSED" })).toMatchObject([
      { subject: "bundle NOT_ENTITLED" },
    ]);
  });

  test("that the records themselves were read", async () => {
    await records();
    expect(await records({ actor: AUDITOR.actor, code: "GOVERNED_READ" })).toMatchObject([
      { subject: "AccessRecord.actor" },
    ]);
  });
});

describe("who may read the records", () => {
  test.each([[AUDITOR], [RUTH]])("$actor may", async (by) => {
    const { errors } = await server.ask(
      by,
      "{ accessRecords { totalCount } responders { person } }",
    );
    expect(errors).toEqual([]);
  });

  test.each([[VIEWER], [RITA], [OLGA], [PIA]])("$actor may not", async (by) => {
    for (const asked of ["accessRecords { totalCount }", "responders { person }"]) {
      const { data, errors } = await server.ask(by, `{ ${asked} }`);
      expect([data, errors[0]?.extensions?.code]).toEqual([null, "NOT_ENTITLED"]);
    }
  });

  test("page through them either way, without a gap and without a double", async () => {
    const pages = async (way: "first" | "last"): Promise<string[]> => {
      const found: string[] = [];
      for (let cursor: string | null = null; ;) {
        const bound: string = way === "first" ? "after" : "before";
        const { data } = await server.ask(
          AUDITOR,
          `query ($cursor: String) { accessRecords(where: { actor: "olga" }, ${way}: 2,
            ${bound}: $cursor) { nodes { position } pageInfo { hasNextPage hasPreviousPage
            startCursor endCursor } } }`,
          { cursor },
        );
        const page = (data as { accessRecords: Page }).accessRecords;
        const positions = page.nodes.map(({ position }) => position);
        if (way === "first") found.push(...positions);
        else found.unshift(...positions);
        const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
        if (!(way === "first" ? hasNextPage : hasPreviousPage)) return found;
        cursor = way === "first" ? endCursor : startCursor;
      }
    };
    const forwards = await pages("first");
    expect(forwards.length).toBeGreaterThan(3);
    expect(await pages("last")).toEqual(forwards);
    expect(forwards).toEqual(forwards.toSorted((one, other) => Number(one) - Number(other)));
  });
});

interface Page {
  readonly nodes: readonly { readonly position: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

describe("where no record can be kept", () => {
  /** Nobody may add to the records, while everything else goes on. */
  async function withoutRecords(run: () => Promise<void>): Promise<void> {
    const role = new URL(fresh.appUrl).username;
    const owner = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 1 });
    try {
      await owner.sql.unsafe(`REVOKE INSERT ON access_record FROM "${role}"`);
      await run();
    } finally {
      await owner.sql.unsafe(`GRANT INSERT ON access_record TO "${role}"`);
      await owner.close();
    }
  }

  test("governed data is not shown, nothing is exported, and nobody comes in offline", async () => {
    await withoutRecords(async () => {
      const nina: Actor = { actor: "nina", kind: "PERSON", roles: ["AUDITOR"] };
      const read = await server.ask(nina, GOVERNED, { id: ready.packet });
      expect(read.data).toEqual({ packet: { preparer: null } });
      expect(read.errors.map(({ extensions }) => extensions?.code)).toEqual(["UNRECORDED"]);
      expect(read.text).not.toMatch(/access_record|permission|postgres/i);
      const exported = await fetch(`${server.url}/bundle/${ready.packet}?form=full`, {
        headers: { authorization: bearerOf(nina) },
      });
      expect([exported.status, await exported.text()]).toEqual([
        503,
        expect.stringContaining("UNRECORDED"),
      ]);
      const offline = { ...nina, actor: "nora", offlineKey: `SHA256:${"o".repeat(43)}` };
      const { status, errors } = await server.ask(offline, "{ viewer { name } }");
      expect([status, errors[0]?.extensions?.code]).toEqual([503, "UNRECORDED"]);
    });
  });

  test("what everybody may see is shown, and refusals are answered", async () => {
    const eve: Actor = { actor: "eve", kind: "PERSON", roles: ["READER"] };
    await withoutRecords(async () => {
      const shown = await server.ask(eve, SHARED, { id: ready.packet });
      expect(shown.data).toEqual({ packet: { status: "READY_FOR_APPROVAL" } });
      for (let more = 0; more < 3; more += 1) {
        const { errors } = await server.ask(eve, "{ accessRecords { totalCount } }");
        expect(errors[0]?.extensions?.code).toBe("NOT_ENTITLED");
      }
    });
  });
});
