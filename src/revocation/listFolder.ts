import { mkdir, readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { replaceWhole } from "#outpost/wholeFile.ts";
import {
  readShardText,
  readSignedList,
  shardText,
  type SignedList,
} from "#proof/revocationList.ts";

/** What is known of the last list of a shard that was applied, apart from the list itself. */
export interface Mark {
  readonly version: bigint;
  /** Of the signed bytes, in hexadecimal. */
  readonly digest: string;
}

/** A shard as its files have it. */
export interface StoredShard {
  readonly shard: number;
  readonly mark: Mark;
  /** Null where no file has the list that the mark names. */
  readonly signed: SignedList | null;
  /** The names of files that did not have it, though one of them should. */
  readonly unfit: readonly string[];
}

const MARK = /^(0|[1-9][0-9]{0,18}) ([0-9a-f]{64})\n$/;

/**
 * The files of a node's own copy: each list twice, so that a torn or changed one is replaced by the
 * other, and its mark in a folder apart. A list counts only with the digest of its mark: neither a
 * changed one nor an older one that was put back does.
 */
export class ListFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folders where there are none, and reads every shard of which there is any file. */
  async open(): Promise<readonly StoredShard[]> {
    const places = ["lists", "copies", "marks"].map((part) => path.join(this.#folder, part));
    for (const place of places) await mkdir(place, { recursive: true, mode: 0o700 });
    const names = new Set((await Promise.all(places.map((place) => readdir(place)))).flat());
    const stored: StoredShard[] = [];
    for (const name of [...names].toSorted()) {
      const shard = readShardText(name);
      if (shard !== null) stored.push(await this.#read(shard));
    }
    return stored;
  }

  /**
   * Keeps a list in place of the one before. When this resolves it outlives a crash of the machine;
   * after a crash meanwhile either of the two is there whole, with its own mark.
   */
  async write(shard: number, { version, digest }: Mark, text: Uint8Array): Promise<void> {
    const name = shardText(shard);
    await replaceWhole(this.#place("copies", name), text, 0o600);
    await replaceWhole(this.#place("marks", name), `${version} ${digest}\n`, 0o600);
    await replaceWhole(this.#place("lists", name), text, 0o600);
  }

  /** The text of a shard's list; null where no file has the one with this digest. */
  async text(shard: number, digest: string): Promise<Uint8Array | null> {
    for (const part of ["lists", "copies"] as const) {
      const text = await readIfThere(this.#place(part, shardText(shard)));
      if (text !== null && readSignedList(text)?.digest === digest) return text;
    }
    return null;
  }

  async #read(shard: number): Promise<StoredShard> {
    const name = shardText(shard);
    const found = await Promise.all(
      (["lists", "copies"] as const).map(async (part) => {
        const text = await readIfThere(this.#place(part, name));
        const signed = text === null ? null : readSignedList(text);
        return { part, signed: signed?.list.shard === shard ? signed : null };
      }),
    );
    const mark = markOf(await readIfThere(this.#place("marks", name)));
    // Without its mark nobody knows if a list is the last one: what it names is the least there was.
    const versions = found.map(({ signed }) => signed?.list.version ?? 0n);
    const least = versions.reduce((most, version) => (version > most ? version : most), 0n);
    const fit = found.filter(({ signed }) => mark !== null && signed?.digest === mark.digest);
    return {
      shard,
      mark: mark ?? { version: least, digest: "" },
      signed: fit[0]?.signed ?? null,
      unfit: found.filter((one) => !fit.includes(one)).map(({ part }) => `${part}/${name}`),
    };
  }

  #place(part: "lists" | "copies" | "marks", name: string): string {
    return path.join(this.#folder, part, name);
  }
}

function markOf(bytes: Uint8Array | null): Mark | null {
  const read = MARK.exec(bytes === null ? "" : Buffer.from(bytes).toString("latin1"));
  if (read === null) return null;
  return { version: BigInt(read[1] ?? ""), digest: read[2] ?? "" };
}

async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fault;
  }
}
