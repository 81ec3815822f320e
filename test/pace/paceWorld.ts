import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import type { SmallDoor } from "#outpost/smallDoor.ts";
import { type OpenedPace, openPace } from "#pace/openPace.ts";
import { openPaceDoor } from "#pace/paceDoor.ts";
import type { Change } from "#packet/change.ts";
import { canonical, type CanonicalValue } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { describeChange, epochChanges } from "#recovery/change.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { armor, blobOf, type MadeSigner, makeSigner, partsOf } from "../proof/sshMaker.ts";

export const DEPLOYMENT = "0198f5a0-0000-7000-8000-000000000001";
export const FREEZE: Change = describeChange(DEPLOYMENT, epochChanges.freeze);
export const THAW: Change = describeChange(DEPLOYMENT, epochChanges.thaw);

const POLICY_USE = "pace-policy@holdfast";
const REQUEST_USE = "pace-change@holdfast";

/** Who is listed for what: ada sets policies, ben asks, cat does neither. */
const KEYS: Readonly<Record<"ada" | "ben" | "cat", MadeSigner>> = {
  ada: makeSigner({ type: "ssh-ed25519" }),
  ben: makeSigner({ type: "ssh-ed25519" }),
  cat: makeSigner({ type: "ssh-ed25519" }),
};
export type Person = keyof typeof KEYS;

/** An answer over HTTP. */
export interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A service of the test's own process, and its door. */
export interface TestPace {
  readonly opened: OpenedPace;
  readonly url: string;
  readonly reported: readonly Error[];
  readonly close: () => Promise<void>;
}

/** A policy that follows none, but for what is said otherwise. */
export function policyText(said: Readonly<Record<string, CanonicalValue>> = {}): string {
  return canonical({
    author: "ada",
    deployment: DEPLOYMENT,
    format: "holdfast/pace-policy/1",
    frozen: false,
    number: 1,
    previous: null,
    rates: { EPOCH_FREEZE: { changesMax: 1, epochs: "10" } },
    reason: "in normal times",
    simultaneousMax: 3,
    tokenEpochs: "3",
    ...said,
  });
}

/** The policy that follows this one. */
export function followedBy(
  before: string,
  said: Readonly<Record<string, CanonicalValue>> = {},
): string {
  const { number } = JSON.parse(before) as { readonly number: number };
  return policyText({ number: number + 1, previous: sha256Hex(before), ...said });
}

let asked = 0;

/** A request by ben from epoch 100 on, but for what is said otherwise. */
export function requestText(
  change: Change = FREEZE,
  said: Readonly<Record<string, CanonicalValue>> = {},
): string {
  asked += 1;
  return canonical({
    asker: "ben",
    change: { ...change },
    epoch: "100",
    format: "holdfast/pace-request/1",
    idempotencyKey: `request-${asked}`,
    reason: "drill",
    ...said,
  });
}

/** A text as it is posted, signed by somebody. */
export function signedBy(person: Person, text: string, namespace: string): string {
  const signature = armor(blobOf(partsOf(KEYS[person], Buffer.from(text), namespace)));
  return JSON.stringify({ text, signature });
}

/** Posts a policy, signed by whoever is its author unless said otherwise. */
export function setPolicy(url: string, text: string, by: Person = "ada"): Promise<Told> {
  return post(`${url}/policy`, signedBy(by, text, POLICY_USE));
}

/** Posts a request. */
export function ask(url: string, text: string = requestText(), by: Person = "ben"): Promise<Told> {
  return post(`${url}/changes`, signedBy(by, text, REQUEST_USE));
}

/** Posts anything. */
export async function post(url: string, body: string): Promise<Told> {
  return toldBy(await fetch(url, { method: "POST", body }));
}

/** What is answered to a GET. */
export async function look(url: string): Promise<Told> {
  return toldBy(await fetch(url));
}

async function toldBy(response: Response): Promise<Told> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const body = isJson ? (JSON.parse(text) as Told["body"]) : { text };
  return { status: response.status, body };
}

/** Makes directories and services that are gone after each test. */
export function paces() {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  return {
    /** With a file of who may sign what. */
    async directory(): Promise<string> {
      const directory = await mkdtemp(path.join(tmpdir(), "holdfast-pace-"));
      undo.push(() => rm(directory, { recursive: true }));
      const lines = [lineOf("ada", KEYS.ada, POLICY_USE), lineOf("ben", KEYS.ben, REQUEST_USE)];
      await writeFile(path.join(directory, "allowed_signers"), lines.join(""));
      return directory;
    },
    async open(directory: string): Promise<TestPace> {
      const test = await openTestPace(directory);
      undo.push(() => test.close());
      return test;
    },
  };
}

let ids = 0;

async function openTestPace(directory: string): Promise<TestPace> {
  const opened = await openPace({
    directory,
    signers: path.join(directory, "allowed_signers"),
    random: () => randomBytes(32),
    newId: () => `0b7e1f9e-3c1b-4c7e-9b1a-${(ids += 1).toString(16).padStart(12, "0")}`,
    now: () => "2026-01-01T12:00:00.000Z",
  });
  const reported: Error[] = [];
  const report = (fault: Error): void => {
    reported.push(fault);
  };
  const door: SmallDoor = await openPaceDoor({
    host: "127.0.0.1",
    port: 0,
    pace: opened.pace,
    report,
  });
  let isOpen = true;
  return {
    opened,
    url: door.url,
    reported,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await door.close();
      await opened.close();
    },
  };
}
