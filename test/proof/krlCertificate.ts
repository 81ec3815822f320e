import type { KrlCertificate } from "#proof/krl.ts";
import { sshString, SshReader } from "#proof/sshWire.ts";

const SUFFIX = "-cert-v01@openssh.com";

/** How many strings there are in a key of a type, after the type. */
const STRINGS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
};

/** The wire form of a key in a line of OpenSSH's. */
export function wireOfLine(line: string): Uint8Array {
  return Buffer.from(line.split(" ")[1] ?? "", "base64");
}

/** What a list is asked of a certificate (PROTOCOL.certkeys), from a line of OpenSSH's. */
export function certificateOfLine(line: string): KrlCertificate {
  const reader = new SshReader(wireOfLine(line));
  const type = reader.text("type").replace(SUFFIX, "");
  reader.string("nonce");
  const parts = Array.from({ length: STRINGS[type] ?? 0 }, () => reader.string("part of the key"));
  const serial = Buffer.from(reader.bytes(8, "serial")).readBigUInt64BE();
  reader.uint32("kind");
  const keyId = reader.string("key identity");
  reader.string("principals");
  reader.bytes(16, "validity");
  for (const part of ["critical options", "extensions", "reserved"]) reader.string(part);
  const authority = { wire: reader.string("authority") };
  const wire = Buffer.concat([type, ...parts].map(sshString));
  return { serial, keyId, key: { wire }, authority };
}
