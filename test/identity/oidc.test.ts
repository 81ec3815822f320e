import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FORGERIES } from "./forgeries.ts";
import { openOidcDesk } from "./oidcDesk.ts";
import { ownFolder } from "./passports.ts";
import { AUDIENCE, LIFETIME_S, Provider, signingKey } from "./provider.ts";

const folder = ownFolder();
let provider: Provider;
beforeAll(async () => {
  provider = await Provider.open();
});
afterAll(() => provider.leave());

const open = (change: object = {}) => openOidcDesk(folder.path, provider.file(change));

describe("a token of the provider", () => {
  test("makes its bearer who the mappings say, with what they say", async () => {
    const { oidc } = await open();
    expect(await oidc.authenticate(await provider.token("rita"))).toEqual({
      actor: "rita",
      kind: "PERSON",
      roles: ["READER"],
    });
    const groups = ["operators", "readers", "staff"];
    const both = await provider.token("ivan", { claims: { groups } });
    expect(await oidc.authenticate(both)).toEqual({
      actor: "ivan",
      kind: "PERSON",
      roles: ["READER", "OPERATOR"],
    });
    const service = { groups: undefined, client: { type: "service" } };
    expect(await oidc.authenticate(await provider.token("probe", { claims: service }))).toEqual({
      actor: "probe",
      kind: "SYSTEM",
      roles: ["REPORTER"],
    });
  });

  test("counts for one of many audiences, as a JWT, and by a scope", async () => {
    const mappings = [{ claim: "scope", value: "packet:read", kind: "PERSON", roles: ["READER"] }];
    const { oidc } = await open({ mappings });
    const claims = { aud: ["another", AUDIENCE], scope: "openid packet:read" };
    const token = await provider.token("rita", { claims, header: { typ: "JWT" } });
    expect(await oidc.authenticate(token)).not.toBeNull();
    const less = { ...claims, scope: "openid packet:reader" };
    expect(await oidc.authenticate(await provider.token("rita", { claims: less }))).toBeNull();
  });

  test("scopes a service to all that its mappings cover together", async () => {
    const service = { claim: "groups", kind: "SYSTEM" };
    const mappings = [
      {
        ...service,
        value: "a",
        roles: ["REPORTER"],
        reports: [{ kind: "CUSTODY", subjects: ["x"] }],
      },
      {
        ...service,
        value: "b",
        reports: [{ kind: "CUSTODY", subjects: ["y", "x"] }, { kind: "SAFEGUARD" }],
      },
    ];
    const { oidc } = await open({ mappings });
    const token = await provider.token("probe", { claims: { groups: ["a", "b"] } });
    expect((await oidc.authenticate(token))?.reports).toEqual([
      { kind: "CUSTODY", subjects: ["x", "y"] },
      { kind: "SAFEGUARD" },
    ]);
  });

  test.each(FORGERIES)("$row: $what is nobody", async ({ make }) => {
    const own = provider.keys;
    const forged = await make(provider);
    const { oidc } = await open();
    provider.keys = own;
    expect(await oidc.authenticate(forged)).toBeNull();
    expect(await oidc.authenticate(await provider.token("rita"))).not.toBeNull();
  });

  test("says nothing that every object has", async () => {
    const mappings = [
      { claim: ["constructor", "name"], value: "Object", kind: "PERSON", roles: ["READER"] },
    ];
    const { oidc } = await open({ mappings });
    expect(await oidc.authenticate(await provider.token("rita"))).toBeNull();
  });

  test("may be ahead of our clock by so much as is allowed, and no longer than it says", async () => {
    const desk = await open({ aheadMsMax: 5_000 });
    const at = Math.floor(desk.wall() / 1_000);
    const token = (nbf: number) =>
      provider.token("rita", { claims: { nbf, exp: at + 60 }, now: desk.wall() });
    expect(await desk.oidc.authenticate(await token(at + 4))).not.toBeNull();
    expect(await desk.oidc.authenticate(await token(at + 7))).toBeNull();
    desk.set((at + 60) * 1_000);
    expect(await desk.oidc.authenticate(await token(at))).toBeNull();
  });
});

