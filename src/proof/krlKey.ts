import { hash } from "node:crypto";
import { base64 } from "./base64.ts";
import type { KrlReader } from "./krlReader.ts";
import { readSshPublicKey } from "./sshPublicKey.ts";
import { SshFault, sshString } from "./sshWire.ts";

type Shape = (reader: KrlReader) => void;

const CURVES = ["nistp256", "nistp384", "nistp521"];

/** What stands after the type in the wire form of each type of key that OpenSSH has. */
const SHAPES = new Map<string, Shape>([
  ["ssh-ed25519", ed25519],
  ["ssh-rsa", (reader) => numbers(reader, 2)],
  ["ssh-dss", (reader) => numbers(reader, 4)],
  ...CURVES.map((curve): [string, Shape] => [`ecdsa-sha2-${curve}`, onCurve(curve)]),
  ["sk-ssh-ed25519@openssh.com", withApplication(ed25519)],
  ["sk-ecdsa-sha2-nistp256@openssh.com", withApplication(onCurve("nistp256"))],
]);

/**
 * Reads the wire form of a plain key as OpenSSH does where a list names one: a known type and the
 * parts of one, a point that is on its curve, each in its only spelling, so that equal keys are
 * equal bytes. Says nothing of whether it is a good key: a list may well name a weak one.
 */
export function readNamedKey(reader: KrlReader, what: string): void {
  const shape = SHAPES.get(reader.text(what));
  if (shape === undefined) reader.refuse(`${what} is of no known type`);
  else shape(reader);
  reader.end(what);
}

/** A SHA-256 digest in the form of a fingerprint. */
export function fingerprintForm(digest: Uint8Array): string {
  return `SHA256:${base64(digest).replace("=", "")}`;
}

/** The SHA-1 of a key's wire form, byte by byte as a text. Lists still name keys so. */
export function sha1Of(wire: Uint8Array): string {
  return hash("sha1", wire, "binary");
}

/** Bytes as a text that can be looked up: a character for each. */
export function charsOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function ed25519(reader: KrlReader): void {
  if (reader.string("an Ed25519 point").length !== 32)
    reader.refuse("an Ed25519 point has 32 bytes");
}

function numbers(reader: KrlReader, count: number): void {
  for (let index = 0; index < count; index += 1) reader.positive("a number of a key");
}

function onCurve(curve: string): Shape {
  return (reader) => {
    const name = reader.text("a curve");
    const point = reader.string("a point");
    if (reader.fault !== null) return;
    const wire = Buffer.concat([`ecdsa-sha2-${curve}`, name, point].map(sshString));
    if (readSshPublicKey(wire) instanceof SshFault)
      reader.refuse("a point is on no curve of its type");
  };
}

function withApplication(shape: Shape): Shape {
  return (reader) => {
    shape(reader);
    reader.chars("an application");
  };
}
