import { request as httpRequest } from "node:http";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { cosignatureSeconds } from "#proof/cosignature.ts";
import { sha256Hex } from "#proof/digest.ts";
import { newNoteKey, noteSigner, noteVerifier, verifyNote } from "#proof/signedNote.ts";
import { signersByTheText } from "../proof/noteByTheText.ts";
import { StoreBroken } from "#witness/store.ts";
import { GrowingLog } from "./growingLog.ts";
import { add, STARTED_SECONDS, told, witnesses } from "./openTestWitness.ts";

const desk = witnesses();
const log = new GrowingLog("holdfast.example/log");
const other = new GrowingLog("other.example");

async function witnessOf(...logs: readonly GrowingLog[]) {
  return desk.open(await desk.directory(), logs.length > 0 ? logs : [log]);
}

describe("a witness", () => {
  test("cosigns the first checkpoint, and one that grew from it", async () => {
    const { url, opened } = await witnessOf();
    const keys = [log.signer.verifierKey, opened.verifierKey];
    for (const [old, size] of [
      [0, 3],
      [3, 4],
      [4, 11],
      [11, 64],
    ] as const) {
      const answer = await add(url, await log.request(old, size));
      expect(answer.status).toBe(200);
      const cosigned = `${await log.checkpoint(size)}${answer.body}`;
      expect(signersByTheText(Buffer.from(cosigned), keys)).toEqual([
        "holdfast.example/log 1",
        "witness.example/w1 4",
      ]);
    }
  });

  test("says when it saw the checkpoint, by its own clock", async () => {
    const { url, opened, tick } = await witnessOf();
    const secondsOf = async (old: number, size: number) => {
      const { body } = await add(url, await log.request(old, size));
      const note = `${await log.checkpoint(size)}${body}`;
      const [signature] = verifyNote(note, [noteVerifier(opened.verifierKey)]).signatures;
      return cosignatureSeconds(signature?.signature ?? new Uint8Array());
    };
    expect(await secondsOf(0, 2)).toBe(STARTED_SECONDS);
    tick(60n);
    // The same again is cosigned again, as of now.
    expect(await secondsOf(2, 2)).toBe(STARTED_SECONDS + 60n);
  });

  test("cosigns a log of no leaves, and what it becomes", async () => {
    const { url } = await witnessOf();
    expect(await add(url, await log.request(0, 0))).toMatchObject({ status: 200 });
    expect(await add(url, await log.request(0, 5))).toMatchObject({ status: 200 });
  });

  test("tells the size that it cosigned last to who thinks of another", async () => {
    const { url } = await witnessOf();
    await add(url, await log.request(0, 8));
    for (const [old, size] of [
      [0, 9],
      [4, 9],
      [7, 8],
      [9, 12],
      [0, 5],
    ] as const) {
      const answer = await add(url, await log.request(old, size));
      expect(answer).toEqual({ status: 409, type: "text/x.tlog.size", body: "8\n" });
    }
    expect(await add(url, await log.request(8, 9))).toMatchObject({ status: 200 });
  });

  test("refuses a smaller tree, whatever it is told of the old one", async () => {
    const { url } = await witnessOf();
    await add(url, await log.request(0, 8));
    expect(await add(url, await log.request(8, 7))).toMatchObject({ status: 400 });
    expect(await add(url, await log.request(7, 7))).toMatchObject({ status: 409, body: "8\n" });
    expect(await add(url, await log.request(0, 7))).toMatchObject({ status: 409, body: "8\n" });
  });

  test("refuses a fork: another root at the same size, or another past", async () => {
    const { url } = await witnessOf();
    await add(url, await log.request(0, 8));
    const same = await add(url, await log.request(8, 8, { forkedAt: 7 }));
    expect(same).toMatchObject({ status: 409, type: "text/plain; charset=utf-8" });
    expect(same.body).toContain("the log has forked");
    for (const forkedAt of [0, 3, 7]) {
      const answer = await add(url, await log.request(8, 20, { forkedAt }));
      expect(answer).toMatchObject({ status: 422 });
    }
    expect(await add(url, await log.request(8, 20, { forkedAt: 8 }))).toMatchObject({
      status: 200,
    });
  });

  test("refuses a proof that proves nothing", async () => {
    const { url } = await witnessOf();
    const hash = new Uint8Array(32);
    expect(await add(url, await log.request(0, 8, { proof: [hash] }))).toMatchObject({
      status: 422,
    });
    await add(url, await log.request(0, 8));
    for (const proof of [[], [hash], Array.from({ length: 63 }, () => hash)]) {
      expect(await add(url, await log.request(8, 9, { proof }))).toMatchObject({ status: 422 });
    }
    expect(await add(url, await log.request(8, 8, { proof: [hash] }))).toMatchObject({
      status: 422,
    });
    // None of them moved it.
    expect(await add(url, await log.request(8, 9))).toMatchObject({ status: 200 });
  });

  test("does not know other logs, nor others who sign for this one", async () => {
    const { url } = await witnessOf();
    expect(await add(url, await other.request(0, 1))).toMatchObject({ status: 404 });
    const namesake = noteSigner(newNoteKey(log.origin, new Uint8Array(32)));
    for (const signers of [[other.signer], [namesake]]) {
      expect(await add(url, await log.request(0, 1, { signers }))).toMatchObject({ status: 403 });
    }
    const changed = (await log.request(0, 2)).replace("\n2\n", "\n3\n");
    expect(await add(url, changed)).toMatchObject({ status: 403 });
    const both = [other.signer, log.signer];
    expect(await add(url, await log.request(0, 1, { signers: both }))).toMatchObject({
      status: 200,
    });
  });

  test("watches each log by itself", async () => {
    const { url } = await witnessOf(log, other);
    expect(await add(url, await log.request(0, 5))).toMatchObject({ status: 200 });
    expect(await add(url, await other.request(0, 2))).toMatchObject({ status: 200 });
    expect(await add(url, await log.request(5, 6))).toMatchObject({ status: 200 });
    expect(await add(url, await other.request(5, 6))).toMatchObject({ status: 409, body: "2\n" });
  });

  test("of many requests at once lets one through, and holds to it", async () => {
    const { url } = await witnessOf();
    const bodies = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        log.request(0, 1 + (index % 6), index < 12 ? {} : { forkedAt: 0 }),
      ),
    );
    const answers = await Promise.all(bodies.map((body) => add(url, body)));
    const first = answers.findIndex(({ status }) => status === 200);
    const size = `${1 + (first % 6)}\n`;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.every(({ status, body }) => status === 409 && body === size)).toBe(true);
  });
});

