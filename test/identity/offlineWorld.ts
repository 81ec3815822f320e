import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { OfflineDesk, type SignedIn } from "#identity/offline.ts";
import type { OfflineGround } from "#identity/offlineGround.ts";
import { openPrincipals, type Principals } from "#identity/principals.ts";
import { type KeyRing, openSigners } from "#identity/signers.ts";
import { SIGN_IN_NAMESPACE, signInStatementBytes } from "#proof/signInStatement.ts";
import { armor, blobOf, type MadeSigner, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { type Heard, heardLog } from "./heardLog.ts";

export const DEPLOYMENT = "releases.example";

/** What a sign-in says; what is left out is as it should be. */
export interface SaidOf {
  readonly deployment?: string;
  readonly principal?: string;
  readonly epoch?: bigint;
  readonly through?: bigint;
  readonly namespace?: string;
  readonly signer?: MadeSigner;
}

/** A desk for offline sign-ins whose clocks, files and ledger the test moves. */
export interface OfflineWorld {
  readonly desk: OfflineDesk;
  readonly signers: KeyRing;
  readonly principals: Principals;
  readonly heard: Heard;
  readonly ada: MadeSigner;
  /** What the ledger would say, if it could be asked. */
  readonly known: {
    epoch: bigint | null;
    /** What it would say if it were asked anew, where that is more. */
    stepped: bigint | null;
    revoked: Map<string, boolean | null>;
  };
  /** Lets the files be looked at again. */
  readonly pass: () => void;
  readonly write: (
    name: "allowed_signers" | "revoked_keys" | "principals.json",
    text: string,
  ) => Promise<void>;
  readonly remove: (name: "allowed_signers" | "revoked_keys") => Promise<void>;
  /** Signs in with this. */
  readonly signIn: (said?: SaidOf) => Promise<SignedIn | null>;
}

/** The line that lists a key for some use. */
export function lineOf(
  person: string,
  { line }: MadeSigner,
  namespaces = SIGN_IN_NAMESPACE,
): string {
  return `${person} namespaces="${namespaces}" ${line}\n`;
}

/** Everybody who may be asked about, as the principals file has them. */
export const PEOPLE = [
  { name: "ada", kind: "PERSON", roles: ["READER", "APPROVAL_OWNER"], responder: true },
  { name: "ben", kind: "PERSON", roles: ["READER"] },
  { name: "robot", kind: "SYSTEM", roles: ["REPORTER"] },
] as const;

/** The text of a principals file. */
export function peopleText(people: readonly object[] = PEOPLE): string {
  return JSON.stringify({ principals: people });
}

/** What stands behind the scheme: statement and signature. */
export function credentialOf(said: SaidOf & { readonly signer: MadeSigner }): string {
  const { deployment = DEPLOYMENT, principal = "ada", epoch = 100n } = said;
  const validThroughEpoch = said.through ?? epoch + 10n;
  const bytes = signInStatementBytes({ deployment, principal, epoch, validThroughEpoch });
  const parts = partsOf(said.signer, bytes, said.namespace ?? SIGN_IN_NAMESPACE);
  return credentialFrom(bytes, armor(blobOf(parts)));
}

/** The same from its parts. */
export function credentialFrom(bytes: Uint8Array, armored: string): string {
  return [bytes, Buffer.from(armored)]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
}

/** Opens a world in a folder, in which ada may sign in; `ledger` answers in place of what is known here. */
export async function openWorld(
  folder: string,
  ledger: OfflineGround | null = null,
): Promise<OfflineWorld> {
  const own = await mkdtemp(path.join(folder, "offline-"));
  const place = (name: string): string => path.join(own, name);
  const ada = makeSigner({ type: "ssh-ed25519" });
  await writeFile(place("allowed_signers"), lineOf("ada", ada));
  await writeFile(place("revoked_keys"), "");
  await writeFile(place("principals.json"), peopleText());
  let nowMs = 0;
  const now = (): number => nowMs;
  const heard = heardLog();
  const { log } = heard;
  const files = { file: place("allowed_signers"), revokedFile: place("revoked_keys") };
  const signers = await openSigners({ ...files, log, now });
  const principals = await openPrincipals({ file: place("principals.json"), log, now });
  const known: OfflineWorld["known"] = { epoch: 100n, stepped: null, revoked: new Map() };
  const ground: OfflineGround = ledger ?? groundOf(known);
  const desk = new OfflineDesk({ deployment: DEPLOYMENT, signers, principals, ground, log });
  return {
    desk,
    signers,
    principals,
    heard,
    ada,
    known,
    pass: () => (nowMs += 5_000),
    write: (name, text) => writeFile(place(name), text),
    remove: (name) => rm(place(name)),
    signIn: (said = {}) => desk.signIn(credentialOf({ signer: ada, ...said })),
  };
}

/** Answers at once with what is known. */
function groundOf(known: OfflineWorld["known"]): OfflineGround {
  const epochNow = () => Promise.resolve(known.stepped ?? known.epoch);
  const revokedNow = (people: readonly string[]) =>
    Promise.resolve(new Set(people.filter((person) => known.revoked.get(person) === true)));
  return {
    epoch: () => Promise.resolve(known.epoch),
    epochNow,
    isRevoked: (person: string) =>
      Promise.resolve(known.revoked.has(person) ? (known.revoked.get(person) ?? null) : false),
    revokedNow,
    answered: async (people) => ({ epoch: await epochNow(), revoked: await revokedNow(people) }),
  };
}
