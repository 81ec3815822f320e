import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exportJWK } from "jose";
import { openOidcDesk } from "./oidcDesk.ts";
import { ownFolder } from "./passports.ts";
import { Provider, type SigningKey, signingKey } from "./provider.ts";

const folder = ownFolder();
let provider: Provider;
let second: SigningKey;
beforeAll(async () => {
  provider = await Provider.open();
  second = await signingKey("second");
});
afterAll(() => provider.leave());
beforeEach(() => {
  provider.keys = [provider.key.publicJwk];
  provider.says = null;
});

const TIMES = { refreshMs: 60_000, pauseMs: 10_000, keptMs: 600_000 };

const open = () =>
  openOidcDesk(
    folder.path,
    provider.file({ keys: { url: provider.keysUrl, ...TIMES }, lifetimeMsMax: 86_400_000 }),
  );

const lasting = (name: string, by = provider.key) =>
  provider.token(name, { by, claims: { exp: Math.floor(Date.now() / 1_000) + 80_000 } });

/** Resolves when the provider has been asked so often, and what it said is known. */
async function askedTimes(times: number, ask: () => Promise<unknown>): Promise<void> {
  while (provider.asked < times) {
    await ask();
    // Asking alone does not leave the turn in which the provider would be heard.
    await new Promise(setImmediate);
  }
}

const BROKEN: readonly (readonly [what: string, says: NonNullable<Provider["says"]>])[] = [
  ["an error", { status: 503, body: "{}" }],
  ["a page", { status: 200, body: "<html>" }],
  ["no key set", { status: 200, body: '{"keys":{}}' }],
  ["another address", { status: 302, body: "", to: "/other" }],
  ["too much", { status: 200, body: `{"keys":[],"x":"${"x".repeat(300_000)}"}` }],
  [
    "a key that is secret",
    { status: 200, body: '{"keys":[{"kty":"oct","kid":"first","k":"AAAA"}]}' },
  ],
  [
    "a key that is none",
    { status: 200, body: '{"keys":[{"kty":"EC","crv":"P-256","kid":"first","x":"AA","y":"AA"}]}' },
  ],
  [
    "a key of RSA that is short",
    {
      status: 200,
      body: JSON.stringify({
        keys: [{ kty: "RSA", kid: "first", e: "AQAB", n: "w".repeat(170) }],
      }),
    },
  ],
];

