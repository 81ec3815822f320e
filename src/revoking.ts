import path from "node:path";
import { entitle } from "#access/permissions.ts";
import type { Opened } from "#door/opened.ts";
import { RevocationPage, type RevocationPageOptions } from "#door/revocationPage.ts";
import { type Ticker, startTicker } from "#door/ticker.ts";
import { actorOf, type Principals } from "#identity/principals.ts";
import type { KeyRing } from "#identity/signers.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Log } from "#packet/log.ts";
import type { RevocationGround } from "#packet/revocation.ts";
import { Refusal } from "#packet/refusal.ts";
import type { SignedList } from "#proof/revocationList.ts";
import { nodeAuthorization, nodeOf } from "#revocation/nodeCredential.ts";
import { type PushControl, pushFault } from "#revocation/pushToken.ts";
import { Peers } from "#revocation/peers.ts";
import {
  openRevocationCopy,
  type Received,
  type ReceivingGround,
  type RevocationCopy,
} from "#revocation/revocationCopy.ts";
import type { Desk } from "#workflow/desk.ts";
import { revocationRecord } from "#workflow/revocationRecord.ts";
import type { Config } from "./config.ts";

/** How often peers are asked for newer lists, in milliseconds: a push reaches a node that answers at once. */
const PULL_PAUSE_MS = 5_000;

/** How soon what could not be recorded is tried again, in milliseconds. */
const RECORD_PAUSE_MS = 1_000;

/** What the lists are judged by, and who may look at them. */
export interface RevokingNeeds {
  readonly copy: RevocationCopy;
  readonly ledger: Pick<Ledger, "deployment" | "keyFor">;
  readonly signers: KeyRing;
  readonly principals: Pick<Principals, "listing">;
  /** Who decides how fast lists are pushed. */
  readonly pushes: PushControl;
  readonly log: Log;
}

/** Reads this node's copy; it needs neither a database nor a peer. */
export function openCopy(
  { data, node }: Config,
  { log, now }: { readonly log: Log; readonly now: () => number },
): Promise<RevocationCopy> {
  return openRevocationCopy({ folder: path.join(data, "revocation"), node, log, now });
}

/** What comes and goes between the copy, its peers, whoever pushes, and the ledger. */
export class Revoking {
  readonly #config: Pick<Config, "node" | "revocationPeers">;
  readonly #needs: RevokingNeeds;
  readonly #ground: ReceivingGround;
  readonly #nodeKey: Uint8Array;

  constructor(config: Pick<Config, "node" | "revocationPeers">, needs: RevokingNeeds) {
    const { ledger, signers, principals } = needs;
    this.#config = config;
    this.#needs = needs;
    this.#nodeKey = ledger.keyFor("node");
    this.#ground = {
      deployment: ledger.deployment,
      signers,
      whyNotBy: async (issuer) => {
        const listed = (await principals.listing())?.named(issuer) ?? null;
        if (listed?.name !== issuer) return "they are not in the principals file";
        if (listed.kind !== "PERSON") return "they are no person";
        return entitle(actorOf(listed), "credentialRevoke")?.message ?? null;
      },
      // What a peer has was let into the fleet before: catching up waits for nobody.
      whyNotNow: () => Promise.resolve(null),
    };
  }

  /** What the verbs know of credentials. */
  get ground(): RevocationGround {
    const { copy, signers } = this.#needs;
    return Object.freeze({
      get generation() {
        return copy.generation;
      },
      node: copy.node,
      revokesPrincipal: (name: string) => copy.revokesPrincipal(name),
      revokesKey: (key: string) => copy.revokesKey(key),
      namesKey: (key: string) => copy.namesKey(key),
      revokesNode: (name: string) => copy.revokesNode(name),
      holderOf: (key: string) => signers.holderOf(key),
      holdings: () => {
        const { lost, refused } = copy.faults();
        return {
          versions: new Map([...copy.held()].map(([shard, { version }]) => [shard, version])),
          size: copy.size,
          lost,
          refused: new Map(
            [...refused].map(([shard, { faults }]) => [shard, faults.map(({ code }) => code)]),
          ),
        };
      },
    });
  }

  /** What an operator is to mend, the worse first; null while all is well. */
  fault(): "SELF_REVOKING" | "LOST" | null {
    const { lost, refused } = this.#needs.copy.faults();
    if (lost.length > 0) return "LOST";
    return refused.size > 0 ? "SELF_REVOKING" : null;
  }

  /** Where lists are handed over and fetched. */
  page(shown: Pick<RevocationPageOptions, "reception" | "addressOf" | "access">): RevocationPage {
    return new RevocationPage({
      ...shown,
      copy: this.#needs.copy,
      receive: (shard, text, token) => this.#receive(shard, text, token),
      nodeOf: (authorization) => nodeOf(this.#nodeKey, authorization),
    });
  }

  /** Begins to fetch from peers, and to give the ledger what was applied: at once, and again where that failed. */
  async start(desk: Desk, opened: Opened): Promise<void> {
    const { copy, log } = this.#needs;
    let recording: Promise<unknown> = Promise.resolve();
    const record = (): Promise<number | null> => {
      const next = recording.then(() => recordAll(desk, copy));
      recording = next.catch(() => undefined);
      return next;
    };
    copy.onApplied(() => {
      // What fails here is told and tried again by the ticker.
      record().catch(() => undefined);
    });
    const recorder = await startTicker({
      name: "the record of revocations",
      tick: record,
      pauseMs: RECORD_PAUSE_MS,
      log,
    });
    opened.keep("record of revocations", async () => {
      recorder.stop();
      await recording;
    });
    const puller = await this.#startPulling();
    opened.keep("revocation peers", () => puller?.stop());
  }

  #receive(shard: number, text: Uint8Array, token: string | undefined): Promise<Received> {
    const { copy, pushes } = this.#needs;
    const whyNotNow = (signed: SignedList) => pushFault(pushes, signed, token);
    return copy.receive(shard, text, { ...this.#ground, whyNotNow });
  }

  async #startPulling(): Promise<Ticker | null> {
    const { node, revocationPeers } = this.#config;
    if (node === null || revocationPeers.length === 0) return null;
    const { copy, log } = this.#needs;
    const authorization = nodeAuthorization(this.#nodeKey, node);
    const peers = new Peers({
      peers: revocationPeers,
      copy,
      ground: this.#ground,
      authorization,
      log,
    });
    const tick = (): Promise<number | null> => peers.pull();
    return startTicker({ name: "asking peers for lists", tick, pauseMs: PULL_PAUSE_MS, log });
  }
}

/** Resolves to how many lists the ledger was given, null for none. */
async function recordAll(desk: Desk, copy: RevocationCopy): Promise<number | null> {
  const lists = copy.unrecorded();
  for (const list of lists) {
    const recorded = await revocationRecord(desk, list);
    if (recorded instanceof Refusal) throw new Error(recorded.message);
    copy.recorded(list);
  }
  return lists.length === 0 ? null : lists.length;
}
