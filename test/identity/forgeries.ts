import { createHmac } from "node:crypto";
import { exportSPKI, importJWK, type CryptoKey } from "jose";
import { AUDIENCE, LIFETIME_S, type Provider, type TokenChange, signingKey } from "./provider.ts";

/** A token that must not count, and why. */
export interface Forgery {
  readonly row: "A01" | "A02";
  readonly what: string;
  readonly make: (provider: Provider) => Promise<string>;
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Header and claims of a good token, before a signature. */
async function unsigned(provider: Provider, header: object): Promise<string> {
  const [, claims = ""] = (await provider.token("rita")).split(".");
  return `${base64url({ typ: "at+jwt", kid: provider.key.kid, ...header })}.${claims}`;
}

/** Signed as if the public key were a shared secret. */
async function hmacByPublicKey(provider: Provider, form: "PEM" | "JWK"): Promise<string> {
  const { publicJwk } = provider.key;
  const key = (await importJWK(publicJwk, "ES256", { extractable: true })) as CryptoKey;
  const secret = form === "PEM" ? await exportSPKI(key) : JSON.stringify(publicJwk);
  const signed = await unsigned(provider, { alg: "HS256" });
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

const changed =
  (change: TokenChange): Forgery["make"] =>
  (provider) =>
    provider.token("rita", change);

const claiming = (claims: Readonly<Record<string, unknown>>): Forgery["make"] =>
  changed({ claims });

const nowS = (): number => Math.floor(Date.now() / 1_000);

/** Every way to get in that there must not be. */
export const FORGERIES: readonly Forgery[] = [
  {
    row: "A01",
    what: "whose time is over",
    make: (provider) => provider.token("rita", { now: Date.now() - LIFETIME_S * 1_000 }),
  },
  {
    row: "A01",
    what: "that is not valid yet",
    make: (provider) => provider.token("rita", { claims: { nbf: nowS() + 60 } }),
  },
  { row: "A01", what: "for another audience", make: claiming({ aud: "another" }) },
  {
    row: "A01",
    what: "for many audiences, none of them ours",
    make: claiming({ aud: ["another", `${AUDIENCE}x`] }),
  },
  { row: "A01", what: "of another issuer", make: claiming({ iss: "https://sso.example" }) },
  {
    row: "A01",
    what: "of the issuer with a slash after it",
    make: (provider) => provider.token("rita", { claims: { iss: `${provider.issuer}/` } }),
  },
  { row: "A01", what: "without an end", make: claiming({ exp: undefined }) },
  { row: "A01", what: "with an end that is no number", make: claiming({ exp: "4102444800" }) },
  { row: "A01", what: "that would last for years", make: claiming({ exp: 4_102_444_800 }) },
  { row: "A01", what: "without an audience", make: claiming({ aud: undefined }) },
  { row: "A01", what: "without an issuer", make: claiming({ iss: undefined }) },
  { row: "A01", what: "without a subject", make: claiming({ sub: undefined }) },
  { row: "A01", what: "without a name", make: claiming({ preferred_username: undefined }) },
  {
    row: "A01",
    what: "of a name that is none here",
    make: claiming({ preferred_username: "ri ta" }),
  },
  { row: "A01", what: "of the service itself", make: claiming({ preferred_username: "Holdfast" }) },
  { row: "A01", what: "of somebody without a role", make: claiming({ groups: ["staff"] }) },
  { row: "A01", what: "of somebody of no kind", make: claiming({ groups: ["readers"] }) },
  {
    row: "A01",
    what: "of somebody who is a person and a service",
    make: claiming({ client: { type: "service" } }),
  },
  {
    row: "A01",
    what: "cut off",
    make: async (provider) => (await provider.token("rita")).slice(0, -8),
  },
  {
    row: "A01",
    what: "of four parts",
    make: async (provider) => `${await provider.token("rita")}.x`,
  },
  {
    row: "A01",
    what: "with other claims than were signed",
    make: async (provider) => {
      const [head, , signature] = (await provider.token("rita")).split(".");
      const [, claims] = (await provider.token("olga")).split(".");
      return [head, claims, signature].join(".");
    },
  },
  {
    row: "A02",
    what: "with alg none",
    make: async (provider) => `${await unsigned(provider, { alg: "none" })}.`,
  },
  {
    row: "A02",
    what: "with alg none and a signature",
    make: async (provider) => `${await unsigned(provider, { alg: "none" })}.AAAA`,
  },
  {
    row: "A02",
    what: "with alg nOnE",
    make: async (provider) => `${await unsigned(provider, { alg: "nOnE" })}.AAAA`,
  },
  {
    row: "A02",
    what: "with HS256 by the public key",
    make: (provider) => hmacByPublicKey(provider, "PEM"),
  },
  {
    row: "A02",
    what: "with HS256 by the public key as it is published",
    make: (provider) => hmacByPublicKey(provider, "JWK"),
  },
  {
    row: "A02",
    what: "by an algorithm that is not allowed",
    make: async (provider) => {
      const other = await signingKey("of-another-kind", "ES384");
      provider.keys = [...provider.keys, other.publicJwk];
      return provider.token("rita", { by: other });
    },
  },
  {
    row: "A02",
    what: "by an unknown key",
    make: async (provider) => provider.token("rita", { by: await signingKey("stranger") }),
  },
  {
    row: "A02",
    what: "by an unknown key of a known id",
    make: async (provider) => provider.token("rita", { by: await signingKey(provider.key.kid) }),
  },
  {
    row: "A02",
    what: "with the kid ../../",
    make: changed({ header: { kid: "../../../../../../dev/null" } }),
  },
  {
    row: "A02",
    what: "with a kid that is SQL",
    make: changed({ header: { kid: "x' UNION SELECT 'key" } }),
  },
  { row: "A02", what: "with a kid that is a number", make: changed({ header: { kid: 1 } }) },
  { row: "A02", what: "without a kid", make: changed({ header: { kid: undefined } }) },
  {
    row: "A02",
    what: "with a key of its own in its header",
    make: async (provider) => {
      const own = await signingKey("own");
      return provider.token("rita", { by: own, header: { jwk: own.publicJwk } });
    },
  },
  {
    row: "A02",
    what: "with the address of its own keys in its header",
    make: async (provider) => {
      const own = await signingKey("own");
      return provider.token("rita", { by: own, header: { jku: `${provider.issuer}/own` } });
    },
  },
  {
    row: "A02",
    what: "with an extension that must be understood",
    make: async (provider) => {
      const header = { alg: "ES256", crit: ["exp"], exp: 1 };
      return `${await unsigned(provider, header)}.${"A".repeat(86)}`;
    },
  },
  { row: "A02", what: "of another type", make: changed({ header: { typ: "logout+jwt" } }) },
  { row: "A02", what: "without a type", make: changed({ header: { typ: undefined } }) },
];
