import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { OidcUnusable } from "#identity/oidcFile.ts";
import { openOidc } from "#identity/oidc.ts";
import { heardLog } from "./heardLog.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();

const GOOD = {
  issuer: "https://sso.example",
  audience: ["holdfast"],
  algorithms: ["ES256"],
  keys: { file: "keys.json" },
  nameClaim: "sub",
  mappings: [{ claim: "groups", value: "staff", kind: "PERSON", roles: ["READER"] }],
};

/** A text that stands where a value does, and that nobody may read again in a message. */
const MARK = "Marked-Value";

async function faultOf(text: string, keys: string | null = '{"keys":[]}'): Promise<OidcUnusable> {
  const own = await mkdtemp(path.join(folder.path, "own-"));
  const file = path.join(own, "oidc.json");
  await writeFile(file, text);
  if (keys !== null) await writeFile(path.join(own, "keys.json"), keys);
  const { log } = heardLog();
  const opened = await openOidc({
    file,
    log,
    now: () => 0,
    wallNow: () => 0,
    keptFile: null,
  }).catch((fault: unknown) => fault);
  if (!(opened instanceof OidcUnusable)) throw new Error("it could be used");
  expect(opened.message).not.toContain(MARK);
  return opened;
}

const changed = (change: object): string => JSON.stringify({ ...GOOD, ...change });

const mapped = (change: object): string =>
  changed({ mappings: [{ claim: "groups", value: "staff", ...change }] });

test.each([
  ["not JSON", `{"issuer": ${MARK}`, /^it is not JSON/],
  ["an unknown member", changed({ [MARK]: 1 }), /^the file: has a member/],
  ["no issuer", changed({ issuer: undefined }), /^issuer: /],
  [
    "an issuer in the clear",
    changed({ issuer: `http://${MARK}.example` }),
    /^issuer: must be an https/,
  ],
  [
    "an issuer with a password",
    changed({ issuer: `https://u:${MARK}@sso.example` }),
    /^issuer: must be an https/,
  ],
  ["no audience", changed({ audience: [] }), /^audience: must not be empty/],
  ["no algorithm", changed({ algorithms: [] }), /^algorithms: must not be empty/],
  [
    "a shared secret's algorithm",
    changed({ algorithms: ["ES256", "HS256"] }),
    /^algorithms\.1: must be of ES256/,
  ],
  ["no algorithm at all", changed({ algorithms: ["none"] }), /^algorithms\.0: must be of ES256/],
  [
    "keys in the clear",
    changed({ keys: { url: `http://${MARK}.example/keys` } }),
    /^keys\.url: must be an https/,
  ],
  [
    "keys by two ways",
    changed({ keys: { url: "https://sso.example/keys", file: MARK } }),
    /^keys: must be/,
  ],
  [
    "keys for ever",
    changed({ keys: { url: "https://sso.example/keys", keptMs: 1e12 } }),
    /^keys\.keptMs: must be a whole number/,
  ],
  [
    "keys that do not last till they are asked for",
    changed({ keys: { url: "https://sso.example/keys", refreshMs: 9000, keptMs: 8000 } }),
    /^keys\.keptMs: must not be shorter/,
  ],
  ["no name", changed({ nameClaim: [] }), /^nameClaim: must be a claim/],
  ["no mapping", changed({ mappings: [] }), /^mappings: must not be empty/],
  ["a mapping to nothing", mapped({}), /^mappings\.0: must give a kind/],
  ["a mapping to an unknown role", mapped({ roles: [MARK] }), /^mappings\.0\.roles\.0: /],
  [
    "a person that is scoped",
    mapped({ kind: "PERSON", reports: [{ kind: "CUSTODY" }] }),
    /^mappings\.0\.reports: is for/,
  ],
  [
    "one barred by no name",
    changed({ barred: [{ name: `${MARK} !` }] }),
    /^barred\.0\.name: must be 1 to/,
  ],
  [
    "one barred before no time",
    changed({ barred: [{ name: "rita", issuedBefore: MARK }] }),
    /^barred\.0\.issuedBefore: must be a time/,
  ],
])("%s is refused by where it is", async (_what, text, told) => {
  expect((await faultOf(text)).faults).toEqual([expect.stringMatching(told)]);
});

test("every fault is told at once", async () => {
  const { faults } = await faultOf("{}");
  expect(faults.map((fault) => fault.split(":")[0])).toEqual([
    "issuer",
    "audience",
    "algorithms",
    "keys",
    "nameClaim",
    "mappings",
  ]);
});

test("a file that is not there says what to do", async () => {
  const file = path.join(folder.path, "absent.json");
  const opening = openOidc({
    file,
    log: heardLog().log,
    now: () => 0,
    wallNow: () => 0,
    keptFile: null,
  });
  await expect(opening).rejects.toThrow(/it is not there: write it, or unset HOLDFAST_OIDC/);
});

test.each([
  ["is not there", null, /keys\.json cannot be used: it is not there/],
  ["is no key set", "[]", /it must be a key set/],
  ["gives a secret away", `{"keys":[{"kty":"oct","k":"${MARK}"}]}`, /keys\.0: is secret/],
])("a key set that %s is refused at the start", async (_what, keys, told) => {
  expect((await faultOf(JSON.stringify(GOOD), keys)).message).toMatch(told);
});
