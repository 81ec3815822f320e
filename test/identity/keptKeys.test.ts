import { chmod, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OidcDesk, openOidcDesk } from "./oidcDesk.ts";
import { ownFolder } from "./passports.ts";
import { Provider, signingKey } from "./provider.ts";

const folder = ownFolder();
const AWAY = { status: 503, body: "{}" };
const KEPT_MS = 600_000;
const START = Date.parse("2026-11-22T08:00:00Z");

let provider: Provider;
let keptFile: string;
beforeAll(async () => {
  provider = await Provider.open();
});
afterAll(() => provider.leave());
beforeEach(async () => {
  provider.says = null;
  provider.keys = [provider.key.publicJwk];
  keptFile = path.join(await mkdtemp(path.join(folder.path, "kept-")), "oidc-keys.json");
});

/** A process that begins at this time of the day. */
function begin(wallMs: number, url = provider.keysUrl): Promise<OidcDesk> {
  const keys = { url, refreshMs: 60_000, pauseMs: 10_000, keptMs: KEPT_MS };
  const file = provider.file({ keys, lifetimeMsMax: 86_400_000 });
  return openOidcDesk(folder.path, file, { keptFile, wallMs });
}

const token = () =>
  provider.token("rita", { claims: { exp: START / 1_000 + 80_000 }, now: START - 60_000 });

/** What an earlier process left behind that had the provider's keys at the start of the day. */
async function keptBefore(): Promise<void> {
  const { oidc } = await begin(START);
  expect(await oidc.authenticate(await token())).toMatchObject({ actor: "rita" });
  await oidc.close();
}

async function lettingIn({ oidc }: OidcDesk): Promise<readonly [boolean, string]> {
  return [(await oidc.authenticate(await token())) !== null, await oidc.state()];
}

describe("the last good keys of a provider that is away at the start", () => {
  test("count on from where they came, for the rest of their time and no longer", async () => {
    await keptBefore();
    provider.says = AWAY;
    const desk = await begin(START + 200_000);
    expect(await lettingIn(desk)).toEqual([true, "KEPT"]);
    desk.pass(KEPT_MS - 200_000 - 1);
    expect(await lettingIn(desk)).toEqual([true, "KEPT"]);
    const generation = await desk.oidc.look();
    desk.pass(1);
    expect(await desk.oidc.look()).toBeGreaterThan(generation);
    expect(await lettingIn(desk)).toEqual([false, "NO_KEYS"]);
  });

  test.each([
    ["too old", KEPT_MS],
    ["much too old", KEPT_MS * 1_000],
    ["of a time to come, as after a clock was set back", -1],
  ])("do not count when they are %s", async (_, sinceMs) => {
    await keptBefore();
    provider.says = AWAY;
    expect(await lettingIn(await begin(START + sinceMs))).toEqual([false, "NO_KEYS"]);
  });

  test("do not count for another address", async () => {
    await keptBefore();
    provider.says = AWAY;
    const desk = await begin(START + 1, `${provider.keysUrl}/others`);
    expect(await lettingIn(desk)).toEqual([false, "NO_KEYS"]);
  });

  test("give way to what the provider says as soon as it is back", async () => {
    await keptBefore();
    provider.says = AWAY;
    const desk = await begin(START + 1);
    expect(await lettingIn(desk)).toEqual([true, "KEPT"]);
    provider.says = null;
    provider.keys = [(await signingKey("second")).publicJwk];
    desk.pass(60_000);
    await desk.oidc.look();
    while ((await desk.oidc.state()) !== "OK") await new Promise(setImmediate);
    expect(await lettingIn(desk)).toEqual([false, "OK"]);
    await desk.oidc.close();
    provider.says = AWAY;
    // What it took back stays so over the next start.
    expect((await lettingIn(await begin(START + 60_001)))[0]).toBe(false);
  });

  test("are not needed, and not looked at, where it answers", async () => {
    await writeFile(keptFile, "{");
    expect(await lettingIn(await begin(START))).toEqual([true, "OK"]);
  });
});

describe("what was kept", () => {
  test("is for the service's account alone, and has no key with which anybody could sign", async () => {
    await keptBefore();
    expect(((await stat(keptFile)).mode & 0o777).toString(8)).toBe("600");
    const { publicJwk } = provider.key;
    expect(JSON.parse(await readFile(keptFile, "utf8"))).toEqual({
      format: "holdfast/kept-keys/1",
      url: provider.keysUrl,
      goodAt: START,
      keys: [publicJwk],
    });
  });

  test.each<readonly [string, (text: string) => string]>([
    ["no JSON", () => "{"],
    ["cut off", (text) => text.slice(0, 40)],
    ["of another format", (text) => text.replace("kept-keys/1", "kept-keys/2")],
    ["without a time", (text) => text.replace(/"goodAt":\d+,/, "")],
    ["with a time that is none", (text) => text.replace(/"goodAt":\d+/, '"goodAt":1.5')],
    ["with a secret key", (text) => text.replace('"kty"', '"d":"AAAA","kty"')],
  ])("is not used when it is %s", async (_, change) => {
    await keptBefore();
    await writeFile(keptFile, change(await readFile(keptFile, "utf8")));
    provider.says = AWAY;
    expect(await lettingIn(await begin(START + 1))).toEqual([false, "NO_KEYS"]);
  });

  test("is not used when anybody may have written it", async () => {
    await keptBefore();
    await chmod(keptFile, 0o666);
    provider.says = AWAY;
    expect(await lettingIn(await begin(START + 1))).toEqual([false, "NO_KEYS"]);
  });

  test("cannot be kept where there is no place: that is told once, and people come in", async () => {
    keptFile = path.join(path.dirname(keptFile), "nowhere", "oidc-keys.json");
    const desk = await begin(START);
    expect(await lettingIn(desk)).toEqual([true, "OK"]);
    await desk.oidc.close();
    const told = desk.heard.lines.filter(({ level }) => level === "error");
    expect(told.map(({ message }) => message)).toEqual([
      "the identity provider's keys could not be kept",
    ]);
  });
});