describe("the keys of a provider", () => {
  test("are asked for once, however many tokens come", async () => {
    const before = provider.asked;
    const { oidc } = await open();
    const tokens = await Promise.all(Array.from({ length: 50 }, (_none, at) => lasting(`r${at}`)));
    await Promise.all(tokens.map((token) => oidc.authenticate(token)));
    expect(provider.asked - before).toBe(1);
  });

  test("are asked for anew at once where a token names one that is not known, and no oftener than allowed", async () => {
    const { oidc, pass } = await open();
    const token = await lasting("rita", second);
    expect(await oidc.authenticate(token)).toBeNull();
    const before = provider.asked;
    provider.keys = [provider.key.publicJwk, second.publicJwk];
    for (let round = 0; round < 20; round += 1) {
      expect(await oidc.authenticate(token)).toBeNull();
    }
    expect(provider.asked).toBe(before);
    pass(TIMES.pauseMs);
    const asked = Array.from({ length: 20 }, () => oidc.authenticate(token));
    for (const actor of await Promise.all(asked)) expect(actor?.actor).toBe("rita");
    expect(provider.asked).toBe(before + 1);
  });

  test("that are taken away do not count from the next answer on, and that is told by another number", async () => {
    const { oidc, pass } = await open();
    const token = await lasting("rita");
    expect(await oidc.authenticate(token)).not.toBeNull();
    const generation = await oidc.look();
    provider.keys = [second.publicJwk];
    pass(TIMES.refreshMs);
    while ((await oidc.look()) === generation) await new Promise(setImmediate);
    expect(await oidc.authenticate(token)).toBeNull();
    expect(await oidc.authenticate(await lasting("rita", second))).not.toBeNull();
  });

  test.each(BROKEN)(
    "go on where the provider answers with %s, for so long and no longer",
    async (_what, says) => {
      const { oidc, pass, heard } = await open();
      const token = await lasting("rita");
      expect([await oidc.authenticate(token), await oidc.state()]).toMatchObject([
        { actor: "rita" },
        "OK",
      ]);
      provider.says = says;
      const asked = provider.asked;
      pass(TIMES.keptMs - 1);
      await askedTimes(asked + 1, () => oidc.look());
      while ((await oidc.state()) === "OK") await new Promise(setImmediate);
      expect([await oidc.authenticate(token), await oidc.state()]).toMatchObject([
        { actor: "rita" },
        "KEPT",
      ]);
      const generation = await oidc.look();
      pass(1);
      expect(await oidc.look()).toBeGreaterThan(generation);
      expect([await oidc.authenticate(token), await oidc.state()]).toEqual([null, "NO_KEYS"]);
      expect(heard.lines.map(({ level }) => level)).toEqual(["info", "error"]);

      provider.says = null;
      pass(TIMES.pauseMs);
      expect([await oidc.authenticate(token), await oidc.state()]).toMatchObject([
        { actor: "rita" },
        "OK",
      ]);
    },
  );

  test("need not be there at the start: nobody comes by them until they are", async () => {
    provider.says = { status: 500, body: "" };
    const { oidc, pass } = await open();
    const token = await lasting("rita");
    expect([await oidc.authenticate(token), await oidc.state()]).toEqual([null, "NO_KEYS"]);
    provider.says = null;
    expect(await oidc.authenticate(token)).toBeNull();
    pass(TIMES.pauseMs);
    expect([await oidc.authenticate(token), await oidc.state()]).toMatchObject([
      { actor: "rita" },
      "OK",
    ]);
  });

  test("that nobody answers for go on as well", async () => {
    const other = await Provider.open();
    const desk = await openOidcDesk(
      folder.path,
      other.file({ keys: { url: other.keysUrl, ...TIMES } }),
    );
    const token = await other.token("rita");
    await other.leave();
    desk.pass(TIMES.refreshMs);
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
    while ((await desk.oidc.state()) !== "KEPT") await new Promise(setImmediate);
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
  });

  test("that are for something else than signatures are passed over", async () => {
    const { publicJwk } = provider.key;
    const { kid: _none, ...nameless } = publicJwk;
    const curve = { kty: "OKP", crv: "X25519", kid: "other", x: "AAAA" };
    provider.keys = [
      { ...second.publicJwk, use: "enc" },
      nameless,
      curve,
      { kty: "new", kid: "new" },
      publicJwk,
    ];
    const { oidc } = await open();
    expect(await oidc.authenticate(await lasting("rita"))).not.toBeNull();
    expect(await oidc.authenticate(await lasting("rita", second))).toBeNull();
  });

  test("of one id that are two verify nothing", async () => {
    const twin = await signingKey("first");
    provider.keys = [provider.key.publicJwk, twin.publicJwk];
    const { oidc } = await open();
    expect(await oidc.authenticate(await lasting("rita"))).toBeNull();
  });

  test("that give away how to sign are not used, not even the others of the set", async () => {
    const secret = { ...(await exportJWK(second.privateKey)), kid: "second" };
    provider.keys = [provider.key.publicJwk, secret];
    const { oidc } = await open();
    expect(await oidc.authenticate(await lasting("rita"))).toBeNull();
  });
});

test.each(["ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256", "RS512"])(
  "a token by %s counts where that is allowed",
  async (alg) => {
    const by = await signingKey("of-this-kind", alg);
    provider.keys = [by.publicJwk];
    const { oidc } = await openOidcDesk(folder.path, provider.file({ algorithms: [alg] }));
    expect(await oidc.authenticate(await lasting("rita", by))).not.toBeNull();
    const none = await openOidcDesk(
      folder.path,
      provider.file({ algorithms: [alg === "ES256" ? "ES384" : "ES256"] }),
    );
    expect(await none.oidc.authenticate(await lasting("rita", by))).toBeNull();
  },
);
