import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** What this deployment is called among those that the provider gives tokens for. */
export const AUDIENCE = "holdfast-test";

/** How long a token of {@link Provider.token} lasts, in seconds. */
export const LIFETIME_S = 300;

/** A pair of keys that a provider signs with. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Makes a pair of keys. */
export async function signingKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

/** What a token is made of where it is not the usual. */
export interface TokenChange {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly by?: SigningKey;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** An identity provider that serves its key set over HTTP on this machine. */
export class Provider {
  readonly issuer: string;
  readonly key: SigningKey;
  /** What it answers with. */
  keys: readonly JWK[];
  /** Another answer in place of its keys. */
  says: { readonly status: number; readonly body: string; readonly to?: string } | null = null;
  /** How often it was asked. */
  asked = 0;
  readonly #server: Server;

  private constructor(server: Server, key: SigningKey) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.key = key;
    this.keys = [key.publicJwk];
  }

  static async open(): Promise<Provider> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const provider = new Provider(server, await signingKey("first"));
    server.on("request", (_request, response) => {
      provider.asked += 1;
      const { status = 200, body, to } = provider.says ?? {};
      response.writeHead(status, {
        "content-type": "application/json",
        ...(to === undefined ? {} : { location: to }),
      });
      response.end(body ?? JSON.stringify({ keys: provider.keys }));
    });
    return provider;
  }

  get keysUrl(): string {
    return `${this.issuer}/keys`;
  }

  /** The file about it: staff read, and whoever is of a group of the name of a role has the role. */
  file(change: object = {}): object {
    return {
      issuer: this.issuer,
      audience: [AUDIENCE],
      algorithms: ["ES256"],
      keys: { url: this.keysUrl },
      nameClaim: "preferred_username",
      mappings: [
        { claim: "groups", value: "staff", kind: "PERSON" },
        { claim: "groups", value: "readers", roles: ["READER"] },
        { claim: "groups", value: "operators", roles: ["OPERATOR"] },
        { claim: ["client", "type"], value: "service", kind: "SYSTEM", roles: ["REPORTER"] },
      ],
      ...change,
    };
  }

  /** A token of somebody who reads, of `name` unless the claims say otherwise. */
  token(name: string, { claims = {}, header = {}, by = this.key, now }: TokenChange = {}) {
    const nowS = Math.floor((now ?? Date.now()) / 1_000);
    const usual = {
      iss: this.issuer,
      aud: AUDIENCE,
      sub: `id-of-${name}`,
      iat: nowS,
      exp: nowS + LIFETIME_S,
      preferred_username: name,
      groups: ["staff", "readers"],
    };
    const said = Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined);
    return new SignJWT(Object.fromEntries(said))
      .setProtectedHeader({ alg: by.alg, kid: by.kid, typ: "at+jwt", ...header })
      .sign(by.privateKey);
  }

  /** Nobody answers at its address any more. */
  async leave(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
