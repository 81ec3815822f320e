import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How much ssh-keygen may say of many files, in bytes. */
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;

/** What ssh-keygen says of a file with a key: null where it cannot use the list. */
type Answers = ReadonlyMap<string, boolean> | null;

/** A folder in which ssh-keygen makes keys, certificates and lists, by names of our own. */
export class KrlDesk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<KrlDesk> {
    return new KrlDesk(await mkdtemp(path.join(tmpdir(), "holdfast-krl-")));
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  /** Makes a key of a type and with as many bits, and resolves to its public line. */
  async makeKey(name: string, type: string, bits: number): Promise<string> {
    await this.#keygen("-q", "-t", type, "-b", `${bits}`, "-N", "", "-C", name, "-f", name);
    return this.#publicLine(name);
  }

  /** Has one key certify another under a name of its own, and resolves to the certificate's line. */
  async certify(name: string, wish: CertificateWish): Promise<string> {
    const { authority, key, keyId, serial } = wish;
    await this.write(`${name}.pub`, await this.#publicLine(key));
    await this.#keygen("-q", "-s", authority, "-I", keyId, "-z", `${serial}`, `${name}.pub`);
    return this.#publicLine(`${name}-cert`);
  }

  /** Writes a list, or adds to one that is there, of what a specification says. */
  async revoke(list: string, wish: RevocationWish): Promise<void> {
    const { lines, authority, isUpdate } = wish;
    await this.write("specification", `${lines.join("\n")}\n`);
    const scope = authority === null ? "none" : `${authority}.pub`;
    const update = isUpdate ? ["-u"] : [];
    await this.#keygen("-q", "-k", ...update, "-f", list, "-s", scope, "specification");
  }

  async read(file: string): Promise<Uint8Array> {
    return readFile(path.join(this.#folder, file));
  }

  async write(file: string, content: Uint8Array | string): Promise<void> {
    await writeFile(path.join(this.#folder, file), content);
  }

  /** Asks ssh-keygen which of these keys or certificates a list revokes. */
  async ask(list: string, names: readonly string[]): Promise<Answers> {
    const files = names.map((name) => `${name}.pub`);
    const told = await this.#keygen("-Q", "-f", list, ...files).catch((fault: unknown) => {
      // It also exits with a fault of its own where a key is revoked.
      if (fault instanceof Error && "stdout" in fault) return String(fault.stdout);
      throw fault;
    });
    const answers = new Map(
      [...told.matchAll(/^(\S+)\.pub \(.*\): (ok|REVOKED)$/gm)].map(([, name = "", answer]) => [
        name,
        answer === "REVOKED",
      ]),
    );
    return answers.size === 0 ? null : answers;
  }

  async #publicLine(name: string): Promise<string> {
    return readFile(path.join(this.#folder, `${name}.pub`), "utf8");
  }

  async #keygen(...words: string[]): Promise<string> {
    const { stdout } = await run("ssh-keygen", words, {
      cwd: this.#folder,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return stdout;
  }
}

interface CertificateWish {
  readonly authority: string;
  readonly key: string;
  readonly keyId: string;
  readonly serial: bigint;
}

interface RevocationWish {
  /** As ssh-keygen(1) has it under KEY REVOCATION LISTS. */
  readonly lines: readonly string[];
  /** The key whose certificates are meant; null for any. */
  readonly authority: string | null;
  readonly isUpdate: boolean;
}
