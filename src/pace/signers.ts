import { readFile } from "node:fs/promises";
import { AllowedSigners, parseAllowedSigners } from "#proof/allowedSigners.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { Signed } from "./request.ts";

/** The file of keys cannot be used: nobody sets a policy and nobody gets a token until it is mended. */
export class PaceSignersUnusable extends Error {
  override readonly name = "PaceSignersUnusable";

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    super(`the file of keys ${file} cannot be used: ${faults.join("; ")}`, { cause });
  }
}

/** Who may sign what, by a file as `ssh-keygen -Y verify -f` takes it, read anew each time. */
export class PaceSigners {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The fingerprint of the key with which this person signed exactly this text for this use, or why
   * it does not count.
   *
   * @throws {PaceSignersUnusable}
   */
  async keyFor(person: string, { text, signature }: Signed, namespace: string) {
    const listed = await this.read();
    const read = readSshSignature(signature);
    if (read instanceof SshFault) return { refused: read.why };
    const { fingerprint } = read.publicKey;
    // Before the mathematics: a stranger's key may be of a size that takes its time.
    if (!listed.has(person, fingerprint, namespace)) {
      return { refused: `its key is not listed for ${person} in ${namespace}` };
    }
    const message = Buffer.from(text, "utf8");
    const key = verifySshSignature({ armored: signature, message, namespace });
    return key instanceof SshFault ? { refused: key.why } : { fingerprint };
  }

  /**
   * Everybody who is listed at present.
   *
   * @throws {PaceSignersUnusable}
   */
  async read(): Promise<AllowedSigners> {
    let text: string;
    try {
      text = await readFile(this.#file, "utf8");
    } catch (fault) {
      const { code } = fault as NodeJS.ErrnoException;
      throw new PaceSignersUnusable(
        this.#file,
        [`it cannot be read (${code ?? "unknown cause"})`],
        fault,
      );
    }
    const read = parseAllowedSigners(text);
    if (read instanceof AllowedSigners) return read;
    throw new PaceSignersUnusable(this.#file, read);
  }
}
