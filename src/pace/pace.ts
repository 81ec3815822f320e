import { Turns } from "#outpost/turns.ts";
import type { ChangeKeySet } from "#packet/change.ts";
import { CHANGE_TOKEN_FORMAT, type ChangeToken } from "#packet/change.ts";
import type { DateTime } from "#packet/epoch.ts";
import { sha256Hex } from "#proof/digest.ts";
import { changeDigest } from "#recovery/change.ts";
import type { History } from "./history.ts";
import type { Memory } from "./memory.ts";
import { POLICY_NAMESPACE, Policy, type PolicyInForce, policyDigest } from "./policy.ts";
import type { GrantRecord } from "./records.ts";
import { PaceRequest, REQUEST_NAMESPACE, type Signed, readSigned } from "./request.ts";
import { type Review, review } from "./review.ts";
import type { PaceSigners } from "./signers.ts";
import type { TokenKey } from "./tokenKey.ts";

/** What the service answers to who asks for a change. */
export type ChangeAnswer =
  | {
      readonly kind: "ALLOWED";
      /** A compact JWS. */
      readonly token: string;
      readonly claims: ChangeToken;
      /** True when an earlier request with the same key was answered so. */
      readonly isRepeated: boolean;
    }
  | { readonly kind: "NOT_ALLOWED"; readonly review: Extract<Review, { isAllowed: false }> }
  | { readonly kind: "KEY_USED" }
  | Unanswered;

/** What the service answers to who sets a policy. */
export type PolicyAnswer =
  | { readonly kind: "IN_FORCE"; readonly number: number; readonly digest: string }
  /** Not the one that follows the policy in force, of which number and digest are told. */
  | { readonly kind: "DOES_NOT_FOLLOW"; readonly number: number; readonly digest: string | null }
  | Unanswered;

type Unanswered =
  | { readonly kind: "MALFORMED"; readonly faults: readonly string[] }
  | { readonly kind: "NOT_SIGNED"; readonly reason: string }
  | { readonly kind: "BUSY" };

/** What the service works with. */
export interface PaceOptions {
  readonly history: History;
  readonly memory: Memory;
  readonly key: TokenKey;
  readonly signers: PaceSigners;
  /** Makes a UUID. */
  readonly newId: () => string;
  /** For people to read. */
  readonly now: () => DateTime;
}

const WAITING_MAX = 64;
const HISTORY = "history";

/**
 * Decides how fast things change, and nothing else: whether they should is for others to say. It
 * gives a token only after that is on its disk, one at a time, so that no two are judged by the
 * same past.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #turns = new Turns(WAITING_MAX);

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  get keySet(): ChangeKeySet {
    return this.#options.key.keySet;
  }

  /** The policy in force as its author signed it; null before the first. */
  get policy(): (Signed & PolicyInForce) | null {
    return this.#options.memory.policy;
  }

  /** The tokens after so many, at most `limit`, in the order in which they were given. */
  grants(after: number, limit: number): readonly GrantRecord[] {
    return this.#options.memory.grants.slice(after, after + limit);
  }

  /**
   * Answers the body of a request for a change.
   *
   * @throws {HistoryBroken} or {PaceSignersUnusable}; then nothing is allowed.
   */
  async allow(body: Uint8Array): Promise<ChangeAnswer> {
    const read = readSigned(body, PaceRequest);
    if ("faults" in read) return { kind: "MALFORMED", ...read };
    const { signed, said } = read;
    const turn = this.#turns.take(HISTORY, async (): Promise<ChangeAnswer> => {
      const key = await this.#options.signers.keyFor(said.asker, signed, REQUEST_NAMESPACE);
      if ("refused" in key) return { kind: "NOT_SIGNED", reason: key.refused };
      return this.#judge(said, sha256Hex(signed.text), key.fingerprint);
    });
    return (await turn) ?? { kind: "BUSY" };
  }

  /**
   * Answers the body of a request that sets a policy.
   *
   * @throws {HistoryBroken} or {PaceSignersUnusable}; then the policy stays what it was.
   */
  async setPolicy(body: Uint8Array): Promise<PolicyAnswer> {
    const read = readSigned(body, Policy);
    if ("faults" in read) return { kind: "MALFORMED", ...read };
    const { signed, said } = read;
    const turn = this.#turns.take(HISTORY, async (): Promise<PolicyAnswer> => {
      const { signers, memory, history, now } = this.#options;
      const key = await signers.keyFor(said.author, signed, POLICY_NAMESPACE);
      if ("refused" in key) return { kind: "NOT_SIGNED", reason: key.refused };
      const { number = 0 } = memory.policy?.policy ?? {};
      const digest = memory.policy?.digest ?? null;
      if (said.number !== number + 1 || said.previous !== digest) {
        return { kind: "DOES_NOT_FOLLOW", number, digest };
      }
      const { fingerprint } = key;
      const record = { kind: "POLICY", at: now(), ...signed, fingerprint } as const;
      await history.append(record);
      memory.know(record);
      return { kind: "IN_FORCE", number: said.number, digest: policyDigest(signed.text) };
    });
    return (await turn) ?? { kind: "BUSY" };
  }

  async #judge(said: PaceRequest, request: string, fingerprint: string): Promise<ChangeAnswer> {
    const { memory, history, key, newId, now } = this.#options;
    const { change, asker, reason, idempotencyKey, epoch } = said;
    const before = memory.answered(asker, idempotencyKey);
    if (before !== null) {
      if (before.request !== request) return { kind: "KEY_USED" };
      const { token: claims } = before;
      return { kind: "ALLOWED", token: await key.sign(claims), claims, isRepeated: true };
    }
    const { policy } = memory;
    const reviewed = review(policy?.policy ?? null, memory.spans, change, epoch);
    if (!reviewed.isAllowed || policy === null) {
      if (reviewed.isAllowed) throw new Error("a change was allowed without a policy");
      return { kind: "NOT_ALLOWED", review: reviewed };
    }
    const claims: ChangeToken = {
      change: changeDigest(change),
      deployment: change.deployment,
      firstEpoch: reviewed.firstEpoch,
      format: CHANGE_TOKEN_FORMAT,
      id: newId(),
      kind: change.kind,
      lastEpoch: reviewed.lastEpoch,
      policy: policy.policy.number,
      policyDigest: policy.digest,
    };
    const token = await key.sign(claims);
    const who = { asker, reason, fingerprint, idempotencyKey, request };
    const record = { kind: "TOKEN", at: now(), token: claims, change, ...who } as const;
    await history.append(record);
    memory.know(record);
    return { kind: "ALLOWED", token, claims, isRepeated: false };
  }
}
