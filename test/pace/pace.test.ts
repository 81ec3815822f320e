import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { sha256Hex } from "#proof/digest.ts";
import { changeTokenFaults, openChangeToken } from "#recovery/changeToken.ts";
import { keysOf } from "../recovery/tokenMaker.ts";
import {
  FREEZE,
  THAW,
  type Told,
  ask,
  followedBy,
  look,
  paces,
  policyText,
  post,
  requestText,
  setPolicy,
  signedBy,
} from "./paceWorld.ts";

const desk = paces();
const POLICY = policyText();

/** A service with a policy in force. */
async function ready() {
  const service = await desk.open(await desk.directory());
  expect(await setPolicy(service.url, POLICY)).toMatchObject({ status: 200 });
  return service;
}

function reasonsIn({ body }: Told): readonly string[] {
  return (body["reasons"] as readonly { readonly code: string }[]).map(({ code }) => code);
}

describe("a policy", () => {
  test("is needed before anything is allowed, and is shown as its author signed it", async () => {
    const { url } = await desk.open(await desk.directory());
    const early = await ask(url);
    expect(early).toMatchObject({ status: 409, body: { possibleFrom: null } });
    expect(reasonsIn(early)).toEqual(["NO_POLICY"]);
    expect(await look(`${url}/policy`)).toMatchObject({ status: 404 });
    await setPolicy(url, POLICY);
    const digest = sha256Hex(POLICY);
    const body = { number: 1, digest, text: POLICY };
    expect(await look(`${url}/policy`)).toMatchObject({ status: 200, body });
  });

  test("counts only with the signature of an author, over exactly these bytes, for this use", async () => {
    const { url } = await desk.open(await desk.directory());
    expect(await setPolicy(url, POLICY, "ben")).toMatchObject({ status: 403 });
    expect(await setPolicy(url, policyText({ author: "ben" }), "ben")).toMatchObject({
      status: 403,
    });
    expect(await setPolicy(url, policyText({ author: "cat" }), "cat")).toMatchObject({
      status: 403,
    });
    const signed = JSON.parse(signedBy("ada", POLICY, "pace-policy@holdfast")) as object;
    const altered = { ...signed, text: policyText({ simultaneousMax: 9 }) };
    expect(await post(`${url}/policy`, JSON.stringify(altered))).toMatchObject({ status: 403 });
    const otherUse = signedBy("ada", POLICY, "approval@holdfast");
    expect(await post(`${url}/policy`, otherUse)).toMatchObject({ status: 403 });
    expect(await look(`${url}/policy`)).toMatchObject({ status: 404 });
  });

  test("follows the one in force, so that an older one cannot be told again", async () => {
    const { url } = await ready();
    const next = followedBy(POLICY, { reason: "incident 7", simultaneousMax: 9 });
    expect(await setPolicy(url, next)).toMatchObject({ status: 200, body: { number: 2 } });
    const stale = { status: 409, body: { number: 2, digest: sha256Hex(next) } };
    expect(await setPolicy(url, POLICY)).toMatchObject(stale);
    expect(await setPolicy(url, next)).toMatchObject(stale);
    expect(await setPolicy(url, followedBy(POLICY))).toMatchObject(stale);
    const skipping = policyText({ number: 4, previous: sha256Hex(next) });
    expect(await setPolicy(url, skipping)).toMatchObject(stale);
  });

  test("of an emergency is one more policy: it is loosened, frozen and thawed the same way", async () => {
    const { url } = await ready();
    expect(await ask(url)).toMatchObject({ status: 200 });
    const slow = await ask(url);
    expect(reasonsIn(slow)).toEqual(["RATE_EXCEEDED"]);
    expect(slow.body).toMatchObject({ possibleFrom: "112" });
    const rates = { EPOCH_FREEZE: { changesMax: 2, epochs: "10" } };
    const fast = followedBy(POLICY, { rates, reason: "incident 7: the epoch must stop again" });
    await setPolicy(url, fast);
    expect(await ask(url)).toMatchObject({ status: 200, body: { claims: { policy: 2 } } });
    const frozen = followedBy(fast, { rates, frozen: true, reason: "nobody touches anything" });
    await setPolicy(url, frozen);
    expect(reasonsIn(await ask(url, requestText(FREEZE, { epoch: "500" })))).toEqual(["FROZEN"]);
    await setPolicy(url, followedBy(frozen, { rates, reason: "over" }));
    expect(await ask(url, requestText(FREEZE, { epoch: "500" }))).toMatchObject({ status: 200 });
  });

  test("with faults is not taken, every one named and none repeated", async () => {
    const { url } = await desk.open(await desk.directory());
    const text = policyText({ simultaneousMax: 0, secret: "zq", rates: { SHIP: 1 } });
    const { status, body } = await setPolicy(url, text);
    expect(status).toBe(400);
    const faults = String(body["faults"]);
    expect(faults).toContain("simultaneousMax");
    expect(faults).not.toContain("zq");
    const firstWithPrevious = policyText({ previous: "a".repeat(64) });
    expect(await setPolicy(url, firstWithPrevious)).toMatchObject({ status: 400 });
  });
});

