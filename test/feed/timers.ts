import type { SetTimer } from "#feed/timer.ts";

/** Timers that go off when the test says so. */
export class Timers {
  readonly #pending = new Map<symbol, { readonly run: () => void; readonly afterMs: number }>();
  readonly #watchers = new Set<() => void>();

  readonly set: SetTimer = (run, afterMs) => {
    const id = Symbol(`${afterMs} ms`);
    this.#pending.set(id, { run, afterMs });
    for (const watcher of this.#watchers) watcher();
    return () => this.#pending.delete(id);
  };

  /** The lengths of those that wait, the shortest first. */
  get pending(): number[] {
    return [...this.#pending.values()].map(({ afterMs }) => afterMs).sort((a, b) => a - b);
  }

  /** Lets those of this length go off. */
  fire(ofMs: number): void {
    for (const [id, { run, afterMs }] of this.#pending) {
      if (afterMs !== ofMs) continue;
      this.#pending.delete(id);
      run();
    }
  }

  /** Resolves when one of this length waits. */
  async waiting(ofMs: number): Promise<void> {
    while (!this.pending.includes(ofMs)) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }
}
