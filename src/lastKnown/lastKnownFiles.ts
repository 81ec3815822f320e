import { mkdir, readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { replaceWhole } from "#outpost/wholeFile.ts";
import { Id, type PacketId } from "#packet/name.ts";
import { type LastKnownPacket, readCopy } from "./lastKnownPacket.ts";

/** The most copies that a node keeps, and the longest that it reads, in bytes. */
export const COPIES_MAX = 1_000;
const COPY_BYTES_MAX = 64 * 1024 * 1024;

const SUFFIX = ".json";

/** The copies of one node, each in a file of its own in the node's own directory. */
export class LastKnownFiles {
  readonly #directory: string;
  readonly #deployment: string;
  #reading: Promise<LastKnownPacket[]> | null = null;

  constructor(directory: string, deployment: string) {
    this.#directory = directory;
    this.#deployment = deployment;
  }

  /** Puts a copy in place of the one before: after a crash one of the two is there, whole. */
  async write(packet: PacketId, text: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await replaceWhole(this.#fileOf(packet), text, 0o600);
  }

  async remove(packet: PacketId): Promise<void> {
    await rm(this.#fileOf(packet), { force: true });
  }

  /** The packets of which there is a copy, sound or not. */
  async packets(): Promise<PacketId[]> {
    const names = await readdir(this.#directory).catch((fault: unknown): string[] => {
      if ((fault as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw fault;
    });
    return names
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .filter((name) => Id.safeParse(name).success)
      .toSorted();
  }

  /**
   * Every sound copy, in order of packet. It asks nobody, and reads nothing but these files, which may be large:
   * those who ask while they are read share what is read.
   */
  all(): Promise<readonly LastKnownPacket[]> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readAll(): Promise<LastKnownPacket[]> {
    const known: LastKnownPacket[] = [];
    for (const packet of (await this.packets()).slice(0, COPIES_MAX)) {
      const copy = await this.read(packet);
      if (copy !== null) known.push(copy);
    }
    return known;
  }

  /** One copy; null when there is none, or none that is sound. */
  async read(packet: PacketId): Promise<LastKnownPacket | null> {
    const text = await readFile(this.#fileOf(packet), "utf8").catch(() => null);
    if (text === null || text.length > COPY_BYTES_MAX) return null;
    return readCopy(text, { deployment: this.#deployment, packet });
  }

  #fileOf(packet: PacketId): string {
    return path.join(this.#directory, `${packet}${SUFFIX}`);
  }
}
