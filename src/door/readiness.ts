import type { ClockDoubt } from "#packet/approval.ts";
import type { RateControl } from "#packet/change.ts";
import type { LineageDoubt } from "#packet/lineage.ts";
import { READY_ANSWER_MS } from "./limits.ts";

/** What the answer rests on. */
export interface ReadinessOptions {
  readonly isEmbedded: boolean;
  /** Whether the database lets us change what was appended; known since the start. */
  readonly databaseRole: "APPEND_ONLY" | "UNRESTRICTED";
  /** Asks the database for its moment; rejects, or stays pending, when that is away. */
  readonly moment: () => Promise<{ readonly doubt: ClockDoubt | null }>;
  /** What keeps the principals file from being used, or null. */
  readonly principalsFault: () => Promise<Error | null>;
  /** What keeps the keys of people from counting, or null. */
  readonly signersFault: () => Promise<Error | null>;
  /** Whose keys of the identity provider count; null where none is configured. */
  readonly oidcState: () => Promise<"OK" | "KEPT" | "NO_KEYS" | "FAULTY" | null>;
  /** Why the database is not believed, or null. */
  readonly lineageDoubt: () => LineageDoubt | null;
  /** Whether somebody apart decides how fast things change. */
  readonly rateControl: () => Promise<RateControl>;
  /** What is wrong with this node's own copy of what is revoked, or null. */
  readonly revocationsFault: () => "SELF_REVOKING" | "LOST" | null;
  /** Whether the witness answers; null where none is asked. */
  readonly isWitnessed: () => boolean | null;
  /** Whether Redis carries wake-ups at present; null where none is used. */
  readonly isRelayed: () => boolean | null;
}

/** Whether requests are answered: not yet, at present, or only those that are here already. */
export type Phase = "STARTING" | "SERVING" | "DRAINING";

/** The answer to `GET /ready`; it names states and nothing of what is behind them. */
export interface ReadyAnswer {
  readonly status: "READY" | "NOT_READY" | "STARTING" | "DRAINING";
  readonly database: "EMBEDDED" | "EXTERNAL";
  readonly databaseRole: "APPEND_ONLY" | "UNRESTRICTED";
  readonly checks: {
    readonly database: "OK" | "NO_ANSWER";
    readonly principals: "OK" | "FAULTY";
    /** FAULTY means that nobody signs in or decides with a key of their own, and that no owner decides without. */
    readonly signers: "OK" | "FAULTY";
    /** Of the identity provider: KEPT while its last good keys go on without it; with NO_KEYS nobody comes by it. */
    readonly oidc: "OK" | "KEPT" | "NO_KEYS" | "FAULTY" | "NONE";
    /** FROZEN is what somebody decided and serves; STALLED means that no tick comes. */
    readonly clock: "OK" | "FROZEN" | "STALLED" | "UNKNOWN";
    /** In doubt no approval is accepted and no gate is OPEN; all the rest is served. */
    readonly lineage: "OK" | LineageDoubt;
    /** NOT_CONTROLLED means that whoever is entitled changes the clock as fast as they like; with KEYS_UNUSABLE no change token counts. */
    readonly changeRate: RateControl;
    readonly witness: "OK" | "SILENT" | "NONE";
    /** SELF_REVOKING while a list is refused that would revoke this node; LOST while one cannot be read and nobody of its shard is let in. */
    readonly revocations: "OK" | "SELF_REVOKING" | "LOST";
    /** DEGRADED while Redis is away: what other nodes append is seen by looking, within two seconds. */
    readonly wakeUps: "IN_PROCESS" | "REDIS" | "DEGRADED";
  };
}

/** Tells whether requests can be answered. Any number of callers ask the database once. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #asked: Promise<{ readonly doubt: ClockDoubt | null } | null> | null = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  async check(phase: Phase): Promise<ReadyAnswer> {
    const [moment, fault, signersFault, oidc, changeRate] = await Promise.all([
      this.#momentInTime(),
      this.#options.principalsFault(),
      this.#options.signersFault(),
      this.#options.oidcState(),
      this.#options.rateControl(),
    ]);
    const checks: ReadyAnswer["checks"] = {
      database: moment === null ? "NO_ANSWER" : "OK",
      principals: fault === null ? "OK" : "FAULTY",
      signers: signersFault === null ? "OK" : "FAULTY",
      oidc: oidc ?? "NONE",
      clock: moment === null ? "UNKNOWN" : clockOf(moment.doubt),
      lineage: this.#options.lineageDoubt() ?? "OK",
      changeRate,
      witness: witnessOf(this.#options.isWitnessed()),
      revocations: this.#options.revocationsFault() ?? "OK",
      wakeUps: wakeUpsOf(this.#options.isRelayed()),
    };
    const isReady =
      checks.database === "OK" && checks.principals === "OK" && checks.clock !== "STALLED";
    return {
      status: phase !== "SERVING" ? phase : isReady ? "READY" : "NOT_READY",
      database: this.#options.isEmbedded ? "EMBEDDED" : "EXTERNAL",
      databaseRole: this.#options.databaseRole,
      checks,
    };
  }

  async #momentInTime(): Promise<{ readonly doubt: ClockDoubt | null } | null> {
    // A question that is not answered yet is not asked again: they would pile up in the ledger.
    this.#asked ??= this.#options
      .moment()
      .catch(() => null)
      .finally(() => {
        this.#asked = null;
      });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), READY_ANSWER_MS);
    });
    try {
      return await Promise.race([this.#asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function clockOf(doubt: ClockDoubt | null): "OK" | "FROZEN" | "STALLED" {
  if (doubt === null) return "OK";
  return doubt === "EPOCH_FROZEN" ? "FROZEN" : "STALLED";
}

function witnessOf(isWitnessed: boolean | null): "OK" | "SILENT" | "NONE" {
  if (isWitnessed === null) return "NONE";
  return isWitnessed ? "OK" : "SILENT";
}

function wakeUpsOf(isRelayed: boolean | null): "IN_PROCESS" | "REDIS" | "DEGRADED" {
  if (isRelayed === null) return "IN_PROCESS";
  return isRelayed ? "REDIS" : "DEGRADED";
}
