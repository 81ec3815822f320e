import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorizationOf } from "#identity/authorization.ts";
import { IdentityDesk, type Offline } from "#identity/desk.ts";
import { openOidcDesk } from "./oidcDesk.ts";
import { bearer, openDesk, ownFolder, type Passport, passport } from "./passports.ts";
import { Provider } from "./provider.ts";

const folder = ownFolder();
let provider: Provider;
beforeAll(async () => {
  provider = await Provider.open();
});
afterAll(() => provider.leave());

const ruth = passport("ruth");
const scanner: Passport = {
  ...passport("scanner"),
  entry: { ...passport("scanner").entry, kind: "SYSTEM", reports: [{ kind: "CUSTODY" }] },
};

async function open(...passports: Passport[]) {
  const desk = await openDesk(folder.path, ...passports);
  const { oidc, pass } = await openOidcDesk(folder.path, provider.file());
  const identity = new IdentityDesk({
    principals: desk.principals,
    oidc,
    offline: null,
    revocations: null,
  });
  return { ...desk, identity, passOidc: pass };
}

const by = async (name: string, claims = {}): Promise<string> =>
  `Bearer ${await provider.token(name, { claims })}`;

test("two states of everybody's rights are never said to be one, whichever look is answered late", async () => {
  let file = 1;
  let ended = 0;
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const principals = { authenticate: async () => null, listing: async () => null };
  const offline: Offline = {
    authenticate: async () => null,
    async look(word) {
      if (word === "NEW") await answered;
      return ended;
    },
  };
  const identity = new IdentityDesk({
    principals: { ...principals, look: async () => file },
    oidc: null,
    offline,
    revocations: null,
  });
  const held = identity.look("NEW");
  file = 2;
  const meanwhile = await identity.look();
  ended = 1;
  answer();
  expect(await held).toBeGreaterThan(meanwhile);
});

const SERVICE = { groups: undefined, client: { type: "service" } };

describe("whoever comes", () => {
  test("by a token of our own or of the provider is known by the one desk", async () => {
    const { identity } = await open(ruth);
    expect((await identity.authenticate(bearer(ruth)))?.actor).toBe("ruth");
    expect((await identity.authenticate(await by("rita")))?.actor).toBe("rita");
    const probe = await identity.authenticate(await by("probe", SERVICE));
    expect(probe?.kind).toBe("SYSTEM");
  });

  test("by the provider has the roles of their token alone, whatever the file gives them", async () => {
    const { identity } = await open(passport("rita", ["RELEASE_SECURITY"]));
    expect((await identity.authenticate(await by("rita")))?.roles).toEqual(["READER"]);
  });

  test.each([
    ["a service of the file", "scanner", {}],
    ["a service of the file, as a service", "scanner", SERVICE],
    ["a person of the file, as a service", "ruth", SERVICE],
    ["a person of the file in another case", "Ruth", {}],
    ["a service of the file in another case", "SCANNER", SERVICE],
  ])("by the provider is never %s", async (_what, name, claims) => {
    const { identity } = await open(ruth, scanner);
    expect(await identity.authenticate(await by(name, claims))).toBeNull();
  });

  test("by the provider is not let in while the file has a fault", async () => {
    const { identity, file, principals } = await open(ruth);
    await rm(file);
    await principals.look();
    expect(await identity.authenticate(await by("rita"))).toBeNull();
  });

  test("twice is nobody", async () => {
    const { identity } = await open(ruth);
    const both = [bearer(ruth), await by("rita")];
    expect(authorizationOf({ headersDistinct: { authorization: [bearer(ruth)] } })).toBe(
      bearer(ruth),
    );
    expect(authorizationOf({ headersDistinct: {} })).toBeUndefined();
    for (const headers of [both, both.toReversed(), [both[0] ?? "", both[0] ?? ""]]) {
      const told = authorizationOf({ headersDistinct: { authorization: headers } });
      expect(await identity.authenticate(told)).toBeNull();
    }
  });

  test("offline is asked for by the scheme, and by what follows it", async () => {
    const heard: string[] = [];
    const offline: Offline = {
      authenticate: (told) => {
        heard.push(told);
        return Promise.resolve({ actor: "nora", kind: "PERSON", roles: ["READER"] });
      },
      look: () => Promise.resolve(1),
    };
    const { principals } = await openDesk(folder.path, ruth);
    const identity = new IdentityDesk({ principals, oidc: null, offline, revocations: null });
    expect((await identity.authenticate("Holdfast-Sshsig abc.def"))?.actor).toBe("nora");
    expect(heard).toEqual(["abc.def"]);
    expect(await identity.authenticate("Bearer abc.def.ghi")).toBeNull();
    const without = new IdentityDesk({ principals, oidc: null, offline: null, revocations: null });
    expect(await without.authenticate("Holdfast-Sshsig abc.def")).toBeNull();
    expect(await without.authenticate(undefined)).toBeNull();
  });
});

test("a change by any of the ways is told by another number", async () => {
  const { identity, write, passOidc } = await open(ruth);
  const header = await by("rita");
  expect(await identity.authenticate(header)).not.toBeNull();
  const numbers = [await identity.look(), await identity.look()];
  await write(ruth, passport("olga"));
  numbers.push(await identity.look());
  passOidc(86_400_000);
  numbers.push(await identity.look());
  expect(numbers[1]).toBe(numbers[0]);
  expect(new Set(numbers).size).toBe(3);
  expect(await identity.authenticate(header)).toBeNull();
});
