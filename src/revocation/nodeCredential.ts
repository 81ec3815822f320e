import { timingSafeEqual } from "node:crypto";
import { Name } from "#packet/name.ts";
import { hmacSha256 } from "#proof/digest.ts";

const SCHEME = /^holdfast-node ([A-Za-z0-9._@+-]{1,128}):([A-Za-z0-9_-]{43})$/i;

/** What a node sends as its `authorization` to its peers: its name, and that it knows the deployment's secret. */
export function nodeAuthorization(key: Uint8Array, node: Name): string {
  return `Holdfast-Node ${node}:${Buffer.from(proofOf(key, node)).toString("base64url")}`;
}

/** The node that an `authorization` header speaks for; null for anything that no node sends. */
export function nodeOf(key: Uint8Array, authorization: string | undefined): Name | null {
  const [, node = "", proof = ""] = SCHEME.exec(authorization ?? "") ?? [];
  if (!Name.safeParse(node).success) return null;
  const [given, wanted] = [Buffer.from(proof, "base64url"), proofOf(key, node)];
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? node : null;
}

function proofOf(key: Uint8Array, node: Name): Uint8Array {
  return hmacSha256(key, Buffer.from(`holdfast/node/1 ${node}`));
}
