import { afterAll, beforeAll, expect, test } from "vitest";
import { Krl, type KrlCertificate, type KrlKey, readKrl } from "#proof/krl.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { chance } from "../faults/chance.ts";
import { certificateOfLine, wireOfLine } from "./krlCertificate.ts";
import { KrlDesk } from "./krlDesk.ts";
import { mutated } from "./krlMutation.ts";

const KEYS = 60;
const CERTIFICATES = 240;
const LISTS = 16;
const UPDATES = 5;
const CHANGED_LISTS = 400;

const LAST = 2n ** 64n - 1n;
const AUTHORITIES = [
  ["ca-ed25519", "ed25519", 256],
  ["ca-ecdsa", "ecdsa", 384],
  ["ca-rsa", "rsa", 3072],
] as const;
const KEY_TYPES = [
  ["ed25519", 256],
  ["ed25519", 256],
  ["ecdsa", 256],
  ["ecdsa", 521],
] as const;
const KEY_IDS = ["kim", "rob", "sam", "build host 7", "\u00e9lan", "kim2"];

/** Where serial numbers lie: around these, and few or many at a time. */
const PLACES = [1n, 1_000n, 2n ** 32n - 100n, 2n ** 63n, LAST - 400n];

const drawn = chance("revocation lists");
const below = (limit: number): number => drawn.below(limit);
const subjects = new Map<string, KrlKey | KrlCertificate>();
const lines = new Map<string, string>();
const keys: string[] = [];
let desk: KrlDesk;

beforeAll(async () => {
  desk = await KrlDesk.open();
  for (const [name, type, bits] of AUTHORITIES)
    lines.set(name, await desk.makeKey(name, type, bits));
  for (let index = 0; index < KEYS; index += 1) {
    const name = `key${index}`;
    const [type, bits] = pick(KEY_TYPES);
    keys.push(name);
    lines.set(name, await desk.makeKey(name, type, bits));
  }
  for (const [name, line] of lines) subjects.set(name, { wire: wireOfLine(line) });
  for (let index = 0; index < CERTIFICATES; index += 1) {
    const [authority] = pick(AUTHORITIES);
    const serial = below(10) === 0 ? 0n : serialNumber();
    const wish = { authority, key: pick(keys), keyId: pick(KEY_IDS), serial };
    const line = await desk.certify(`made${index}`, wish);
    subjects.set(`made${index}-cert`, certificateOfLine(line));
  }
});

afterAll(async () => desk.close());

test("lists of all kinds answer here as they do to ssh-keygen", async () => {
  const told = { revoked: 0, free: 0 };
  for (let index = 0; index < LISTS; index += 1) {
    const list = `list${index}`;
    await writeList(list);
    const read = readKrl(await desk.read(list));
    if (!(read instanceof Krl)) throw new Error(`${list}: ${read.why}, at ${read.at}`);
    const answers = await desk.ask(list, [...subjects.keys()]);
    expect(answersHere(read)).toEqual(answers);
    for (const isRevoked of answers?.values() ?? []) told[isRevoked ? "revoked" : "free"] += 1;
  }
  expect(Math.min(told.revoked, told.free)).toBeGreaterThan(200);
});

test("changed lists are refused by both, or answer the same", async () => {
  const told = { read: 0, refused: 0 };
  const asked = [...subjects.keys()].filter((_name, index) => index % 8 === 0);
  for (let index = 0; index < CHANGED_LISTS; index += 1) {
    const bytes = mutated(await desk.read(`list${index % LISTS}`), below);
    await desk.write("changed", bytes);
    const answers = await desk.ask("changed", asked);
    const read = readKrl(bytes);
    if (answers === null) {
      told.refused += 1;
      expect(
        read,
        `list${index % LISTS} as changed, ${Buffer.from(bytes).toString("base64")}`,
      ).not.toBeInstanceOf(Krl);
    } else {
      told.read += 1;
      if (read instanceof Krl) expect(answersHere(read, asked)).toEqual(answers);
      // OpenSSH takes a number with zeros before it, which RFC 4251 forbids.
      else expect(read.why).toContain("longer than it need be");
    }
  }
  expect(Math.min(told.read, told.refused)).toBeGreaterThan(CHANGED_LISTS / 20);
});

/** Makes a list of an authority's certificates and keys, and adds to it those of others. */
async function writeList(list: string): Promise<void> {
  for (let index = 0; index <= below(UPDATES); index += 1) {
    const authority = below(5) === 0 ? null : pick(AUTHORITIES)[0];
    const lines = Array.from({ length: 1 + below(4) }, specification).flat();
    await desk.revoke(list, { lines, authority, isUpdate: index > 0 });
  }
}

/** One or more lines of one kind. */
function specification(): string[] {
  const key = pick(keys);
  const line = (lines.get(key) ?? "").trim();
  switch (below(8)) {
    case 0:
      return [`serial: ${serialNumber()}`];
    case 1:
      return [range()];
    case 2:
    case 3:
      return Array.from({ length: 100 }, () => `serial: ${pick(PLACES) + BigInt(below(400))}`);
    case 4:
      return [`id: ${pick(KEY_IDS)}`];
    case 5:
      return [`key: ${below(10) === 0 ? (lines.get(pick(AUTHORITIES)[0]) ?? "").trim() : line}`];
    case 6:
      return [`sha1: ${line}`];
    default:
      return [below(2) === 0 ? `sha256: ${line}` : `hash: ${fingerprintOf(wireOfLine(line))}`];
  }
}

function range(): string {
  const low = serialNumber();
  const high = low + BigInt(below(200));
  return `serial: ${low}-${high > LAST ? LAST : high}`;
}

function serialNumber(): bigint {
  return pick(PLACES) + BigInt(below(400));
}

function answersHere(
  list: Krl,
  names: readonly string[] = [...subjects.keys()],
): Map<string, boolean> {
  return new Map(
    names.map((name) => {
      const subject = subjects.get(name);
      if (subject === undefined) throw new Error(`there is no ${name}`);
      return [name, list.revokes(subject)];
    }),
  );
}

function pick<T>(from: readonly T[]): T {
  const picked = from[below(from.length)];
  if (picked === undefined) throw new RangeError("nothing to pick from");
  return picked;
}