describe("the end of a token", () => {
  test("is to the second, is told by another number, and only once", async () => {
    const desk = await open();
    const token = await provider.token("rita", { now: desk.wall() });
    await desk.oidc.authenticate(token);
    const first = await desk.oidc.look();
    const endMs = (Math.floor(desk.wall() / 1_000) + LIFETIME_S) * 1_000;
    desk.pass(endMs - desk.wall() - 1);
    expect(await desk.oidc.look()).toBe(first);
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
    desk.pass(1);
    const second = await desk.oidc.look();
    expect(second).toBeGreaterThan(first);
    expect(await desk.oidc.authenticate(token)).toBeNull();
    expect(await desk.oidc.look()).toBe(second);
  });

  test("does not go away with a clock that is set back", async () => {
    const desk = await open();
    const token = await provider.token("rita", { now: desk.wall() });
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
    const generation = await desk.oidc.look();
    const began = desk.wall();
    desk.pass(LIFETIME_S * 1_000);
    desk.set(began);
    expect(await desk.oidc.authenticate(token)).toBeNull();
    expect(await desk.oidc.look()).toBeGreaterThan(generation);
  });

  test("of the earliest of many is told first, and of the others each in its turn", async () => {
    const desk = await open();
    const began = Math.floor(desk.wall() / 1_000);
    for (const lasts of [30, 10, 20]) {
      const claims = { exp: began + lasts };
      await desk.oidc.authenticate(await provider.token(`r${lasts}`, { claims, now: desk.wall() }));
    }
    const numbers = [await desk.oidc.look()];
    for (let round = 0; round < 3; round += 1) {
      desk.pass(10_000);
      numbers.push(await desk.oidc.look());
    }
    expect(new Set(numbers).size).toBe(4);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  });
});

describe("the file is looked at again", () => {
  test("and whoever is barred in it is out, other tokens of theirs too, by any spelling", async () => {
    const desk = await open();
    const token = await provider.token("rita");
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
    const generation = await desk.oidc.look();
    await desk.write(provider.file({ barred: [{ name: "RITA" }] }));
    expect(await desk.oidc.look()).toBeGreaterThan(generation);
    expect(await desk.oidc.authenticate(token)).toBeNull();
    expect(await desk.oidc.authenticate(await provider.token("rita"))).toBeNull();
    expect(await desk.oidc.authenticate(await provider.token("olga"))).not.toBeNull();
  });

  test("and whose tokens before a time are barred comes with a later one", async () => {
    const desk = await open({
      barred: [{ name: "rita", issuedBefore: new Date(Date.now() - 60_000).toISOString() }],
    });
    const token = (now: number, claims = {}) => provider.token("rita", { now, claims });
    expect(await desk.oidc.authenticate(await token(Date.now() - 120_000))).toBeNull();
    expect(await desk.oidc.authenticate(await token(Date.now(), { iat: undefined }))).toBeNull();
    expect(await desk.oidc.authenticate(await token(Date.now()))).not.toBeNull();
  });

  test("and other mappings give other roles", async () => {
    const desk = await open();
    const token = await provider.token("rita");
    const groups = { claim: "groups", value: "staff" };
    await desk.write(
      provider.file({ mappings: [{ ...groups, kind: "PERSON", roles: ["VIEWER"] }] }),
    );
    await desk.oidc.look();
    expect((await desk.oidc.authenticate(token))?.roles).toEqual(["VIEWER"]);
  });

  test("and other keys are opened, until they can be used nobody comes", async () => {
    const desk = await open();
    const token = await provider.token("rita");
    const keys = { file: "keys.json" };
    await desk.write(provider.file({ keys }));
    const generation = await desk.oidc.look();
    expect([await desk.oidc.authenticate(token), await desk.oidc.state()]).toEqual([
      null,
      "NO_KEYS",
    ]);
    const beside = path.join(path.dirname(desk.file), keys.file);
    await writeFile(beside, JSON.stringify({ keys: provider.keys }));
    desk.pass(1_000);
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
    expect(await desk.oidc.state()).toBe("OK");
    expect(await desk.oidc.look()).toBeGreaterThan(generation);
    await writeFile(beside, JSON.stringify({ keys: [(await signingKey("first")).publicJwk] }));
    await desk.oidc.look();
    expect(await desk.oidc.authenticate(token)).toBeNull();
  });

  test("and while it has a fault nobody comes, and it says so", async () => {
    const desk = await open();
    const token = await provider.token("rita");
    await desk.write({});
    await desk.oidc.look();
    expect([await desk.oidc.authenticate(token), await desk.oidc.state()]).toEqual([
      null,
      "FAULTY",
    ]);
    expect(desk.heard.lines.at(-1)?.message).toContain(
      "nobody comes by the identity provider until",
    );
    await desk.write(provider.file());
    await desk.oidc.look();
    expect(await desk.oidc.authenticate(token)).not.toBeNull();
  });

  test("but not once the desk is closed", async () => {
    const desk = await open();
    const token = await provider.token("rita");
    const generation = await desk.oidc.look();
    await desk.oidc.close();
    expect(await desk.oidc.authenticate(token)).toBeNull();
    expect(await desk.oidc.look()).toBeGreaterThan(generation);
  });
});

test("no log line has a token, a name or a key in it", async () => {
  const desk = await open();
  const token = await provider.token("rita");
  await desk.oidc.authenticate(token);
  await desk.write(provider.file({ barred: [{ name: "olga" }] }));
  await desk.oidc.look();
  const told = JSON.stringify(desk.heard.lines);
  expect(desk.heard.lines.length).toBeGreaterThan(1);
  for (const secret of [token, "rita", "olga", provider.key.publicJwk.x ?? "no key"]) {
    expect(told).not.toContain(secret);
  }
});
