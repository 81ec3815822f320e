import type { Log } from "#packet/log.ts";
import { Name } from "#packet/name.ts";
import { readShardText, shardText, SIGNED_LIST_BYTES_MAX } from "#proof/revocationList.ts";
import { PEER_STATUS_BYTES_MAX, PEER_TIMEOUT_MS } from "./limits.ts";
import type { ReceivingGround, RevocationCopy } from "./revocationCopy.ts";

/** Whom to ask, for whom, and as whom. */
export interface PeersOptions {
  /** Addresses of other nodes, without a path. */
  readonly peers: readonly string[];
  readonly copy: RevocationCopy;
  readonly ground: ReceivingGround;
  /** The header that shows which node asks. */
  readonly authorization: string;
  readonly log: Log;
}

/** What a peer says that it holds. */
interface PeerStatus {
  readonly node: Name | null;
  readonly lists: ReadonlyMap<number, { readonly version: bigint; readonly digest: string }>;
}

/**
 * Fetches newer lists from other nodes: what was pushed while this one was away. A peer that is away
 * or lies changes nothing: what it gives is judged like a list that is pushed. One whose own
 * credential is revoked is not asked for any list.
 */
export class Peers {
  readonly #options: PeersOptions;
  /** What was told of each peer last, so that it is told once. */
  readonly #told = new Map<string, string>();

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Asks every peer once; resolves to how many lists were applied, null for none. Never rejects for a peer. */
  async pull(): Promise<number | null> {
    const pulled = await Promise.all(this.#options.peers.map((peer) => this.#pullFrom(peer)));
    const applied = pulled.reduce((sum, one) => sum + one, 0);
    return applied === 0 ? null : applied;
  }

  async #pullFrom(peer: string): Promise<number> {
    const { copy, ground } = this.#options;
    let applied = 0;
    try {
      const status = statusOf(await this.#ask(peer, "", PEER_STATUS_BYTES_MAX));
      if (status === null) throw new Error("it does not say which lists it has");
      if (status.node !== null && copy.revokesNode(status.node)) {
        throw new Error("its own credential is revoked");
      }
      for (const [shard, list] of status.lists) {
        if (!this.#isWanted(shard, list)) continue;
        const text = await this.#ask(peer, `/${shardText(shard)}`, SIGNED_LIST_BYTES_MAX);
        const received = await copy.receive(shard, text, ground);
        if (received.outcome === "APPLIED") applied += 1;
      }
      this.#tell(peer, "answers");
    } catch (fault) {
      this.#tell(peer, fault instanceof Error ? fault.message : "no Error was thrown");
    }
    return applied;
  }

  /** Newer than what is held, and not one that was refused because it would revoke this node. */
  #isWanted(shard: number, list: { readonly version: bigint; readonly digest: string }): boolean {
    const { copy } = this.#options;
    const name = shardText(shard);
    const held = copy.held().get(name);
    if (copy.faults().refused.get(name)?.digest === list.digest) return false;
    return held === undefined || list.version > held.version;
  }

  async #ask(peer: string, place: string, bytesMax: number): Promise<Uint8Array> {
    const { authorization } = this.#options;
    const response = await fetch(new URL(`/revocation${place}`, peer), {
      headers: { authorization },
      redirect: "error",
      signal: AbortSignal.timeout(PEER_TIMEOUT_MS),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`it answers ${response.status}`);
    }
    return readAtMost(response, bytesMax);
  }

  #tell(peer: string, what: string): void {
    const before = this.#told.get(peer);
    this.#told.set(peer, what);
    if (before === what || (before === undefined && what === "answers")) return;
    const { log } = this.#options;
    if (what === "answers") log.info({ peer }, "a peer gives revocation lists again");
    else
      log.warn({ peer, why: what }, "a peer gives no revocation lists; those that are held go on");
  }
}

async function readAtMost(response: Response, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    length += bytes.length;
    // Leaving the loop ends the transfer.
    if (length > bytesMax) throw new Error(`it sends more than ${bytesMax} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function statusOf(bytes: Uint8Array): PeerStatus | null {
  let told: unknown;
  try {
    told = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
  if (typeof told !== "object" || told === null) return null;
  const { node, lists } = told as { readonly node?: unknown; readonly lists?: unknown };
  if (typeof lists !== "object" || lists === null) return null;
  const named = Name.safeParse(node);
  if (node !== null && !named.success) return null;
  const held = new Map<number, { version: bigint; digest: string }>();
  for (const [name, list] of Object.entries(lists)) {
    const shard = readShardText(name);
    const { version, digest } = (list ?? {}) as Readonly<Record<string, unknown>>;
    if (shard === null || typeof digest !== "string") return null;
    if (typeof version !== "string" || !/^[1-9][0-9]{0,18}$/.test(version)) return null;
    held.set(shard, { version: BigInt(version), digest });
  }
  return { node: named.data ?? null, lists: held };
}
