import type { PacketId } from "#packet/name.ts";

/** That a packet moved; what it became only the ledger tells. */
export interface Wake {
  readonly packet: PacketId;
  readonly revision: number;
}

/**
 * The wake-ups of one process. Nobody may rely on them: one may be lost, doubled, late or
 * wrong, so a listener takes each as a hint to look at the ledger.
 */
export class Wakes {
  readonly #listeners = new Set<(moved: readonly Wake[]) => void>();
  readonly #onFault: (fault: unknown) => void;

  /** Whoever listens must not throw; `onFault` is told of one that does. */
  constructor(onFault: (fault: unknown) => void = () => undefined) {
    this.#onFault = onFault;
  }

  /** Tells every listener, one after the other. Never throws. */
  announce(moved: readonly Wake[]): void {
    if (moved.length === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(moved);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }

  /** From now on; call what is returned to stop. */
  listen(listener: (moved: readonly Wake[]) => void): () => void {
    const own = (moved: readonly Wake[]): void => listener(moved);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }
}
