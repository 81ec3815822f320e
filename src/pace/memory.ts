import { Policy, type PolicyInForce, policyDigest } from "./policy.ts";
import type { GrantRecord, PaceRecord } from "./records.ts";
import type { Signed } from "./request.ts";
import type { Granted } from "./review.ts";

/** What the history amounts to: the policy in force, and every token that was given. */
export class Memory {
  #policy: (Signed & PolicyInForce) | null = null;
  readonly #grants: GrantRecord[] = [];
  readonly #spans: Granted[] = [];
  readonly #byKey = new Map<string, GrantRecord>();

  get policy(): (Signed & PolicyInForce) | null {
    return this.#policy;
  }

  get grants(): readonly GrantRecord[] {
    return this.#grants;
  }

  /** The same, as far as rates go. */
  get spans(): readonly Granted[] {
    return this.#spans;
  }

  /** The token that somebody was given under a key of theirs; null if none was. */
  answered(asker: string, idempotencyKey: string): GrantRecord | null {
    return this.#byKey.get(keyOf(asker, idempotencyKey)) ?? null;
  }

  /** Takes in the next record. Throws a `ZodError` for a policy that is none. */
  know(record: PaceRecord): void {
    if (record.kind === "POLICY") {
      const { text, signature } = record;
      const policy = Policy.parse(JSON.parse(text));
      this.#policy = { text, signature, policy, digest: policyDigest(text) };
      return;
    }
    const { deployment, kind, firstEpoch, lastEpoch } = record.token;
    this.#grants.push(record);
    this.#spans.push({ deployment, kind, firstEpoch, lastEpoch });
    this.#byKey.set(keyOf(record.asker, record.idempotencyKey), record);
  }
}

function keyOf(asker: string, idempotencyKey: string): string {
  return `${asker} ${idempotencyKey}`;
}
