import type { PacketId } from "#packet/name.ts";

/** That a packet moved; what it became only the ledger tells. */
export interface Wake {
  readonly packet: PacketId;
  readonly revision: number;
}

/** Whose commit a wake-up tells of: one of this process, or of another, as somebody says. */
export type Origin = "HERE" | "ELSEWHERE";

/** Hears wake-ups; must not throw. */
export type Listener = (moved: readonly Wake[], origin: Origin) => void;

/**
 * The wake-ups of one process. Nobody may rely on them: one may be lost, doubled, late or
 * wrong, so a listener takes each as a hint to look at the ledger.
 */
export class Wakes {
  readonly #listeners = new Set<Listener>();
  readonly #onMissed = new Set<() => void>();
  readonly #onFault: (fault: unknown) => void;

  /** Whoever listens must not throw; `onFault` is told of one that does. */
  constructor(onFault: (fault: unknown) => void = () => undefined) {
    this.#onFault = onFault;
  }

  /** Tells every listener, one after the other. Never throws. */
  announce(moved: readonly Wake[], origin: Origin = "HERE"): void {
    if (moved.length === 0) return;
    for (const listener of this.#listeners) this.#tell(() => listener(moved, origin));
  }

  /** Says that wake-ups may have been lost until now: it is time to look at the ledger. Never throws. */
  announceMissed(): void {
    for (const listener of this.#onMissed) this.#tell(listener);
  }

  /** From now on; call what is returned to stop. */
  listen(listener: Listener): () => void {
    const own: Listener = (moved, origin) => listener(moved, origin);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Has this called whenever wake-ups may have been lost; call what is returned to stop. */
  onMissed(listener: () => void): () => void {
    const own = (): void => listener();
    this.#onMissed.add(own);
    return () => {
      this.#onMissed.delete(own);
    };
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (fault) {
      this.#onFault(fault);
    }
  }
}
