import { expect, test } from "vitest";
import { parseAllowedSigners } from "#proof/allowedSigners.ts";
import { readSshPublicKey } from "#proof/sshPublicKey.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault, sshString } from "#proof/sshWire.ts";
import { type Chance, chance as chanceOf } from "../faults/chance.ts";
import { mutated } from "./mutated.ts";
import { armor } from "./sshMaker.ts";
import { MESSAGE, NAMESPACE, type SshVector, VECTORS } from "./sshVectors.ts";

const SEED = 0x5516;
const ROUNDS = 10_000;

/** The magic and the version. */
const BEFORE_KEY = 10;

const bytesOf = (armored: string): Uint8Array =>
  Buffer.from(armored.split("\n").slice(1, -2).join(""), "base64");

/** Each of the vectors in turn, with chance that is the same each time. */
function everyRound(run: (vector: SshVector, chance: Chance) => void): void {
  const chance = chanceOf("mutations of signatures and keys", SEED);
  for (let round = 0; round < ROUNDS; round += 1) {
    const vector = VECTORS[round % VECTORS.length];
    if (vector !== undefined) run(vector, chance);
  }
}

test(`${ROUNDS} signatures with changed bytes are refused, and none throws`, () => {
  everyRound(({ armored }, chance) => {
    const blob = mutated(bytesOf(armored), chance);
    const claim = { armored: armor(blob), message: MESSAGE, namespace: NAMESPACE };
    expect(verifySshSignature(claim)).toBeInstanceOf(SshFault);
  });
});

test(`${ROUNDS} signatures with changed text are refused unless they say the same, and none throws`, () => {
  everyRound(({ armored }, chance) => {
    const text = Buffer.from(mutated(Buffer.from(armored), chance)).toString("latin1");
    const key = verifySshSignature({ armored: text, message: MESSAGE, namespace: NAMESPACE });
    if (key instanceof SshFault) return;
    const read = readSshSignature(text);
    expect(read instanceof SshFault ? null : read.armored).toBe(armored);
  });
});

test(`${ROUNDS} changed keys are other keys or none, and have signed nothing`, () => {
  everyRound(({ publicKey, fingerprint, armored }, chance) => {
    const own = Buffer.from(publicKey, "base64");
    const wire = mutated(own, chance);
    const key = readSshPublicKey(wire);
    expect(key instanceof SshFault ? null : key.fingerprint).not.toBe(fingerprint);
    const blob = bytesOf(armored);
    const rest = blob.subarray(BEFORE_KEY + 4 + own.length);
    const other = Buffer.concat([blob.subarray(0, BEFORE_KEY), sshString(wire), rest]);
    const claim = { armored: armor(other), message: MESSAGE, namespace: NAMESPACE };
    expect(verifySshSignature(claim)).toBeInstanceOf(SshFault);
  });
});

test(`${ROUNDS} changed lines of allowed signers are read or told as faults, and none throws`, () => {
  everyRound(({ type, publicKey }, chance) => {
    const line = `ada namespaces="${NAMESPACE}" ${type} ${publicKey} key of ada`;
    const text = Buffer.from(mutated(Buffer.from(line), chance)).toString("latin1");
    const read = parseAllowedSigners(text);
    const told = "keysOf" in read ? read.persons() : read;
    expect(told.length).toBeLessThan(3);
  });
});
