import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { FORGERIES } from "../identity/forgeries.ts";
import { bearer, ownFolder, passport, textOf } from "../identity/passports.ts";
import { Provider } from "../identity/provider.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";
import { speak } from "./sending.ts";

const fresh = freshDatabase();
const folder = ownFolder();
const ruth = passport("ruth", ["READER", "OPERATOR"]);

let provider: Provider;
let main: MainProcess;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  provider = await Provider.open();
  const data = await mkdtemp(path.join(folder.path, "data-"));
  await writeFile(path.join(data, "principals.json"), textOf(ruth));
  await writeFile(path.join(data, "oidc.json"), JSON.stringify(provider.file()));
  environment = {
    DATABASE_URL: asApplication(fresh.url),
    HOLDFAST_DATA: data,
    HOLDFAST_FAILED_SIGN_INS_PER_MINUTE: "1000000",
    HOLDFAST_MIGRATION_URL: fresh.url,
    HOLDFAST_OIDC: path.join(data, "oidc.json"),
    HOLDFAST_PORT: "0",
  };
  main = startMain(environment);
  await main.says("Holdfast serves");
});
afterAll(async () => {
  main.signal("SIGTERM");
  await main.exited;
  await provider.leave();
});

interface Seen {
  readonly status: number;
  readonly challenge: string | null;
  readonly text: string;
}

const QUERY = JSON.stringify({ query: "{ viewer { name } }" });

async function ask(authorization: string | null): Promise<Seen> {
  const response = await fetch(`${urlOf(main)}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(authorization === null ? {} : { authorization }),
    },
    body: QUERY,
  });
  const challenge = response.headers.get("www-authenticate");
  return { status: response.status, challenge, text: await response.text() };
}

/** What whoever has no credential is answered; whoever has one that is not believed is answered so, byte for byte. */
async function nobody(): Promise<Seen> {
  const { text } = await ask(null);
  return {
    status: 401,
    challenge: 'Bearer realm="holdfast", Holdfast-Sshsig realm="holdfast"',
    text,
  };
}

test("A01: no credential is answered 401, and by what to send", async () => {
  const { status, text } = await ask(null);
  expect([status, JSON.parse(text)]).toMatchObject([
    401,
    { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] },
  ]);
  expect(text).not.toContain('"data"');
});

describe("a credential that must not count is nobody's", () => {
  test.each(FORGERIES)("$row: a token $what", async ({ make }) => {
    const own = provider.keys;
    const token = await make(provider);
    provider.keys = own;
    expect(await ask(`Bearer ${token}`)).toEqual(await nobody());
    // The next one is believed: nothing that was sent has spoilt anything.
    expect((await ask(`Bearer ${await provider.token("rita")}`)).text).toContain('"rita"');
  });

  test.each([
    ["A01", "empty", ""],
    ["A01", "a scheme alone", "Bearer "],
    ["A01", "another scheme", "Basic cnV0aDpydXRo"],
    ["A01", "a token of our own that nobody has", "Bearer hf_nobody"],
    ["A01", "a token that is text", "Bearer é"],
    ["A01", "dots", "Bearer ..."],
    ["A01", "two dots between nothing", "Bearer .."],
    ["A01", "JSON for a token", "Bearer eyJ9.eyJ9.eyJ9"],
    ["A01", "a statement that is none", "Holdfast-Sshsig e30.e30"],
    ["A01", "a token of 12,000 characters", `Bearer ${"a".repeat(12_000)}`],
    ["A02", "two in one", `${bearer(ruth)}, ${bearer(ruth)}`],
  ])("%s: %s", async (_row, _what, authorization) => {
    expect(await ask(authorization)).toEqual(await nobody());
  });

  test.each([
    ["the same twice", () => [bearer(ruth), bearer(ruth)]],
    ["a good one first", () => [bearer(ruth), "Bearer hf_nobody"]],
    ["a good one last", () => ["Bearer hf_nobody", bearer(ruth)]],
    ["an empty one beside it", () => [bearer(ruth), ""]],
  ])("A02: two Authorization headers, %s", async (_what, both) => {
    const head = [
      "POST /graphql HTTP/1.1",
      "host: holdfast",
      "connection: close",
      "content-type: application/json",
      `content-length: ${QUERY.length}`,
      ...both().map((one) => `authorization: ${one}`),
    ];
    const said = await speak(urlOf(main), `${head.join("\r\n")}\r\n\r\n${QUERY}`);
    expect(said).toMatch(/^HTTP\/1\.1 401 /);
    const page = ["GET /metrics HTTP/1.1", "host: holdfast", "connection: close"];
    const asked = [...page, ...both().map((one) => `authorization: ${one}`)].join("\r\n");
    expect(await speak(urlOf(main), `${asked}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test("A01: a query string is no place for one", async () => {
    const url = `${urlOf(main)}/graphql?access_token=${await provider.token("rita")}`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: QUERY,
    });
    expect(response.status).toBe(401);
  });
});

test("the state of the provider's keys is told, and nothing of them", async () => {
  const text = await (await fetch(`${urlOf(main)}/ready`)).text();
  expect(JSON.parse(text)).toMatchObject({ status: "READY", checks: { oidc: "OK" } });
  expect(text).not.toContain("127.0.0.1");
});

test("no token that was sent is in the log", async () => {
  const token = await provider.token("olga", { claims: { aud: "another" } });
  expect(await ask(`Bearer ${token}`)).toEqual(await nobody());
  const [, claims = ""] = token.split(".");
  expect(main.stderr() + main.stdout()).not.toContain(claims);
});

test("a file about the provider that has a fault stops the start with a sentence", async () => {
  const file = path.join(folder.path, "faulty.json");
  await writeFile(file, JSON.stringify({ ...provider.file(), algorithms: ["HS256"] }));
  const other = startMain({ ...environment, HOLDFAST_OIDC: file });
  expect(await other.exited).toBe(1);
  expect(other.stderr()).toMatch(
    /^Holdfast did not start:\nthe identity provider's file .* cannot be used: algorithms\.0: must be of ES256/,
  );
  expect(other.stderr().split("\n")).toHaveLength(3);
});
