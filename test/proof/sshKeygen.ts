import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs `ssh-keygen` of Debian's openssh-client with this on its standard input. */
export function sshKeygen(
  words: readonly string[],
  input: Uint8Array | string = "",
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = execFile("ssh-keygen", words, (fault, out, err) => {
      if (fault === null) resolve({ code: 0, said: out + err });
      else if (typeof fault.code === "number") resolve({ code: fault.code, said: out + err });
      else reject(new Error("ssh-keygen could not be run", { cause: fault }));
    });
    // It may refuse before it has read all.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Makes a key without a passphrase. Resolves to its private file and its public line. */
export async function newKey(
  folder: string,
  name: string,
  kind: readonly string[],
): Promise<{ readonly file: string; readonly line: string }> {
  const file = path.join(folder, name);
  await must(sshKeygen(["-q", "-N", "", "-C", "", "-f", file, ...kind]));
  return { file, line: (await readFile(`${file}.pub`, "utf8")).trim() };
}

/** Signs as a person at a shell does. Resolves to the armored signature. */
export async function signWith(
  keyFile: string,
  message: Uint8Array | string,
  namespace: string,
  hash = "sha512",
): Promise<string> {
  const words = ["-Y", "sign", "-q", "-f", keyFile, "-n", namespace, "-O", `hashalg=${hash}`];
  return (await must(sshKeygen(words, message))).said;
}

async function must(running: Promise<Ended>): Promise<Ended> {
  const ended = await running;
  if (ended.code !== 0) throw new Error(`ssh-keygen ended with ${ended.code}: ${ended.said}`);
  return ended;
}
