import type { ClockDoubt } from "#packet/approval.ts";
import { READY_ANSWER_MS } from "./limits.ts";

/** What the answer rests on. */
export interface ReadinessOptions {
  readonly isEmbedded: boolean;
  /** Asks the database for its moment; rejects, or stays pending, when that is away. */
  readonly moment: () => Promise<{ readonly doubt: ClockDoubt | null }>;
  /** What keeps the principals file from being used, or null. */
  readonly principalsFault: () => Promise<Error | null>;
}

/** The answer to `GET /ready`; it names states and nothing of what is behind them. */
export interface ReadyAnswer {
  readonly status: "READY" | "NOT_READY" | "DRAINING";
  readonly database: "EMBEDDED" | "EXTERNAL";
  readonly checks: {
    readonly database: "OK" | "NO_ANSWER";
    readonly principals: "OK" | "FAULTY";
    /** FROZEN is what somebody decided and serves; STALLED means that no tick comes. */
    readonly clock: "OK" | "FROZEN" | "STALLED" | "UNKNOWN";
  };
}

/** Tells whether requests can be answered. Any number of callers ask the database once. */
export class Readiness {
  readonly #options: ReadinessOptions;
  #asked: Promise<{ readonly doubt: ClockDoubt | null } | null> | null = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  async check(isDraining: boolean): Promise<ReadyAnswer> {
    const [moment, fault] = await Promise.all([
      this.#momentInTime(),
      this.#options.principalsFault(),
    ]);
    const checks: ReadyAnswer["checks"] = {
      database: moment === null ? "NO_ANSWER" : "OK",
      principals: fault === null ? "OK" : "FAULTY",
      clock: moment === null ? "UNKNOWN" : clockOf(moment.doubt),
    };
    const isReady =
      checks.database === "OK" && checks.principals === "OK" && checks.clock !== "STALLED";
    return {
      status: isDraining ? "DRAINING" : isReady ? "READY" : "NOT_READY",
      database: this.#options.isEmbedded ? "EMBEDDED" : "EXTERNAL",
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
