import type { Ledger } from "#ledger/ledger.ts";
import { Lru } from "#ledger/lru.ts";
import type { PacketId } from "#packet/name.ts";
import { BLOCK_BYTES, decipherBlocks, encipherBlocks } from "#proof/blockCipher.ts";
import { framed, hmacSha256 } from "#proof/digest.ts";

const ORDINAL_AT = 12;
const LABEL_BYTES = 5;
/** How many packets a process keeps the keys of. */
const PACKETS_KEPT = 1_000;

type Keys = Pick<Ledger, "keyFor">;

/**
 * What of a packet's register may be told to everybody (rules 7.1 and 7.2). The register numbers
 * what one revision opens in order of name, so that its ordinals, and any list in their order,
 * would tell who knows the names which is which. Here an ordinal is one block of AES-128 under a
 * key of the packet that only the deployment has: another text for each, the same one for good,
 * in an order that tells nothing, and turned back by who has the key.
 */
export class Veil {
  readonly #blockKey: Uint8Array;
  readonly #labelKey: Uint8Array;

  /** `key` is 32 bytes that only this deployment knows. */
  constructor(key: Uint8Array, packet: PacketId) {
    this.#blockKey = hmacSha256(key, framed("holdfast/hold-id/1", [packet])).subarray(
      0,
      BLOCK_BYTES,
    );
    this.#labelKey = hmacSha256(key, framed("holdfast/label/1", [packet]));
  }

  /** The public name of an opening: 32 hexadecimal digits. */
  nameOf(ordinal: number): string {
    return this.#blocks([ordinal]).toString("hex");
  }

  /** The ordinal behind a public name; null for what is no such name. */
  ordinalOf(name: string): number | null {
    if (!/^[0-9a-f]{32}$/.test(name)) return null;
    const block = decipherBlocks(this.#blockKey, Buffer.from(name, "hex"));
    return block.subarray(0, ORDINAL_AT).every((byte) => byte === 0)
      ? block.readUInt32BE(ORDINAL_AT)
      : null;
  }

  /** Where each opening stands among those of one revision: 64 bits that nobody can foretell. */
  placesOf(ordinals: readonly number[]): bigint[] {
    const blocks = this.#blocks(ordinals);
    return ordinals.map((_, at) => blocks.readBigUInt64BE(at * BLOCK_BYTES));
  }

  /** Holds in order of code, and those of one code in an order that stays and tells nothing. */
  arranged<T extends { readonly code: string; readonly ordinal: number }>(
    holds: readonly T[],
  ): T[] {
    const places = this.placesOf(holds.map(({ ordinal }) => ordinal));
    return holds
      .map((hold, at) => ({ hold, place: places[at] ?? 0n }))
      .toSorted((left, right) => {
        if (left.hold.code !== right.hold.code) return left.hold.code < right.hold.code ? -1 : 1;
        return left.place < right.place ? -1 : 1;
      })
      .map(({ hold }) => hold);
  }

  /** The neutral label of a subject: what it is, and ten hexadecimal digits of a keyed hash. */
  labelOf(noun: string, subject: string): string {
    const mac = hmacSha256(this.#labelKey, framed("holdfast/label/1", [noun, subject]));
    return `${noun}-${Buffer.from(mac.subarray(0, LABEL_BYTES)).toString("hex")}`;
  }

  #blocks(ordinals: readonly number[]): Buffer {
    const plain = Buffer.alloc(ordinals.length * BLOCK_BYTES);
    for (const [at, ordinal] of ordinals.entries()) {
      plain.writeUInt32BE(ordinal, at * BLOCK_BYTES + ORDINAL_AT);
    }
    return encipherBlocks(this.#blockKey, plain);
  }
}

const veils = new WeakMap<Keys, Lru<PacketId, Veil>>();

/** The veil of one packet; the same on every node of the deployment. */
export function veilOf(ledger: Keys, packet: PacketId): Veil {
  const kept = veils.get(ledger) ?? new Lru<PacketId, Veil>(PACKETS_KEPT);
  veils.set(ledger, kept);
  const known = kept.get(packet);
  if (known !== undefined) return known;
  const veil = new Veil(ledger.keyFor("hold-names"), packet);
  kept.set(packet, veil);
  return veil;
}
