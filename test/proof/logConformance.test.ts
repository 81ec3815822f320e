import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { verifyLogConsistency, verifyLogInclusion } from "#proof/logTree.ts";
import { decodeNote, noteVerifier, verifyNote } from "#proof/signedNote.ts";
import { signersByTheText } from "./noteByTheText.ts";

/** One of the files that implementations of RFC 6962 test each other with. */
interface ProofFile {
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
  readonly [member: string]: unknown;
}

const variable = "HOLDFAST_TEST_DATA";
const folder = process.env[variable] ?? "";
const isThere = folder !== "" && existsSync(path.join(folder, "merkle"));

function filesUnder(part: string, ending: string): string[] {
  if (!isThere) return [];
  return readdirSync(path.join(folder, part), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .toSorted((left, right) => (left < right ? -1 : 1))
    .map((name) => path.join(folder, part, name));
}

/** The file with its numbers as text: they go up to 2^64 - 1. */
function proofFileAt(file: string): ProofFile {
  const exact = readFileSync(file, "utf8").replaceAll(/("\w+":\s*)(\d+)/g, '$1"$2"');
  return JSON.parse(exact) as ProofFile;
}

const size = (read: ProofFile, member: string): bigint => BigInt(String(read[member]));
const hash = (text: unknown): Uint8Array => Buffer.from(String(text), "base64");
const path64 = (read: ProofFile): Uint8Array[] => (read.proof ?? []).map(hash);
const label = (file: string): string => path.relative(folder, file);

test("says whether the data of others is at hand", () => {
  const line = isThere
    ? `${variable}: ${filesUnder("merkle", ".json").length} proofs of others are checked`
    : `${variable} names no folder with merkle/ and note/: the proofs and notes of others are not checked`;
  process.stdout.write(`${line}\n`);
  expect(folder === "" || isThere, `${variable} is set, and is no such folder`).toBe(true);
});

describe.runIf(isThere)("the proofs and notes of others", () => {
  test("are there in number", () => {
    expect(filesUnder("merkle/inclusion", ".json").length).toBeGreaterThan(0);
    expect(filesUnder("merkle/consistency", ".json").length).toBeGreaterThan(0);
    expect(filesUnder("note", ".note.txt").length).toBeGreaterThan(0);
  });

  test.each(filesUnder("merkle/inclusion", ".json").map((file) => [label(file), file]))(
    "%s is answered as it says",
    (_label, file) => {
      const read = proofFileAt(file);
      const claim = {
        index: size(read, "leafIdx"),
        size: size(read, "treeSize"),
        leafHash: hash(read["leafHash"]),
        root: hash(read["root"]),
        proof: path64(read),
      };
      expect(verifyLogInclusion(claim)).toBe(!read.wantErr);
    },
  );

  test.each(filesUnder("merkle/consistency", ".json").map((file) => [label(file), file]))(
    "%s is answered as it says",
    (_label, file) => {
      const read = proofFileAt(file);
      const claim = {
        from: size(read, "size1"),
        to: size(read, "size2"),
        fromRoot: hash(read["root1"]),
        toRoot: hash(read["root2"]),
        proof: path64(read),
      };
      expect(verifyLogConsistency(claim)).toBe(!read.wantErr);
    },
  );

  test.each(filesUnder("note", ".note.txt").map((file) => [label(file), file]))(
    "%s verifies under its key, and changed does not",
    (_label, file) => {
      const bytes = readFileSync(file);
      const key = readFileSync(file.replace(".note.txt", ".vkey.txt"), "utf8").trim();
      const { signatures } = verifyNote(decodeNote(bytes), [noteVerifier(key)]);
      expect(signatures.map(({ name }) => name)).toEqual([noteVerifier(key).name]);
      expect(signersByTheText(bytes, [key])).toHaveLength(1);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      expect(() => verifyNote(decodeNote(bytes), [noteVerifier(key)])).toThrow("wrong");
    },
  );
});