describe("a token", () => {
  test("names change, kind, deployment, policy and epochs, and verifies with the key set alone", async () => {
    const { url } = await ready();
    const { body } = await ask(url);
    const keys = keysOf((await look(`${url}/keys`)).body);
    const token = await openChangeToken(String(body["token"]), keys);
    if (typeof token === "string") throw new Error(token);
    expect(token).toMatchObject({
      deployment: FREEZE.deployment,
      kind: "EPOCH_FREEZE",
      firstEpoch: 100n,
      lastEpoch: 102n,
      policy: 1,
      policyDigest: sha256Hex(POLICY),
    });
    expect(changeTokenFaults(token, FREEZE, 102n)).toEqual([]);
    expect(changeTokenFaults(token, THAW, 103n)).toEqual([
      "OTHER_KIND",
      "OTHER_CHANGE",
      "TOO_LATE",
    ]);
  });

  test("is given only to whoever signed the request with a key listed for it", async () => {
    const { url } = await ready();
    expect(await ask(url, requestText(), "cat")).toMatchObject({ status: 403 });
    expect(await ask(url, requestText(FREEZE, { asker: "cat" }), "cat")).toMatchObject({
      status: 403,
    });
    expect(await ask(url, requestText(FREEZE, { asker: "ada" }), "ada")).toMatchObject({
      status: 403,
    });
    expect((await look(`${url}/changes`)).body).toEqual({ changes: [], next: 0 });
  });

  test("is the same again under the same key, and takes nothing of the rate twice", async () => {
    const { url } = await ready();
    const text = requestText();
    const first = await ask(url, text);
    const again = await ask(url, text);
    expect(again.body).toEqual({ ...first.body, repeated: true });
    expect(first.body).toMatchObject({ repeated: false });
    const { idempotencyKey } = JSON.parse(text) as { readonly idempotencyKey: string };
    const other = await ask(url, requestText(THAW, { idempotencyKey }));
    expect(other).toMatchObject({ status: 409, body: { refused: "IDEMPOTENCY_CONFLICT" } });
  });

  test("of many who ask at once goes to as many as the rate allows", async () => {
    const { url } = await ready();
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  });

  test("is listed, without who asked and why", async () => {
    const { url } = await ready();
    const { body } = await ask(url);
    const listed = await look(`${url}/changes`);
    expect(listed.body).toMatchObject({ changes: [body["claims"]], next: 1 });
    expect(JSON.stringify(listed.body)).not.toMatch(/ben|drill/);
    expect((await look(`${url}/changes?after=1`)).body).toEqual({ changes: [], next: 1 });
    expect(await look(`${url}/changes?after=-1`)).toMatchObject({ status: 400 });
  });
});

describe("the door", () => {
  test("says what is there, and takes nothing that is too long or no request", async () => {
    const { url, reported } = await ready();
    expect(await look(`${url}/live`)).toMatchObject({ status: 200 });
    expect(await look(`${url}/nothing`)).toMatchObject({ status: 404 });
    expect((await fetch(`${url}/keys`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${url}/changes`, { method: "DELETE" })).status).toBe(405);
    for (const body of ["", "{}", "[", "null", '{"text":"{}","signature":""}', "\u0000"]) {
      expect(await post(`${url}/changes`, body)).toMatchObject({ status: 400 });
    }
    expect(await post(`${url}/changes`, " ".repeat(131_073))).toMatchObject({ status: 413 });
    expect(reported).toEqual([]);
  });

  test("allows nothing while its file of keys is gone or faulty, and says so to its operator", async () => {
    const directory = await desk.directory();
    const { url, reported } = await desk.open(directory);
    await setPolicy(url, POLICY);
    const file = path.join(directory, "allowed_signers");
    await writeFile(file, "no line of keys\n");
    expect(await ask(url)).toMatchObject({ status: 500 });
    await rm(file);
    expect(await ask(url)).toMatchObject({ status: 500 });
    expect(await setPolicy(url, followedBy(POLICY))).toMatchObject({ status: 500 });
    expect(reported.map(({ name }) => name)).toEqual(Array(3).fill("PaceSignersUnusable"));
  });
});