describe("a request that is malformed", () => {
  test.each([
    ["nothing", () => ""],
    ["no old size", (right: string) => right.replace("old 0\n", "")],
    ["an old size of another form", (right: string) => right.replace("old 0", "old 00")],
    ["a negative old size", (right: string) => right.replace("old 0", "old -1")],
    ["two spaces", (right: string) => right.replace("old 0", "old  0")],
    ["a line that is no hash", (right: string) => right.replace("old 0\n", "old 0\nAAAA\n")],
    ["hashes in other spellings", (right: string) => right.replace("\n", `\n${"A".repeat(43)}\n`)],
    ["64 hashes", (right: string) => right.replace("\n", `\n${`${"A".repeat(43)}=\n`.repeat(64)}`)],
    ["no empty line", (right: string) => right.replace("\n\n", "\n")],
    ["no checkpoint", () => "old 0\n\n"],
    ["a checkpoint without a signature", (right: string) => right.replace(/\n\u2014.*\n/u, "\n")],
    ["a size of another form", (right: string) => right.replace("\n3\n", "\n03\n")],
    ["carriage returns", (right: string) => right.replaceAll("\n", "\r\n")],
    ["no last newline", (right: string) => right.slice(0, -1)],
    ["an old size above the new one", (right: string) => right.replace("old 0", "old 4")],
  ])("is told so: %s", async (_what, change) => {
    const { url } = await witnessOf();
    const answer = await add(url, change(await log.request(0, 3)));
    expect(answer).toMatchObject({ status: 400, type: "text/plain; charset=utf-8" });
    expect(answer.body).toMatch(/^.{10,}\n$/);
  });

  test("is told so: bytes that are not UTF-8", async () => {
    const { url } = await witnessOf();
    const body = Buffer.from(await log.request(0, 3));
    body[0] = 0xff;
    expect(await add(url, Uint8Array.from(body))).toMatchObject({ status: 400 });
  });

  test("is told so: more than it may be long", async () => {
    const { url } = await witnessOf();
    const long = `${await log.request(0, 3)}${"x".repeat(262_144)}`;
    expect(await add(url, long)).toMatchObject({ status: 413 });
  });

  test("is told so: any other path or method", async () => {
    const { url } = await witnessOf();
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${url}/live`, { method: "POST", body: "x" })).status).toBe(405);
    expect((await fetch(`${url}/checkpoint/x`, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(url)).status).toBe(404);
    expect(await told(await fetch(`${url}/live`))).toMatchObject({ status: 200, body: "live\n" });
  });

  test("cut off in the middle is nobody's fault, and the next is answered", async () => {
    const { url, reported } = await witnessOf();
    await new Promise<void>((resolve) => {
      const cut = httpRequest(`${url}/add-checkpoint`, {
        method: "POST",
        headers: { "content-length": 1_000 },
      });
      cut.on("error", () => resolve());
      cut.write("old 0\n", () => cut.destroy(new Error("gone")));
    });
    expect(await add(url, await log.request(0, 3))).toMatchObject({ status: 200 });
    expect(reported).toEqual([]);
  });
});

describe("the last checkpoint of a log", () => {
  test("is there for auditors, with all signatures that count", async () => {
    const { url, opened } = await witnessOf();
    const address = `${url}/checkpoint/${encodeURIComponent(log.origin)}`;
    expect((await fetch(address)).status).toBe(404);
    await add(url, await log.request(0, 3, { signers: [other.signer, log.signer] }));
    await add(url, await log.request(3, 7));
    const { status, body } = await told(await fetch(address));
    expect(status).toBe(200);
    expect(body.startsWith(await log.checkpoint(7))).toBe(true);
    const keys = [log.signer.verifierKey, opened.verifierKey].map(noteVerifier);
    expect(verifyNote(body, keys).signatures.map(({ name }) => name)).toEqual([
      log.origin,
      "witness.example/w1",
    ]);
    const byHash = await told(await fetch(`${url}/checkpoint/${sha256Hex(log.origin)}`));
    expect(byHash.body).toBe(body);
    expect((await fetch(address, { method: "HEAD" })).status).toBe(200);
  });

  test("of an unknown log is not", async () => {
    const { url } = await witnessOf();
    for (const name of ["other.example", "%", "..%2fkey", sha256Hex("other.example")]) {
      expect((await fetch(`${url}/checkpoint/${name}`)).status).toBe(404);
    }
  });
});

describe("the store", () => {
  test("is what a witness goes on from when it is opened again", async () => {
    const directory = await desk.directory();
    const first = await desk.open(directory, [log]);
    await add(first.url, await log.request(0, 8));
    await first.close();
    const second = await desk.open(directory, [log]);
    expect(second.opened.verifierKey).toBe(first.opened.verifierKey);
    const forgot = await add(second.url, await log.request(0, 9));
    expect(forgot).toMatchObject({ status: 409, body: "8\n" });
    expect(await add(second.url, await log.request(8, 9, { forkedAt: 2 }))).toMatchObject({
      status: 422,
    });
    expect(await add(second.url, await log.request(8, 9))).toMatchObject({ status: 200 });
  });

  test("has the checkpoint before the answer is given", async () => {
    const directory = await desk.directory();
    const { opened } = await desk.open(directory, [log]);
    const answer = await opened.witness.addCheckpoint(Buffer.from(await log.request(0, 8)));
    const file = path.join(directory, "checkpoints", sha256Hex(log.origin));
    expect(answer.kind).toBe("COSIGNED");
    expect(await readFile(file, "utf8")).toBe(await opened.witness.latest(log.origin));
    expect(await readdir(path.dirname(file))).toHaveLength(1);
  });

  test("that is broken stops that log alone, and says where", async () => {
    const directory = await desk.directory();
    const { url, reported } = await desk.open(directory, [log, other]);
    await add(url, await log.request(0, 8));
    const file = path.join(directory, "checkpoints", sha256Hex(log.origin));
    const whole = await readFile(file, "utf8");
    await add(url, await other.request(0, 1));
    const others = await readFile(path.join(path.dirname(file), sha256Hex(other.origin)), "utf8");
    for (const broken of ["", whole.slice(0, -20), await log.checkpoint(4), others]) {
      await writeFile(file, broken);
      const answer = await add(url, await log.request(8, 9));
      expect(answer).toMatchObject({ status: 500 });
      expect(answer.body).not.toContain(directory);
      expect(reported.at(-1)).toBeInstanceOf(StoreBroken);
      expect(reported.at(-1)?.message).toContain(file);
    }
    expect(await add(url, await other.request(1, 2))).toMatchObject({ status: 200 });
    await writeFile(file, whole);
    expect(await add(url, await log.request(8, 9))).toMatchObject({ status: 200 });
  });

  test("forgets what a crash left half written", async () => {
    const directory = await desk.directory();
    const first = await desk.open(directory, [log]);
    await add(first.url, await log.request(0, 8));
    await first.close();
    const folder = path.join(directory, "checkpoints");
    await writeFile(path.join(folder, `${sha256Hex(log.origin)}.new`), "half");
    await writeFile(path.join(directory, "key.new"), "half");
    const second = await desk.open(directory, [log]);
    expect(await readdir(folder)).toEqual([sha256Hex(log.origin)]);
    expect(await readdir(directory)).not.toContain("key.new");
    expect(await add(second.url, await log.request(8, 9))).toMatchObject({ status: 200 });
  });
});
