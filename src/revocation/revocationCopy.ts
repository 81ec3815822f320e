import type { KeyFingerprint } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import type { Name } from "#packet/name.ts";
import { credentialId, type Revocations } from "#packet/revocation.ts";
import type { Signers } from "#packet/signers.ts";
import {
  readSignedList,
  REVOCATION_NAMESPACE,
  type RevocationList,
  type SignedList,
  shardText,
} from "#proof/revocationList.ts";
import { isHeld, type ListFault, type ListFaultCode, listFaults } from "#recovery/revocation.ts";
import { WAITING_MAX } from "./limits.ts";
import { ListFolder, type Mark, type StoredShard } from "./listFolder.ts";
import type { PushFault } from "./pushToken.ts";
import { RevokedIds } from "./revokedIds.ts";

/** Where the copy is kept, whose it is, who is told of faults, and a clock in milliseconds. */
export interface RevocationCopyOptions {
  readonly folder: string;
  /** The node's own name; null where it has no credential. */
  readonly node: Name | null;
  readonly log: Log;
  /** Only differences count. */
  readonly now: () => number;
}

/** By what a list is judged, beside what is held. */
export interface ReceivingGround {
  readonly deployment: string;
  readonly signers: Pick<Signers, "keyFor"> & { attend(): Promise<void> };
  /** Why this person may not revoke anything, whatever they sign; null where they may. */
  readonly whyNotBy: (issuer: Name) => Promise<string | null>;
  /** Why this list is not to be applied now, whatever it says; null where it may be. */
  readonly whyNotNow: (signed: SignedList) => Promise<PushFault | null>;
}

/** Why a list was not taken. */
export interface Refused {
  readonly outcome: "REFUSED";
  readonly faults: readonly {
    readonly code:
      | ListFaultCode
      | PushFault["code"]
      | "UNREADABLE"
      | "NOT_SIGNED"
      | "NOT_ENTITLED"
      | "BUSY";
    readonly message: string;
    /** What to ask the change-rate service for, where its token is what lacks. */
    readonly change?: string;
  }[];
}

/** What came of a list. KNOWN is one that is held already. */
export type Received =
  | { readonly outcome: "APPLIED" | "KNOWN"; readonly version: bigint }
  | Refused;

/** A good signature under a list that was refused all the same. */
interface RefusedList extends Mark {
  readonly faults: readonly ListFault[];
}

/** Reads the copy. What cannot be read of it is told, and all credentials of its shard are held to be revoked. */
export async function openRevocationCopy(options: RevocationCopyOptions): Promise<RevocationCopy> {
  const folder = new ListFolder(options.folder);
  const stored = await folder.open();
  for (const { shard, mark, signed, unfit } of stored) {
    if (unfit.length === 0) continue;
    const told = { shard: shardText(shard), version: mark.version.toString(), files: unfit };
    if (signed === null) {
      options.log.error(
        told,
        "a list of revoked credentials is lost: its whole shard is held to be revoked",
      );
      continue;
    }
    options.log.warn(
      told,
      "a file of revoked credentials was not what it should be: the other one counts",
    );
    const text = await folder.text(shard, mark.digest);
    if (text !== null) await folder.write(shard, mark, text);
  }
  return new RevocationCopy(options, folder, stored);
}

/**
 * The node's own copy of what is revoked. It answers without asking anybody, goes on with the last
 * good lists while whoever distributes them is away, and takes a newer one only if that is signed,
 * for this deployment, and does not revoke the node itself.
 */
export class RevocationCopy implements Revocations {
  readonly node: Name | null;
  readonly #options: RevocationCopyOptions;
  readonly #folder: ListFolder;
  readonly #ids = new RevokedIds();
  readonly #marks = new Map<number, Mark>();
  readonly #appliedAt = new Map<number, number>();
  readonly #refused = new Map<number, RefusedList>();
  /** Lists of which it is not known whether the ledger has the people in them. */
  readonly #unrecorded = new Map<number, RevocationList>();
  #generation = 1;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #applied: () => void = () => undefined;

  constructor(options: RevocationCopyOptions, folder: ListFolder, stored: readonly StoredShard[]) {
    this.node = options.node;
    this.#options = options;
    this.#folder = folder;
    for (const { shard, mark, signed } of stored) {
      this.#marks.set(shard, mark);
      if (signed === null) this.#ids.lose(shard);
      else this.#hold(shard, signed.list);
    }
    this.#tellIfCutOff();
  }

  get generation(): number {
    return this.#generation;
  }

  /** How many credentials are listed. */
  get size(): number {
    return this.#ids.size;
  }

  revokesPrincipal(name: Name): boolean {
    return this.#ids.revokesPrincipal(name);
  }

  revokesKey(fingerprint: KeyFingerprint): boolean {
    return this.#ids.revokesKey(fingerprint);
  }

  namesKey(fingerprint: KeyFingerprint): boolean {
    return this.#ids.namesKey(fingerprint);
  }

  revokesNode(name: Name): boolean {
    return this.#ids.revokesNode(name);
  }

