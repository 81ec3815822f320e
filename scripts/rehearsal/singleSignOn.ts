import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const AUDIENCE = "holdfast";
const READERS = "readers";

/** A token outlasts the rehearsal: it is the provider's absence that ends it. */
const LIFETIME_SECONDS = 3_600;

/** How long the server goes on with the provider's last good keys: as briefly as it can be configured with. */
const KEPT_MS = 1_000;

/** An identity provider of the rehearsal's own, which can go down. */
export interface SingleSignOn {
  /** What the server is told of it: everybody of its readers may look. */
  readonly configuration: string;
  /** The Authorization header of somebody who came by it, at a time in milliseconds since 1970. */
  readonly headerOf: (name: string, now: number) => string;
  /** Nobody answers there any more. */
  readonly goDown: () => Promise<void>;
}

/** Starts it on this machine. */
export async function openSingleSignOn(): Promise<SingleSignOn> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = {
    ...publicKey.export({ format: "jwk" }),
    kid: "rehearsal",
    alg: "EdDSA",
    use: "sig",
  };
  const keySet = JSON.stringify({ keys: [key] });
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/jwk-set+json" }).end(keySet);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return {
    configuration: JSON.stringify({
      issuer,
      audience: [AUDIENCE],
      algorithms: ["EdDSA"],
      keys: { url: `${issuer}/keys`, refreshMs: KEPT_MS, pauseMs: KEPT_MS, keptMs: KEPT_MS },
      nameClaim: "sub",
      mappings: [{ claim: "groups", value: READERS, kind: "PERSON", roles: ["READER"] }],
    }),
    headerOf: (name, now) => {
      const iat = Math.floor(now / 1_000);
      const claims = { iss: issuer, aud: AUDIENCE, sub: name, groups: [READERS], iat };
      const parts = [
        { alg: "EdDSA", typ: "at+jwt", kid: "rehearsal" },
        { ...claims, exp: iat + LIFETIME_SECONDS },
      ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
      const signed = parts.join(".");
      const signature = sign(null, Buffer.from(signed), privateKey).toString("base64url");
      return `Bearer ${signed}.${signature}`;
    },
    goDown: close,
  };
}
