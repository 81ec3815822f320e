import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { openPrincipals, type Principals } from "#identity/principals.ts";
import { sha256Hex } from "#proof/digest.ts";
import { type Heard, heardLog } from "./heardLog.ts";

/** A principal as the file has it, with a token whose digest it carries. */
export interface Passport {
  readonly token: string;
  readonly entry: object;
  /** What is sent of somebody who comes by another way than with a token of our own. */
  readonly authorization?: string;
}

/** Somebody whose token is made of their name. */
export function passport(name: string, roles: readonly string[] = ["READER"]): Passport {
  const token = `hf_${name}`;
  return { token, entry: { name, kind: "PERSON", roles, tokenSha256: sha256Hex(token) } };
}

/** The `Authorization` header that somebody sends. */
export function bearer({ token, authorization }: Passport): string {
  return authorization ?? `Bearer ${token}`;
}

/** A folder of the calling test file's own. */
export function ownFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeAll(async () => {
    folder.path = await mkdtemp(path.join(tmpdir(), "holdfast-passports-"));
    // Started by root, an embedded Postgres in it runs as somebody else.
    await chmod(folder.path, 0o755);
  });
  afterAll(() => rm(folder.path, { recursive: true }));
  return folder;
}

/** An open passport desk whose clock the test moves. */
export interface TestDesk {
  readonly file: string;
  readonly principals: Principals;
  readonly heard: Heard;
  /** Lets the file be looked at again. */
  pass(lengthMs: number): void;
  write(this: void, ...passports: Passport[]): Promise<void>;
}

/** Opens a desk on a file of these passports. */
export async function openDesk(folder: string, ...passports: Passport[]): Promise<TestDesk> {
  const file = path.join(await mkdtemp(path.join(folder, "desk-")), "principals.json");
  const write = (...all: Passport[]): Promise<void> => writeFile(file, textOf(...all));
  await write(...passports);
  let nowMs = 0;
  const heard = heardLog();
  const principals = await openPrincipals({ file, log: heard.log, now: () => nowMs });
  return {
    file,
    principals,
    heard,
    pass(lengthMs) {
      nowMs += lengthMs;
    },
    write,
  };
}

/** The file's text. */
export function textOf(...passports: Passport[]): string {
  return JSON.stringify({ principals: passports.map(({ entry }) => entry) });
}
