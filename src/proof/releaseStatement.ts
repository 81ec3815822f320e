import { canonicalBytes } from "./canonical.ts";
import { verifySshSignature } from "./sshVerify.ts";
import { SshFault } from "./sshWire.ts";
import { membersOf } from "./statementForm.ts";

const FORMAT = "holdfast/release/1";

/** The namespace in which the metadata of releases are signed (PROTOCOL.sshsig). */
export const RELEASE_NAMESPACE = "release@holdfast";

/**
 * What whoever makes a release for a component signs of it. Everybody signs the same, so a release
 * carries any number of signatures side by side.
 */
export interface ReleaseStatement {
  /** Of another component it is no statement: numbers are compared within one. */
  readonly component: string;
  readonly release: string;
  readonly digest: string;
  readonly svn: number;
  readonly masvn: number;
  readonly denied: readonly string[];
  readonly trustedKeys: readonly string[];
}

/** A release's metadata with who is said to have signed them, and what is there to show it. */
export interface SignedRelease extends Omit<ReleaseStatement, "component"> {
  /** Fingerprints as `ssh-keygen -l` prints them. */
  readonly signedBy: readonly string[];
  readonly signatures?: readonly string[] | undefined;
}

/** The exact bytes that are signed: canonical JSON (RFC 8785), without a line feed at the end. */
export function releaseStatementBytes(statement: ReleaseStatement): Uint8Array {
  const { component, denied, digest, masvn, release, svn, trustedKeys } = statement;
  const format = FORMAT;
  return canonicalBytes({ component, denied, digest, format, masvn, release, svn, trustedKeys });
}

/** Reads what {@link releaseStatementBytes} wrote; null for anything else. */
export function readReleaseStatement(bytes: Uint8Array): ReleaseStatement | null {
  const members = membersOf(bytes);
  if (members === null) return null;
  const { component, denied, digest, masvn, release, svn, trustedKeys } = members;
  if (typeof component !== "string" || typeof release !== "string") return null;
  if (typeof digest !== "string" || !isTexts(denied) || !isTexts(trustedKeys)) return null;
  if (!Number.isSafeInteger(svn) || !Number.isSafeInteger(masvn)) return null;
  const numbers = { svn: Number(svn), masvn: Number(masvn) };
  const statement = { component, denied, digest, release, trustedKeys, ...numbers };
  // Whatever was passed over shows here.
  return Buffer.compare(releaseStatementBytes(statement), bytes) === 0 ? statement : null;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** What is wrong with who is said to have signed a release: where in it, and why. */
export interface ReleaseFault {
  readonly path: readonly [member: "signedBy" | "signatures", index: number];
  readonly why: string;
}

/**
 * Everything that is wrong: each key of `signedBy` must have made one of the signatures, and each
 * signature be by one of those keys. What is only claimed is a fault.
 */
export function releaseFaults(component: string, release: SignedRelease): ReleaseFault[] {
  const { signedBy, signatures = [] } = release;
  if (signedBy.length === 0 && signatures.length === 0) return [];
  const message = releaseStatementBytes({ ...release, component });
  const faults: ReleaseFault[] = [];
  const proven = new Set<string>();
  for (const [index, armored] of signatures.entries()) {
    const key = verifySshSignature({ armored, message, namespace: RELEASE_NAMESPACE });
    const path = ["signatures", index] as const;
    if (key instanceof SshFault) faults.push({ path, why: key.why });
    else if (signedBy.includes(key.fingerprint)) proven.add(key.fingerprint);
    else faults.push({ path, why: "it is by a key that signedBy does not name" });
  }
  for (const [index, key] of signedBy.entries()) {
    if (proven.has(key)) continue;
    const why = "is not the fingerprint of a key that made one of the signatures";
    faults.push({ path: ["signedBy", index], why });
  }
  return faults;
}
