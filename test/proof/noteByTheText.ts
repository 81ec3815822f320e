import { createHash, createPublicKey, verify } from "node:crypto";

/**
 * A verifier of signed notes and of a witness's cosignatures, written from the texts of C2SP
 * signed-note and tlog-cosignature alone. It shares no code with the product: whatever the product
 * makes, somebody else's program must be able to read.
 */

/** A key as its three parts say it. */
interface KnownKey {
  readonly name: string;
  readonly id: string;
  readonly type: number;
  readonly publicKey: Buffer;
}

/** Who signed, by name, each with the type of its key; nobody where the note must be rejected. */
export function signersByTheText(note: Buffer, verifierKeys: readonly string[]): string[] {
  const known = verifierKeys.map(keyOf);
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || note.at(-1) !== 0x0a || note.some((byte) => byte < 0x20 && byte !== 0x0a))
    return [];
  const text = note.subarray(0, end + 1);
  const signers: string[] = [];
  for (const line of note
    .subarray(end + 2, -1)
    .toString("utf8")
    .split("\n")) {
    const parts = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line);
    if (parts === null) return [];
    const blob = Buffer.from(parts[2] ?? "", "base64");
    const id = blob.subarray(0, 4).toString("hex");
    const key = known.find((key) => key.name === parts[1] && key.id === id);
    if (key === undefined) continue;
    if (!isSignedBy(key, text, blob.subarray(4))) return [];
    signers.push(`${key.name} ${key.type}`);
  }
  return signers;
}

function keyOf(verifierKey: string): KnownKey {
  const first = verifierKey.indexOf("+");
  const second = verifierKey.indexOf("+", first + 1);
  const name = verifierKey.slice(0, first);
  const material = Buffer.from(verifierKey.slice(second + 1), "base64");
  const id = createHash("sha256").update(`${name}\n`).update(material).digest("hex").slice(0, 8);
  if (id !== verifierKey.slice(first + 1, second)) throw new Error("the key's own ID is wrong");
  return { name, id, type: material[0] ?? 0, publicKey: material.subarray(1) };
}

function isSignedBy(key: KnownKey, text: Buffer, signature: Buffer): boolean {
  const x = key.publicKey.toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  if (key.type === 0x01) return verify(null, text, publicKey, signature);
  if (key.type !== 0x04 || signature.length !== 72) return false;
  const header = `cosignature/v1\ntime ${signature.readBigUInt64BE()}\n`;
  return verify(null, Buffer.concat([Buffer.from(header), text]), publicKey, signature.subarray(8));
}