  /** Which list of each shard is held, by its two digits; of a shard that was lost none is. */
  held(): ReadonlyMap<string, Mark> {
    const present = [...this.#marks].filter(([shard]) => !this.#ids.lost.has(shard));
    return new Map(present.map(([shard, mark]) => [shardText(shard), mark]));
  }

  /** The shards whose lists were lost, and the lists that were refused since the newer ones were held. */
  faults(): {
    readonly lost: readonly string[];
    readonly refused: ReadonlyMap<string, RefusedList>;
  } {
    const refused = [...this.#refused].map(([shard, list]) => [shardText(shard), list] as const);
    return { lost: [...this.#ids.lost].map(shardText).toSorted(), refused: new Map(refused) };
  }

  /** The text of the list that is held of a shard; null where none is. */
  async text(shard: number): Promise<Uint8Array | null> {
    const mark = this.#ids.lost.has(shard) ? undefined : this.#marks.get(shard);
    return mark === undefined ? null : this.#folder.text(shard, mark.digest);
  }

  /** Whom to tell, at once, that a list was applied. */
  onApplied(applied: () => void): void {
    this.#applied = applied;
  }

  /** Lists of which nobody has said {@link recorded} yet, since they were applied or read at the start. */
  unrecorded(): readonly RevocationList[] {
    return [...this.#unrecorded.values()];
  }

  /** The ledger has everybody whom this list names. */
  recorded(list: RevocationList): void {
    if (this.#unrecorded.get(list.shard) === list) this.#unrecorded.delete(list.shard);
  }

  /** Judges a list that was handed over for a shard, and applies it if there is nothing against it. One at a time. */
  async receive(shard: number, text: Uint8Array, ground: ReceivingGround): Promise<Received> {
    if (this.#waiting >= WAITING_MAX) {
      const message = "many lists are being looked at: hand it over again";
      return refusedFor("BUSY", message);
    }
    this.#waiting += 1;
    const turn = this.#turn.then(() => this.#receive(shard, text, ground));
    this.#turn = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #receive(
    shard: number,
    text: Uint8Array,
    { deployment, signers, whyNotBy, whyNotNow }: ReceivingGround,
  ): Promise<Received> {
    const signed = readSignedList(text);
    if (signed === null)
      return refusedFor("UNREADABLE", "it is no signed list of revoked credentials");
    await signers.attend();
    const { list, bytes, armored } = signed;
    const key = signers.keyFor(list.issuedBy, armored, bytes, REVOCATION_NAMESPACE);
    // Whoever did not sign learns nothing of what is held.
    if (typeof key !== "string") return refusedFor("NOT_SIGNED", key.message);
    const isCutOff = this.#ids.namesPrincipal(list.issuedBy);
    const why = isCutOff ? "their own credential is revoked" : await whyNotBy(list.issuedBy);
    if (why !== null) return refusedFor("NOT_ENTITLED", `${list.issuedBy} cannot revoke: ${why}`);
    const held = await this.#heldOf(shard);
    const { version } = list;
    if (shard === list.shard && isHeld(signed.digest, held)) return { outcome: "KNOWN", version };
    const appliedAt = this.#appliedAt.get(shard);
    const faults = listFaults(signed, {
      deployment,
      shard,
      own: this.node === null ? [] : [credentialId({ kind: "NODE", name: this.node })],
      held,
      sinceMs: appliedAt === undefined ? null : this.#options.now() - appliedAt,
    });
    if (faults.length > 0) return this.#refuse(shard, signed, faults);
    const waits = await whyNotNow(signed);
    if (waits !== null) return { outcome: "REFUSED", faults: [waits] };
    await this.#apply(shard, signed, text);
    return { outcome: "APPLIED", version };
  }

  async #heldOf(shard: number) {
    const mark = this.#marks.get(shard);
    if (mark === undefined) return null;
    const text = await this.text(shard);
    const revoked = text === null ? null : readSignedList(text)?.list.revoked;
    return {
      ...mark,
      revoked: revoked === undefined || revoked === null ? null : new Set(revoked),
    };
  }

  #refuse(shard: number, { list, digest }: SignedList, faults: readonly ListFault[]): Refused {
    const codes = faults.map(({ code }) => code);
    const { version, issuedBy } = list;
    const told = { shard: shardText(shard), version: version.toString(), issuedBy, codes };
    if (codes.includes("SELF_REVOKING")) {
      this.#refused.set(shard, { version, digest, faults });
      this.#options.log.error(
        told,
        "a list of revoked credentials would have revoked this node: the last good one goes on",
      );
    } else this.#options.log.warn(told, "a list of revoked credentials was refused");
    return { outcome: "REFUSED", faults };
  }

  async #apply(shard: number, { list, digest }: SignedList, text: Uint8Array): Promise<void> {
    const { version } = list;
    await this.#folder.write(shard, { version, digest }, text);
    this.#marks.set(shard, { version, digest });
    this.#appliedAt.set(shard, this.#options.now());
    this.#refused.delete(shard);
    this.#hold(shard, list);
    this.#generation += 1;
    const told = { shard: shardText(shard), version: version.toString(), issuedBy: list.issuedBy };
    this.#options.log.info(told, "a list of revoked credentials was applied");
    this.#applied();
  }

  #hold(shard: number, list: RevocationList): void {
    this.#ids.add(shard, list.revoked);
    if (list.revoked.some((id) => id.startsWith("principal:"))) this.#unrecorded.set(shard, list);
  }

  #tellIfCutOff(): void {
    const { node } = this;
    if (node === null || !this.revokesNode(node)) return;
    this.#options.log.error(
      { node },
      "this node's own credential is revoked: its peers give it nothing; start it under another name",
    );
  }
}

function refusedFor(code: Refused["faults"][number]["code"], message: string): Refused {
  return { outcome: "REFUSED", faults: [{ code, message }] };
}
